"""Conditional spaces: which parameters are active, learnt from past trials.

Parameters that come and go together form a group. If there is one discrete parameter whose value
has always decided whether a group is there, then it is taken to decide that for new points too. A
group without such a parent counts as active: its values are then proposed, whether or not the
objective asks for them.

Example:
    >>> nan = np.nan
    >>> past = np.array([[0.25, 0.1], [0.75, nan], [0.25, 0.9]])  # a choice, and what depends on it
    >>> Activity([[1]], [0]).learnt(past).masked(np.array([[0.25, 0.5], [0.75, 0.5]]))
    array([[0.25, 0.5 ],
           [0.75,  nan]])
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

__all__ = ["Activity", "Branch"]

Matrix = NDArray[np.float64]

_ABSENT = -1.0
_MOST_ROWS = 1000
"""Of a long history the newest trials are enough to tell."""
_LEAST_DUE, _DUE_EACH = 4, 2
"""A branch is due so many trials, and so many more for each of its parameters."""
_MOST_BRANCHES = 32


class Branch(NamedTuple):
    """Name a branch of a conditional space by what decides on it.

    Attributes:
        parent: The parameter that decides.
        value: Its value in [0, 1].
    """

    parent: int
    value: float

    def holds(self, units: Matrix) -> NDArray[np.bool_]:
        """Tell which points are in the branch: (n,) bool.

        Args:
            units: (n, d) float64.
        """
        found: NDArray[np.bool_] = np.abs(units[:, self.parent] - self.value) < 1e-9
        return found

    def enter(self, units: Matrix) -> Matrix:
        """Move points into the branch: (n, d) float64.

        Args:
            units: (n, d) float64.
        """
        moved = units.copy()
        moved[:, self.parent] = self.value
        return moved


class _Rule(NamedTuple):
    """Say on which values of a parent a group is active."""

    members: list[int]
    parent: int
    values: NDArray[np.float64]  # ascending
    is_active: NDArray[np.bool_]


class _Decision(NamedTuple):
    """Say which parameters are not active on which values of one parent."""

    parent: int
    edges: NDArray[np.float64]  # half-way between the values
    absent: NDArray[np.bool_]  # (values, d)


class Activity:
    """Learn which parameters are active where.

    Args:
        groups: The parameters of each group that only some trials have.
        parents: The parameters that may decide: the discrete ones.
    """

    def __init__(self, groups: Sequence[Sequence[int]], parents: Sequence[int]) -> None:
        self.groups = [list(group) for group in groups]
        self._parents = list(parents)
        self._decisions: list[_Decision] = []

    def learnt(self, units: Matrix) -> Self:
        """Learn from the points of past trials.

        Args:
            units: (n, d) float64, NaN where a parameter was not active.

        Returns:
            Itself.
        """
        recent = units[-_MOST_ROWS:]
        rules = [self._rule(group, recent) for group in self.groups]
        found = {rule.members[0]: rule for rule in rules if rule is not None}
        by_parent: dict[int, list[_Rule]] = {}
        for rule in found.values():
            by_parent.setdefault(rule.parent, []).append(rule)
        self._decisions = [
            _decision(rules, units.shape[1])
            for _, rules in sorted(by_parent.items(), key=lambda item: self._depth(item[0], found))
        ]
        return self

    def masked(self, units: Matrix) -> Matrix:
        """Give points with NaN where a parameter is not active.

        Args:
            units: (m, d) float64.

        Returns:
            (m, d) float64.
        """
        if not self._decisions:
            return units
        masked = units.copy()
        for parent, edges, absent in self._decisions:
            at = masked[:, parent]
            place = np.searchsorted(edges, np.where(np.isnan(at), _ABSENT, at))
            masked[absent[place]] = np.nan
        return masked

    def neglected(self, units: Matrix, values: Mapping[int, Matrix]) -> Branch | None:
        """Give the branch that has had the smallest share of the trials that it takes to judge it.

        What the model believes of a branch rests on the trials in it, since its parameters occur
        nowhere else. After two or three bad ones it would never be looked at again.

        Args:
            units: (n, d) float64, the points of past and running trials.
            values: The places in [0, 1] of all values of each discrete parameter.

        Returns:
            The branch; None if each has had its due.
        """
        found, least = None, 1.0
        for parent, edges, absent in self._decisions:
            at, places = units[:, parent], values[parent]
            if len(places) > _MOST_BRANCHES or np.isnan(at).any():
                continue  # within a branch the model may well choose
            n = (np.abs(at[:, None] - places) < 1e-9).sum(axis=0)
            own = absent.any(axis=0) & ~absent[np.searchsorted(edges, places)]
            share = n / (_LEAST_DUE + _DUE_EACH * own.sum(axis=1))
            k = int(share.argmin())
            if share[k] < least:
                found, least = Branch(parent, float(places[k])), float(share[k])
        return found

    def _depth(self, parent: int, rules: dict[int, _Rule]) -> int:
        """Tell how many others decide on a parent, and on what decides on it."""
        depth = 0
        while depth < len(rules):  # they might decide on each other
            above = [rule.parent for rule in rules.values() if parent in rule.members]
            if not above:
                break
            parent, depth = above[0], depth + 1
        return depth

    def _rule(self, group: list[int], units: Matrix) -> _Rule | None:
        is_active = ~np.isnan(units[:, group[0]])
        rules = []
        for parent in self._parents:
            if parent in group or not len(units):
                continue
            values, place = np.unique(
                np.nan_to_num(units[:, parent], nan=_ABSENT), return_inverse=True
            )
            n = np.bincount(place)
            n_active = np.bincount(place, weights=is_active)
            if ((n_active == 0) | (n_active == n)).all():
                rules.append(_Rule(group, parent, values, n_active > 0))
        # The fewer values a parent has, the less it is by chance that it decides.
        return min(rules, key=lambda rule: len(rule.values), default=None)


def _decision(rules: list[_Rule], d: int) -> _Decision:
    values = rules[0].values
    absent = np.zeros((len(values), d), dtype=bool)
    for rule in rules:
        absent[np.ix_(~rule.is_active, np.isin(np.arange(d), rule.members))] = True
    return _Decision(rules[0].parent, (values[1:] + values[:-1]) / 2, absent)
