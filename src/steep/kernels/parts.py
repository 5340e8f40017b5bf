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

__all__ = ["Axis", "Categories", "Edges", "Grids", "Normals", "Smooth"]

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


class Normals:
    """Hold kernels as truncated normals, and what they have below each edge of a cell.

    The edges of all axes stand in one array, so that one call of the normal distribution does.

    Args:
        edges: Where the cells of the axes begin and end.
        mu: (n, d) float64 in [0, 1], the centres.
        sigma: (n, d) or (1, d) float64, the bandwidths.

    Attributes:
        below: (n, edges) float64, the shares of the untruncated normals.
        before: (n, d) float64, their shares below 0.
        inside: (n, d) float64, their shares between 0 and 1.
    """

    __slots__ = ("before", "below", "inside", "mu", "sigma")

    def __init__(self, edges: Edges, mu: Matrix, sigma: Matrix) -> None:
        from scipy.special import ndtr

        self.mu, self.sigma = mu, sigma
        below: Matrix = edges.positions - mu.take(edges.axes, axis=1)
        below /= sigma.take(edges.axes, axis=1)
        self.below = ndtr(below, out=below)
        self.before = below.take(edges.first, axis=1)
        self.inside = below.take(edges.last, axis=1) - self.before


class Edges:
    """Know where the cells of each axis begin and end; an axis without a small grid is one cell.

    Args:
        axes: All axes.

    Attributes:
        positions: (edges,) float64 in [0, 1], axis by axis.
        axes: (edges,) the axis of each.
        first: (d,) where the edges of each axis begin.
        last: (d,) where they end, included.
    """

    def __init__(self, axes: Sequence[Axis]) -> None:
        cells = [a.edges if a.edges and not a.is_categorical else (0.0, 1.0) for a in axes]
        self.positions = np.concatenate([np.zeros(0), *(np.array(c) for c in cells)])
        lengths = np.array([len(c) for c in cells], dtype=np.intp)
        self.axes: Index = np.repeat(np.arange(len(axes)), lengths)
        self.last: Index = np.cumsum(lengths) - 1
        self.first: Index = self.last - lengths + 1


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
        # The variance within a cell of a fine grid at 0, and how it shrinks from there.
        self._roughness = np.array([axes[j].width ** 2 / 12.0 for j in mine])
        self._shrinking = np.array([-2.0 * axes[j].decay for j in mine])
        self._has_grids = bool(self._roughness.any())

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

    def fill(self, kernels: Normals, columns: Single) -> Matrix:
        """Fill in the coefficients of x² and x.

        Args:
            kernels: n of them.
            columns: (rows, n) float32.

        Returns:
            (n, axes) float64, the constants.
        """
        mu, sigma = kernels.mu.take(self.axes, axis=1), kernels.sigma.take(self.axes, axis=1)
        variance = sigma * sigma
        if self._has_grids:
            variance = variance + self._roughness * np.exp(self._shrinking * mu)
        centre = mu - 0.5
        linear = centre / variance
        columns[self.squares], columns[self.linear] = (-0.5 / variance).T, linear.T
        constants: Matrix = centre * linear
        constants += np.log((2.0 * math.pi) * variance)
        constants *= -0.5
        constants -= np.log(kernels.inside.take(self.axes, axis=1))
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


class Grids:
    """Treat small grids: the mass of each cell, of kernels that are normals cut off at the ends.

    Args:
        axes: All axes.
        edges: Where their cells begin and end.
        start: The first row.

    Attributes:
        begins: (rows,) float64 in [0, 1], where each cell begins.
        centres: (most cells of a grid, d) float64; on the axis of a grid, where the value of each
            cell sits, and ½ elsewhere.
    """

    def __init__(self, axes: Sequence[Axis], edges: Edges, start: int) -> None:
        mine = [j for j, axis in enumerate(axes) if axis.edges and not axis.is_categorical]
        sizes = np.array([axes[j].size for j in mine], dtype=np.intp)
        self.axes: Index = np.array(mine, dtype=np.intp)
        self.starts = start + np.cumsum(sizes) - sizes
        self.rows = slice(start, start + int(sizes.sum()))
        self.row_axes = np.repeat(self.axes, sizes)
        is_begin = np.isin(edges.axes, self.axes)
        is_begin[edges.last] = False
        self._lower = np.flatnonzero(is_begin)
        self._upper = self._lower + 1
        self.begins = edges.positions[self._lower]
        self._uniform = np.repeat(-np.log(sizes), sizes)
        self.centres = np.full((int(sizes.max(initial=0)), len(axes)), 0.5)
        for j in mine:
            cells = np.array(axes[j].edges)
            self.centres[: axes[j].size, j] = axes[j].centres or (cells[1:] + cells[:-1]) / 2.0

    def fill(self, kernels: Normals, columns: Single) -> None:
        """Fill in the log-masses of the cells.

        Args:
            kernels: n of them.
            columns: (rows, n) float32.
        """
        mass = kernels.below.take(self._upper, axis=1)
        mass -= kernels.below.take(self._lower, axis=1)
        mass /= kernels.inside.take(self.row_axes, axis=1)
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
        columns[self.rows] = (other - total).repeat(self.sizes)[:, None]
        columns[self.starts + self.cells(mu), np.arange(len(mu))[:, None]] = own - total

    def level(self, absent: Mask, columns: Single) -> None:
        """Make kernels uniform on some axes.

        Args:
            absent: (n, d) bool, where they have no centre.
            columns: (rows, n) float32.
        """
        np.copyto(columns[self.rows], self._uniform[:, None], where=absent[:, self.row_axes].T)
