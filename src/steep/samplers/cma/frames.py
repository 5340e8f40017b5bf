"""Where trials sit in the coordinates that CMA-ES works in, each in [0, 1].

The unit cube of :class:`~steep.space.Space` serves, except with a margin: that algorithm wants the
values of a grid themselves, evenly spread from 0 to 1, to keep several of them within reach.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from steep.distributions import BaseDistribution, FloatDistribution, IntDistribution
from steep.space import Space

__all__ = ["CubeFrame", "GridFrame"]

Array = NDArray[np.float64]


class CubeFrame:
    """Let CMA-ES work in the unit cube.

    Args:
        distributions: The d parameters, all numerical.

    Attributes:
        space: The parameters.
        steps: (d,) float64, the distance of neighbouring values, 0 where there is none.
    """

    def __init__(self, distributions: Mapping[str, BaseDistribution]) -> None:
        self.space = Space(distributions)
        self.steps = np.zeros(len(self.space))

    def encode(self, internal: Array) -> Array:
        """Give the points of rows of internal values, (n, d) float64 both."""
        return self.space.encode(internal)

    def decode(self, points: Array) -> Array:
        """Give the internal values at points, (n, d) float64 both."""
        return self.space.decode(points)


class GridFrame(CubeFrame):
    """Let CMA-ES with margin see the values of linear grids."""

    def __init__(self, distributions: Mapping[str, BaseDistribution]) -> None:
        super().__init__(distributions)
        for j, d in enumerate(self.space.distributions):
            assert isinstance(d, FloatDistribution | IntDistribution)
            if d.step is not None and not d.log:
                self.steps[j] = d.step / (d.high - d.low)
        self._grid = np.flatnonzero(self.steps)
        grids = [self.space.distributions[j] for j in self._grid]
        self._low, self._high, self._step = (
            np.array([getattr(d, end) for d in grids], dtype=np.float64)
            for end in ("low", "high", "step")
        )

    def encode(self, internal: Array) -> Array:
        """Give the points of rows of internal values, (n, d) float64 both."""
        points = self.space.encode(internal)
        points[:, self._grid] = (internal[:, self._grid] - self._low) / (self._high - self._low)
        return np.asarray(np.clip(points, 0.0, 1.0))

    def decode(self, points: Array) -> Array:
        """Give the internal values at points, (n, d) float64 both."""
        internal = self.space.decode(points)
        cells = np.rint(points[:, self._grid] * (self._high - self._low) / self._step)
        internal[:, self._grid] = np.clip(self._low + cells * self._step, self._low, self._high)
        return internal
