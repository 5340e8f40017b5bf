"""Columns of kernels that have one bandwidth on an axis, written one at a time in plain Python.

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

Matrix = NDArray[np.float64]

_TWO_PI = 2.0 * math.pi


class CommonWidth:
    """Write the columns of kernels that share their bandwidths.

    Args:
        layout: Where things are in the arrays.
        sigma: (d,) float64, the bandwidth on each axis.
        smoothing: What each category gets before the own one gets 1 more.
    """

    def __init__(self, layout: Layout, sigma: Matrix, smoothing: float) -> None:
        self.layout = layout
        self.sigma = sigma[None, :]
        self.smoothing = smoothing
        self._blocks = layout.blocks.tolist()
        self._smooth = [(j, float(sigma[j])) for j in layout.smooth.axes.tolist()]
        self._tables = [(j, self._table(j)) for j in layout.grids.axes.tolist()]
        self._categories = layout.categories.axes.tolist()

    def columns(self, rows: NDArray[np.float64]) -> NDArray[np.float32]:
        """Compute many columns at once; see :meth:`Layout.columns`.

        Args:
            rows: (n, d) float64 in [0, 1], NaN where a kernel is uniform.
        """
        return self.layout.columns(rows, self.sigma, self.smoothing)

    def column(self, row: Sequence[float]) -> list[float]:
        """Compute one column.

        Args:
            row: d floats in [0, 1].

        Returns:
            As many floats as there are features; the same as :meth:`columns` gives.
        """
        squares, linear, masses = [], [], []
        constants = [0.0] * self.layout.n_blocks
        for j, sigma in self._smooth:
            mu, axis = row[j], self.layout.axes[j]
            width = axis.width * math.exp(-axis.decay * mu)
            variance = sigma * sigma + width * width / 12.0
            slope = (mu - 0.5) / variance
            squares.append(-0.5 / variance)
            linear.append(slope)
            constants[self._blocks[j]] -= _constant(mu, sigma, slope, variance)
        for j, table in self._tables:
            masses += table[self.layout.axes[j].cell(row[j])]
        for j in self._categories:
            masses += self._likely(self.layout.axes[j].size, row[j])
        return squares + linear + masses + constants

    def _likely(self, size: int, mu: float) -> list[float]:
        """Give the log-masses of categories, for a kernel on one of them."""
        total = math.log1p(size * self.smoothing)
        masses = [math.log(max(self.smoothing, 1e-30)) - total] * size
        masses[min(int(mu * size), size - 1)] = math.log1p(self.smoothing) - total
        return masses

    def _table(self, j: int) -> list[list[float]]:
        """Give the log-masses of the cells of an axis, for a kernel in each of them."""
        axis = self.layout.axes[j]
        edges = np.array(axis.edges)
        centres = np.array(axis.centres or (edges[1:] + edges[:-1]) / 2.0)
        masses = Layout([axis]).columns(centres[:, None], self.sigma[:, [j]])
        table: list[list[float]] = masses[: axis.size].T.tolist()
        return table


def _constant(mu: float, sigma: float, slope: float, variance: float) -> float:
    scale = sigma * math.sqrt(2.0)
    inside = 0.5 * (math.erf((1.0 - mu) / scale) + math.erf(mu / scale))
    return 0.5 * ((mu - 0.5) * slope + math.log(_TWO_PI * variance)) + math.log(inside)
