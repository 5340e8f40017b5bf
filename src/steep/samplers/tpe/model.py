"""The two densities of TPE over one space: l(x) of the good trials, g(x) of the others.

A model reads the columns of a table from where it left off. A finished trial becomes one more
kernel of g; whenever the good set changes, l is built anew from its few members, and who left it
moves over to g. Each step costs the same however many trials there are.

The candidate with the largest l(x) / g(x) is proposed, which has the largest expected improvement
(Bergstra et al. 2011, eq. 12).
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Sequence, Set
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from steep.distributions import BaseDistribution, ChangingDistribution
from steep.kernels.growing import GrowingMixture, Weigh
from steep.kernels.parzen import Mixture, Rules
from steep.samplers.tpe.axes import ends_of, layout_of, unit_of
from steep.samplers.tpe.explored import Explored
from steep.samplers.tpe.split import Split
from steep.space import Space
from steep.states import TrialState
from steep.table import Table

__all__ = ["Model", "Settings"]

Matrix = NDArray[np.float64]

_FAIL = int(TrialState.FAIL)
_BELOW_ONE = math.nextafter(1.0, 0.0)
_CAPACITY = 1000
"""Of bad trials; the good ones are few by themselves."""


@dataclass(frozen=True)
class Settings:
    """Say how densities are estimated.

    Attributes:
        rules: How observations become kernels.
        weigh: Gives the weights of n observations, oldest first; None for equal ones.
        weighs_good: Whether it applies to the good set as well.
        n_candidates: How many points are compared.
        weigh_alone: Gives those of bad trials where each parameter is modelled by itself; None
            for ``weigh``.
    """

    rules: Rules
    weigh: Weigh | None
    weighs_good: bool
    n_candidates: int
    weigh_alone: Weigh | None = None


class Model:
    """Propose points of one space.

    Args:
        space: The space.
        settings: How densities are estimated.
        is_joint: Whether the parameters are modelled together, or each by itself.

    Attributes:
        space: The space.
        salt: Tells the random numbers of this space from those of others.
        is_finite: Whether it has a finite number of points.
    """

    def __init__(self, space: Space, settings: Settings, is_joint: bool) -> None:
        self.space = space
        self.salt = zlib.crc32("\0".join(space.names).encode()) | 1 << 33
        self._settings = settings
        self._layout = layout_of(space, None if is_joint else range(len(space)))
        weigh = (None if is_joint else settings.weigh_alone) or settings.weigh
        self._bad = GrowingMixture(self._layout, _CAPACITY, weigh, settings.rules)
        self._good = Mixture.fit(self._layout, np.zeros((0, len(space))), rules=settings.rules)
        self._good_numbers: frozenset[int] = frozenset()
        self._good_rows: dict[int, list[float] | None] = {}  # None where a parameter is lacking
        self._fitted: Set[int] = frozenset()  # those of them that l is made of
        self._cursor = 0
        self.is_finite = all(d.grid_size() is not None for d in space.distributions)
        self._explored = Explored(space) if is_joint and self.is_finite else None
        self._units = [unit_of(d) for d in space.distributions]
        self._ends = [ends_of(d) for d in space.distributions]
        self._low, self._high = np.array(self._ends).T

    # ---- learning -----------------------------------------------------------------------------

    def update(self, table: Table, split: Split) -> None:
        """Take the trials into account that have finished since the last call.

        Args:
            table: The table; the same one at each call.
            split: Which of its trials are good, up to date.
        """
        if self._cursor == table.n_finished:
            return
        new = table.finished[self._cursor :]
        if self._cursor == 0 or len(new) > _CAPACITY:
            self._read_all(table, split.good)
            self._good_rows = {n: row for n, row in self._good_rows.items() if n in split.good}
        else:
            self._move(table, split.good)
            for number in new.tolist():
                self._read(table, number, split.good)
        self._cursor += len(new)
        if split.good is not self._good_numbers:
            self._good_numbers = split.good
            self._fit_good(table, split)

    def _read_all(self, table: Table, good: frozenset[int]) -> None:
        numbers, rows = self._usable(table, table.numbers(TrialState.COMPLETE, TrialState.PRUNED))
        if self._explored is not None:
            self._explored.mark(rows)
        is_bad = ~np.isin(numbers, list(good))
        self._bad.reset(numbers[is_bad], self.space.encode(rows[is_bad]))

    def _move(self, table: Table, good: frozenset[int]) -> None:
        """Move trials between the densities that have changed sides."""
        if good is self._good_numbers:
            return
        for number in sorted(good - self._good_numbers):
            if number in self._bad:
                self._bad.remove(number)
        for number in sorted(self._good_numbers - good):
            row = self._good_rows.pop(number)
            if row is not None:
                self._bad.add(number, row)

    def _read(self, table: Table, number: int, good: frozenset[int]) -> None:
        row = None if table.state_of(number) == _FAIL else self._row(table, number)
        if row is None:
            return
        if self._explored is not None:
            self._explored.mark(np.array([row]))
        if number not in good:
            self._bad.add(number, self._point(row))

    def _row(self, table: Table, number: int) -> list[float] | None:
        """Give the internal values of a trial that has all the parameters in range."""
        row = []
        for name, (low, high) in zip(self.space.names, self._ends, strict=True):
            column = table.columns.get(name)
            if column is None:
                return None
            value = column.item(number)
            if not low <= value <= high:  # nor is NaN, of a parameter that the trial lacks
                return None
            row.append(value)
        return row

    def _point(self, row: Sequence[float]) -> list[float]:
        """Give internal values as a point of the unit cube."""
        return [unit(value) for unit, value in zip(self._units, row, strict=True)]

    def _fit_good(self, table: Table, split: Split) -> None:
        rows, good = self._good_rows, split.good
        for number in good - rows.keys():
            row = self._row(table, number)
            rows[number] = None if row is None else self._point(row)
        points = {number: point for number in sorted(good) if (point := rows[number]) is not None}
        if points.keys() == self._fitted:
            return  # all who came or left lack a parameter
        self._fitted = points.keys()
        weigh = self._settings.weigh if self._settings.weighs_good else None
        weights = split.weights(list(points)) if weigh is None else weigh(len(points))
        matrix = np.array(list(points.values())).reshape(-1, len(self.space))
        self._good = Mixture.fit(self._layout, matrix, weights, self._settings.rules)

    def _usable(self, table: Table, numbers: NDArray[np.int64]) -> tuple[NDArray[np.int64], Matrix]:
        """Give the trials that have all the parameters in range, and their internal values."""
        if not all(name in table.columns for name in self.space.names):
            return numbers[:0], np.zeros((0, len(self.space)))
        rows = table.param_rows(self.space.names, numbers)
        # A NaN, of a parameter that a trial lacks, is not in range either.
        inside = np.all((rows >= self._low) & (rows <= self._high), axis=1)
        return numbers[inside], rows[inside]

    # ---- proposing ----------------------------------------------------------------------------

    def propose(
        self, rng: np.random.Generator, pending: Matrix | None, is_whole: bool
    ) -> list[float]:
        """Propose a point.

        Args:
            rng: Where the randomness comes from.
            pending: (k, d) float64 in [0, 1], points of running trials, which count as bad; NaN
                where a coordinate is not known.
            is_whole: Whether the space has all that trials suggest, so that equal points are
                equal trials.

        Returns:
            d floats in [0, 1].
        """
        x = self._present(self._good.draw(rng, self._settings.n_candidates), rng)
        if is_whole and self._explored is not None:
            nothing = np.zeros((0, len(self.space)))
            row = self._explored.best(
                x, lambda x: self._score(x, pending), rng, nothing if pending is None else pending
            )
        elif self._layout.n_blocks == 1:
            row = x[self._score(x, pending).argmax()]
        else:
            best = self._score(x, pending).reshape(self._layout.n_blocks, -1).argmax(axis=1)
            row = x[best[self._layout.blocks], self._layout.places]
        point: list[float] = row.tolist()
        return point

    def _present(self, x: Matrix, rng: np.random.Generator) -> Matrix:
        """Replace choices that are not present by present ones, at random."""
        for j, distribution in enumerate(self.space.distributions):
            if isinstance(distribution, ChangingDistribution) and distribution.present is not None:
                size = distribution.grid_size()
                index = np.minimum(np.floor(x[:, j] * size), size - 1)
                absent = np.flatnonzero(~np.isin(index, distribution.present))
                x[absent, j] = (rng.choice(distribution.present, len(absent)) + 0.5) / size
        return x

    def _score(self, x: Matrix, pending: Matrix | None) -> NDArray[np.float32]:
        """Compute log l(x) - log g(x), block by block."""
        features = self._layout.features(x)
        return self._good.log_density(features) - self._bad.log_density(features, pending)

    def values(self, row: Sequence[float]) -> dict[str, Any]:
        """Give the values that users see of a point.

        Args:
            row: d floats in [0, 1].
        """
        columns = zip(self.space.names, self.space.distributions, row, strict=True)
        return {name: _value_at(d, u) for name, d, u in columns}


def _value_at(distribution: BaseDistribution, u: float) -> Any:
    u = _BELOW_ONE if u > _BELOW_ONE else u
    if isinstance(distribution, ChangingDistribution):  # here the absent choices count too
        return distribution.choices[int(u * len(distribution.choices))]
    return distribution.from_unit(u)
