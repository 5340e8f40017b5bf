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
Mask = NDArray[np.bool_]

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
        self._even = _EvenGrids(axes)
        self._logs = _LogGrids(axes)

    def features(self, x: Matrix, features: Single) -> None:
        """Fill in x² and x, with the origin in the middle: small numbers suit float32.

        Args:
            x: (m, d) float64 in [0, 1].
            features: (m, rows) float32.
        """
        centred = x.take(self.axes, axis=1)
        centred -= 0.5
        features[:, self.linear] = centred
        centred *= centred
        features[:, self.squares] = centred

    def fill(self, mu: Matrix, sigma: Matrix, columns: Single) -> Matrix:
        """Fill in the coefficients of x² and x.

        Args:
            mu: (n, d) float64 in [0, 1].
            sigma: (n, d) or (1, d) float64.
            columns: (rows, n) float32.

        Returns:
            (n, axes) float64, the constants.
        """
        mu, sigma = mu.take(self.axes, axis=1), sigma.take(self.axes, axis=1)
        variance = sigma * sigma
        if self.has_grids:
            variance = variance + (self._width * np.exp(-self._decay * mu)) ** 2 / 12.0
        below, upto = truncation(mu, sigma)
        centre = mu - 0.5
        linear = centre / variance
        columns[self.squares], columns[self.linear] = (-0.5 / variance).T, linear.T
        constants: Matrix = centre * linear
        constants += np.log((2.0 * math.pi) * variance)
        constants *= -0.5
        constants -= np.log(upto - below)
        return constants

    def level(self, absent: Mask, columns: Single, constants: Matrix) -> None:
        """Make kernels uniform on some axes.

        Args:
            absent: (n, d) bool, where they have no centre.
            columns: (rows, n) float32.
            constants: (n, axes) float64.
        """
        mine = absent[:, self.axes]
        columns[self.squares][mine.T] = columns[self.linear][mine.T] = 0.0
        constants[mine] = 0.0

    def snap(self, x: Matrix) -> None:
        """Move points to where the values of fine grids sit, in place.

        Args:
            x: (m, d) float64 in [0, 1].
        """
        if self._even.axes.size:
            self._even.snap(x)
        if self._logs.axes.size:
            self._logs.snap(x)


class _EvenGrids:
    """Know fine grids whose cells are of the same width."""

    def __init__(self, axes: Sequence[Axis]) -> None:
        mine = [j for j, axis in enumerate(axes) if axis.width and not axis.decay]
        self.axes: Index = np.array(mine, dtype=np.intp)
        self._count = np.array([round(1.0 / axes[j].width) for j in mine], dtype=np.float64)

    def snap(self, x: Matrix) -> None:
        cells = x.take(self.axes, axis=1)
        cells *= self._count
        np.floor(cells, out=cells)
        np.minimum(cells, self._count - 1.0, out=cells)
        cells += 0.5
        cells /= self._count
        x[:, self.axes] = cells


class _LogGrids:
    """Know the ints of logarithmic ranges; the unit interval begins half an int below the first."""

    def __init__(self, axes: Sequence[Axis]) -> None:
        mine = [j for j, axis in enumerate(axes) if axis.decay]
        self.axes: Index = np.array(mine, dtype=np.intp)
        self._decay = np.array([axes[j].decay for j in mine])
        self._begin = 1.0 / (np.array([axes[j].width for j in mine]) * self._decay)
        self._last = self._begin * np.exp(self._decay) - 0.5

    def snap(self, x: Matrix) -> None:
        ints = x.take(self.axes, axis=1)
        ints *= self._decay
        np.exp(ints, out=ints)
        ints *= self._begin
        np.rint(ints, out=ints)
        np.maximum(ints, self._begin + 0.5, out=ints)
        np.minimum(ints, self._last, out=ints)
        ints /= self._begin
        np.log(ints, out=ints)
        ints /= self._decay
        x[:, self.axes] = ints


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
        self.begins = np.concatenate([np.zeros(0), *(e[:-1] for e in edges)])
        self._edge_axes = np.repeat(self.axes, lengths)
        last = np.cumsum(lengths) - 1
        self._last = np.repeat(last, lengths - 1)
        self._first = np.repeat(last - lengths + 1, lengths - 1)
        self._ends = np.setdiff1d(np.arange(len(self._edges)), last - lengths + 1)
        self._uniform = np.repeat(-np.log(lengths - 1.0), lengths - 1)
        self.centres = np.full((int(lengths.max(initial=1)) - 1, len(axes)), 0.5)
        for j, e in zip(mine, edges, strict=True):
            self.centres[: len(e) - 1, j] = axes[j].centres or (e[1:] + e[:-1]) / 2.0

    def fill(self, mu: Matrix, sigma: Matrix, columns: Single) -> None:
        """Fill in the log-masses of the cells.

        Args:
            mu: (n, d) float64 in [0, 1].
            sigma: (n, d) or (1, d) float64.
            columns: (rows, n) float32.
        """
        from scipy.special import ndtr

        below = self._edges - mu.take(self._edge_axes, axis=1)
        below /= sigma.take(self._edge_axes, axis=1)
        ndtr(below, out=below)
        mass = below.take(self._ends, axis=1) - below.take(self._ends - 1, axis=1)
        mass /= below.take(self._last, axis=1) - below.take(self._first, axis=1)
        np.maximum(mass, _LEAST_MASS, out=mass)
        columns[self.rows] = np.log(mass, out=mass).T

    def level(self, absent: Mask, columns: Single) -> None:
        """Make kernels uniform on some axes.

        Args:
            absent: (n, d) bool, where they have no centre.
            columns: (rows, n) float32.
        """
        np.copyto(columns[self.rows], self._uniform[:, None], where=absent[:, self.row_axes].T)


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
        begins = [np.arange(size) / size for size in self.sizes]
        self.begins = np.concatenate([np.zeros(0), *begins])
        self._uniform = -np.log(np.repeat(self.sizes, self.sizes))

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
            mu: (n, d) float64 in [0, 1].
            smoothing: What each category gets before the own one gets 1 more.
            columns: (rows, n) float32.
        """
        own, other = math.log1p(smoothing), math.log(max(smoothing, _LEAST_MASS))
        total = np.log1p(self.sizes * smoothing)
        columns[self.rows] = np.repeat(other - total, self.sizes)[:, None]
        columns[self.starts + self.cells(mu), np.arange(len(mu))[:, None]] = own - total

    def level(self, absent: Mask, columns: Single) -> None:
        """Make kernels uniform on some axes.

        Args:
            absent: (n, d) bool, where they have no centre.
            columns: (rows, n) float32.
        """
        np.copyto(columns[self.rows], self._uniform[:, None], where=absent[:, self.row_axes].T)
