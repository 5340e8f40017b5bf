"""What a genetic sampler knows of one study: the parents of each generation, and their children.

All of it follows from the table, the settings and the seed: it lives in the table's memo, catches
up with the trials that have finished, and starts anew when history is edited.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import numpy as np

from steep.distributions import BaseDistribution
from steep.samplers.nsga.breeding import Breeding
from steep.samplers.nsga.selection import Parents, Selection
from steep.search_space.columns import ColumnSpaces
from steep.space import Space
from steep.states import TrialState
from steep.streams import Streams

if TYPE_CHECKING:
    from steep.study import Study
    from steep.table import Table

__all__ = ["Nursery"]

_CHILDREN, _SURVIVORS = 3 << 32, 4 << 32  # salts of the random streams
_MOST_BATCHES = 16

Distributions = dict[str, BaseDistribution]


class Nursery:
    """Follow the generations of one table.

    Args:
        size: How many COMPLETE trials are a generation.
        selection: Who becomes a parent.
        breeding: How children are made.
        streams: Where the randomness comes from.
    """

    def __init__(
        self, size: int, selection: Selection, breeding: Breeding, streams: Streams
    ) -> None:
        self._size = size
        self._selection = selection
        self._breeding = breeding
        self._streams = streams
        self._spaces = ColumnSpaces(include_pruned=False)
        self._common: tuple[Distributions, Distributions] = ({}, {})
        self._parents: list[Parents] = []
        self._adults: list[int] = []  # COMPLETE since the last generation was full
        self._cursor = 0
        self._batches: dict[tuple[int, int], tuple[Distributions, list[list[float]]]] = {}
        self._lock = threading.RLock()

    def space(self, table: Table) -> Distributions:
        """Give the parameters that all COMPLETE trials have, without those of one value.

        Args:
            table: The table of this nursery.
        """
        self._spaces.update(table)
        whole, common = self._common
        if whole is not self._spaces.intersection:
            whole = self._spaces.intersection
            common = {name: d for name, d in whole.items() if not d.single()}
            self._common = whole, common
        return dict(common)

    def parents(self, study: Study, generation: int) -> Parents | None:
        """Give the parents of a generation, or None where it has not begun.

        Args:
            study: The study.
            generation: The generation, at least 1.
        """
        with self._lock:
            self._follow(study)
            began = generation <= len(self._parents)
            return self._parents[generation - 1] if began else None

    def child(self, study: Study, number: int, space: Distributions) -> dict[str, Any]:
        """Give a trial its parameters.

        Args:
            study: The study.
            number: The number of the trial.
            space: The parameters.

        Returns:
            Values by name, without those to be drawn anew; empty in generation 0.
        """
        with self._lock:
            self._follow(study)
            if not self._parents or not space:
                return {}
            row = self._batch(study, number // self._size, space)[number % self._size]
        return {
            name: d.to_external_repr(value)
            for (name, d), value in zip(space.items(), row, strict=True)
            if value == value
        }

    def child_of(
        self, study: Study, number: int, space: Distributions, parents: Parents
    ) -> dict[str, Any]:
        """Give a trial its parameters from parents that somebody else has chosen.

        Args:
            study: The study.
            number: The number of the trial.
            space: The parameters.
            parents: The parents.
        """
        made = Space(space)
        row = self._breed(study, number, made, parents, 1)[0]
        known = ~np.isnan(row)
        pairs = zip(made.names, made.distributions, row.tolist(), known.tolist(), strict=True)
        return {name: d.to_external_repr(value) for name, d, value, is_known in pairs if is_known}

    def _follow(self, study: Study) -> None:
        table = study.table
        if self._cursor == table.n_finished:
            return
        finished = table.finished[self._cursor :].tolist()
        self._cursor += len(finished)
        for number in finished:
            if table.state_of(number) == TrialState.COMPLETE:
                self._adults.append(number)
                if len(self._adults) == self._size:
                    self._select(study)

    def _select(self, study: Study) -> None:
        table, generation = study.table, len(self._parents) + 1
        pool = np.array(self._adults, dtype=np.int64)
        if self._parents:
            pool = np.concatenate([self._parents[-1].numbers, pool])
        rng = self._streams.generator(study, generation, _SURVIVORS)
        chosen, places = self._selection.choose(
            table.losses[pool], table.violation[pool], self._size, rng
        )
        self._parents.append(Parents(pool[chosen], places))
        self._adults = []

    def _batch(self, study: Study, block: int, space: Distributions) -> list[list[float]]:
        """Give the children of a block of trials, which the parents of this generation have.

        Which one a trial gets depends on its number only, not on the order of the calls.
        """
        key = len(self._parents), block
        batch = self._batches.get(key)
        if batch is None or batch[0] != space:
            rows = self._breed(study, block, Space(space), self._parents[-1], self._size).tolist()
            while len(self._batches) >= _MOST_BATCHES:
                del self._batches[next(iter(self._batches))]
            self._batches[key] = batch = (space, rows)
        return batch[1]

    def _breed(self, study: Study, stream: int, space: Space, parents: Parents, n: int) -> Any:
        rng = self._streams.generator(study, stream, _CHILDREN)
        units = space.encode(study.table.param_rows(space.names, parents.numbers))
        return self._breeding.breed(space, (units, parents.places), n, study, rng)
