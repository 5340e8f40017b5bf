"""Prune what is worse than a percentile of the complete trials at the same step."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from steep.pruners.base import BasePruner
from steep.pruners.checks import check_at_least
from steep.pruners.progress import is_check_due
from steep.pruners.sorted_steps import SortedSteps
from steep.states import StudyDirection

if TYPE_CHECKING:
    from steep.study import Study
    from steep.trial import FrozenTrial

__all__ = ["PercentilePruner"]

_MAXIMIZE = StudyDirection.MAXIMIZE


class PercentilePruner(BasePruner):
    """Keep a trial while its best report is among the best ``percentile`` per cent.

    The best value that the trial has reported so far is compared with the percentile of what the
    COMPLETE trials reported at the trial's latest step. Both are one look-up: the values of each
    step are kept in order as trials finish.

    NaN is no value: a trial that reported nothing but NaN is pruned, NaN of other trials is left
    out, and where they have nothing else no trial is pruned.

    The median variant is the median stopping rule of `Google Vizier
    <https://doi.org/10.1145/3097983.3098043>`__ (Golovin et al., 2017, section 3.2.2).

    Args:
        percentile: How many per cent of the trials to keep, in [0, 100].
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
        ...         trial.report(trial.number + 1 / (step + 1), step)
        ...         if trial.should_prune():
        ...             raise steep.TrialPruned()
        ...     return trial.number
        >>> pruner = steep.pruners.PercentilePruner(25.0, n_startup_trials=2, n_warmup_steps=3)
        >>> study = steep.create_study(pruner=pruner)
        >>> study.optimize(objective, n_trials=3)
        >>> study.trials[2].state.name, study.trials[2].last_step
        ('PRUNED', 3)
    """

    reads_columns = True

    def __init__(
        self,
        percentile: float,
        n_startup_trials: int = 5,
        n_warmup_steps: int = 0,
        interval_steps: int = 1,
        *,
        n_min_trials: int = 1,
    ) -> None:
        if not 0.0 <= percentile <= 100.0:
            raise ValueError(
                f"{type(self).__name__}(percentile={percentile!r}) is no percentage; give 0 to 100."
            )
        check_at_least(self, "n_startup_trials", n_startup_trials, 0)
        check_at_least(self, "n_warmup_steps", n_warmup_steps, 0)
        check_at_least(self, "interval_steps", interval_steps, 1)
        check_at_least(self, "n_min_trials", n_min_trials, 1)
        self._percentile = percentile
        self._n_startup_trials = n_startup_trials
        self._n_warmup_steps = n_warmup_steps
        self._interval_steps = interval_steps
        self._n_min_trials = n_min_trials
        self._key = (SortedSteps, percentile)
        self._new_index = partial(SortedSteps, percentile)

    def prune(self, study: Study, trial: FrozenTrial) -> bool:
        """Decide whether the trial's best report is worse than the percentile.

        Args:
            study: The study of the trial, with one objective.
            trial: The running trial; only its number is read.

        Returns:
            Whether to stop.
        """
        number = trial.number
        reports = study.live_reports(number)
        if not reports:
            return False
        table = study.table
        index = table.memo(self._key, self._new_index)
        if index.n_seen != table.n_finished:
            index.catch_up(table)
        if index.n_complete < self._n_startup_trials or not index.n_complete:
            return False
        progress = index.book.of(number, reports)
        step = progress.last
        warmup, interval = self._n_warmup_steps, self._interval_steps
        if step < warmup or (
            interval > 1 and not is_check_due(step, progress.previous, warmup, interval)
        ):
            return False
        best, worst = progress.smallest, progress.largest
        if best > worst:
            return True
        values = index.steps.get(step)
        if values is None or (self._n_min_trials > 1 and values.count < self._n_min_trials):
            return False
        return worst < values.cut if index.maximize else best > values.cut
