"""The boxes of what is not dominated: they cover it, once."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from steep.kernels.boxes import nondominated_boxes
from steep.kernels.pareto import is_pareto_optimal

Matrix = NDArray[np.float64]


def points(kind: str, k: int) -> Matrix:
    rng = np.random.default_rng(k)
    if kind == "none":
        return np.full((3, k), 9.0)
    if kind == "one":
        return np.full((1, k), 0.5)
    if kind == "grid":  # many equal coordinates
        return rng.integers(4, size=(60, k)) / 4
    x = np.abs(rng.standard_normal((40, k)))
    return np.asarray(1.1 - x / np.linalg.norm(x, axis=1, keepdims=True))


@pytest.mark.parametrize("k", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("kind", ["none", "one", "grid", "sphere"])
def test_each_point_that_is_not_dominated_is_in_one_box(kind: str, k: int) -> None:
    losses = points(kind, k)
    lower, upper = nondominated_boxes(losses, np.ones(k))
    drawn = np.random.default_rng(0).uniform(-0.5, 1.1, (3000, k))
    inside = ((drawn[:, None] > lower) & (drawn[:, None] < upper)).all(axis=2).sum(axis=1)
    dominated = (losses < drawn[:, None]).all(axis=2).any(axis=1)
    wanted = (drawn < 1.0).all(axis=1) & ~dominated
    assert inside.tolist() == wanted.astype(int).tolist()


@pytest.mark.parametrize(("k", "most"), [(2, 41), (3, 81), (4, 400)])
def test_there_are_few_boxes(k: int, most: int) -> None:
    losses = points("sphere", k)
    assert is_pareto_optimal(losses).all()
    lower, upper = nondominated_boxes(losses, np.full(k, 2.0))
    assert len(lower) <= most
    assert (lower < upper).all()
