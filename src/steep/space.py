"""Many distributions at once: columns of internal values <-> columns of the unit cube.

Mathematics likes the unit cube; users have ranges, logarithms, grids and choices. One affine map
a column joins them, ``unit = ((s - origin) / scale + offset) / count``, where s is the value or
its logarithm. A range without a grid has count 1 and offset 0. On a grid of k values the i-th
value sits in the middle of its cell, at (i + ½) / k. The ints of a logarithmic range sit at
their logarithm in [log(low - ½), log(high + ½)].

>>> space = Space({"lr": FloatDistribution(1e-4, 1, log=True), "layers": IntDistribution(1, 4)})
>>> unit = space.encode(np.array([[1e-2, 3.0]]))
>>> unit
array([[0.5  , 0.625]])
>>> space.to_external(space.decode(unit)[0])["layers"]
3
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from steep.distributions import BaseDistribution, FloatDistribution, IntDistribution

Matrix = NDArray[np.float64]


class Space:
    """Map rows of internal values onto points of the unit cube, and back.

    Args:
        distributions: the d columns, by the names of their parameters.

    Raises:
        OverflowError: if a range has an end that is infinite or NaN.
    """

    def __init__(self, distributions: Mapping[str, BaseDistribution]) -> None:
        self.names = tuple(distributions)
        self.distributions = tuple(distributions.values())
        axes = np.array([_axis(d) for d in self.distributions]).reshape(-1, 6).T
        self._low, self._high, self._origin, self._scale, self._offset, self._count = axes
        kinds = [_kind(d) for d in self.distributions]
        self._log = np.flatnonzero([log for log, _, _ in kinds])
        self._log_int = np.flatnonzero([log and whole for log, whole, _ in kinds])
        self._halved = np.flatnonzero([halved for _, _, halved in kinds])
        self._grid = np.flatnonzero(self._offset)

    def encode(self, internal: ArrayLike) -> Matrix:
        """Return the points of the unit cube where rows of internal values sit.

        Args:
            internal: (n, d) float64; a value outside its range counts as the nearer end, and NaN
                (absent) stays NaN.

        Returns:
            (n, d) float64 in [0, 1].
        """
        values = np.clip(np.asarray(internal, dtype=np.float64), self._low, self._high)
        if self._log.size:
            values[:, self._log] = np.log(values[:, self._log])
        if self._halved.size:
            values[:, self._halved] *= 0.5
        values -= self._origin
        values /= self._scale
        values += self._offset
        values /= self._count
        return values

    def decode(self, unit: ArrayLike) -> Matrix:
        """Return the internal values at points of the unit cube, on their grids and in range.

        Args:
            unit: (n, d) float64; a coordinate outside [0, 1] counts as the nearer end.

        Returns:
            (n, d) float64.
        """
        values = np.clip(np.asarray(unit, dtype=np.float64), 0.0, 1.0)
        values *= self._count
        if self._grid.size:
            cells = np.floor(values[:, self._grid])
            values[:, self._grid] = np.minimum(cells, self._count[self._grid] - 1.0)
        values *= self._scale
        values += self._origin
        if self._halved.size:
            values[:, self._halved] *= 2.0
        if self._log.size:
            values[:, self._log] = np.exp(values[:, self._log])
            values[:, self._log_int] = np.rint(values[:, self._log_int])
        return np.clip(values, self._low, self._high, out=values)

    @property
    def bounds(self) -> Matrix:
        """Give the ends of the unit interval as values or logarithms: (d, 2) float64.

        On a grid they lie half a step beyond its ends.
        """
        low = self._origin - self._offset * self._scale
        return np.stack([low, low + self._count * self._scale], axis=1)

    def to_external(self, internal: ArrayLike) -> dict[str, Any]:
        """Return the user's values, plain Python, of one row (d,) of internal values."""
        row = np.asarray(internal, dtype=np.float64).tolist()
        columns = zip(self.names, self.distributions, row, strict=True)
        return {name: d.to_external_repr(value) for name, d, value in columns}

    def to_internal(self, external: Mapping[str, Any]) -> Matrix:
        """Return the row (d,) of internal values of a user's values by name."""
        columns = zip(self.names, self.distributions, strict=True)
        return np.array([d.to_internal_repr(external[name]) for name, d in columns], dtype=float)

    def __len__(self) -> int:
        return len(self.names)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Space):
            return NotImplemented
        return self.names == other.names and self.distributions == other.distributions

    def __hash__(self) -> int:
        return hash((self.names, self.distributions))

    def __repr__(self) -> str:
        return f"Space({dict(zip(self.names, self.distributions, strict=True))!r})"


def _axis(d: BaseDistribution) -> tuple[float, float, float, float, float, float]:
    """Return (low, high, origin, scale, offset, count) of one column."""
    count = d.grid_size()
    if not isinstance(d, FloatDistribution | IntDistribution):
        assert count is not None, f"{d} is a range of a kind that Space does not know"
        return 0.0, count - 1.0, 0.0, 1.0, 0.5, float(count)
    low, high = float(d.low), float(d.high)
    if not (math.isfinite(low) and math.isfinite(high)):
        raise OverflowError(f"Cannot map {d!r} onto the unit interval: give it finite ends.")
    log, whole, halved = _kind(d)
    if log:
        origin = math.log(low - 0.5 * whole)
        return low, high, origin, math.log(high + 0.5 * whole) - origin, 0.0, 1.0
    if _on_grid(d):
        assert count is not None
        return low, high, low, float(d.step or 1.0), 0.5, float(count)
    factor = 0.5 if halved else 1.0
    return low, high, low * factor, high * factor - low * factor, 0.0, 1.0


def _kind(d: BaseDistribution) -> tuple[bool, bool, bool]:
    """Tell of one column: logarithmic?, ints?, halved because `high - low` overflows?"""
    whole = isinstance(d, IntDistribution)
    if not isinstance(d, FloatDistribution | IntDistribution) or d.single():
        return False, whole, False
    halved = not _on_grid(d) and math.isinf(float(d.high) - float(d.low))
    return d.log, whole, halved


def _on_grid(d: FloatDistribution | IntDistribution) -> bool:
    # Beyond 2**53 steps float64 cannot tell the cells of a grid of floats apart.
    count = d.grid_size()
    return count is not None and (isinstance(d, IntDistribution) or count <= 2**53)
