"""Asynchronous successive halving: at each rung only the best 1/η of the trials go on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from steep.pruners.checks import check_at_least
from steep.pruners.rungs import RungPruner, Rungs

if TYPE_CHECKING:
    from steep.table import Table

__all__ = ["SuccessiveHalvingPruner"]

# With "auto" the lowest rung lies at this share of the steps of the first complete trial.
_AUTO_SHARE = 100


class SuccessiveHalvingPruner(RungPruner):
    """Let only the best trials pass each rung (ASHA).

    Rung k is the first report at or after step ``min_resource · η^(min_early_stopping_rate + k)``.
    A trial that comes to a rung goes on if it is among the best ``1/η`` of all trials that have
    come there so far, whether they run or have finished, or the best of all where these are fewer
    than η; otherwise it is pruned. A trial whose value there is NaN is pruned, and is compared
    again at its next report if it goes on all the same.

    The algorithm is that of Li et al., 2020, `A System for Massively Parallel Hyperparameter
    Tuning <https://arxiv.org/abs/1810.05934>`__.

    Note:
        Who stands on a rung follows from the reports. Trials that were added with
        :meth:`~steep.study.Study.add_trial`, or never asked whether to prune, therefore compete
        like all others.

    Args:
        min_resource: r, the lowest step at which a trial may be pruned, ≥ 1. With "auto" nothing
            is pruned before one trial is COMPLETE, r is a hundredth of its largest step, and the
            trials that had finished by then do not compete. Give the number where trials differ
            in length.
        reduction_factor: η, ≥ 2.
        min_early_stopping_rate: s, ≥ 0; each unit moves all rungs up by the factor η.
        bootstrap_count: Nobody passes a rung to which at most this many trials have come, ≥ 0;
            not together with "auto".

    Raises:
        ValueError: If an argument is out of its range, or bootstrap_count goes with "auto".

    Example:
        >>> import steep
        >>> def objective(trial):
        ...     for step in range(1, 10):
        ...         trial.report(trial.number, step)
        ...         if trial.should_prune():
        ...             raise steep.TrialPruned()
        ...     return trial.number
        >>> pruner = steep.pruners.SuccessiveHalvingPruner(min_resource=2, reduction_factor=2)
        >>> study = steep.create_study(pruner=pruner)
        >>> study.optimize(objective, n_trials=3)
        >>> [trial.last_step for trial in study.trials]
        [9, 2, 2]
    """

    def __init__(
        self,
        min_resource: str | int = "auto",
        reduction_factor: int = 4,
        min_early_stopping_rate: int = 0,
        bootstrap_count: int = 0,
    ) -> None:
        super().__init__("min_resource", min_resource, reduction_factor, bootstrap_count)
        check_at_least(self, "min_early_stopping_rate", min_early_stopping_rate, 0)
        self._min_early_stopping_rate = min_early_stopping_rate

    def _resource_of(self, last_step: int) -> int:
        return max(last_step // _AUTO_SHARE, 1)

    def _rungs_of(self, table: Table, number: int, resource: int, start: int) -> Rungs:
        lowest = resource * self._reduction_factor**self._min_early_stopping_rate
        return self._rungs(table, lowest, start)
