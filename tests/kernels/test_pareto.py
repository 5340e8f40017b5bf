"""Fronts and ranks against their definitions, and the speed that plots of large studies need."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray

from steep.kernels.pareto import is_pareto_optimal, nondominated_ranks, ranks_with

Losses = NDArray[np.float64]

# Few distinct values, so that ties and doubles are common.
NUMBERS = st.sampled_from([0.0, -0.0, 1.0, 2.0, 3.5, -1e308, 1e308, np.inf, -np.inf, np.nan])
LOSSES = st.tuples(st.integers(0, 12), st.integers(1, 4)).flatmap(
    lambda shape: arrays.arrays(np.float64, shape, elements=NUMBERS)
)


def dominates(a: Losses, b: Losses) -> bool:
    a, b = np.where(np.isnan(a), np.inf, a), np.where(np.isnan(b), np.inf, b)
    return bool(np.all(a <= b) and np.any(a < b))


def front_by_definition(losses: Losses) -> list[bool]:
    return [not any(dominates(other, point) for other in losses) for point in losses]


def ranks_by_definition(losses: Losses) -> list[int]:
    ranks, rank, left = [-1] * len(losses), 0, list(range(len(losses)))
    while left:
        front = [i for i in left if not any(dominates(losses[j], losses[i]) for j in left)]
        for i in front:
            ranks[i] = rank
        left = [i for i in left if i not in front]
        rank += 1
    return ranks


@given(LOSSES.filter(len))
def test_one_point_more_gives_the_ranks_of_ranking_all(losses: Losses) -> None:
    losses = np.where(np.isnan(losses), np.inf, losses)
    before = nondominated_ranks(losses[:-1])
    ranks = ranks_with(losses[:-1], before, losses[-1])
    assert ranks.tolist() == nondominated_ranks(losses).tolist()


@given(LOSSES)
def test_the_front_is_what_nothing_dominates(losses: Losses) -> None:
    assert is_pareto_optimal(losses).tolist() == front_by_definition(losses)


@pytest.mark.parametrize("m", [1, 2, 3, 4])
@pytest.mark.parametrize("shape", ["cloud", "front", "huge"])
def test_the_front_of_many_points_is_what_nothing_dominates(m: int, shape: str) -> None:
    losses = np.random.default_rng(m).random((150, m))
    if shape == "front":
        losses /= np.linalg.norm(losses, axis=1, keepdims=True)
    if shape == "huge":
        losses = (np.round(losses * 4) - 2) * 8e307
    assert is_pareto_optimal(losses).tolist() == front_by_definition(losses)


@given(LOSSES)
def test_ranks_count_the_fronts_before(losses: Losses) -> None:
    assert nondominated_ranks(losses).tolist() == ranks_by_definition(losses)


@given(LOSSES, st.integers(0, 12))
def test_ranks_may_stop_when_enough_points_have_theirs(losses: Losses, enough: int) -> None:
    full, short = nondominated_ranks(losses), nondominated_ranks(losses, enough)
    if losses.shape[1] <= 2 or enough >= len(losses):
        assert short.tolist() == full.tolist()
        return
    assert np.all(short <= full)
    exact = short == full
    assert exact.sum() >= min(enough, len(losses))
    # Those without a rank of their own come after all that have one.
    assert not exact.any() or exact.all() or short[~exact].min() >= short[exact].max()


def test_no_points_have_no_front() -> None:
    assert is_pareto_optimal(np.zeros((0, 2))).shape == (0,)
    assert nondominated_ranks(np.zeros((0, 3))).shape == (0,)


def test_the_front_of_5000_points_takes_a_few_milliseconds_at_most() -> None:
    losses = np.random.default_rng(0).random((5000, 2))
    is_pareto_optimal(losses)
    times = []
    for _ in range(5):
        start = time.perf_counter()
        is_pareto_optimal(losses)
        times.append(time.perf_counter() - start)
    assert min(times) < 0.005  # about 0.0002 on an idle machine
