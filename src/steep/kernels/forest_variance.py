"""How much of a forest's variance a feature explains, alone or together with another one.

The variance of what a tree predicts over the unit cube is the sum of V_U over all sets U of
features (functional ANOVA). The marginal of U, the mean over all other features, is constant on a
grid of cells between the cuts of the tree. Each leaf adds its value, times its extent along the
other features, to the cells that it covers: two additions at its ends and a running sum do that
for any number of cells, for all trees at once. So the cost is that of reading the leaves.

Source: Hutter, Hoos, Leyton-Brown (2014), "An efficient approach for assessing hyperparameter
importance", ICML, eqs. 4 to 6 and theorem 3.

Example:
    >>> import numpy as np
    >>> from steep.kernels.forest import Features, grow
    >>> rng = np.random.default_rng(0)
    >>> x = rng.random((2, 400))
    >>> trees = grow(Features.continuous(x), x[0] + 3 * x[1], [np.arange(400)] * 16, rng)
    >>> variances = Decomposition(trees)
    >>> (variances.main(1) / variances.total).mean().round(1)  # 9 / (1 + 9)
    np.float64(0.9)
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from steep.kernels.forest import Trees

__all__ = ["Decomposition"]

Matrix = NDArray[np.float64]
Vector = NDArray[np.float64]
Ints = NDArray[np.intp]

_MOST_CELLS = 2**22
"""So many cells of a marginal are held at once, or those of one tree."""


class Decomposition:
    """Split the variance of each tree over the unit cube.

    Args:
        trees: The n trees of d features.

    Attributes:
        total: (n,) float64, the variance of each tree.
    """

    def __init__(self, trees: Trees) -> None:
        self._trees = trees
        self._rank = _ranks(trees)
        ends = np.append(trees.splits.threshold, np.nan)
        low, high = ends[trees.low], ends[trees.high]
        low[trees.low < 0], high[trees.high < 0] = 0.0, 1.0
        self._extent = high - low
        volume = self._extent.prod(axis=1)
        # Eq. 4: the mean; what follows is the variance around it.
        mean = np.bincount(trees.tree, trees.value * volume, minlength=trees.n)
        self._mass = (trees.value - mean[trees.tree]) * volume
        squares = self._mass * (trees.value - mean[trees.tree])
        self.total: Vector = np.bincount(trees.tree, squares, minlength=trees.n).astype(np.float64)
        self._main: dict[int, Vector] = {}

    def main(self, j: int) -> Vector:
        """Give the variance that a feature explains alone, V_{j}.

        Args:
            j: The feature.

        Returns:
            (n,) float64 ≥ 0, one for each tree.
        """
        if j not in self._main:
            self._main[j] = self._marginal(j)
        return self._main[j]

    def interaction(self, i: int, j: int) -> Vector:
        """Give the variance that two features explain only together, V_{i,j}.

        Args:
            i: One feature.
            j: Another one.

        Returns:
            (n,) float64 ≥ 0, one for each tree.
        """
        found: Vector = self._marginal(i, j) - self.main(i) - self.main(j)
        return np.maximum(found, 0.0)

    def _marginal(self, *features: int) -> Vector:
        """Give the variance of a marginal, that of the subsets of its features included."""
        trees, d = self._trees, self._extent.shape[1]
        if len(features) == d:
            return self.total
        axes = [_Axis(trees, self._rank, j) for j in features]
        mass = self._mass / self._extent[:, features].prod(axis=1)
        step = max(_MOST_CELLS // math.prod(axis.size for axis in axes), 1)
        firsts = range(0, trees.n, step)
        parts = [_squares(trees.tree, axes, mass, i, min(i + step, trees.n)) for i in firsts]
        return np.concatenate(parts)


class _Axis:
    """The cells of one feature in each tree, and from which to which of them a leaf reaches.

    Trees with fewer cuts than others have cells of width 0 at the end.
    """

    def __init__(self, trees: Trees, rank: Ints, j: int) -> None:
        splits, own = trees.splits, np.flatnonzero(trees.splits.feature == j)
        most = int(rank[own].max(initial=-1)) + 1
        edges = np.ones((trees.n, most + 2))
        edges[:, 0] = 0.0
        edges[splits.tree[own], rank[own] + 1] = splits.threshold[own]
        self.widths: Matrix = np.diff(edges, axis=1)
        self.first: Ints = np.append(rank + 1, 0)[trees.low[:, j]]
        self.last: Ints = np.append(rank + 1, most + 1)[trees.high[:, j]]
        """One beyond the last cell."""

    @property
    def size(self) -> int:
        """Give the number of places at which a leaf may begin or end."""
        return len(self.widths[0]) + 1


def _ranks(trees: Trees) -> Ints:
    """Count the cuts of the same tree and feature that lie below each cut."""
    tree, feature, threshold, _ = trees.splits
    order = np.lexsort((threshold, feature, tree))
    group = (tree * trees.low.shape[1] + feature)[order]
    begins = np.flatnonzero(np.diff(group, prepend=-1))
    sizes = np.diff(np.append(begins, len(group)))
    rank = np.empty(len(order), dtype=np.intp)
    rank[order] = np.arange(len(order)) - np.repeat(begins, sizes)
    return rank


def _squares(tree: Ints, axes: list[_Axis], mass: Vector, first: int, last: int) -> Vector:
    """Integrate the square of a marginal over its cells, for the trees from first to last."""
    shape = (last - first, *(axis.size for axis in axes))
    own = slice(*np.searchsorted(tree, (first, last)))
    cells = np.zeros(math.prod(shape))
    for corner in np.ndindex(*(2 for _ in axes)):
        ends = [(a.last if c else a.first)[own] for a, c in zip(axes, corner, strict=True)]
        at = np.ravel_multi_index((tree[own] - first, *ends), shape)
        sign = (-1.0) ** sum(corner)
        cells += np.bincount(at, mass[own] * sign, minlength=len(cells))
    cells = cells.reshape(shape)
    for axis in range(1, len(shape)):
        np.cumsum(cells, axis=axis, out=cells)
    squares = cells[(slice(None), *(slice(axis.size - 1) for axis in axes))] ** 2
    for a in reversed(axes):
        widths = a.widths[first:last].reshape(shape[0], *(1,) * (squares.ndim - 2), -1)
        squares = (squares * widths).sum(axis=-1)
    return np.asarray(squares)
