"""The rungs of asynchronous successive halving, derived from the reports alone.

Rung k lies at step ``origin + first · η^k``. A trial comes to a rung with its first report at or
after that step, so who stands where follows from the reports: nothing is written to the study.
Of n trials on a rung, the running one among them, the best n/η may climb on (Li et al., 2020,
`A System for Massively Parallel Hyperparameter Tuning <https://arxiv.org/abs/1810.05934>`__,
algorithm 2); as no trial waits for others, the judgement falls when a trial arrives.
"""

from __future__ import annotations

import abc
import math
import threading
from bisect import bisect_left, insort
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from steep.pruners.base import BasePruner
from steep.pruners.checks import check_at_least
from steep.pruners.progress import ProgressBook
from steep.states import StudyDirection, TrialState

if TYPE_CHECKING:
    from steep.study import Study
    from steep.table import Table
    from steep.trial import FrozenTrial

__all__ = ["FirstComplete", "Ladder", "RungPruner", "Rungs"]

_COMPLETE, _PRUNED = int(TrialState.COMPLETE), int(TrialState.PRUNED)


class FirstComplete:
    """Find the first trial that ended COMPLETE with reports: it shows how long a trial takes.

    Attributes:
        last_step: Its largest step, or None while there is no such trial.
        n_seen: How many trials had finished by then, itself included.
    """

    def __init__(self) -> None:
        self.last_step: int | None = None
        self.n_seen = 0

    @classmethod
    def of(cls, table: Table) -> FirstComplete:
        """Give the one of a table, up to date.

        Args:
            table: The table of a study.
        """
        found = table.memo((cls,), cls)
        if found.last_step is None and found.n_seen != table.n_finished:
            found._search(table)
        return found

    def _search(self, table: Table) -> None:
        for position, number in enumerate(table.finished.tolist()):
            last = table.reports.last(number) if table.state_of(number) == _COMPLETE else None
            if last is not None:
                # In this order: who sees the step also sees where it was found.
                self.n_seen = position + 1
                self.last_step = last[0]
                return


class Ladder(NamedTuple):
    """Say where the rungs lie.

    Attributes:
        first: How many steps after the origin the lowest rung lies, ≥ 1.
        factor: η, the ratio of the distances of neighbouring rungs from the origin, ≥ 2.
        origin: The step from which rungs are counted, of either sign.

    Example:
        >>> [Ladder(first=100, factor=3, origin=-100).step(rung) for rung in range(4)]
        [0, 200, 800, 2600]
    """

    first: int
    factor: int
    origin: int = 0

    def step(self, rung: int) -> int:
        """Give the step of a rung: 0 is the lowest."""
        step: int = self.origin + self.first * self.factor**rung
        return step


class _Mark(NamedTuple):
    """The report with which a trial came to a rung."""

    step: int
    loss: float


