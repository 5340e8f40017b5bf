from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from steep.kernels.crowding import crowding_distance, survivors
from steep.kernels.pareto import constrained_ranks

INF = float("inf")


def test_the_neighbours_of_a_point_count() -> None:
    losses = np.array([[0.0, 4.0], [1.0, 1.0], [2.0, 0.5], [4.0, 0.0]])
    expected = [INF, 2 / 4 + 3.5 / 4, 3 / 4 + 1 / 4, INF]
    assert crowding_distance(losses) == pytest.approx(expected)


def test_an_objective_that_never_differs_does_not_count() -> None:
    losses = np.array([[0.0, INF], [1.0, INF], [3.0, INF]])
    assert crowding_distance(losses).tolist() == [INF, 1.0, INF]


@pytest.mark.parametrize("values", [[-INF, -INF, 0.0, 1.0], [1.7e308, -1.7e308, 0.0, 1.0]])
def test_large_values_do_no_harm(values: list[float]) -> None:
    distance = crowding_distance(np.array([values, values[::-1]]).T)
    assert not np.isnan(distance).any()


def test_nothing_is_crowded_by_nothing() -> None:
    assert crowding_distance(np.zeros((0, 2))).shape == (0,)
    assert survivors(np.zeros((0, 2)), np.zeros(0), 3)[0].shape == (0,)


def test_feasible_points_come_first_then_smaller_violations() -> None:
    losses = np.array([[0.0, 0.0], [5.0, 5.0], [6.0, 6.0], [0.0, 0.0]])
    violation = np.array([2.0, 0.0, 0.0, 1.0])
    assert constrained_ranks(losses, violation).tolist() == [3, 0, 1, 2]
    assert survivors(losses, violation, 3)[0].tolist() == [1, 2, 3]


def test_none_may_be_feasible() -> None:
    assert constrained_ranks(np.zeros((2, 2)), np.array([2.0, 1.0])).tolist() == [1, 0]


floats = st.sampled_from([-INF, -1.0, 0.0, 0.5, 1.0, 2.0, INF])


@given(arrays(float, (9, 2), elements=floats), st.integers(0, 9))
def test_survivors_are_different_and_no_rank_is_left_out(
    losses: np.ndarray[tuple[int, int], np.dtype[np.float64]], k: int
) -> None:
    chosen, places = survivors(losses, np.zeros(9), k)
    ranks = constrained_ranks(losses, np.zeros(9))
    assert len(set(chosen.tolist())) == len(places) == k
    assert sorted(ranks[chosen]) == sorted(ranks)[:k]
    assert (np.diff(places) >= 0).all()
