"""A mixture that grows kernel by kernel equals one that is made at once."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from steep.kernels.growing import GrowingMixture, shrinking_bandwidths
from steep.kernels.layout import Axis, Layout
from steep.kernels.parzen import Rules, ramp_weights

THIRDS = (0.0, 1 / 3, 2 / 3, 1.0)
LAYOUT = Layout([Axis(), Axis(THIRDS), Axis(THIRDS, is_categorical=True), Axis(width=0.02)])
X = LAYOUT.features(np.random.default_rng(9).random((8, 4)))


def row_of(number: int) -> list[float]:
    u = np.random.default_rng(number).random(4)
    u[1:3] = (np.floor(u[1:3] * 3) + 0.5) / 3
    u[3] = (np.floor(u[3] * 50) + 0.5) / 50
    return [float(value) for value in u]


def made_at_once(numbers: list[int], capacity: int) -> GrowingMixture:
    mixture = GrowingMixture(LAYOUT, capacity)
    rows = np.array([row_of(number) for number in numbers]).reshape(-1, 4)
    mixture.reset(np.array(numbers, dtype=np.int64), rows)
    return mixture


@given(st.lists(st.integers(0, 200), unique=True, max_size=60), st.integers(4, 30))
def test_adding_one_by_one_gives_the_same_density(numbers: list[int], capacity: int) -> None:
    mixture = GrowingMixture(LAYOUT, capacity)
    for number in numbers:
        mixture.add(number, row_of(number))
    whole = made_at_once(sorted(numbers), capacity)
    assert mixture.numbers == whole.numbers
    assert mixture.log_density(X) == pytest.approx(whole.log_density(X), abs=1e-3)


@given(st.lists(st.integers(0, 200), unique=True, min_size=1, max_size=40), st.data())
def test_removing_gives_the_density_of_the_others(numbers: list[int], data: st.DataObject) -> None:
    mixture = made_at_once(sorted(numbers), 100)
    gone = data.draw(st.lists(st.sampled_from(numbers), unique=True))
    for number in gone:
        assert number in mixture
        mixture.remove(number)
        assert number not in mixture
    whole = made_at_once(sorted(set(numbers) - set(gone)), 100)
    assert mixture.log_density(X) == pytest.approx(whole.log_density(X), abs=1e-3)
    mixture.add(500, row_of(500))
    whole.add(500, row_of(500))
    assert mixture.log_density(X) == pytest.approx(whole.log_density(X), abs=1e-3)


def test_the_density_is_the_weighted_mean_of_kernels_and_prior() -> None:
    numbers = list(range(40))
    mixture = made_at_once(numbers, 100)
    count = 1.1 ** int(np.log(41) / np.log(1.1))
    rows = np.array([row_of(number) for number in numbers])
    sigma = shrinking_bandwidths(LAYOUT, count)[None, :]
    kernels = LAYOUT.columns(rows, sigma, 1 / count)
    prior = LAYOUT.columns(np.array([[0.5, 0.5, np.nan, 0.5]]), np.ones((1, 4)))
    weights = np.append(ramp_weights(40), 1.0)
    densities = np.exp(X @ np.hstack([kernels, prior])) @ (weights / weights.sum())
    assert np.exp(mixture.log_density(X)) == pytest.approx(densities, rel=1e-3)


def test_pending_points_count_for_one_time_only() -> None:
    mixture = made_at_once(list(range(10)), 100)
    point = np.array([row_of(77)])
    at = LAYOUT.features(point)
    before = mixture.log_density(at)
    partly = point.copy()
    partly[0, 0] = np.nan
    assert mixture.log_density(at, point) > mixture.log_density(at, partly)
    assert mixture.log_density(at, partly) > before - 1.0
    assert mixture.log_density(at) == before


def test_newer_kernels_weigh_more() -> None:
    layout = Layout([Axis()])
    mixture = GrowingMixture(layout, 200)
    for number in range(100):
        mixture.add(number, [0.1 if number < 50 else 0.9])
    old, new = mixture.log_density(layout.features(np.array([[0.1], [0.9]])))
    assert new > old


def test_weights_are_asked_for_by_the_number_of_members() -> None:
    asked = []

    def weigh(n: int) -> np.ndarray:
        asked.append(n)
        return np.ones(n)

    mixture = GrowingMixture(Layout([Axis()]), 4, weigh, Rules())
    for number in range(8):
        mixture.add(number, [0.5])
    assert asked == [0, 1, 2, 3, 4]


def test_without_a_prior_far_points_still_have_a_density() -> None:
    layout = Layout([Axis()])
    mixture = GrowingMixture(layout, 2000, rules=Rules(prior_weight=0.0))
    mixture.reset(np.arange(2000), np.full((2000, 1), 0.01))
    assert np.isfinite(mixture.log_density(layout.features(np.array([[1.0]])))).all()


def test_bandwidths_fall_fastest_on_an_axis_alone() -> None:
    joint = shrinking_bandwidths(LAYOUT, 400)
    alone = shrinking_bandwidths(Layout(LAYOUT.axes, range(4)), 400)
    assert joint[0] == joint[3] > joint[1] > alone[1] == alone[0]
    assert (shrinking_bandwidths(LAYOUT, 1) == 0.5).all()
