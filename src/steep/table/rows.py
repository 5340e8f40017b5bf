"""The columns of a study, one row a trial, and how they are read.

Only :class:`~steep.table.fold.Table` changes them. Rows keep their place for ever: the row is the
number of the trial, and a deleted trial leaves an empty row in the state :data:`DELETED`.
"""

from __future__ import annotations

import contextlib
import math
import weakref
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from steep.columns import Column, ParamColumn
from steep.constraints import constraints_in
from steep.distributions import BaseDistribution
from steep.events import Changes, Params
from steep.reports import Reports
from steep.states import StudyDirection, TrialState

__all__ = ["DELETED", "Rows"]

T = TypeVar("T")
_COMPLETE = int(TrialState.COMPLETE)
_WAITING = int(TrialState.WAITING)

DELETED = len(TrialState)
"""The state of an empty row, whose trial was deleted. Users never see it."""


class Listing(Protocol):
    """Have listed trials whose rows are read later."""

    def keep(self, number: int) -> None:
        """Keep a row as it is now, since it is about to be edited.

        Args:
            number: The number of the trial.
        """
        ...


class Rows:
    """Hold a study as columns, one row a trial; the row is the number of the trial.

    Attributes:
        study_name: The name of the study.
        directions: One direction for each of the m objectives.
        n: The number of rows: trials that were ever made.
        position: The number of events folded so far.
        epoch: Grows when history was edited; whoever reads incrementally starts anew.
        columns: The parameters in the order in which they were first seen; ``params`` gives
            the same columns padded to n rows.
        reports: The intermediate values.
        user_attrs: Attributes of the user by number, only for trials that have some.
        system_attrs: Attributes of the machinery by number, only for trials that have some.
        best: The number of the best feasible COMPLETE trial of a single objective, or None.
        n_finished: The number of finished trials.
        owners: The writers that hold running trials, by number, where they named themselves.
        reaped: The trials that were failed because their worker was gone.
        configs: How the study is searched: "sampler" and "pruner" as they were recorded last.
        listings: Who has listed trials that read their rows later, and keeps one before an edit.
        config_history: All of them in order: the number of rows by then, the role, the config.
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
        self.owners: dict[int, str] = {}
        self.reaped: set[int] = set()
        self.configs: dict[str, dict[str, Any]] = {}
        self.config_history: list[list[Any]] = []
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
        self._added = Column(np.int8)
        self._counts = [0] * (DELETED + 1)
        self._leases: dict[int, int] = {}
        self._orders: dict[int, list[str]] = {}  # of parameters, where it is not that of columns
        self._memo: dict[Hashable, Any] = {}
        self.listings: weakref.WeakSet[Listing] = weakref.WeakSet()

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
    def added(self) -> NDArray[np.int8]:
        """Give which trials were finished when they came, rather than run: (n,) int8, 1 or 0."""
        self._added.grow(self.n)
        return self._added.view

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

    @property
    def n_trials(self) -> int:
        """Give the number of trials that are there: rows without the deleted ones."""
        return self.n - self._counts[DELETED]

    @property
    def n_started(self) -> int:
        """Give how many trials have been started, without those whose worker was lost."""
        return self.n_trials - self._counts[_WAITING] - len(self.reaped)

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
        state: int = self._state.data.item(number)
        return state

    def loss_of(self, number: int) -> float:
        """Give the first loss of one trial, NaN where it has none.

        Args:
            number: The number of the trial.
        """
        loss: float = self._losses.data.item(number, 0)
        return loss

    def lease_of(self, number: int) -> int:
        """Give the lease under which a trial runs, or would run next.

        Args:
            number: The number of the trial.
        """
        return self._leases.get(number, 1)

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
            Internal value and distribution by name, in the order in which they were suggested.
        """
        found = {}
        for name, column in self.columns.items():
            known = column.get(number)
            if known is not None:
                found[name] = known
        order = self._orders.get(number)
        return found if order is None else {name: found[name] for name in order}

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
        return row if all(value == value for value in row) else None

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

    def derive_losses(self) -> None:
        """Compute the losses of all rows from their values, after a snapshot was read."""
        self._losses = self._values
        if StudyDirection.MAXIMIZE in self.directions:
            signs = [-1.0 if d == StudyDirection.MAXIMIZE else 1.0 for d in self.directions]
            self._losses = Column.of(self._values.data * signs, fill=np.nan)

    @contextlib.contextmanager
    def without_memo(self) -> Iterator[None]:
        """Let readers derive everything anew, as a process does that has just opened the log."""
        kept, self._memo = self._memo, {}
        try:
            yield
        finally:
            self._memo = kept

    # ---- changing rows, for the fold -------------------------------------------------------------

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
        self._counts[self._state.data.item(number)] -= 1
        self._counts[state] += 1
        self._state.data[number] = state

    def _set_values(self, number: int, values: list[float]) -> None:
        row = self._values.data[number]
        for j, value in enumerate(values):  # of a few numbers NumPy would make an array first
            row[j] = value
        if self._losses is not self._values:
            self._losses.data[number] = [
                -value if direction == StudyDirection.MAXIMIZE else value
                for value, direction in zip(values, self.directions, strict=True)
            ]

    def _compare_with_best(self, number: int) -> None:
        if self.has_constraints and self.violation[number] > 0:
            return
        losses, best = self._losses.data, self.best
        loss = losses.item(number, 0)
        # Of equals the one that finished first is the best. NaN compares as no improvement.
        if (loss == loss) if best is None else (loss < losses.item(best, 0)):
            self.best = number

    def _change(self, number: int, changes: Changes) -> None:
        if changes.params and not self._set_params(number, changes.params):
            kept = [name for name, (value, _) in changes.params.items() if value == value]
            self._note_order(number, kept)
        if changes.reports:
            self.reports.add(number, changes.reports)
        if changes.user_attrs:
            self.user_attrs.setdefault(number, {}).update(changes.user_attrs)
        if changes.system_attrs:
            self.system_attrs.setdefault(number, {}).update(changes.system_attrs)
            self._measure_violation(number)

    def _set_params(self, number: int, params: Params) -> bool:
        """Set parameters, and tell whether they come in the order of the columns."""
        last, is_in_order = -1, number not in self._orders
        for name, (value, distribution) in params.items():
            if value != value:
                self._take_back(number, name)
                continue
            column = self.columns.get(name)
            if column is None:
                column = ParamColumn(name, distribution, len(self.columns))
                self.columns[name] = column
            if column.set(number, value, distribution):
                self._begin_epoch()
            if column.place < last:
                is_in_order = False
            last = column.place
        return is_in_order

    def _take_back(self, number: int, name: str) -> None:
        """Let a running trial not have a parameter that it had: it is drawn again."""
        if name in self.columns:
            self.columns[name].clear(number)
        if name in self._orders.get(number, ()):
            self._orders[number].remove(name)

    def _begin_epoch(self) -> None:
        """Let everything that was derived from the columns be derived anew."""
        self.epoch += 1
        self._memo.clear()

    def _follow_order(self, number: int) -> None:
        """Note the order of parameters from here on: more may follow, in any order."""
        if number not in self._orders:
            self._orders[number] = list(self.params_of(number))

    def _note_order(self, number: int, names: Iterable[str]) -> None:
        order = self._orders.setdefault(number, [])
        order.extend(name for name in names if name not in order)

    def _settle_order(self, number: int) -> None:
        """Forget the order of the parameters of a finished trial, if it is that of the columns."""
        order = self._orders.get(number)
        if order is not None and order == sorted(order, key=lambda name: self.columns[name].place):
            del self._orders[number]

    def _let_listings_keep(self, number: int) -> None:
        for listing in self.listings:
            listing.keep(number)

    def _find_best(self) -> None:
        self.best = None
        if len(self.directions) > 1:
            return
        for number in self.finished.tolist():
            if self._state.data[number] == _COMPLETE:
                self._compare_with_best(number)

    def _clear_values(self, number: int) -> None:
        self._values.data[number] = math.nan
        self._losses.data[number] = math.nan

    def _clear(self, number: int) -> None:
        """Leave nothing of a trial but its number and state."""
        for column in self.columns.values():
            column.clear(number)
        self._clear_values(number)
        self._start.data[number] = self._complete.data[number] = math.nan
        if number < self._violation.size:
            self._violation.data[number] = 0
        self.reports.drop(number)
        self.reaped.discard(number)
        for kept in (self.user_attrs, self.system_attrs, self.owners, self._leases, self._orders):
            kept.pop(number, None)

    def _without(self, number: int) -> Column:
        """Give the order of finishing without a trial."""
        order = Column(np.int32)
        order.extend(self.finished[self.finished != number].tolist())
        return order

    def _measure_violation(self, number: int) -> None:
        constraints = self.constraints_of(number)
        if not constraints:
            return
        self.has_constraints = True
        self._violation.grow(self.n)
        self._violation.data[number] = sum(c for c in constraints.values() if c > 0)

    def __getstate__(self) -> dict[str, Any]:
        of_process = ("_memo", "listings")
        return {name: value for name, value in self.__dict__.items() if name not in of_process}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state, _memo={}, listings=weakref.WeakSet())
