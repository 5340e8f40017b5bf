"""The good trials where there are several objectives.

Trials are ranked by non-dominated fronts. Where a front does not fit into the good set entirely,
those of its points are taken that dominate the largest volume together. Both need all trials, so
that only a pool of the best is kept: a trial that the pool has no room for is dropped if it is in
the last front and adds least to its volume, as in steady-state selection by hypervolume.

Sources: Ozaki et al. (2020), "Multiobjective tree-structured Parzen estimator for computationally
expensive optimization problems", GECCO, alg. 2; Ozaki et al. (2022), "Multiobjective
tree-structured Parzen estimator", JAIR 73; Beume, Naujoks, Emmerich (2007), "SMS-EMOA", EJOR
181(3), for the pool.
"""

from __future__ import annotations

import math
from bisect import insort

import numpy as np
from numpy.typing import NDArray

from steep.kernels.hypervolume import (
    hypervolume_contributions,
    reference_point,
    subset_selection,
)
from steep.kernels.pareto import nondominated_ranks
from steep.samplers.tpe.split import Gamma, Key, rank_key
from steep.table import Table

__all__ = ["Fronts", "default_gamma"]

_POOL = 128
_LARGEST_GOOD_SET = 64


def default_gamma(n: int) -> int:
    """Give the size of the good set of n trials: a tenth, at most 64.

    Args:
        n: The number of trials.
    """
    return min(math.ceil(0.1 * n), _LARGEST_GOOD_SET)


class Fronts:
    """Follow the good trials of several objectives.

    Args:
        gamma: Gives the size of the good set of n trials.
    """

    def __init__(self, gamma: Gamma) -> None:
        self.n = 0
        self.good: frozenset[int] = frozenset()
        self._gamma = gamma
        self._cursor = 0
        self._numbers = np.zeros(0, dtype=np.int64)
        self._losses = np.zeros((0, 0))
        self._ranks = np.zeros(0, dtype=np.int64)
        self._others: list[tuple[Key, int]] = []  # pruned and infeasible ones
        self._n_good = 0
        self._border = -1  # the last front that the good set reaches into

    def update(self, table: Table) -> None:
        """Take the trials into account that have finished since the last call.

        Args:
            table: The table; the same one at each call.
        """
        if self._cursor == table.n_finished:
            return
        finished = table.finished[self._cursor :]
        self._cursor += len(finished)
        feasible = []
        for number in finished.tolist():
            key = rank_key(table, number)
            if key is None:
                continue
            self.n += 1
            if key[0] == 0.0:
                feasible.append(number)
            else:
                insort(self._others, (key, number))
                del self._others[_POOL:]
        n_good = min(max(int(self._gamma(self.n)), 0), self.n)
        room = max(_POOL, 2 * n_good)
        changed = n_good != self._n_good
        for start in range(0, len(feasible), room):
            changed |= self._take_in(table, np.array(feasible[start : start + room]), room)
        if changed or len(self._numbers) < n_good:
            self._n_good = n_good
            self._choose(n_good)

    def _take_in(self, table: Table, numbers: NDArray[np.int64], room: int) -> bool:
        """Add trials to the pool, and tell whether the good set may change."""
        losses = np.where(np.isnan(table.losses[numbers]), np.inf, table.losses[numbers])
        if len(numbers) == 1 and len(self._numbers):
            behind = _is_dominated_by(losses[0], self._losses)
            rank = int(self._ranks[behind].max(initial=-1)) + 1
            if rank > self._ranks[-1] and len(self._numbers) >= room:
                return False
        else:
            rank = 0
        numbers = np.concatenate([self._numbers, numbers])
        losses = np.vstack([self._losses.reshape(-1, losses.shape[1]), losses])
        ranks = nondominated_ranks(losses)
        order = np.argsort(ranks, kind="stable")
        if len(order) > room:
            order = _without_least(order, losses, ranks, room)
        self._numbers, self._losses, self._ranks = numbers[order], losses[order], ranks[order]
        return rank <= self._border or self._border < 0

    def _choose(self, n_good: int) -> None:
        """Fill the good set front by front, then with what dominates most, then the others."""
        if len(self._numbers) <= n_good:
            rest = [number for _, number in self._others[: n_good - len(self._numbers)]]
            good, self._border = frozenset([*self._numbers.tolist(), *rest]), -1
        else:
            self._border = int(self._ranks[n_good]) if n_good else -1
            inner = int(np.searchsorted(self._ranks, self._border)) if n_good else 0
            front = slice(inner, int(np.searchsorted(self._ranks, self._border, side="right")))
            reference = reference_point(self._losses[front])
            chosen = subset_selection(self._losses[front], n_good - inner, reference)
            numbers = [*self._numbers[:inner].tolist(), *self._numbers[front][chosen].tolist()]
            good = frozenset(numbers)
        if good != self.good:
            self.good = good


def _is_dominated_by(point: NDArray[np.float64], others: NDArray[np.float64]) -> NDArray[np.bool_]:
    dominated: NDArray[np.bool_] = np.all(others <= point, axis=1) & np.any(others < point, axis=1)
    return dominated


def _without_least(
    order: NDArray[np.intp],
    losses: NDArray[np.float64],
    ranks: NDArray[np.int64],
    room: int,
) -> NDArray[np.intp]:
    """Shorten an order by rank to ``room``; the last front keeps what dominates most."""
    last = ranks[order[room - 1]]
    inner = order[ranks[order] < last]
    front = order[ranks[order] == last]
    n_kept = room - len(inner)
    points = losses[front]
    if n_kept == len(front) - 1 and np.isfinite(points).all():
        shares = hypervolume_contributions(points, reference_point(points))
        return np.concatenate([inner, np.delete(front, np.argmin(shares))])
    kept = np.sort(subset_selection(points, n_kept, reference_point(points)))
    return np.concatenate([inner, front[kept]])