class Rungs:
    """Judge trials when they come to a rung, against all who came there.

    Args:
        ladder: Where the rungs lie; the best 1/η of a rung climb on.
        bootstrap_count: Nobody climbs on from a rung to which not more than this many came.
        start: How many finished trials to pass over, from the first to finish on.
        is_member: Whether the trial of a number takes part; None means that all do.
        by_best: Whether a trial stands on a rung with its best report up to there. If not, with
            the report with which it came.
    """

    def __init__(
        self,
        ladder: Ladder,
        bootstrap_count: int = 0,
        start: int = 0,
        is_member: Callable[[int], bool] | None = None,
        by_best: bool = False,
    ) -> None:
        self._ladder = ladder
        self._bootstrap_count = bootstrap_count
        self._is_member = is_member or (lambda number: True)
        self._by_best = by_best
        self._n_seen = start
        self._losses: list[list[float]] = []  # one ascending list a rung
        # How many rungs each running trial was judged on. A trial is asked in one process only,
        # so this need not be shared; without it a rung would be judged at every later step.
        self._judged: dict[int, int] = {}
        self._book = ProgressBook()
        self._lock = threading.Lock()

    def prune(self, study: Study, number: int, reports: Mapping[int, float]) -> bool:
        """Decide whether a trial fails on a rung that it has come to.

        Args:
            study: The study of the trial, with one objective.
            number: The number of the trial.
            reports: What it has reported, at least one value.

        Returns:
            Whether it is to stop. False between rungs; True at a rung where the value is NaN.
        """
        last = self.arrival(number, reports)
        if last is None:
            return False
        return reports[last] != reports[last] or self.fails(study, number, reports)

    def arrival(self, number: int, reports: Mapping[int, float]) -> int | None:
        """Tell whether a trial has come to a rung on which it was not judged yet.

        Args:
            number: The number of the trial.
            reports: What it has reported, at least one value.

        Returns:
            Its latest step if it has, else None.
        """
        last = self._book.of(number, reports).last
        return None if last < self._ladder.step(self._judged.get(number, 0)) else last

    def fails(self, study: Study, number: int, reports: Mapping[int, float]) -> bool:
        """Judge a trial that has come to a rung.

        Args:
            study: The study of the trial, with one objective.
            number: The number of the trial.
            reports: What it has reported.

        Returns:
            Whether it is to stop.
        """
        study.flush()
        table = study.table
        sign = _sign(table)
        rivals = self._rivals(table, number, sign)
        with self._lock:
            self._catch_up(table, sign)
            return self._fails(number, self._marks(reports, sign), rivals)

    def _marks(self, reports: Mapping[int, float], sign: float) -> list[_Mark]:
        """Find the report with which a trial came to each rung; NaN is no arrival."""
        marks: list[_Mark] = []
        goal = self._ladder.step(0)
        best = math.nan
        for step, value in reports.items():
            loss = sign * value
            if self._by_best:
                loss = best = best if best <= loss or loss != loss else loss
            while step >= goal and loss == loss:
                marks.append(_Mark(step, loss))
                goal = self._ladder.step(len(marks))
        return marks

    def _rivals(self, table: Table, number: int, sign: float) -> list[list[_Mark]]:
        """Find the marks of the other running trials."""
        # list() and dict() copy in one step of the interpreter, while other threads report.
        return [
            self._marks(dict(reports), sign)
            for other, reports in list(table.reports.running.items())
            if other != number and self._is_member(other)
        ]

    def _fails(self, number: int, marks: list[_Mark], rivals: list[list[_Mark]]) -> bool:
        for rung in range(self._judged.get(number, 0), len(marks)):
            self._judged[number] = rung + 1
            others = [mine[rung].loss for mine in rivals if len(mine) > rung]
            if not self._climbs(rung, marks[rung].loss, others):
                return True
        return False

    def _climbs(self, rung: int, loss: float, others: Sequence[float]) -> bool:
        """Tell whether a loss is among the best 1/η on a rung, or the best of all."""
        losses = self._losses[rung] if rung < len(self._losses) else []
        n = len(losses) + len(others) + 1
        n_better = bisect_left(losses, loss) + sum(other < loss for other in others)
        return n > self._bootstrap_count and n_better < max(n // self._ladder.factor, 1)

    def _catch_up(self, table: Table, sign: float) -> None:
        """Put the trials that have finished since the last call on their rungs."""
        numbers = table.finished[self._n_seen :].tolist()
        for number in numbers:
            self._judged.pop(number, None)
            if self._is_member(number):
                marks = self._marks(table.reports.of(number), sign)
                self._place(marks, table.state_of(number) == _PRUNED)
        self._n_seen += len(numbers)

    def _place(self, marks: list[_Mark], is_pruned: bool) -> None:
        """Put a finished trial on its rungs.

        With its last report a trial may come to several rungs at once. One that was pruned then
        failed on one of them and did not come to those above.
        """
        for rung, (step, loss) in enumerate(marks):
            failed = is_pruned and step == marks[-1].step and not self._climbs(rung, loss, ())
            if rung == len(self._losses):
                self._losses.append([])
            insort(self._losses[rung], loss)
            if failed:
                return


class RungPruner(BasePruner):
    """Be what successive halving and Hyperband have in common.

    Args:
        resource_name: The argument that says how long a trial takes, for messages.
        resource: Its value in steps, ≥ 1, or "auto": the first complete trial shows it.
        reduction_factor: η, ≥ 2.
        bootstrap_count: Nobody passes a rung to which at most this many trials have come, ≥ 0;
            not together with "auto".

    Raises:
        ValueError: If an argument is out of its range, or bootstrap_count goes with "auto".
    """

    reads_columns = True

    def __init__(
        self, resource_name: str, resource: str | int, reduction_factor: int, bootstrap_count: int
    ) -> None:
        check_at_least(self, "reduction_factor", reduction_factor, 2)
        check_at_least(self, "bootstrap_count", bootstrap_count, 0)
        if isinstance(resource, str):
            self._check_auto(resource_name, resource, bootstrap_count)
        else:
            check_at_least(self, resource_name, resource, 1)
        self._resource = None if isinstance(resource, str) else resource
        self._reduction_factor = reduction_factor
        self._bootstrap_count = bootstrap_count

    def _check_auto(self, name: str, resource: str, bootstrap_count: int) -> None:
        call = f"{type(self).__name__}({name}={resource!r}"
        if resource != "auto":
            raise ValueError(f"{call}) is neither a number nor 'auto'; give 1 or more, or 'auto'.")
        if bootstrap_count > 0:
            raise ValueError(
                f"{call}, bootstrap_count={bootstrap_count}) would never let a trial pass: the "
                f"rungs are not known before a trial is complete. Give a number for {name}."
            )

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
        table = study.table
        resource, start = self._resource, 0
        if resource is None:
            first = FirstComplete.of(table)
            if first.last_step is None:
                return False
            resource, start = self._resource_of(first.last_step), first.n_seen
        rungs = self._rungs_of(table, number, resource, start)
        return rungs is not None and rungs.prune(study, number, reports)

    @abc.abstractmethod
    def _resource_of(self, last_step: int) -> int:
        """Give the resource that "auto" stands for, from the last step of a complete trial."""

    @abc.abstractmethod
    def _rungs_of(self, table: Table, number: int, resource: int, start: int) -> Rungs | None:
        """Give the rungs on which a trial is judged; None for none."""

    def _rungs(
        self,
        table: Table,
        first_step: int,
        start: int,
        is_member: Callable[[int], bool] | None = None,
    ) -> Rungs:
        """Give the rungs of a table from this step on, made once; see :class:`Rungs`."""
        ladder = Ladder(first_step, self._reduction_factor)
        layout = (ladder, self._bootstrap_count, start, is_member)
        return table.memo((Rungs, layout), partial(Rungs, *layout))


def _sign(table: Table) -> float:
    return -1.0 if table.directions[0] is StudyDirection.MAXIMIZE else 1.0
