"""Kernels on the unit cube as columns of a matrix, so that densities are one matrix product.

A Parzen estimator puts a kernel on each observation: the product over the axes of a truncated
normal, or of a smoothed indicator on a categorical axis. The logarithm of such a kernel is linear
in a few features of the point x,

    log k_i(x) = Σ_j  -x_j²/2σ_ij² + x_j μ_ij/σ_ij²  +  Σ_t T_t[cell of x on axis t, i]  +  c_i,

so the kernels are the columns of a matrix K, and Φ(x) @ K gives the log-density of all candidates
under all kernels at once. Truncation is a constant of each kernel and goes into c_i. On the axes of
a small grid and of categories, T is a table of exact log-masses and the feature is one-hot.

>>> layout = Layout([Axis(), Axis(edges=(0.0, 0.5, 1.0))])
>>> mu, sigma = np.array([[0.2, 0.25], [0.5, 0.5]]), np.array([[0.1, 0.3], [1.0, 1.0]])
>>> features = layout.features(np.array([[0.2, 0.25], [0.9, 0.75]]))
>>> (features @ layout.columns(mu, sigma)).round(2)  # two points under two kernels
array([[  1.12,  -0.7 ],
       [-24.49,  -0.73]], dtype=float32)

On a fine grid the mass of a cell of width h is the density times h, with σ² + h²/12 in place of σ²:
that is the variance of the kernel averaged over a cell. The factor h is the same for all kernels
and left out; mixtures are compared by their ratio. From 33 cells of the same width on, with σ at
least 0.01, the error of a log-mass near its kernel is below 0.06, and it falls with h⁴.

Sources: Bergstra et al. (2011), "Algorithms for hyper-parameter optimization", NeurIPS 24, sec. 4;
Falkner, Klein, Hutter (2018), "BOHB", ICML, sec. 4.1, for the product over the axes; Watanabe
(2023), "Tree-structured Parzen estimator", arXiv 2304.11127, eqs. 7-10.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from steep.kernels.parts import Axis, Categories, Edges, Grids, Normals, Smooth
from steep.kernels.snapping import Snapping

__all__ = ["Axis", "Layout"]

Matrix = NDArray[np.float64]
Single = NDArray[np.float32]
Mask = NDArray[np.bool_]


class Layout:
    """Arrange the features of points and the columns of kernels for the axes of a space.

    Axes that are in one block share their kernels, and a block has a density of its own: one
    block of all axes models them jointly, one block an axis models each by itself.

    Args:
        axes: One for each of the d coordinates.
        blocks: (d,) the block of each axis, counted from 0; None puts all into one.

    Attributes:
        axes: The axes.
        blocks: (d,) the block of each axis.
        places: (d,) the axes counted from 0.
        n_blocks: The number of blocks.
        n_features: The number of rows of the matrix of kernels.
        edges: Where the cells of the axes begin and end.
        ends: Where the axes themselves do.
        snapping: Moves points to the values of fine grids.
        smooth: The axes whose log-density is a quadratic form.
        grids: The axes whose log-masses stand in tables.
        categories: The axes whose values have no order.
        constants: The rows of the constants, one a block.
        prior: (features, 1) float32, the column of the prior kernel: a normal in the middle as
            wide as the range, and uniform over categories.
    """

    def __init__(self, axes: Sequence[Axis], blocks: Sequence[int] | None = None) -> None:
        self.axes = tuple(axes)
        self.blocks = np.zeros(len(axes), np.intp) if blocks is None else np.array(blocks, np.intp)
        self.places = np.arange(len(axes))
        self.n_blocks = int(self.blocks.max(initial=0)) + 1
        self.edges, self.ends = Edges(axes), Edges([Axis()] * len(axes))
        self.snapping = Snapping(axes)
        self.smooth = Smooth(axes, 0)
        self.grids = Grids(axes, self.edges, self.smooth.linear.stop)
        self.categories = Categories(axes, self.grids.rows.stop)
        self.n_features = self.categories.rows.stop + self.n_blocks
        self.constants = slice(self.categories.rows.stop, self.n_features)
        self._cells = slice(self.grids.rows.start, self.categories.rows.stop)
        self._cell_axes = np.concatenate([self.grids.row_axes, self.categories.row_axes])
        self._begins = np.concatenate([self.grids.begins, self.categories.begins])
        self._ends = np.append(self._begins[1:], 0.0)
        self._ends[self._ends == 0.0] = np.inf  # the next axis begins
        each = np.arange(self.n_blocks)
        of_row = [self.blocks[axes] for axes in (self.smooth.row_axes, self._cell_axes)]
        self._mask = (np.concatenate([*of_row, each]) == each[:, None]).astype(np.float32)
        # (smooth axes, blocks): adds the constants of the axes of a block.
        self._sum = (self.blocks[self.smooth.axes][:, None] == each).astype(np.float64)
        middle = np.full((1, len(axes)), 0.5)
        middle[:, self.categories.axes] = np.nan
        self.prior = self.columns(middle, np.ones((1, len(axes))))

    def features(self, x: Matrix) -> Single:
        """Compute the features of points.

        Args:
            x: (m, d) float64 in [0, 1].

        Returns:
            (blocks · m, features) float32; block by block, with zeros for the other blocks.
        """
        features = np.empty((len(x), self.n_features), dtype=np.float32)
        self.smooth.features(x, features)
        if self._cell_axes.size:
            positions = x.take(self._cell_axes, axis=1)
            is_inside = positions >= self._begins
            is_inside &= positions < self._ends
            features[:, self._cells] = is_inside
        features[:, self.constants] = 1.0
        if self.n_blocks == 1:
            return features
        of_blocks: Single = features * self._mask[:, None, :]
        return of_blocks.reshape(-1, self.n_features)

    def columns(self, mu: Matrix, sigma: Matrix, smoothing: float = 1.0) -> Single:
        """Compute the columns of kernels.

        Args:
            mu: (n, d) float64 in [0, 1], the centres. NaN makes a kernel uniform on that axis.
            sigma: (n, d) or (1, d) float64, the bandwidths; without effect on categories.
            smoothing: What each category gets before the own one gets 1 more.

        Returns:
            (features, n) float32.
        """
        absent = np.isnan(mu)
        if not absent.any():
            return self.written(Normals(self.edges, mu, sigma), smoothing)
        kernels = Normals(self.edges, np.where(absent, 0.5, mu), sigma)
        return self.written(kernels, smoothing, absent)

    def written(
        self,
        kernels: Normals,
        smoothing: float,
        absent: Mask | None = None,
        masses: Single | None = None,
    ) -> Single:
        """Compute the columns of kernels that are normals on every axis but those of categories.

        Args:
            kernels: n of them.
            smoothing: What each category gets before the own one gets 1 more.
            absent: (n, d) bool, on which axes they are uniform instead; None for nowhere.
            masses: (rows of the grids, n) float32, their log-masses on small grids where these
                are known; the kernels need not know the :attr:`edges` then.

        Returns:
            (features, n) float32.
        """
        columns = np.empty((self.n_features, len(kernels.mu)), dtype=np.float32)
        constants = self.smooth.fill(kernels, columns)
        if masses is not None:
            columns[self.grids.rows] = masses
        elif self.grids.axes.size:
            self.grids.fill(kernels, columns)
        if self.categories.axes.size:
            self.categories.fill(kernels.mu, smoothing, columns)
        if absent is not None:
            self.smooth.level(absent, columns, constants)
            self.grids.level(absent, columns)
            self.categories.level(absent, columns)
        columns[self.constants] = (constants @ self._sum).T
        return columns
