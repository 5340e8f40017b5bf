"""The good trials where there are several objectives.

Trials are ranked by non-dominated fronts. Where a front does not fit into the good set entirely,
those of its points are taken that dominate the largest volume together. Each of them counts by
what it adds to that volume. Both need all trials, so that only a pool of the best is kept: a trial
that the pool has no room for is dropped if it is in the last front and adds least to its volume, as
in steady-state selection by hypervolume.

Sources: Ozaki et al. (2020), "Multiobjective tree-structured Parzen estimator for computationally
expensive optimization problems", GECCO, alg. 2; Ozaki et al. (2022), "Multiobjective
tree-structured Parzen estimator", JAIR 73; Beume, Naujoks, Emmerich (2007), "SMS-EMOA", EJOR
181(3), for the pool.
"""

from __future__ import annotations

import math
from bisect import insort
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from steep.kernels.hypervolume import (
    hypervolume_contributions,
    reference_point,
    subset_selection,
)
from steep.kernels.pareto import distinct, nondominated_ranks, ranks_with
from steep.samplers.tpe.split import Gamma, Key, rank_key
from steep.table import Table

__all__ = ["Fronts", "default_gamma"]

Losses = NDArray[np.float64]

_POOL = 128
_LARGEST_GOOD_SET = 64
_LEAST_WEIGHT = 1e-12
"""Of what is dominated, pruned or infeasible, where something is not."""


def default_gamma(n: int) -> int:
    """Give the size of the good set of n trials: a fifth, at most 64.

    A front has more good points than one optimum: a tenth was behind on fronts of the tuning half
    (benchmarks/efficiency).

    Args:
        n: The number of trials.
    """
    return min(math.ceil(0.2 * n), _LARGEST_GOOD_SET)


