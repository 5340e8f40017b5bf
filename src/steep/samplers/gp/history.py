"""The finished trials of a table in the order in which they finished: what each of them teaches.

Complete trials come first, by their losses; then pruned ones, by the step they reached; then failed
ones. Trials whose worker was lost say nothing. Constraint values are kept beside that, by name.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from steep.columns import Column
from steep.kernels.pareto import is_pareto_optimal, nondominated_ranks
from steep.kernels.tradeoffs import is_properly_optimal
from steep.kernels.warp import average_ranks, half_rank
from steep.states import TrialState
from steep.table import Table

__all__ = ["History"]

Vector = NDArray[np.float64]
Indices = NDArray[np.intp]

_COMPLETE, _PRUNED, _FAILED = 0.0, 1.0, 2.0


class History:
    """Follow the trials of one study.

    Args:
        n_objectives: The number k of objectives.

    Attributes:
        has_failures: Whether a trial has failed.
    """

    def __init__(self, n_objectives: int) -> None:
        self._numbers = Column(np.int64)
        # What orders trials: the class, then two values of those that are not complete.
        self._keys = Column(np.float64, width=3)
        self._losses = Column(np.float64, width=n_objectives, fill=np.nan)
        self._violated = Column(np.bool_)
        self._constraints: dict[str, Column] = {}
        self.has_failures = False
        self._cursor = 0

    @property
    def numbers(self) -> NDArray[np.int64]:
        """Give the numbers of the trials: (n,) int64, in the order in which they finished."""
        return self._numbers.view

    @property
    def n_objectives(self) -> int:
        """Give the number k of objectives."""
        return int(self._losses.data.shape[1])

    @property
    def constraints(self) -> list[str]:
        """Give the names of the constraints, in the order in which they appeared."""
        return list(self._constraints)

    def update(self, table: Table) -> None:
        """Take the trials into account that have finished since the last call.

        Args:
            table: The table; the same one at each call.
        """
        finished = table.finished[self._cursor :].tolist()
        self._cursor += len(finished)
        for number in finished:
            if number not in table.reaped:
                self._append(table, number)

    def _append(self, table: Table, number: int) -> None:
        row, state = self._numbers.size, table.state_of(number)
        self._numbers.append(number)
        for column in (self._keys, self._losses, self._violated):
            column.grow(row + 1)
        self._keys.data[row] = _key(table, number)
        self.has_failures |= state == TrialState.FAIL
        if state == TrialState.COMPLETE:
            self._losses.data[row] = table.losses[number]
        if table.has_constraints and state != TrialState.FAIL:
            self._violated.data[row] = table.violation[number] > 0.0
            for name, value in table.constraints_of(number).items():
                column = self._constraints.setdefault(name, Column(np.float64, fill=np.nan))
                column.grow(row + 1)
                column.data[row] = value

    def failed(self, rows: Indices) -> NDArray[np.bool_]:
        """Tell which trials failed: (n,) bool.

        Args:
            rows: (n,) positions in :attr:`numbers`.
        """
        found: NDArray[np.bool_] = self._keys.view[rows, 0] == _FAILED
        return found

    def feasible(self, rows: Indices) -> NDArray[np.bool_]:
        """Tell which trials are complete and violate no constraint: (n,) bool.

        Args:
            rows: (n,) positions in :attr:`numbers`.
        """
        found: NDArray[np.bool_] = ~self._violated.view[rows]
        found &= self._keys.view[rows, 0] == _COMPLETE
        return found

    def constraint(self, name: str, rows: Indices) -> Vector:
        """Give the values of a constraint: (n,) float64, NaN where a trial has none.

        Args:
            name: The name of the constraint.
            rows: (n,) positions in :attr:`numbers`.
        """
        column = self._constraints[name]
        column.grow(self._numbers.size)
        values: Vector = column.view[rows]
        return values

    def warped(self, objective: int, rows: Indices) -> Vector:
        """Give what the Gaussian process of an objective is to explain, warped and standardised.

        Args:
            objective: Which one, from 0.
            rows: (n,) positions in :attr:`numbers`.

        Returns:
            (n,) float64.
        """
        keys = self._keys.view[rows].copy()
        losses = self._losses.view[rows]
        own = losses[:, objective]
        is_complete = keys[:, 0] == _COMPLETE
        keys[is_complete, 1] = np.where(np.isnan(own), np.inf, own)[is_complete]
        kept = -np.inf
        if self.n_objectives > 1:
            # What is bad in one objective may be good in another: the front keeps its values.
            front = own[is_complete][is_properly_optimal(losses[is_complete])]
            kept = np.max(front[np.isfinite(front)], initial=-np.inf)
        return half_rank(own, average_ranks(keys), kept)

    def best(self, rows: Indices) -> Indices:
        """Give positions in ``rows`` from the best trial to the worst.

        Args:
            rows: (n,) positions in :attr:`numbers`.
        """
        keys, losses = self._keys.view[rows], self._losses.view[rows]
        first = losses[:, 0] if self.n_objectives == 1 else nondominated_ranks(losses)
        return np.lexsort((*keys.T[:0:-1], first, keys[:, 0], self._violated.view[rows]))

    def front(self, rows: Indices) -> Indices:
        """Give the positions in ``rows`` of the feasible trials that no other dominates.

        Args:
            rows: (n,) positions in :attr:`numbers`.
        """
        feasible = np.flatnonzero(self.feasible(rows))
        losses = self._losses.view[rows[feasible]]
        return feasible[is_pareto_optimal(losses)] if len(feasible) else feasible


def _key(table: Table, number: int) -> tuple[float, float, float]:
    state = table.state_of(number)
    if state == TrialState.COMPLETE:
        return _COMPLETE, 0.0, 0.0
    if state == TrialState.FAIL:
        return _FAILED, 0.0, 0.0
    last = table.reports.last(number)
    if last is None:
        return _PRUNED, math.inf, 0.0
    # The value told for a pruned trial is its last report, negated where that is maximised.
    loss = float(table.losses[number, 0])
    return _PRUNED, -float(last[0]), math.inf if math.isnan(loss) else loss
