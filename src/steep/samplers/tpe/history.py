"""Which trials are good and which are bad, kept up to date one finished trial at a time.

The good set is the best ``gamma(n)`` of the n trials, at most 25 by default; a trial that has left
the best can only fall further, so a sorted list of the best suffices. Of the others the newest
thousand are kept. Both are bounded, so a trial costs the same however long the study is.
"""

from __future__ import annotations

import bisect
from collections import deque
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from steep.kernels.pareto import nondominated_ranks
from steep.states import TrialState

if TYPE_CHECKING:
    from steep.table import Table

__all__ = ["History"]

_KEPT_BEST, _KEPT_REST = 64, 1000
_COMPLETE, _PRUNED = int(TrialState.COMPLETE), int(TrialState.PRUNED)
_Key = tuple[float, ...]
Numbers = NDArray[np.int64]


class History:
    """Follow the finished trials of a table.

    Attributes:
        n: How many trials count: COMPLETE and PRUNED ones.
        common: The names that every one of them has.
    """

    def __init__(self) -> None:
        self.n = 0
        self.common: set[str] | None = None
        self._cursor = 0
        self._best: list[tuple[_Key, int]] = []
        self._rest: deque[int] = deque(maxlen=_KEPT_REST)

    def catch_up(self, table: Table) -> None:
        """Take in the trials that have finished since the last call.

        Args:
            table: The table of the study.
        """
        for number in table.finished[self._cursor :].tolist():
            self._cursor += 1
            state = table.state_of(number)
            if state in (_COMPLETE, _PRUNED):
                self.n += 1
                names = set(table.params_of(number))
                self.common = names if self.common is None else self.common & names
                self._rank(table, number, state)

    def _rank(self, table: Table, number: int, state: int) -> None:
        if len(table.directions) > 1:
            self._rest.append(number)
            return
        bisect.insort(self._best, (_key(table, number, state), number))
        if len(self._best) > _KEPT_BEST:
            self._rest.append(self._best.pop()[1])

    def split(self, table: Table, n_below: int) -> tuple[Numbers, Numbers]:
        """Split the trials.

        Args:
            table: The table of the study.
            n_below: How many are good.

        Returns:
            The numbers of the good and of the bad trials, each oldest first.
        """
        if len(table.directions) > 1:
            return self._split_by_rank(table, n_below)
        good = [number for _, number in self._best[:n_below]]
        bad = [*self._rest, *(number for _, number in self._best[n_below:])]
        return np.sort(np.array(good, dtype=np.int64)), np.sort(np.array(bad, dtype=np.int64))

    def _split_by_rank(self, table: Table, n_below: int) -> tuple[Numbers, Numbers]:
        numbers = np.array(self._rest, dtype=np.int64)
        ranks = nondominated_ranks(table.losses[numbers]).astype(np.float64)
        ranks += np.where(table.violation[numbers] > 0, 1e6 + table.violation[numbers], 0.0)
        order = np.argsort(ranks, kind="stable")
        return np.sort(numbers[order[:n_below]]), np.sort(numbers[order[n_below:]])


def _key(table: Table, number: int, state: int) -> _Key:
    """Order trials: feasible before infeasible, complete before pruned, then by value."""
    violation = float(table.violation[number]) if table.has_constraints else 0.0
    if violation > 0:
        return (2.0, violation)
    if state == _COMPLETE:
        return (0.0, float(table.losses[number, 0]))
    last = table.reports.last(number)
    if last is None:
        return (1.0, np.inf, 0.0)
    loss = float(table.losses[number, 0])
    # Of pruned trials the one that came furthest is the best; NaN is the worst value.
    return (1.0, -float(last[0]), np.inf if np.isnan(loss) else loss)
