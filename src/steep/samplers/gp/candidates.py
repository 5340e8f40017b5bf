"""Points to compare: at random, near the best one, and one exchange away from a point.

All points lie on the grids of their parameters, so that what is compared is what can be proposed.

Example:
    >>> from steep.distributions import IntDistribution
    >>> candidates = Candidates(Space({"n": IntDistribution(1, 4), "m": IntDistribution(0, 1)}))
    >>> candidates.exchanges(np.array([0.125, 0.75])).tolist()
    [[0.375, 0.75], [0.625, 0.75], [0.875, 0.75], [0.125, 0.25]]
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from steep.distributions import BaseDistribution, CategoricalDistribution, IntDistribution
from steep.space import Space

__all__ = ["Candidates"]

Matrix = NDArray[np.float64]

_SCALES = np.array([0.02, 0.08, 0.25])
_ALL_VALUES = 32
"""Ordered grids up to this size are exchanged exhaustively; on larger ones neighbours are."""
_MOST_EXCHANGES = 2048
_MARGIN = 1e-6
"""How far from the ends of a range points stay: the end itself, such as a penalty of 0 or a share
of 1, is often no valid value, and programs that rely on random draws have never met it."""


class Candidates:
    """Make points of a space.

    Args:
        space: The d parameters.

    Attributes:
        discrete: (k,) the parameters that have a grid.
        continuous: (d - k,) the others.
        values: The places in [0, 1] of all values of each discrete parameter, ascending.
    """

    def __init__(self, space: Space) -> None:
        self.space = space
        self._sizes = np.array([_size(d) for d in space.distributions], dtype=np.float64)
        self.discrete = np.flatnonzero(self._sizes)
        self.continuous = np.flatnonzero(self._sizes == 0)
        self._margins = np.where(self._sizes == 0, _MARGIN, 0.0)
        self._categorical = np.array(
            [isinstance(d, CategoricalDistribution) for d in space.distributions]
        )
        self.values = {int(j): self._all_values(int(j)) for j in self.discrete}

    def snapped(self, unit: Matrix) -> Matrix:
        """Move points onto the grids of their parameters, and off the ends of ranges.

        Args:
            unit: (n, d) float64.

        Returns:
            (n, d) float64 in [0, 1].
        """
        inner = np.clip(unit, self._margins, 1.0 - self._margins)
        return self.space.encode(self.space.decode(inner)) if self.discrete.size else inner

    def points(self, internal: Matrix) -> Matrix:
        """Give the points of trials, on the grids of their parameters.

        Args:
            internal: (n, d) float64, internal values, NaN where a trial does not have a parameter.

        Returns:
            (n, d) float64 in [0, 1], NaN in the same places.
        """
        units = self.snapped(self.space.encode(internal))
        units[np.isnan(internal)] = np.nan
        return units

    def random(self, rng: np.random.Generator, m: int) -> Matrix:
        """Draw points uniformly.

        Args:
            rng: Where the randomness comes from.
            m: How many.
        """
        return self.snapped(rng.random((m, len(self.space))))

    def around(self, point: Matrix, rng: np.random.Generator, m: int) -> Matrix:
        """Draw points near another one, at several scales; each moves some of its parameters.

        Args:
            point: (d,) float64.
            rng: Where the randomness comes from.
            m: How many.
        """
        d = len(point)
        scales = _SCALES[np.arange(m) % len(_SCALES)][:, None]
        moved = rng.random((m, d)) < np.maximum(scales, 2.0 / d)
        moved[np.arange(m), rng.integers(d, size=m)] = True
        # A step on a grid is at least one cell wide; a choice has no near ones.
        widths = np.maximum(scales, 1.0 / np.maximum(self._sizes, 1.0) * (self._sizes > 0))
        near = point + widths * rng.standard_normal((m, d))
        near = np.where(self._categorical, rng.random((m, d)), np.abs(near))
        near = np.where(near > 1.0, np.maximum(2.0 - near, 0.0), near)  # mirrored at the ends
        return self.snapped(np.where(moved, near, point))

    def exchanges(self, point: Matrix, rng: np.random.Generator | None = None) -> Matrix:
        """Give the points that differ from another one in one discrete parameter.

        Args:
            point: (d,) float64.
            rng: Chooses some where there are very many.

        Returns:
            (m, d) float64.
        """
        others = [self._others(j, float(point[j])) for j in self.discrete.tolist()]
        if not others:
            return np.zeros((0, len(point)))
        axis = np.repeat(self.discrete, [len(values) for values in others])
        value = np.concatenate(others)
        if len(axis) > _MOST_EXCHANGES and rng is not None:
            some = rng.choice(len(axis), _MOST_EXCHANGES, replace=False)
            axis, value = axis[some], value[some]
        points = np.repeat(point[None, :], len(axis), axis=0)
        points[np.arange(len(axis)), axis] = value
        return points

    def _others(self, j: int, at: float) -> Matrix:
        values = self.values[j]
        i = int(np.abs(values - at).argmin())
        if self._categorical[j] or len(values) <= _ALL_VALUES:
            return np.concatenate([values[:i], values[i + 1 :]])  # np.delete() takes far longer
        steps = 2 ** np.arange(int(np.log2(len(values))) + 1)
        near = np.concatenate([i - steps, i + steps])
        return np.asarray(values[near[(near >= 0) & (near < len(values))]])

    def _all_values(self, j: int) -> Matrix:
        """Give the places of all values of a parameter in the unit interval, ascending."""
        distribution, size = self.space.distributions[j], int(self._sizes[j])
        if isinstance(distribution, IntDistribution) and distribution.log:
            values = distribution.low + np.arange(size, dtype=np.float64)
            return Space({"x": distribution}).encode(values[:, None])[:, 0]
        return (np.arange(size) + 0.5) / size


def _size(distribution: BaseDistribution) -> int:
    """Give the number of values, or 0 where there are so many that they may as well be a range."""
    size = distribution.grid_size() or 0
    is_choice = isinstance(distribution, CategoricalDistribution)
    return size if is_choice or size <= 4096 else 0
