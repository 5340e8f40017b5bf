"""Search spaces read from the columns of a table, incrementally.

The *intersection* holds the parameters that every finished trial has, each with the one
distribution that they all used. The *groups* are the coarsest partition of all parameters such that
every trial has each group entirely or not at all; they describe conditional spaces.

>>> from steep.events import Add, Changes, CreateStudy
>>> from steep.distributions import FloatDistribution
>>> from steep.table import Table
>>> table, unit = Table(), FloatDistribution(0, 1)
>>> _ = table.apply(CreateStudy("tea", [1]))
>>> for names in ["ab", "ac"]:
...     params = {name: (0.5, unit) for name in names}
...     _ = table.apply(Add(state=1, values=[0.0], changes=Changes(params=params)))
>>> spaces = ColumnSpaces()
>>> spaces.update(table)
>>> list(spaces.intersection), spaces.groups
(['a'], [('a',), ('b',), ('c',)])
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import TypeVar

from steep.distributions import BaseDistribution
from steep.states import TrialState
from steep.table import Table

__all__ = ["ColumnSpaces"]

T = TypeVar("T")
_MOST_SIGNATURES = 1000
"""Sets of names, and of distributions, that need not be looked at again; bounded, for spaces that
never settle."""


class ColumnSpaces:
    """Follow the intersection and the groups of the finished trials of one table.

    Args:
        include_pruned: Whether PRUNED trials count beside COMPLETE ones. FAIL ones never do.

    Attributes:
        intersection: Distributions by name, sorted by name.
        groups: The names of each group, sorted; the groups in the order of their first names.
        common: The names that every trial has, whatever the distributions.
    """

    def __init__(self, include_pruned: bool = True) -> None:
        pruned = (TrialState.PRUNED,) if include_pruned else ()
        self._states = (TrialState.COMPLETE, *pruned)
        self.intersection: dict[str, BaseDistribution] = {}
        self.groups: list[tuple[str, ...]] = []
        self.common: frozenset[str] = frozenset()
        self._cursor = 0
        self._is_empty = True
        self._known: set[tuple[int, ...]] = set()  # of trials, by the codes of distributions
        self._signatures: set[frozenset[str]] = set()
        self._lock = threading.Lock()

    def update(self, table: Table) -> None:
        """Take the trials into account that have finished since the last call.

        Args:
            table: The table; the same one at each call.
        """
        if self._cursor == table.n_finished:
            return
        with self._lock:
            finished = table.finished[self._cursor :].tolist()
            self._cursor += len(finished)
            for number in finished:
                if table.state_of(number) in self._states:
                    self._add(table, number)

    def _add(self, table: Table, number: int) -> None:
        columns = list(table.columns.values())  # other threads may add some meanwhile
        codes = tuple([column.code_of(number) for column in columns])
        if codes in self._known:
            return
        _remember(self._known, codes)
        distributions = {
            column.name: distribution
            for column in columns
            if (distribution := column.distribution_of(number)) is not None
        }
        if self._is_empty:
            self.intersection = dict(sorted(distributions.items()))
            self.common = frozenset(distributions)
            self._is_empty = False
        elif not _has_all(distributions, self.intersection):
            self.intersection = {
                name: distribution
                for name, distribution in self.intersection.items()
                if distributions.get(name) == distribution
            }
        names = frozenset(distributions)
        if names not in self._signatures:
            self.common &= names
            _remember(self._signatures, names)
            self.groups = _refined(self.groups, names)


def _remember(seen: set[T], one: T) -> None:
    if len(seen) >= _MOST_SIGNATURES:
        seen.clear()
    seen.add(one)


def _has_all(own: dict[str, BaseDistribution], others: dict[str, BaseDistribution]) -> bool:
    return all(
        (found := own.get(name)) is distribution or found == distribution
        for name, distribution in others.items()
    )


def _refined(groups: Iterable[tuple[str, ...]], names: frozenset[str]) -> list[tuple[str, ...]]:
    """Split the groups of which a trial has only a part, and add what is new in it."""
    parts: list[Iterable[str]] = []
    for group in groups:
        parts += [names.intersection(group), set(group) - names]
    parts.append(names.difference(*groups))
    return sorted(tuple(sorted(part)) for part in parts if part)
