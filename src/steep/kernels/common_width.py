"""Columns of kernels that all have one bandwidth, written one at a time in plain Python.

For a single kernel the calls of NumPy cost far more than the arithmetic: a dozen floats are written
in microseconds by :mod:`math`. The log-masses on a small grid depend on the cell of the centre
alone, so they are looked up.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from steep.kernels.layout import Layout

__all__ = ["CommonWidth"]

_TWO_PI = 2.0 * math.pi


class CommonWidth:
    """Write the columns of kernels that share a bandwidth.

    Args:
        layout: Where things are in the arrays.
        sigma: The bandwidth on every axis.
        smoothing: What each category gets before the own one gets 1 more.
    """

    def __init__(self, layout: Layout, sigma: float, smoothing: float) -> None:
        self.layout = layout
        self.sigma = sigma
        self.smoothing = smoothing
        self._blocks = layout.blocks.tolist()
        self._tables = {
            j: self._table(j)
            for j, axis in enumerate(layout.axes)
            if axis.size and not axis.is_categorical
        }

    def columns(self, rows: NDArray[np.float64]) -> NDArray[np.float32]:
        """Compute many columns at once; see :meth:`Layout.columns`.

        Args:
            rows: (n, d) float64 in [0, 1], NaN where a kernel is uniform.
        """
        return self.layout.columns(rows, np.full((1, 1), self.sigma), self.smoothing)

    def column(self, row: Sequence[float]) -> list[float]:
        """Compute one column.

        Args:
            row: d floats in [0, 1].

        Returns:
            As many floats as there are features; the same as :meth:`columns` gives.
        """
        squares, linear, masses = [], [], []
        constants = [0.0] * self.layout.n_blocks
        for j, axis in enumerate(self.layout.axes):
            mu = row[j]
            if axis.is_categorical:
                masses += self._categories(mu, axis.size)
            elif axis.size:
                masses += self._tables[j][self.layout.cell(j, mu)]
            else:
                width = axis.width * math.exp(-axis.decay * mu) if axis.width else 0.0
                variance = self.sigma * self.sigma + width * width / 12.0
                slope = (mu - 0.5) / variance
                squares.append(-0.5 / variance)
                linear.append(slope)
                constants[self._blocks[j]] -= self._constant(mu, slope, variance)
        return squares + linear + masses + constants

    def _constant(self, mu: float, slope: float, variance: float) -> float:
        scale = self.sigma * math.sqrt(2.0)
        inside = 0.5 * (math.erf((1.0 - mu) / scale) + math.erf(mu / scale))
        return 0.5 * ((mu - 0.5) * slope + math.log(_TWO_PI * variance)) + math.log(inside)

    def _categories(self, mu: float, size: int) -> list[float]:
        total = math.log1p(size * self.smoothing)
        masses = [math.log(max(self.smoothing, 1e-30)) - total] * size
        masses[min(int(mu * size), size - 1)] = math.log1p(self.smoothing) - total
        return masses

    def _table(self, j: int) -> list[list[float]]:
        """Give the log-masses of the cells of an axis, for a kernel in each of them."""
        axis = self.layout.axes[j]
        assert axis.edges is not None
        only = Layout([axis])
        edges = np.array(axis.edges)
        centres = (edges[1:] + edges[:-1])[:, None] / 2.0
        masses = only.columns(centres, np.full((1, 1), self.sigma))[: axis.size]
        table: list[list[float]] = masses.T.tolist()
        return table
