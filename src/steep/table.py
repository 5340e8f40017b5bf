"""The table of a study: the log of events folded into NumPy columns.

``Table.apply`` is the only function that changes a study, and it is total: an event that comes too
late (a second finish, a claim of a trial that runs) folds to nothing, the same in every process.
Samplers, pruners, importance and plots read the columns and hold no state of their own, except
what they derive from the columns and leave in :meth:`Table.memo`.

Example:
    >>> from steep.distributions import FloatDistribution
    >>> table = Table()
    >>> x = (0.25, FloatDistribution(0, 1))
    >>> for event in [
    ...     CreateStudy("tea", [1]),
    ...     Ask(time=1.0),
    ...     Finish(number=0, state=1, values=[4.0], time=2.0, changes=Changes(params={"x": x})),
    ... ]:
    ...     _ = table.apply(event)
    >>> table.values, table.params["x"].values
    (array([[4.]]), array([0.25]))
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from steep.columns import Column, ParamColumn
from steep.constraints import constraints_in
from steep.distributions import BaseDistribution
from steep.events import (
    Add,
    Ask,
    Changes,
    Claim,
    CreateStudy,
    Event,
    Finish,
    Release,
    SetStudyAttr,
    Update,
)
from steep.reports import Reports
from steep.states import StudyDirection, TrialState

__all__ = ["Table"]

T = TypeVar("T")
_RUNNING, _COMPLETE = int(TrialState.RUNNING), int(TrialState.COMPLETE)
_WAITING = int(TrialState.WAITING)
_OPEN = (_RUNNING, _WAITING)


class Table:
    """Hold a study as columns, one row a trial; the row is the number of the trial.

    Everybody may read the attributes; only :meth:`apply` changes them.

    Attributes:
        study_name: The name of the study.
        directions: One direction for each of the m objectives.
        n: The number of trials.
        position: The number of events folded so far.
        epoch: Grows when history was edited; whoever reads incrementally starts anew.
        columns: The parameters in the order in which they were first seen; ``params`` gives
            the same columns padded to n rows.
        reports: The intermediate values.
        user_attrs: Attributes of the user by number, only for trials that have some.
        system_attrs: Attributes of the machinery by number, only for trials that have some.
        best: The number of the best feasible COMPLETE trial of a single objective, or None.
        n_finished: The number of finished trials.
    """

    def __init__(self) -> None:
        self.study_name = ""
        self.directions: list[StudyDirection] = []
        self.n = 0
        self.position = 0
        self.epoch = 0
        self.n_finished = 0
        self.best: int | None = None
        self.has_constraints = False
        self.reports = Reports()
        self.study_user_attrs: dict[str, Any] = {}
        self.study_system_attrs: dict[str, Any] = {}
        self.columns: dict[str, ParamColumn] = {}
        self.user_attrs: dict[int, dict[str, Any]] = {}
        self.system_attrs: dict[int, dict[str, Any]] = {}
        self._state = Column(np.int8)
        self._start = Column(np.float64, fill=np.nan)
        self._complete = Column(np.float64, fill=np.nan)
        self._values = self._losses = Column(np.float64, width=1, fill=np.nan)
        self._violation = Column(np.float64)
        self._finished = Column(np.int32)
        self._counts = [0] * len(TrialState)
        self._waiting: list[int] = []
        self._memo: dict[Hashable, Any] = {}

    # ---- reading ---------------------------------------------------------------------------------

    @property
    def state(self) -> NDArray[np.int8]:
        """Give the states: (n,) int8, values of :class:`~steep.states.TrialState`."""
        return self._state.data[: self.n]

    @property
    def values(self) -> NDArray[np.float64]:
        """Give the objective values: (n, m) float64 as the user gave them, NaN where none."""
        return self._values.data[: self.n]

    @property
    def losses(self) -> NDArray[np.float64]:
        """Give the values with maximised objectives negated: (n, m) float64, small is good."""
        return self._losses.data[: self.n]

    @property
    def start(self) -> NDArray[np.float64]:
        """Give when trials started: (n,) float64, POSIX seconds, NaN where they did not."""
        return self._start.data[: self.n]

    @property
    def complete(self) -> NDArray[np.float64]:
        """Give when trials finished: (n,) float64, POSIX seconds, NaN where they did not."""
        return self._complete.data[: self.n]

    @property
    def violation(self) -> NDArray[np.float64]:
        """Give the sum of the positive constraint values: (n,) float64, 0 where feasible."""
        self._violation.grow(self.n)
        return self._violation.view

    @property
    def finished(self) -> NDArray[np.int32]:
        """Give the numbers of finished trials: (k,) int32 in the order of finishing."""
        return self._finished.view

    @property
    def params(self) -> Mapping[str, ParamColumn]:
        """Give the parameter columns by name, each padded to n rows."""
        for column in self.columns.values():
            column.grow(self.n)
        return self.columns

    def n_in(self, state: int) -> int:
        """Give how many trials are in a state.

        Args:
            state: A :class:`~steep.states.TrialState`.
        """
        return self._counts[state]

    def state_of(self, number: int) -> int:
        """Give the state of one trial as a plain integer.

        Args:
            number: The number of the trial.
        """
        return int(self._state.data[number])

    def numbers(self, *states: int) -> NDArray[np.int64]:
        """Give the trials that are in one of the states.

        Args:
            states: Values of :class:`~steep.states.TrialState`.

        Returns:
            Their numbers, ascending.
        """
        return np.flatnonzero(np.isin(self.state, states))

    def param_rows(self, names: Sequence[str], numbers: NDArray[Any]) -> NDArray[np.float64]:
        """Give the parameters of some trials as a matrix.

        Args:
            names: The d parameters.
            numbers: The k trials.

        Returns:
            (k, d) float64, internal values, NaN where a trial does not have the parameter.
        """
        rows = np.empty((len(numbers), len(names)))
        for j, name in enumerate(names):
            column = self.columns[name]
            column.grow(self.n)
            rows[:, j] = column.values[numbers]
        return rows

    def params_of(self, number: int) -> dict[str, tuple[float, BaseDistribution]]:
        """Give the parameters of one trial.

        Args:
            number: The number of the trial.

        Returns:
            Internal value and distribution by name.
        """
        found = {}
        for name, column in self.columns.items():
            distribution = column.distribution_of(number)
            if distribution is not None:
                found[name] = (float(column.values[number]), distribution)
        return found

    def constraints_of(self, number: int) -> dict[str, float]:
        """Give the constraint values of one trial by name; a positive one is a violation.

        Args:
            number: The number of the trial.
        """
        return constraints_in(self.system_attrs.get(number, {}))

    def values_of(self, number: int) -> list[float] | None:
        """Give the objective values of one trial as a list, or None where it has none.

        Args:
            number: The number of the trial.
        """
        row: list[float] = self._values.data[number].tolist()
        return None if any(math.isnan(value) for value in row) else row

    def memo(self, key: Hashable, build: Callable[[], T]) -> T:
        """Keep a value that is derived from this table for as long as its history stands.

        Args:
            key: Names the value.
            build: Makes it at the first call of an epoch.

        Returns:
            The value.
        """
        try:
            return cast("T", self._memo[key])
        except KeyError:
            return cast("T", self._memo.setdefault(key, build()))

    # ---- folding ---------------------------------------------------------------------------------

    def apply(self, event: Event) -> int | bool | None:
        """Fold one event into the columns.

        Args:
            event: The next event of the log.

        Returns:
            The number of the trial for Ask and Add; for Claim, Release, Update and
            Finish whether the
            event took effect; None for the others.
        """
        self.position += 1
        return _FOLDS[type(event)](self, event)

    def _create_study(self, event: CreateStudy) -> None:
        self.study_name = event.name
        self.directions = [StudyDirection(direction) for direction in event.directions]
        self._values = self._losses = Column(np.float64, width=len(self.directions), fill=np.nan)
        if StudyDirection.MAXIMIZE in self.directions:
            self._losses = Column(np.float64, width=len(self.directions), fill=np.nan)

    def _set_study_attr(self, event: SetStudyAttr) -> None:
        attrs = self.study_system_attrs if event.system else self.study_user_attrs
        attrs[event.key] = event.value

    def _ask(self, event: Ask) -> int:
        while self._waiting:
            number = heapq.heappop(self._waiting)
            if self._state.data[number] == _WAITING:
                self._enter(number, _RUNNING)
                self._start.data[number] = event.time
                return number
        number = self._new_row(_RUNNING)
        self._start.data[number] = event.time
        return number

    def _claim(self, event: Claim) -> bool:
        if self._state.data[event.number] != _WAITING:
            return False
        self._enter(event.number, _RUNNING)
        self._start.data[event.number] = event.time
        return True

    def _release(self, event: Release) -> bool:
        if self._state.data[event.number] != _RUNNING:
            return False
        self._enter(event.number, _WAITING)
        heapq.heappush(self._waiting, event.number)
        return True

    def _add(self, event: Add) -> int:
        number = self._new_row(event.state)
        self._start.data[number] = math.nan if event.start is None else event.start
        self._change(number, event.changes)
        if event.state == _WAITING:
            heapq.heappush(self._waiting, number)
        elif event.state != _RUNNING:
            self._close(number, event.state, event.values, event.complete)
            return number
        if event.values is not None:
            self._set_values(number, event.values)
        return number

    def _update(self, event: Update) -> bool:
        if self._state.data[event.number] not in _OPEN:
            return False
        self._change(event.number, event.changes)
        return True

    def _finish(self, event: Finish) -> bool:
        number = event.number
        if self._state.data[number] not in _OPEN:
            return False
        self._change(number, event.changes)
        self._enter(number, event.state)
        self._close(number, event.state, event.values, event.time)
        return True

    def _new_row(self, state: int) -> int:
        number = self.n
        if number == len(self._state.data):
            for column in (self._state, self._start, self._complete, self._values, self._losses):
                column.reserve(number + 1)
        self.n = number + 1
        self._state.data[number] = state
        self._counts[state] += 1
        return number

    def _enter(self, number: int, state: int) -> None:
        self._counts[self._state.data[number]] -= 1
        self._counts[state] += 1
        self._state.data[number] = state

    def _close(
        self, number: int, state: int, values: list[float] | None, time: float | None
    ) -> None:
        if time is not None:
            self._complete.data[number] = time
        if values is not None:
            self._set_values(number, values)
        self.reports.close(number)
        self._finished.append(number)
        self.n_finished += 1
        if state == _COMPLETE and values is not None and len(values) == 1:
            self._compare_with_best(number)

    def _set_values(self, number: int, values: list[float]) -> None:
        self._values.data[number] = values
        if self._losses is not self._values:
            self._losses.data[number] = [
                -value if direction == StudyDirection.MAXIMIZE else value
                for value, direction in zip(values, self.directions, strict=True)
            ]

    def _compare_with_best(self, number: int) -> None:
        if self.has_constraints and self.violation[number] > 0:
            return
        loss, best = self._losses.data[number, 0], self.best
        # Of equals the one that finished first is the best. NaN compares as no improvement.
        if (loss == loss) if best is None else (loss < self._losses.data[best, 0]):
            self.best = number

    def _change(self, number: int, changes: Changes) -> None:
        for name, (value, distribution) in changes.params.items():
            column = self.columns.get(name)
            if column is None:
                column = self.columns[name] = ParamColumn(name, distribution)
            column.set(number, value, distribution)
        if changes.reports:
            self.reports.add(number, changes.reports)
        if changes.user_attrs:
            self.user_attrs.setdefault(number, {}).update(changes.user_attrs)
        if changes.system_attrs:
            self.system_attrs.setdefault(number, {}).update(changes.system_attrs)
            self._measure_violation(number)

    def _measure_violation(self, number: int) -> None:
        constraints = self.constraints_of(number)
        if not constraints:
            return
        self.has_constraints = True
        self._violation.grow(self.n)
        self._violation.data[number] = sum(c for c in constraints.values() if c > 0)

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name != "_memo"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state, _memo={})


_FOLDS: dict[type[Any], Callable[[Table, Any], int | bool | None]] = {
    CreateStudy: Table._create_study,
    SetStudyAttr: Table._set_study_attr,
    Ask: Table._ask,
    Claim: Table._claim,
    Release: Table._release,
    Add: Table._add,
    Update: Table._update,
    Finish: Table._finish,
}
