"""The variance of marginals, against sums over a fine grid."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from steep.kernels.forest import Features, Splits, Trees, grow
from steep.kernels.forest_variance import Decomposition

PLACES = [(np.arange(4) + 0.5) / 4, (np.arange(3) + 0.5) / 3, (np.arange(5) + 0.5) / 5]


@pytest.fixture
def trees() -> Trees:
    """Grow trees on three grids, so that a sum over all points is exact."""
    rng = np.random.default_rng(0)
    sizes = np.array([4, 3, 5])
    x = np.array([rng.choice(p, 50) for p in PLACES])
    features = Features(x, sizes, np.array([True, False, True]))
    y = x[0] + 3.0 * x[1] * x[2] + rng.random(50)
    return grow(features, y, [np.arange(50)] * 6, rng)


def values_on_grid(trees: Trees, tree: int) -> np.ndarray:
    ends = np.append(trees.splits.threshold, np.nan)
    low, high = ends[trees.low], ends[trees.high]
    low[trees.low < 0], high[trees.high < 0] = 0.0, 1.0
    points = np.stack(np.meshgrid(*PLACES, indexing="ij"), axis=-1)
    values = np.zeros(points.shape[:-1])
    for leaf in np.flatnonzero(trees.tree == tree):
        values[((points > low[leaf]) & (points < high[leaf])).all(axis=-1)] = trees.value[leaf]
    return values


def marginal(values: np.ndarray, *kept: int) -> float:
    return float(values.mean(axis=tuple(a for a in range(3) if a not in kept)).var())


def test_variances_are_exact(trees: Trees) -> None:
    parts = Decomposition(trees)
    for tree in range(trees.n):
        values = values_on_grid(trees, tree)
        assert parts.total[tree] == pytest.approx(values.var())
        main = [marginal(values, j) for j in range(3)]
        assert [parts.main(j)[tree] for j in range(3)] == pytest.approx(main)
        for i, j in itertools.combinations(range(3), 2):
            both = marginal(values, i, j) - main[i] - main[j]
            assert parts.interaction(i, j)[tree] == pytest.approx(both, abs=1e-12)


def test_cells_may_be_held_in_parts(trees: Trees, monkeypatch: pytest.MonkeyPatch) -> None:
    at_once = Decomposition(trees).interaction(0, 2)
    monkeypatch.setattr("steep.kernels.forest_variance._MOST_CELLS", 1)
    assert Decomposition(trees).interaction(0, 2) == pytest.approx(at_once)


def test_two_features_explain_all_that_there_is() -> None:
    rng = np.random.default_rng(1)
    x = rng.random((2, 40))
    trees = grow(Features.continuous(x), x[0] * x[1], [np.arange(40)] * 4, rng)
    parts = Decomposition(trees)
    explained = parts.main(0) + parts.main(1) + parts.interaction(0, 1)
    assert explained == pytest.approx(parts.total)


def test_a_step_has_the_variance_of_a_coin() -> None:
    """Of y = [x > 1/4] the variance is 3/16."""
    link = np.zeros((1, 1), dtype=np.int32)
    splits = Splits(np.array([0]), np.array([0]), np.array([0.25]), np.array([1.0]))
    low, high = np.vstack([link - 1, link]), np.vstack([link, link - 1])
    trees = Trees(1, splits, np.array([0, 0]), np.array([0.0, 1.0]), low, high)
    assert Decomposition(trees).main(0) == pytest.approx([3 / 16])
