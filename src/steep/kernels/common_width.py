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

from steep.kernels.layout import Axis, Layout
from steep.kernels.parts import Normals

__all__ = ["CommonWidth"]

Matrix = NDArray[np.float64]
Single = NDArray[np.float32]

_TWO_PI = 2.0 * math.pi
_ROOT_TWO = math.sqrt(2.0)


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
        self._smooth = [self._smooth_axis(j) for j in layout.smooth.axes.tolist()]
        self._masses = self._grid_masses()
        self._tables = [(j, axis, masses.T.tolist()) for j, axis, masses in self._masses]
        self._categories = [
            (j, layout.axes[j].size, *self._odds(layout.axes[j].size))
            for j in layout.categories.axes.tolist()
        ]

    def columns(self, rows: Matrix) -> Single:
        """Compute many columns at once; see :meth:`Layout.columns`.

        Args:
            rows: (n, d) float64 in [0, 1], NaN where a kernel is uniform.
        """
        layout = self.layout
        if np.isnan(rows).any():
            return layout.columns(rows, self.sigma, self.smoothing)
        kernels = Normals(layout.ends, rows, self.sigma)
        return layout.written(kernels, self.smoothing, masses=self._masses_of(rows))

    def column(self, row: Sequence[float]) -> list[float]:
        """Compute one column.

        Args:
            row: d floats in [0, 1].

        Returns:
            As many floats as there are features; the same as :meth:`columns` gives.
        """
        squares, linear, masses = [], [], []
        constants = [0.0] * self.layout.n_blocks
        for j, block, sigma, axis, fixed in self._smooth:
            mu = row[j]
            variance, norm = fixed or _spread(axis, sigma, mu)
            slope = (mu - 0.5) / variance
            squares.append(-0.5 / variance)
            linear.append(slope)
            constants[block] -= 0.5 * (mu - 0.5) * slope + norm + math.log(_inside(mu, sigma))
        for j, axis, table in self._tables:
            masses += table[axis.cell(row[j])]
        for j, size, own, other in self._categories:
            likely = [other] * size
            likely[min(int(row[j] * size), size - 1)] = own
            masses += likely
        return squares + linear + masses + constants

    def _smooth_axis(self, j: int) -> tuple[int, int, float, Axis, tuple[float, float] | None]:
        """Give what all kernels on an axis have in common, their spread too without a decay."""
        axis, sigma = self.layout.axes[j], float(self.sigma[0, j])
        fixed = None if axis.decay else _spread(axis, sigma, 0.0)
        return j, int(self.layout.blocks[j]), sigma, axis, fixed

    def _odds(self, size: int) -> tuple[float, float]:
        """Give the log-masses of a kernel's own category and of each other one."""
        total = math.log1p(size * self.smoothing)
        return math.log1p(self.smoothing) - total, math.log(max(self.smoothing, 1e-30)) - total

    def _grid_masses(self) -> list[tuple[int, Axis, Single]]:
        """Give for each small grid the log-masses of its cells, for a kernel in each of them."""
        grids = self.layout.grids
        if not len(grids.axes):
            return []
        # One call for all: row k has a kernel in the k-th cell of each grid.
        masses = np.empty((grids.rows.stop, len(grids.centres)), dtype=np.float32)
        grids.fill(Normals(self.layout.edges, grids.centres, self.sigma), masses)
        found = []
        for j, start in zip(grids.axes.tolist(), grids.starts.tolist(), strict=True):
            axis = self.layout.axes[j]
            found.append((j, axis, masses[start : start + axis.size, : axis.size]))
        return found

    def _masses_of(self, rows: Matrix) -> Single:
        """Look up the log-masses of kernels on all small grids: (rows of the grids, n)."""
        found = [
            masses.take(np.array(axis.edges)[1:-1].searchsorted(rows[:, j], "right"), axis=1)
            for j, axis, masses in self._masses
        ]
        return np.concatenate([np.empty((0, len(rows)), dtype=np.float32), *found])


def _spread(axis: Axis, sigma: float, mu: float) -> tuple[float, float]:
    """Give the variance of a kernel, and the logarithm that makes a normal of it integrate to 1."""
    width = axis.width * math.exp(-axis.decay * mu)
    variance = sigma * sigma + width * width / 12.0
    return variance, 0.5 * math.log(_TWO_PI * variance)


def _inside(mu: float, sigma: float) -> float:
    """Give the share of a normal that lies in the unit interval."""
    scale = sigma * _ROOT_TWO
    return 0.5 * (math.erf((1.0 - mu) / scale) + math.erf(mu / scale))
