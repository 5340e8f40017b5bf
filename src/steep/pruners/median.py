"""Prune what is worse than the median of the complete trials at the same step."""

from __future__ import annotations

from steep.pruners.percentile import PercentilePruner

__all__ = ["MedianPruner"]


class MedianPruner(PercentilePruner):
    """Keep a trial while its best report is at least as good as the median.

    This is the median stopping rule of `Google Vizier
    <https://doi.org/10.1145/3097983.3098043>`__ (Golovin et al., 2017, section 3.2.2), and
    :class:`PercentilePruner` at 50 per cent; see there for the treatment of NaN.

    Args:
        n_startup_trials: Nothing is pruned before this many trials are COMPLETE, and nothing
            before one is.
        n_warmup_steps: Nothing is pruned at steps below this one.
        interval_steps: The distance of the checks, in steps from ``n_warmup_steps`` on. A check
            for which there is no report waits for the next report.
        n_min_trials: Nothing is pruned at a step that fewer COMPLETE trials have reported, NaN
            included.

    Raises:
        ValueError: If an argument is out of its range.

    Example:
        >>> import steep
        >>> def objective(trial):
        ...     for step in range(5):
        ...         trial.report(trial.number + step, step)
        ...         if trial.should_prune():
        ...             raise steep.TrialPruned()
        ...     return trial.number
        >>> pruner = steep.pruners.MedianPruner(n_startup_trials=2)
        >>> study = steep.create_study(pruner=pruner)
        >>> study.optimize(objective, n_trials=3)
        >>> [trial.state.name for trial in study.trials]
        ['COMPLETE', 'COMPLETE', 'PRUNED']
    """

    def __init__(
        self,
        n_startup_trials: int = 5,
        n_warmup_steps: int = 0,
        interval_steps: int = 1,
        *,
        n_min_trials: int = 1,
    ) -> None:
        super().__init__(
            50.0, n_startup_trials, n_warmup_steps, interval_steps, n_min_trials=n_min_trials
        )
