"""Trees: what they fit, and that their boxes tile the cube."""

from __future__ import annotations

import numpy as np
import pytest

from steep.kernels.forest import Features, Trees, grow, impurity_decreases


def mixed(n: int, seed: int = 0) -> Features:
    """Make a range, a grid of 4 and 3 choices."""
    rng = np.random.default_rng(seed)
    x = rng.random((3, n))
    x[1], x[2] = (rng.integers(0, 4, n) + 0.5) / 4, (rng.integers(0, 3, n) + 0.5) / 3
    return Features(x, np.array([0, 4, 3]), np.array([True, True, False]))


def boxes(trees: Trees) -> tuple[np.ndarray, np.ndarray]:
    ends = np.append(trees.splits.threshold, np.nan)
    low, high = ends[trees.low], ends[trees.high]
    low[trees.low < 0], high[trees.high < 0] = 0.0, 1.0
    return low, high


def predict(trees: Trees, tree: int, x: np.ndarray) -> np.ndarray:
    """Look up (m, d) points in the boxes of one tree; each has to lie in exactly one."""
    own = trees.tree == tree
    low, high = (ends[own] for ends in boxes(trees))
    inside = ((x[:, None] > low) & (x[:, None] <= high)).all(axis=2)
    assert (inside.sum(axis=1) == 1).all()
    return trees.value[own][inside.argmax(axis=1)]


def test_a_full_tree_gives_each_sample_its_value() -> None:
    x = np.random.default_rng(0).random((2, 50))
    y = x[0] * x[1]
    trees = grow(Features.continuous(x), y, [np.arange(50)] * 3, np.random.default_rng(1))
    for tree in range(3):
        assert predict(trees, tree, x.T) == pytest.approx(y, abs=1e-12)


def test_the_boxes_of_each_tree_fill_the_cube() -> None:
    features = mixed(60)
    y = np.random.default_rng(1).random(60)
    trees = grow(features, y, [np.arange(60)] * 8, np.random.default_rng(2))
    low, high = boxes(trees)
    volume = np.bincount(trees.tree, (high - low).prod(axis=1))
    assert volume == pytest.approx(np.ones(8))


def test_cuts_of_a_grid_lie_between_its_cells() -> None:
    y = np.random.default_rng(1).random(200)
    trees = grow(mixed(200), y, [np.arange(200)] * 8, np.random.default_rng(2))
    for feature, k in ((1, 4), (2, 3)):
        edges = trees.splits.threshold[trees.splits.feature == feature] * k
        assert edges == pytest.approx(np.rint(edges))
        assert set(np.rint(edges)) == set(range(1, k))


def test_equal_samples_share_a_leaf_of_their_mean() -> None:
    x = np.array([[0.25, 0.25, 0.25, 0.75]])
    y = np.array([1.0, 2.0, 6.0, 9.0])
    trees = grow(Features.continuous(x), y, [np.arange(4)], np.random.default_rng(0))
    assert sorted(trees.value) == pytest.approx([3.0, 9.0])


def test_equal_values_make_a_tree_of_one_leaf() -> None:
    trees = grow(mixed(20), np.ones(20), [np.arange(20)] * 2, np.random.default_rng(0))
    assert trees.value.tolist() == [1.0, 1.0]
    assert (impurity_decreases(trees) == 0.0).all()


def test_depth_is_limited() -> None:
    x = np.random.default_rng(0).random((1, 64))
    trees = grow(Features.continuous(x), x[0], [np.arange(64)], np.random.default_rng(1), 2)
    assert len(trees.value) <= 4


def test_each_tree_sees_its_own_samples() -> None:
    x = np.array([[0.1, 0.2, 0.8, 0.9]])
    y = np.array([1.0, 2.0, 3.0, 4.0])
    samples = [np.array([0, 1]), np.array([2, 3])]
    trees = grow(Features.continuous(x), y, samples, np.random.default_rng(0))
    assert [sorted(trees.value[trees.tree == t]) for t in (0, 1)] == [[1.0, 2.0], [3.0, 4.0]]


def test_the_gains_of_a_tree_add_up_to_the_squared_error_of_its_root() -> None:
    features, rng = mixed(80), np.random.default_rng(3)
    y = features.unit[0] + rng.random(80)
    trees = grow(features, y, [np.arange(80)] * 3, rng)
    gains = np.bincount(trees.splits.tree, trees.splits.gain)
    assert gains == pytest.approx(np.full(3, ((y - y.mean()) ** 2).sum()))
    assert impurity_decreases(trees).sum(axis=1) == pytest.approx(np.ones(3))


def test_the_same_generator_grows_the_same_trees() -> None:
    y = np.random.default_rng(1).random(30)
    one, two = (grow(mixed(30), y, [np.arange(30)] * 4, np.random.default_rng(5)) for _ in range(2))
    assert (one.value == two.value).all()
    assert (one.low == two.low).all()
