"""Proper fronts: part of the front, never empty, the same in any unit."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray

from steep.kernels.pareto import is_pareto_optimal
from steep.kernels.tradeoffs import is_properly_optimal

Losses = NDArray[np.float64]

NUMBERS = st.sampled_from(
    [0.0, -0.0, 1.0, 1.001, 2.0, 50.0, -1e308, 1e308, np.inf, -np.inf, np.nan]
)
LOSSES = st.tuples(st.integers(0, 12), st.integers(1, 4)).flatmap(
    lambda shape: arrays.arrays(np.float64, shape, elements=NUMBERS)
)


@given(LOSSES)
def test_some_of_the_front_is_left_whatever_the_losses(losses: Losses) -> None:
    proper = is_properly_optimal(losses)
    assert not (proper & ~is_pareto_optimal(losses)).any()
    assert proper.any() == bool(len(losses))


@pytest.mark.parametrize("k", [2, 3, 4])
def test_a_round_front_stays_whole_but_for_its_rim(k: int) -> None:
    x = np.abs(np.random.default_rng(k).standard_normal((60, k)))
    losses = 1.0 - x / np.linalg.norm(x, axis=1, keepdims=True)
    assert is_properly_optimal(losses).mean() > 0.6


def test_what_is_best_by_a_hair_and_worst_by_far_is_left_out() -> None:
    t = np.linspace(0.05, 0.95, 20)
    good = np.stack([t, 1.0 - t], axis=1)
    losses = np.concatenate([good, [[0.049, 40.0]]])
    assert is_pareto_optimal(losses).all()
    assert is_properly_optimal(losses).tolist() == [True] * 20 + [False]


@given(st.integers(0, 99), st.tuples(*[st.sampled_from([2.0**-40, 1.0, 2.0**40])] * 3))
def test_units_do_not_matter(seed: int, units: tuple[float, float, float]) -> None:
    losses = np.random.default_rng(seed).lognormal(sigma=2.0, size=(30, 3))
    proper = is_properly_optimal(losses)
    assert is_properly_optimal(losses * units).tolist() == proper.tolist()


def test_equal_points_are_all_proper_or_none() -> None:
    assert is_properly_optimal(np.ones((3, 2))).tolist() == [True] * 3


def test_a_point_without_a_finite_loss_counts_only_where_there_is_no_other() -> None:
    losses = np.array([[0.0, np.inf], [1.0, 1.0]])
    assert is_properly_optimal(losses).tolist() == [False, True]
    assert is_properly_optimal(losses[:1]).tolist() == [True]
