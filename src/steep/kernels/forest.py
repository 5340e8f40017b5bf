"""A forest of extremely randomised trees for regression, all trees grown at once.

A node cuts each feature at random between two of its samples, a few times where it is large, and
takes the cut that lowers the squared error most. Nothing is sorted, so that a level of all trees
is a few passes over the samples. A leaf is a box: on each side it ends at a cut, or at the
end of the unit cube. Who asks what the trees say of a feature needs no more than these boxes.

The levels of an unordered feature are put in an order of its own for each tree, and cut like
steps: over the trees no order is preferred, and every box stays a box.

Source: Geurts, Ernst, Wehenkel (2006), "Extremely randomized trees", Machine Learning 63, table 1
with K = all features and n_min = 2. Their cuts are uniform over the range of a node, and one each.

Example:
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> x = rng.random((2, 100))
    >>> everything = [np.arange(100)] * 3
    >>> trees = grow(Features.continuous(x), np.where(x[1] < 0.3, 5.0, 7.0), everything, rng)
    >>> bool(impurity_decreases(trees)[:, 1].min() > 0.5)
    True
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["Features", "Splits", "Trees", "grow", "impurity_decreases"]

Matrix = NDArray[np.float64]
Vector = NDArray[np.float64]
Ints = NDArray[np.intp]
Links = NDArray[np.int32]
Bools = NDArray[np.bool_]

_LARGE = 24
_MORE_CUTS = 3
"""A node of so many samples tries so many more cuts of each feature ..."""
_MANY = 4096
"""... unless there are so many samples that the trees are good without, and cost enough."""


class Features(NamedTuple):
    """Hold what trees are grown on.

    Attributes:
        unit: (d, n) float64 in [0, 1]; on a grid of k values the i-th one is (i + ½) / k.
        sizes: (d,) the number k of values of a grid; 0 for a range.
        ordered: (d,) whether neighbours on a grid are alike.
    """

    unit: Matrix
    sizes: Ints
    ordered: Bools

    @classmethod
    def continuous(cls, unit: Matrix) -> Features:
        """Make features that are all ranges.

        Args:
            unit: (d, n) float64 in [0, 1].
        """
        d = len(unit)
        return cls(unit, np.zeros(d, dtype=np.intp), np.ones(d, dtype=np.bool_))


class Splits(NamedTuple):
    """Hold the inner nodes of all trees.

    Attributes:
        tree: (s,) the tree that a node belongs to.
        feature: (s,) the feature that it cuts.
        threshold: (s,) float64 in (0, 1), where it cuts: up to here samples go left.
        gain: (s,) float64 ≥ 0, by how much it lowers the sum of squared errors.
    """

    tree: Ints
    feature: Ints
    threshold: Vector
    gain: Vector

    def some(self, which: Bools) -> Splits:
        """Give some of them.

        Args:
            which: (s,) which ones.
        """
        return Splits(
            self.tree[which], self.feature[which], self.threshold[which], self.gain[which]
        )


@dataclass(frozen=True)
class Trees:
    """Hold trees as the boxes of their leaves.

    Attributes:
        n: The number of trees.
        splits: The s inner nodes.
        tree: (l,) the tree that a leaf belongs to, ascending.
        value: (l,) float64, what the tree predicts there.
        low: (l, d) the split at which the box begins; -1 at the end of the cube.
        high: (l, d) the split at which it ends; -1 at the end of the cube.
    """

    n: int
    splits: Splits
    tree: Ints
    value: Vector
    low: Links
    high: Links


def grow(
    features: Features,
    y: Vector,
    samples: Sequence[Ints],
    rng: np.random.Generator,
    max_depth: int = 64,
) -> Trees:
    """Grow a tree on each of several sets of samples, until all leaves are pure.

    Args:
        features: The d features of n samples.
        y: (n,) float64, what is to be predicted.
        samples: For each tree which samples it sees, at least one.
        rng: Where the randomness comes from.
        max_depth: The largest number of cuts between the root and a leaf.

    Returns:
        The trees.
    """
    data = _Data(features, y, len(samples), rng)
    level = _Level.roots(samples, len(features.unit))
    leaves, splits, n_splits = [], [], 0
    for depth in range(max_depth + 1):
        stays = level.is_pure(data) if depth < max_depth else np.ones(level.n, dtype=np.bool_)
        leaves.append(level.leaves(data, stays))
        level = level.without(stays)
        if not level.n:
            break
        cuts, goes_left = _best_of_several(data, level, rng)
        if (cuts.feature < 0).any():  # samples that differ in nothing but y
            stays = cuts.feature < 0
            leaves.append(level.leaves(data, stays))
            goes_left = goes_left[~np.repeat(stays, level.sizes)]
            level, cuts = level.without(stays), cuts.some(~stays)
        splits.append(cuts)
        level = level.children(cuts, goes_left, n_splits)
        n_splits += len(cuts.tree)
    columns = [np.concatenate(column) for column in zip(*leaves, strict=True)]
    by_tree = np.argsort(columns[0], kind="stable")
    return Trees(len(samples), _joined(splits), *(column[by_tree] for column in columns))


def impurity_decreases(trees: Trees) -> Matrix:
    """Give the share of each feature in what the cuts of a tree gain.

    Args:
        trees: The trees.

    Returns:
        (n, d) float64; rows sum to 1, or are 0 where a tree has no cut that gains.
    """
    d = trees.low.shape[1]
    cell = trees.splits.tree * d + trees.splits.feature
    gains = np.zeros(trees.n * d)
    np.add.at(gains, cell, trees.splits.gain)
    gains = gains.reshape(trees.n, d)
    total = gains.sum(axis=1, keepdims=True)
    return np.asarray(np.divide(gains, total, out=np.zeros_like(gains), where=total > 0.0))


class _Data:
    """What all trees share: features, values, and an order of each unordered feature by tree."""

    def __init__(
        self, features: Features, y: Vector, n_trees: int, rng: np.random.Generator
    ) -> None:
        self.y = y
        self.sizes = features.sizes
        self.d = len(features.unit)
        self._unit = features.unit
        self._orders = {
            j: rng.permuted(np.tile(_places(features.sizes[j]), (n_trees, 1)), axis=1)
            for j in np.flatnonzero(~features.ordered).tolist()
        }

    def of(self, j: int, rows: Ints, tree: Ints, repeats: Ints | None = None) -> Vector:
        """Give a feature of samples; of each tree, or of so many in a row of each tree."""
        x: Vector = self._unit[j].take(rows)
        if j not in self._orders:
            return x
        trees = tree if repeats is None else np.repeat(tree, repeats)
        return np.asarray(self._orders[j][trees, (x * self.sizes[j]).astype(np.intp)])


def _places(k: int) -> Vector:
    return np.asarray((np.arange(k) + 0.5) / k)


@dataclass
class _Level:
    """The nodes of all trees that have one depth; samples lie in the order of their nodes."""

    rows: Ints
    sizes: Ints
    tree: Ints
    low: Links
    high: Links

    @classmethod
    def roots(cls, samples: Sequence[Ints], d: int) -> _Level:
        sizes = np.array([len(own) for own in samples])
        ends = np.full((len(samples), d), -1, dtype=np.int32)
        return cls(np.concatenate(samples), sizes, np.arange(len(samples)), ends, ends)

    @property
    def n(self) -> int:
        return len(self.sizes)

    @property
    def starts(self) -> Ints:
        return np.cumsum(self.sizes) - self.sizes

    def is_pure(self, data: _Data) -> Bools:
        y, starts = data.y.take(self.rows), self.starts
        return np.asarray(np.minimum.reduceat(y, starts) == np.maximum.reduceat(y, starts))

    def leaves(self, data: _Data, which: Bools) -> tuple[Ints, Vector, Links, Links]:
        """Make leaves of some nodes: tree, value, low and high."""
        means = np.add.reduceat(data.y.take(self.rows), self.starts)[which] / self.sizes[which]
        return self.tree[which], means, self.low[which], self.high[which]

    def without(self, which: Bools) -> _Level:
        kept = ~which
        rows = self.rows[np.repeat(kept, self.sizes)]
        return _Level(rows, self.sizes[kept], self.tree[kept], self.low[kept], self.high[kept])

    def children(self, cuts: Splits, goes_left: Bools, first: int) -> _Level:
        """Give the next level: all left children, then all right ones."""
        n_left = np.add.reduceat(goes_left, self.starts, dtype=np.intp)
        link = np.arange(first, first + self.n, dtype=np.int32)
        nodes = np.arange(self.n)
        high, low = self.high.copy(), self.low.copy()
        high[nodes, cuts.feature] = link
        low[nodes, cuts.feature] = link
        return _Level(
            np.concatenate([self.rows[goes_left], self.rows[~goes_left]]),
            np.concatenate([n_left, self.sizes - n_left]),
            np.concatenate([self.tree, self.tree]),
            np.concatenate([self.low, low]),
            np.concatenate([high, self.high]),
        )


def _best_of_several(data: _Data, level: _Level, rng: np.random.Generator) -> tuple[Splits, Bools]:
    """Choose the best of more random cuts where a node is large: there a bad one costs most."""
    cuts, goes_left = _best_cuts(data, level, rng)
    is_large = level.sizes >= _LARGE
    if len(data.y) > _MANY or not is_large.any():
        return cuts, goes_left
    large, samples = level.without(~is_large), np.repeat(is_large, level.sizes)
    best, left = cuts.some(is_large), goes_left[samples]
    for _ in range(_MORE_CUTS):
        found, own = _best_cuts(data, large, rng)
        better = (found.gain > best.gain) & (found.feature >= 0)
        left = np.where(np.repeat(better, large.sizes), own, left)
        best = Splits(*(np.where(better, *both) for both in zip(found, best, strict=True)))
    for column, new in zip(cuts[1:], best[1:], strict=True):
        column[is_large] = new
    goes_left[samples] = left
    return cuts, goes_left


def _best_cuts(data: _Data, level: _Level, rng: np.random.Generator) -> tuple[Splits, Bools]:
    """Choose the best of one random cut a feature; feature -1 where no feature can be cut."""
    d, n = data.d, level.n
    y, starts = data.y.take(level.rows), level.starts
    total, count = np.add.reduceat(y, starts), level.sizes.astype(np.float64)
    low, high = _ends(data, level, rng)
    thresholds = _cuts(low, high, rng.random((d, n)), data.sizes)
    lefts, scores = np.empty((d, len(y)), dtype=np.bool_), np.empty((d, n))
    for j in range(d):
        x = data.of(j, level.rows, level.tree, level.sizes)
        lefts[j] = x <= np.repeat(thresholds[j], level.sizes)
        n_left = np.add.reduceat(lefts[j], starts, dtype=np.intp)
        left = np.add.reduceat(y * lefts[j], starts)
        n_right = np.maximum(count - n_left, 1.0)  # 0 only where there is no cut
        scores[j] = left**2 / n_left + (total - left) ** 2 / n_right
    scores[low == high] = -np.inf
    best, nodes = scores.argmax(axis=0), np.arange(n)
    gain = scores[best, nodes] - total**2 / count
    feature = np.where(np.isneginf(gain), -1, best)
    chosen = lefts[np.repeat(best, level.sizes), np.arange(len(y))]
    return Splits(level.tree, feature, thresholds[best, nodes], np.maximum(gain, 0.0)), chosen


def _ends(data: _Data, level: _Level, rng: np.random.Generator) -> tuple[Matrix, Matrix]:
    """Give between which values a node may be cut: (d, n) each, equal where it may not.

    They are those of two of its samples, or of all where these two agree in each feature.
    """
    first = (rng.random(level.n) * level.sizes).astype(np.intp)
    second = (first + 1 + (rng.random(level.n) * (level.sizes - 1)).astype(np.intp)) % level.sizes
    a, b = level.rows[level.starts + first], level.rows[level.starts + second]
    pairs = [(data.of(j, a, level.tree), data.of(j, b, level.tree)) for j in range(data.d)]
    low, high = np.array([np.minimum(*p) for p in pairs]), np.array([np.maximum(*p) for p in pairs])
    agree = (low == high).all(axis=0)
    if agree.any():
        rest = level.without(~agree)
        for j in range(data.d):
            x = data.of(j, rest.rows, rest.tree, rest.sizes)
            low[j, agree] = np.minimum.reduceat(x, rest.starts)
            high[j, agree] = np.maximum.reduceat(x, rest.starts)
    return low, high


def _cuts(low: Matrix, high: Matrix, draws: Matrix, sizes: Ints) -> Matrix:
    """Place cuts between two values; on a grid between two cells."""
    at = low + draws * (high - low)
    cuts = np.where(at < high, at, low)
    for j in np.flatnonzero(sizes):
        k = sizes[j]
        first, last = np.floor(low[j] * k) + 1.0, np.floor(high[j] * k)
        cuts[j] = np.clip(np.floor(at[j] * k + 0.5), first, np.maximum(first, last)) / k
    return cuts


def _joined(splits: Sequence[Splits]) -> Splits:
    if not splits:
        none, nothing = np.zeros(0, dtype=np.intp), np.zeros(0)
        return Splits(none, none, nothing, nothing)
    return Splits(*map(np.concatenate, zip(*splits, strict=True)))