class Fronts:
    """Follow the good trials of several objectives.

    While the size of the good set stands, a new trial that is good enough takes the place of the
    one in the last front that adds least. When it grows, it is chosen anew from a pool of the
    best.

    Args:
        gamma: Gives the size of the good set of n trials.
    """

    def __init__(self, gamma: Gamma) -> None:
        self.n = 0
        self.good: frozenset[int] = frozenset()
        self._gamma = gamma
        self._cursor = 0
        self._pool: list[int] = []  # complete and feasible ones
        self._others: list[tuple[Key, int]] = []  # pruned and infeasible ones
        self._numbers = np.zeros(0, dtype=np.int64)  # the good ones of the pool
        self._losses = np.zeros((0, 1))
        self._ranks = np.zeros(0, dtype=np.int64)
        self._last = self._losses  # those of the last front
        self._n_good = 0

    def update(self, table: Table) -> None:
        """Take the trials into account that have finished since the last call.

        Args:
            table: The table; the same one at each call.
        """
        if self._cursor == table.n_finished:
            return
        new = self._read(table)
        n_good = min(max(int(self._gamma(self.n)), 0), self.n)
        room = max(_POOL, 2 * n_good)
        for start in range(0, len(new), room):
            self._pool += new[start : start + room]
            if len(self._pool) > 2 * room:
                kept, _ = _best(_losses(table, self._pool), room)
                self._pool = [self._pool[i] for i in sorted(kept.tolist())]
        if n_good != self._n_good or len(self._numbers) < n_good or len(new) > 1:
            self._n_good = n_good
            self._choose(table)
        elif new and n_good:
            loss = [math.inf if math.isnan(x) else x for x in table.losses[new[0]].tolist()]
            self._exchange(new[0], np.array(loss))

    def weights(self, numbers: Sequence[int]) -> Losses:
        """See :class:`~steep.samplers.tpe.split.Split`: what each adds to the volume of all.

        Args:
            numbers: (n,) good trials.
        """
        finite = np.isfinite(self._losses).all(axis=1)
        finite &= self._ranks == 0  # what is dominated adds nothing
        if not finite.any():
            return np.ones(len(numbers))
        # Equal points add nothing to each other: each counts as one alone would.
        points, place = distinct(self._losses[finite])
        shares = hypervolume_contributions(points, reference_point(points))
        largest = shares.max()
        if not 0.0 < largest < math.inf:  # volumes of very small or large losses are no numbers
            return np.ones(len(numbers))
        own = (shares[place] / largest).tolist()
        by_number = dict(zip(self._numbers[finite].tolist(), own, strict=True))
        found: Losses = np.maximum([by_number.get(n, 0.0) for n in numbers], _LEAST_WEIGHT)
        return found

    def _read(self, table: Table) -> list[int]:
        """Sort out what has finished; give the complete and feasible ones."""
        finished = table.finished[self._cursor :].tolist()
        self._cursor += len(finished)
        new = []
        for number in finished:
            key = rank_key(table, number)
            if key is None:
                continue
            self.n += 1
            if key[0] == 0.0:
                new.append(number)
            else:
                insort(self._others, (key, number))
                del self._others[_POOL:]
        return new

    def _choose(self, table: Table) -> None:
        """Fill the good set front by front, then with what dominates most, then the others."""
        numbers = np.array(self._pool, dtype=np.int64)
        losses = _losses(table, self._pool)
        best, ranks = _best(losses, min(self._n_good, len(numbers)))
        self._keep(numbers[best], losses[best], ranks)
        rest = [number for _, number in self._others[: self._n_good - len(best)]]
        good = frozenset([*self._numbers.tolist(), *rest])
        if good != self.good:
            self.good = good

    def _exchange(self, number: int, loss: Losses) -> None:
        """Let a new trial take the place of the worst good one, if it is better."""
        covering = self._last[np.logical_and.reduce(self._last <= loss, axis=1)]
        if (covering < loss).any():
            return  # it would be in a front beyond the last one
        losses = np.concatenate([self._losses, loss[None]])
        ranks = ranks_with(self._losses, self._ranks, loss)
        worst = _worst(losses, ranks)
        if worst < len(self._numbers):
            self.good = self.good - {int(self._numbers[worst])} | {number}
            # The worst is in the last front, so that no rank depends on it.
            self._numbers[worst], losses[worst], ranks[worst] = number, loss, ranks[-1]
            self._keep(self._numbers, losses[:-1], ranks[:-1])

    def _keep(self, numbers: NDArray[np.int64], losses: Losses, ranks: NDArray[np.int64]) -> None:
        self._numbers, self._losses, self._ranks = numbers, losses, ranks
        self._last = losses[ranks == ranks.max(initial=0)]


def _losses(table: Table, numbers: list[int]) -> Losses:
    losses: Losses = table.losses[numbers]
    losses[np.isnan(losses)] = np.inf
    return losses


def _best(losses: Losses, k: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Choose k points: front by front, and of the last front those that dominate most.

    Gives their positions and their ranks; those that are left out are in no earlier front.
    """
    if k == 0:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    ranks = nondominated_ranks(losses, enough=k)
    last = np.partition(ranks, k - 1)[k - 1]
    inner, front = np.flatnonzero(ranks < last), np.flatnonzero(ranks == last)
    if len(inner) + len(front) > k:
        points = losses[front]
        front = front[subset_selection(points, k - len(inner), reference_point(points))]
    best = np.concatenate([inner, front])
    return best, ranks[best]


def _worst(losses: Losses, ranks: NDArray[np.int64]) -> int:
    """Find the point of the last front that adds least to the volume of its front."""
    (front,) = (ranks == np.maximum.reduce(ranks)).nonzero()
    if len(front) == 1:
        return int(front[0])
    points = losses[front]
    if not np.isfinite(points).all():
        order = subset_selection(points, len(front), reference_point(points))
        return int(front[order[-1]])
    shares = hypervolume_contributions(points, reference_point(points))
    return int(front[shares.argmin()])
