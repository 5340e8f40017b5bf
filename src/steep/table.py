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
from types import MappingProxyType
from typing import Any, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from steep.columns import Column, ParamColumn
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

__all__ = ["Table", "constraints_in"]

T = TypeVar("T")
_CONSTRAINT = "constraints:"
_RUNNING, _COMPLETE = int(TrialState.RUNNING), int(TrialState.COMPLETE)
_WAITING = int(TrialState.WAITING)
_OPEN = (_RUNNING, _WAITING)


def constraints_in(system_attrs: Mapping[str, Any]) -> dict[str, float]:
    """Read the constraint values of a trial from its system attributes.

    Args:
        system_attrs: Keys ``constraints:NAME`` with a number each, or the list of numbers that
            older programs keep under ``constraints``; its members are named "0", "1", ...

    Returns:
        Values by name; a positive one is a violation.
    """
    found = {str(i): float(c) for i, c in enumerate(system_attrs.get("constraints") or ())}
    for key, value in system_attrs.items():
        if key.startswith(_CONSTRAINT):
            found[key.removeprefix(_CONSTRAINT)] = float(value)
    return found


class Table:
    """Hold a study as columns, one row a trial; the row is the number of the trial.

    Attributes:
        study_name: The name of the study.
        directions: One direction for each of the m objectives.
        n: The number of trials.
        position: The number of events folded so far.
        epoch: Grows when history was edited; whoever reads incrementally starts anew.
        params: The parameters in the order in which they were first seen.
        reports: The intermediate values.
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
        self._params: dict[str, ParamColumn] = {}
        self._user_attrs: dict[int, dict[str, Any]] = {}
        self._system_attrs: dict[int, dict[str, Any]] = {}
        self._state = Column(np.int8)
        self._start = Column(np.float64, fill=np.nan)
        self._complete = Column(np.float64, fill=np.nan)
        self._values = self._losses = Column(np.float64, width=1, fill=np.nan)
        self._violation = Column(np.float64)
        self._finished = Column(np.int32)
        self._counts = [0] * len(TrialState)
        self._waiting: list[int] = []
        self._memo: dict[Hashable, Any] = {}

    # ---- reading ----------------------------------------------------------------------------

    @property
    def state(self) -> NDArray[np.int8]:
        """Give the states: (n,) int8, values of :class:`~steep.states.TrialState`."""
        return self._state.view

    @property
    def values(self) -> NDArray[np.float64]:
        """Give the objective values: (n, m) float64 as the user gave them, NaN where none."""
        return self._values.view

    @property
    def losses(self) -> NDArray[np.float64]:
        """Give the values with maximised objectives negated: (n, m) float64, small is good."""
        return self._losses.view

    @property
    def start(self) -> NDArray[np.float64]:
        """Give when trials started: (n,) float64, POSIX seconds, NaN where they did not."""
        return self._start.view

    @property
    def complete(self) -> NDArray[np.float64]:
        """Give when trials finished: (n,) float64, POSIX seconds, NaN where they did not."""
        return self._complete.view

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
        for column in self._params.values():
            column.grow(self.n)
        return self._params

    @property
    def user_attrs(self) -> Mapping[int, dict[str, Any]]:
        """Give the attributes of the user by number, only for trials that have some."""
        return MappingProxyType(self._user_attrs)

    @property
    def system_attrs(self) -> Mapping[int, dict[str, Any]]:
        """Give the attributes of the machinery by number, only for trials that have some."""
        return MappingProxyType(self._system_attrs)

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

    def column(self, name: str) -> ParamColumn | None:
        """Give one parameter column without padding it, or None where the name is new.

        Args:
            name: The name of the parameter.
        """
        return self._params.get(name)

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
            column = self._params[name]
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
        for name, column in self._params.items():
            distribution = column.distribution_of(number)
            if distribution is not None:
                found[name] = (float(column.values[number]), distribution)
        return found

    def constraints_of(self, number: int) -> dict[str, float]:
        """Give the constraint values of one trial by name; a positive one is a violation.

        Args:
            number: The number of the trial.
        """
        return constraints_in(self._system_attrs.get(number, {}))

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

    # ---- folding ----------------------------------------------------------------------------

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
        self.n = size = number + 1
        for column in (self._state, self._start, self._complete, self._values):
            column.grow(size)
        if self._losses is not self._values:
            self._losses.grow(size)
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
        if math.isnan(loss):
            return
        # Of equals the lowest number is the best, whatever the order of finishing.
        if best is None or (loss, number) < (self._losses.data[best, 0], best):
            self.best = number

    def _change(self, number: int, changes: Changes) -> None:
        for name, (value, distribution) in changes.params.items():
            column = self._params.get(name)
            if column is None:
                column = self._params[name] = ParamColumn(name)
            column.set(number, value, distribution)
        if changes.reports:
            self.reports.add(number, changes.reports)
        if changes.user_attrs:
            self._user_attrs.setdefault(number, {}).update(changes.user_attrs)
        if changes.system_attrs:
            self._system_attrs.setdefault(number, {}).update(changes.system_attrs)
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
