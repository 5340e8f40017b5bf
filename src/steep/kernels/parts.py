"""The three kinds of axes of a kernel matrix: smooth ones, small grids, and categories.

Each part knows its axes, its rows in the matrix of kernels, and what it adds to features and
columns; :class:`steep.kernels.layout.Layout` puts them together.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Axis", "Categories", "Grids", "Smooth", "truncation"]

Matrix = NDArray[np.float64]
Single = NDArray[np.float32]
Index = NDArray[np.intp]

_LEAST_MASS = 1e-30
"""Far from a kernel; the prior kernel outweighs it everywhere."""


@dataclass(frozen=True)
class Axis:
    """Describe one coordinate of the unit cube.

    Attributes:
        edges: The k + 1 ends of the cells of a small grid or of categories, from 0 to 1; None
            for all others.
        centres: With ``edges``, where the k values sit in their cells; the middle if None.
        is_categorical: Whether the cells have no order; they are of equal width then.
        width: Without edges, the width of a cell of a fine grid; 0 if there is no grid.
        decay: Not 0 for the ints of a logarithmic range of exp(decay) times its begin: their
            cells have the width · exp(-decay · position).
    """

    edges: tuple[float, ...] | None = None
    centres: tuple[float, ...] | None = None
    is_categorical: bool = False
    width: float = 0.0
    decay: float = 0.0

    @property
    def size(self) -> int:
        """Give the number of cells that have an entry in a table; 0 without edges."""
        return 0 if self.edges is None else len(self.edges) - 1

    def cell(self, position: float) -> int:
        """Find the cell of a position.

        Args:
            position: In [0, 1].
        """
        assert self.edges is not None, "only axes with edges have cells in a table"
        return min(bisect_right(self.edges, position), self.size) - 1


def truncation(mu: Matrix, sigma: Matrix) -> tuple[Matrix, Matrix]:
    """Compute the shares of normals that lie below 0 and below 1.

    Args:
        mu: Any shape, float64 in [0, 1].
        sigma: The same shape.

    Returns:
        Two arrays of that shape.
    """
    from scipy.special import ndtr

    return ndtr(-mu / sigma), ndtr((1.0 - mu) / sigma)


class Smooth:
    """Treat axes without a grid or with a fine one: a quadratic form and a constant each.

    Args:
        axes: All axes.
        start: The first row.
    """

    def __init__(self, axes: Sequence[Axis], start: int) -> None:
        mine = [j for j, axis in enumerate(axes) if axis.edges is None]
        self.axes: Index = np.array(mine, dtype=np.intp)
        self.squares = slice(start, start + len(mine))
        self.linear = slice(start + len(mine), start + 2 * len(mine))
        self.row_axes = np.concatenate([self.axes, self.axes])
        self._width = np.array([axes[j].width for j in mine])
        self._decay = np.array([axes[j].decay for j in mine])
        self.has_grids = bool(self._width.any())
        self._even = [(j, round(1.0 / axes[j].width)) for j in mine if _is_even_grid(axes[j])]
        self._logs = [(j, axes[j]) for j in mine if axes[j].decay]

    def features(self, x: Matrix, features: Single) -> None:
        """Fill in x² and x, with the origin in the middle: small numbers suit float32.

        Args:
            x: (m, d) float64 in [0, 1].
            features: (m, rows) float32.
        """
        centred = x[:, self.axes] - 0.5
        features[:, self.squares] = centred * centred
        features[:, self.linear] = centred

    def fill(self, mu: Matrix, sigma: Matrix, columns: Single) -> Matrix:
        """Fill in the coefficients of x² and x.

        Args:
            mu: (n, d) float64 in [0, 1], NaN where a kernel is uniform.
            sigma: (n, d) float64.
            columns: (rows, n) float32.

        Returns:
            (n, axes) float64, the constants.
        """
        mu, sigma = mu[:, self.axes], sigma[:, self.axes]
        variance = sigma * sigma
        if self.has_grids:
            variance = variance + (self._width * np.exp(-self._decay * mu)) ** 2 / 12.0
        below, upto = truncation(mu, sigma)
        centre = mu - 0.5
        squares, linear = -0.5 / variance, centre / variance
        constants = -0.5 * (centre * linear + np.log((2.0 * math.pi) * variance))
        constants -= np.log(upto - below)
        absent = np.isnan(mu)
        if absent.any():
            squares, linear, constants = (
                np.where(absent, 0.0, part) for part in (squares, linear, constants)
            )
        columns[self.squares], columns[self.linear] = squares.T, linear.T
        return constants

    def snap(self, x: Matrix) -> None:
        """Move points to where the values of fine grids sit, in place.

        Args:
            x: (m, d) float64 in [0, 1].
        """
        for j, count in self._even:
            x[:, j] = (np.minimum(np.floor(x[:, j] * count), count - 1) + 0.5) / count
        for j, axis in self._logs:
            # The unit interval begins half an int below the first one, at `low`.
            low = 1.0 / (axis.width * axis.decay)
            ints = np.rint(low * np.exp(axis.decay * x[:, j]))
            ints = np.clip(ints, low + 0.5, low * math.exp(axis.decay) - 0.5)
            x[:, j] = np.log(ints / low) / axis.decay


class Grids:
    """Treat small grids: the mass of each cell, of kernels that are normals cut off at the ends.

    The edges of all grids stand in one array, so that one call of the normal distribution does.

    Args:
        axes: All axes.
        start: The first row.

    Attributes:
        centres: (most cells of a grid, d) float64; on the axis of a grid, where the value of each
            cell sits, and ½ elsewhere.
    """

    def __init__(self, axes: Sequence[Axis], start: int) -> None:
        mine = [j for j, axis in enumerate(axes) if axis.edges and not axis.is_categorical]
        edges = [np.array(axes[j].edges) for j in mine]
        lengths = np.array([len(e) for e in edges], dtype=np.intp)
        self.axes: Index = np.array(mine, dtype=np.intp)
        self.starts = start + np.cumsum(lengths - 1) - (lengths - 1)
        self.rows = slice(start, start + int((lengths - 1).sum()))
        self.row_axes = np.repeat(self.axes, lengths - 1)
        self._edges = np.concatenate([np.zeros(0), *edges])
        self._inner = [e[1:-1] for e in edges]
        self._edge_axes = np.repeat(self.axes, lengths)
        last = np.cumsum(lengths) - 1
        self._last = np.repeat(last, lengths - 1)
        self._first = np.repeat(last - lengths + 1, lengths - 1)
        self._cells = np.setdiff1d(np.arange(len(self._edges)), last)
        self._even = np.repeat(1.0 / (lengths - 1), lengths - 1)
        self.centres = np.full((int(lengths.max(initial=1)) - 1, len(axes)), 0.5)
        for j, e in zip(mine, edges, strict=True):
            self.centres[: len(e) - 1, j] = axes[j].centres or (e[1:] + e[:-1]) / 2.0

    def cells(self, x: Matrix) -> Index:
        """Find the cells of points.

        Args:
            x: (m, d) float64 in [0, 1].

        Returns:
            (m, axes) positions from 0.
        """
        cells = np.empty((len(x), len(self.axes)), dtype=np.intp)
        for i, inner in enumerate(self._inner):
            cells[:, i] = inner.searchsorted(x[:, self.axes[i]], "right")
        return cells

    def fill(self, mu: Matrix, sigma: Matrix, columns: Single) -> None:
        """Fill in the log-masses of the cells.

        Args:
            mu: (n, d) float64 in [0, 1], NaN where a kernel is uniform.
            sigma: (n, d) float64.
            columns: (rows, n) float32.
        """
        from scipy.special import ndtr

        below = ndtr((self._edges - mu[:, self._edge_axes]) / sigma[:, self._edge_axes])
        mass = below[:, self._cells + 1] - below[:, self._cells]
        mass /= below[:, self._last] - below[:, self._first]
        absent = np.isnan(mass)
        if absent.any():
            mass = np.where(absent, self._even, mass)
        columns[self.rows] = np.log(np.maximum(mass, _LEAST_MASS)).T


class Categories:
    """Treat categories: the own one is likely, the others share the rest.

    Args:
        axes: All axes.
        start: The first row.
    """

    def __init__(self, axes: Sequence[Axis], start: int) -> None:
        mine = [j for j, axis in enumerate(axes) if axis.is_categorical]
        self.axes: Index = np.array(mine, dtype=np.intp)
        self.sizes: Index = np.array([axes[j].size for j in mine], dtype=np.intp)
        self.starts = start + np.cumsum(self.sizes) - self.sizes
        self.rows = slice(start, start + int(self.sizes.sum()))
        self.row_axes = np.repeat(self.axes, self.sizes)
        self._row_sizes = np.repeat(self.sizes, self.sizes).astype(float)

    def cells(self, x: Matrix) -> Index:
        """Find the categories of points.

        Args:
            x: (m, d) float64 in [0, 1].

        Returns:
            (m, axes) positions from 0.
        """
        return np.minimum((x[:, self.axes] * self.sizes).astype(np.intp), self.sizes - 1)

    def fill(self, mu: Matrix, smoothing: float, columns: Single) -> None:
        """Fill in the log-masses of the categories.

        Args:
            mu: (n, d) float64 in [0, 1], NaN where a kernel is uniform.
            smoothing: What each category gets before the own one gets 1 more.
            columns: (rows, n) float32.
        """
        absent = np.isnan(mu)
        if absent.any():
            mu = np.where(absent, 0.0, mu)
        total = np.log1p(self._row_sizes * smoothing)
        columns[self.rows] = (math.log(max(smoothing, _LEAST_MASS)) - total)[:, None]
        own = math.log1p(smoothing) - np.log1p(self.sizes * smoothing)
        columns[self.starts + self.cells(mu), np.arange(len(mu))[:, None]] = own
        if absent.any():
            uniform = -np.log(self._row_sizes)[:, None]
            columns[self.rows] = np.where(absent[:, self.row_axes].T, uniform, columns[self.rows])


def _is_even_grid(axis: Axis) -> bool:
    return axis.width > 0.0 and not axis.decay
