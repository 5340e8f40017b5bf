"""How the columns of a study change, one row at a time.

Only :class:`~steep.table.fold.Table` calls this, which knows when an event takes effect.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np

from steep.columns import Column, ParamColumn
from steep.events import Changes, Params
from steep.states import StudyDirection, TrialState
from steep.table.rows import Rows

__all__ = ["ChangingRows"]

_COMPLETE = int(TrialState.COMPLETE)


class ChangingRows(Rows):
    """Change the columns; the fold says when."""

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
        rows = self._values.data
        for j, value in enumerate(values):  # of a few numbers NumPy would make an array first
            rows[number, j] = value
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
        columns = self.columns
        for name, (value, distribution) in params.items():
            if value != value:
                self._take_back(number, name)
                continue
            column = columns.get(name)
            if column is None:
                column = columns[name] = ParamColumn(name, distribution, len(columns))
            if column.set(number, value, distribution):
                self._begin_epoch()
            place = column.place
            if place < last:
                is_in_order = False
            last = place
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
