"""The grids of histograms."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from steep.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
from steep.importance.cells import cells_of


@pytest.mark.parametrize(
    ("distribution", "k"),
    [
        (FloatDistribution(0.0, 1.0), 50),
        (FloatDistribution(1e-5, 1.0, log=True), 50),
        (FloatDistribution(0.0, 1.0, step=0.25), 5),
        (IntDistribution(1, 7), 7),
        (IntDistribution(0, 1000), 50),
        (IntDistribution(0, 1000, step=250), 5),
        (IntDistribution(1, 64, log=True), 7),
        (CategoricalDistribution(["a", "b", None]), 3),
    ],
    ids=repr,
)
def test_a_grid_fits_its_distribution(distribution: object, k: int) -> None:
    assert cells_of(distribution, np.array([1.0]))[1] == k  # type: ignore[arg-type]


def test_grid_points_have_cells_of_their_own() -> None:
    distribution = FloatDistribution(0.0, 1.0, step=0.25)
    assert cells_of(distribution, np.arange(5) * 0.25)[0].tolist() == [0, 1, 2, 3, 4]


def test_values_out_of_range_count_as_the_ends() -> None:
    cells, k = cells_of(FloatDistribution(1.0, 2.0, log=True), np.array([-5.0, 0.0, 99.0]))
    assert cells.tolist() == [0, 0, k - 1]


@given(st.lists(st.floats(-3.0, 7.0), min_size=2))
def test_cells_keep_the_order_of_values(values: list[float]) -> None:
    cells, _ = cells_of(FloatDistribution(-3.0, 7.0), np.sort(values))
    assert (np.diff(cells) >= 0).all()
