"""Which finished trials are good, kept up to date one trial at a time.

The good set holds the best ``gamma(n)`` of the n trials that are COMPLETE or PRUNED. Feasible
trials come before infeasible ones, complete before pruned; then the lower loss, the larger step of
the last report, the smaller violation is better. Ranks of earlier trials only ever fall, so a
sorted list of the best is enough.

Sources: Bergstra et al. (2011), "Algorithms for hyper-parameter optimization", NeurIPS 24, sec. 4;
Watanabe (2023), arXiv 2304.11127, sec. 3.1; Watanabe, Hutter (2023), "c-TPE", IJCAI, for the
order of infeasible trials.
"""

from __future__ import annotations

import math
from bisect import insort
from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from steep.states import TrialState
from steep.table import Table

__all__ = ["Gamma", "Ranking", "Split", "default_gamma", "hyperopt_gamma", "rank_key"]

Gamma = Callable[[int], int]
Key = tuple[float, float, float]
Weights = NDArray[np.float64]

_ROOM = 64
_LARGEST_GOOD_SET = 25
_COMPLETE, _PRUNED, _INFEASIBLE = 0.0, 1.0, 2.0
_COUNTED = int(TrialState.COMPLETE), int(TrialState.PRUNED)


def default_gamma(n: int) -> int:
    """Give the size of the good set of n trials: a tenth, at most 25.

    Args:
        n: The number of trials.
    """
    return min(math.ceil(0.1 * n), _LARGEST_GOOD_SET)


def hyperopt_gamma(n: int) -> int:
    """Give the size of the good set of n trials as Hyperopt 0.1.2 does: √n / 4, at most 25.

    Args:
        n: The number of trials.
    """
    return min(math.ceil(0.25 * math.sqrt(n)), _LARGEST_GOOD_SET)


class Split(Protocol):
    """Follow which trials of a table are good.

    Attributes:
        n: How many trials count.
        good: The numbers of the good ones; another object whenever it changes.
    """

    n: int
    good: frozenset[int]

    def update(self, table: Table) -> None:
        """Take the trials into account that have finished since the last call.

        Args:
            table: The table; the same one at each call.
        """
        ...

    def weights(self, numbers: Sequence[int]) -> Weights | None:
        """Give what good trials count: (n,) float64 in (0, 1]; None where all count the same.

        Args:
            numbers: (n,) good trials.
        """
        ...


class Ranking:
    """Follow the good trials of one objective.

    Args:
        gamma: Gives the size of the good set of n trials.
    """

    def __init__(self, gamma: Gamma) -> None:
        self.n = 0
        self.good: frozenset[int] = frozenset()
        self._gamma = gamma
        self._cursor = 0
        self._best: list[tuple[Key, int]] = []
        self._room = _ROOM
        self._n_good = 0

    def update(self, table: Table) -> None:
        """Take the trials into account that have finished since the last call.

        Args:
            table: The table; the same one at each call.
        """
        if self._cursor == table.n_finished:
            return
        changed = self._rank(table)
        n_good = min(max(int(self._gamma(self.n)), 0), self.n)
        if n_good > len(self._best):
            # The list was kept too short for this: rank all again, with room to spare.
            self._room = 2 * n_good
            self._cursor, self.n, self._n_good, self._best = 0, 0, 0, []
            self._rank(table)
            changed = True
        if changed or n_good != self._n_good:
            self._n_good = n_good
            good = frozenset(number for _, number in self._best[:n_good])
            if good != self.good:
                self.good = good

    def weights(self, numbers: Sequence[int]) -> None:
        """See :class:`Split`: all count the same.

        Args:
            numbers: Good trials.
        """

    def _rank(self, table: Table) -> bool:
        """Rank the trials that are new, and tell whether one came into the good set."""
        best, changed = self._best, False
        finished = table.finished[self._cursor :].tolist()
        self._cursor += len(finished)
        for number in finished:
            key = rank_key(table, number)
            if key is None:
                continue
            self.n += 1
            entry = (key, number)
            changed = changed or (self._n_good > 0 and entry < best[self._n_good - 1])
            insort(best, entry)
            if len(best) > self._room:
                best.pop()
        return changed


def rank_key(table: Table, number: int) -> Key | None:
    """Give what a finished trial is ranked by, with its first objective; smaller is better.

    Args:
        table: The table.
        number: The number of the trial.

    Returns:
        The class, then two values that order its members; None for a trial that failed.
    """
    state = table.state_of(number)
    if state not in _COUNTED:
        return None
    if table.has_constraints and table.violation[number] > 0.0:
        return _INFEASIBLE, float(table.violation[number]), 0.0
    loss = table.loss_of(number)
    if state == _COUNTED[0]:
        return _COMPLETE, math.inf if math.isnan(loss) else loss, 0.0
    last = table.reports.last(number)
    if last is None:
        return _PRUNED, math.inf, 0.0
    # The value told for a pruned trial is its last report, negated where that is maximised.
    return _PRUNED, -float(last[0]), math.inf if math.isnan(loss) else loss
