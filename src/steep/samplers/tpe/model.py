"""The two densities of TPE over one space: l(x) of the good trials, g(x) of the others.

A model reads the columns of a table from where it left off. A finished trial becomes one more
kernel of g; whenever the good set changes, l is built anew from its few members, and who left it
moves over to g. Each step costs the same however many trials there are.

The candidate with the largest l(x) / g(x) is proposed, which has the largest expected improvement
(Bergstra et al. 2011, eq. 12).
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from steep.distributions import BaseDistribution, CategoricalDistribution
from steep.kernels.growing import GrowingMixture, Weigh
from steep.kernels.parzen import Mixture, Rules
from steep.samplers.tpe.axes import layout_of
from steep.samplers.tpe.split import Split
from steep.space import Space
from steep.states import TrialState
from steep.table import Table

__all__ = ["Model", "Settings"]

Matrix = NDArray[np.float64]

_CAPACITY = 1000
"""Of bad trials; the good ones are few by themselves."""


@dataclass(frozen=True)
class Settings:
    """Say how densities are estimated.

    Attributes:
        rules: How observations become kernels.
        weigh: Gives the weights of n observations, oldest first.
        weighs_good: Whether it applies to the good set as well.
        n_candidates: How many points are compared.
    """

    rules: Rules
    weigh: Weigh
    weighs_good: bool
    n_candidates: int


class Model:
    """Propose points of one space.

    Args:
        space: The space.
        settings: How densities are estimated.
        is_joint: Whether the parameters are modelled together, or each by itself.
    """

    def __init__(self, space: Space, settings: Settings, is_joint: bool) -> None:
        self.space = space
        self.salt = zlib.crc32("\0".join(space.names).encode()) | 1 << 33
        self._settings = settings
        self._layout = layout_of(space, None if is_joint else range(len(space)))
        self._bad = GrowingMixture(self._layout, _CAPACITY, settings.weigh, settings.rules)
        self._good = Mixture.fit(self._layout, np.zeros((0, len(space))), rules=settings.rules)
        self._good_numbers: frozenset[int] = frozenset()
        self._cursor = 0
        self._has_grid = any(d.grid_size() is not None for d in space.distributions)
        self._ends = [_ends(d) for d in space.distributions]
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
        else:
            self._move(table, split.good)
            for number in new.tolist():
                if number not in split.good and table.state_of(number) != TrialState.FAIL:
                    self._add_bad(table, number)
        self._cursor += len(new)
        if split.good is not self._good_numbers:
            self._good_numbers = split.good
            self._fit_good(table)

    def _read_all(self, table: Table, good: frozenset[int]) -> None:
        numbers = table.numbers(TrialState.COMPLETE, TrialState.PRUNED)
        numbers = numbers[~np.isin(numbers, list(good))]
        numbers, rows = self._usable(table, numbers)
        self._bad.reset(numbers, rows)

    def _move(self, table: Table, good: frozenset[int]) -> None:
        """Move trials between the densities that have changed sides."""
        if good is self._good_numbers:
            return
        for number in sorted(good - self._good_numbers):
            if number in self._bad:
                self._bad.remove(number)
        for number in sorted(self._good_numbers - good):
            self._add_bad(table, number)

    def _add_bad(self, table: Table, number: int) -> None:
        row = _row(table, self.space.names, number)
        if row is not None and all(
            low <= value <= high for value, (low, high) in zip(row, self._ends, strict=True)
        ):
            self._bad.add(number, self.space.encode([row])[0].tolist())

    def _fit_good(self, table: Table) -> None:
        numbers = np.array(sorted(self._good_numbers), dtype=np.int64)
        _, rows = self._usable(table, numbers)
        settings = self._settings
        weights = settings.weigh(len(rows)) if settings.weighs_good else None
        self._good = Mixture.fit(self._layout, rows, weights, settings.rules)

    def _usable(self, table: Table, numbers: NDArray[np.int64]) -> tuple[NDArray[np.int64], Matrix]:
        """Give the trials that have all the parameters in range, and their points."""
        rows = table.param_rows(self.space.names, numbers)
        # A NaN, of a parameter that a trial lacks, is not in range either.
        inside = np.all((rows >= self._low) & (rows <= self._high), axis=1)
        return numbers[inside], self.space.encode(rows[inside])

    # ---- proposing ----------------------------------------------------------------------------

    def propose(self, rng: np.random.Generator, pending: Matrix | None) -> Matrix:
        """Propose a point.

        Args:
            rng: Where the randomness comes from.
            pending: (k, d) float64 internal values of running trials, which count as bad; NaN
                where a parameter is not known.

        Returns:
            (d,) float64, internal values.
        """
        unit = self._good.draw(rng, self._settings.n_candidates)
        internal = self.space.decode(unit)
        if self._has_grid:
            unit = self.space.encode(internal)
        features = self._layout.features(unit)
        if pending is not None:
            pending = self.space.encode(pending)
        score = self._good.log_density(features) - self._bad.log_density(features, pending)
        best = np.argmax(score.reshape(self._layout.n_blocks, -1), axis=1)
        row: Matrix = internal[best[self._layout.blocks], np.arange(len(self.space))]
        return row


def _ends(distribution: BaseDistribution) -> tuple[float, float]:
    if isinstance(distribution, CategoricalDistribution):
        return 0.0, len(distribution.choices) - 1.0
    return float(distribution.low), float(distribution.high)  # type: ignore[attr-defined]


def _row(table: Table, names: Sequence[str], number: int) -> list[float] | None:
    """Give the internal values of one trial, or None where it lacks a parameter."""
    row: list[float] = []
    for name in names:
        column = table.columns.get(name)
        if column is None or column.distribution_of(number) is None:
            return None
        row.append(float(column.values[number]))
    return row
