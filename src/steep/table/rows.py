"""The columns of a study, one row a trial, and how they are read.

Only :class:`~steep.table.fold.Table` changes them. Rows keep their place for ever: the row is the
number of the trial, and a deleted trial leaves an empty row in the state :data:`DELETED`.
"""

from __future__ import annotations

import contextlib
import weakref
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from typing import Any, Protocol, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from steep.columns import Column, ParamColumn
from steep.constraints import constraints_in
from steep.distributions import BaseDistribution
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

    def __getstate__(self) -> dict[str, Any]:
        of_process = ("_memo", "listings")
        return {name: value for name, value in self.__dict__.items() if name not in of_process}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state, _memo={}, listings=weakref.WeakSet())
