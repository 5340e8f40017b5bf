"""Asynchronous successive halving that needs no tuning: the default pruner.

Rungs lie at the first report, the η-th, the η²-th, ... How the steps of reports follow each other
is learnt from the first trial that reports twice, so epochs counted from 0 or from 1, losses every
hundred batches and validations every fifth epoch all get their first rung at their first report.
"""

from __future__ import annotations

import threading
from functools import partial
from typing import TYPE_CHECKING

from steep import logging
from steep.pruners.base import BasePruner
from steep.pruners.checks import check_at_least
from steep.pruners.rungs import Ladder, Rungs
from steep.states import TrialState

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from steep.study import Study
    from steep.table import Table
    from steep.trial import FrozenTrial

__all__ = ["ASHAPruner"]

_COMPLETE = int(TrialState.COMPLETE)
_logger = logging.get_logger(__name__)


class ASHAPruner(BasePruner):
    """Let only the best third of the trials pass each rung, from the first report on.

    A trial that comes to a rung goes on if its best report so far is among the best ``1/η`` of all
    trials that have come there, whether they run or have finished, or the best of all where these
    are fewer than η. The rungs lie at reports ``min_reports · η^k``, k = 0, 1, ..., of the first
    trial that reported twice; others come to them with their first report at or after that step.

    Nothing is pruned at a step to which no COMPLETE trial has come further, since stopping there
    would save nothing: so nothing is pruned at all where trials report once. A trial that has
    reported nothing but NaN is pruned at a rung, with a warning in the log; NaN between numbers
    is left out.

    The algorithm is that of Li et al., 2020, `A System for Massively Parallel Hyperparameter
    Tuning <https://arxiv.org/abs/1810.05934>`__ (algorithm 2). It differs from
    :class:`SuccessiveHalvingPruner` in that it needs no scale of steps, judges from the second
    trial on, and ranks by the best report, as noise and overfitting hide what a trial has reached.

    Args:
        reduction_factor: η, ≥ 2: the best 1/η pass a rung.
        min_reports: How many reports a trial may make before it may be pruned, ≥ 1.

    Raises:
        TypeError: If an argument is no number.
        ValueError: If an argument is out of its range.

    Example:
        >>> import steep
        >>> def objective(trial):
        ...     for step in range(10):
        ...         trial.report(trial.number, step)
        ...         if trial.should_prune():
        ...             raise steep.TrialPruned()
        ...     return trial.number
        >>> study = steep.create_study(pruner=steep.pruners.ASHAPruner())
        >>> study.optimize(objective, n_trials=3)
        >>> [trial.last_step for trial in study.trials]
        [9, 0, 0]
    """

    reads_columns = True

    def __init__(self, reduction_factor: int = 3, *, min_reports: int = 1) -> None:
        check_at_least(self, "reduction_factor", reduction_factor, 2)
        check_at_least(self, "min_reports", min_reports, 1)
        self._key = (_Judge, reduction_factor, min_reports)
        self._new_judge = partial(_Judge, reduction_factor, min_reports)

    def prune(self, study: Study, trial: FrozenTrial) -> bool:
        """Decide whether the trial fails on a rung that it has come to.

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
        judge = study.table.memo(self._key, self._new_judge)
        return judge.prune(study, number, reports)


class _Judge:
    """Judge the trials of one study.

    Args:
        factor: η.
        min_reports: The report at which the lowest rung lies, from 1.
    """

    def __init__(self, factor: int, min_reports: int) -> None:
        self._factor = factor
        self._min_reports = min_reports
        self._pace = _Pace()
        self._steps: tuple[int, int] | None = None  # those that the rungs were made from
        self._rungs: Rungs | None = None
        self._lock = threading.Lock()

    def prune(self, study: Study, number: int, reports: Mapping[int, float]) -> bool:
        rungs = self._rungs if self._pace.is_settled else self._find_rungs(study)
        last = None if rungs is None else rungs.arrival(number, reports)
        if rungs is None or last is None:
            return False
        study.flush()
        with self._lock:
            longest = self._pace.longest_in(study.table)
        if longest is not None and last >= longest:
            return False
        if all(value != value for value in reports.values()):
            _logger.warning(
                f"Trial {number} has reported nothing but NaN up to step {last}, so ASHAPruner "
                "prunes it."
            )
            return True
        return rungs.fails(study, number, reports)

    def _find_rungs(self, study: Study) -> Rungs | None:
        study.flush()
        with self._lock:
            steps = self._pace.steps_in(study.table)
            if steps is not None and steps != self._steps:
                unit = steps[1] - steps[0]
                ladder = Ladder(unit * self._min_reports, self._factor, origin=steps[0] - unit)
                self._rungs = Rungs(ladder, by_best=True)
                self._steps = steps
            return self._rungs


class _Pace:
    """Learn how the steps of reports follow each other, and how long trials are.

    Attributes:
        is_settled: Whether a finished trial has shown the steps, so that they stay what they are.
    """

    def __init__(self) -> None:
        self._n_seen = 0
        self._steps: tuple[int, int] | None = None
        self._longest: int | None = None

    @property
    def is_settled(self) -> bool:
        return self._steps is not None

    def steps_in(self, table: Table) -> tuple[int, int] | None:
        """Give the two lowest steps of the first trial to finish with two, else of one running."""
        self._catch_up(table)
        if self._steps is not None:
            return self._steps
        running = [list(reports) for _, reports in sorted(table.reports.running.items())]
        return next(filter(None, map(_two_lowest, running)), None)

    def longest_in(self, table: Table) -> int | None:
        """Give the largest step that a COMPLETE trial reported, None where there is none."""
        self._catch_up(table)
        return self._longest

    def _catch_up(self, table: Table) -> None:
        numbers = table.finished[self._n_seen :].tolist()
        self._n_seen += len(numbers)
        for number in numbers:
            self._steps = self._steps or _two_lowest(table.reports.of(number))
            last = table.reports.last(number) if table.state_of(number) == _COMPLETE else None
            if last is not None and (self._longest is None or last[0] > self._longest):
                self._longest = last[0]


def _two_lowest(steps: Iterable[int]) -> tuple[int, int] | None:
    lowest = sorted(steps)[:2]
    return (lowest[0], lowest[1]) if len(lowest) == 2 else None
