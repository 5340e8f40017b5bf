"""Mixtures: their bandwidths, weights, draws and densities."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from scipy import special, stats

from steep.kernels.layout import Axis, Layout
from steep.kernels.parzen import (
    Mixture,
    Rules,
    log_mixture,
    neighbour_bandwidths,
    ramp_weights,
)


def test_the_newest_25_weigh_fully_and_older_ones_less_and_less() -> None:
    assert ramp_weights(0).tolist() == []
    assert ramp_weights(25).tolist() == [1.0] * 25
    weights = ramp_weights(100)
    assert weights[0] == pytest.approx(0.01)
    assert np.all(weights[-25:] == 1.0)
    assert np.all(np.diff(weights[:75]) > 0)


def test_a_bandwidth_is_the_larger_distance_to_a_neighbour() -> None:
    mu = np.array([[0.5, 0.0], [0.1, 0.0], [0.9, 1.0], [0.6, 0.5]])
    sigma = neighbour_bandwidths(mu, 0.01)
    assert sigma[:, 0] == pytest.approx([0.4, 0.4, 0.3, 0.3])
    assert sigma[:, 1] == pytest.approx([0.01, 0.5, 0.5, 0.5])


def test_the_ends_of_the_range_may_count_as_neighbours() -> None:
    mu = np.array([[0.4], [0.5]])
    assert neighbour_bandwidths(mu, 0.01)[:, 0] == pytest.approx([0.1, 0.1])
    assert neighbour_bandwidths(mu, 0.01, endpoints=True)[:, 0] == pytest.approx([0.4, 0.5])


def test_a_single_kernel_reaches_the_farther_end() -> None:
    assert neighbour_bandwidths(np.array([[0.3, 0.9]]), 0.01).tolist() == [[0.7, 0.9]]


def test_no_kernels_have_no_bandwidths() -> None:
    assert neighbour_bandwidths(np.zeros((0, 2)), 0.01).shape == (0, 2)


def test_the_density_is_the_weighted_sum_of_the_kernels_and_the_prior() -> None:
    layout = Layout([Axis()])
    mixture = Mixture.fit(layout, np.array([[0.2], [0.8]]), np.array([3.0, 1.0]))
    x = np.linspace(0, 1, 7)[:, None]
    kernels = [(0.2, 0.6, 3.0), (0.8, 0.6, 1.0), (0.5, 1.0, 1.0)]
    wanted = sum(
        weight / 5 * stats.truncnorm(-mu / sigma, (1 - mu) / sigma, mu, sigma).pdf(x[:, 0])
        for mu, sigma, weight in kernels
    )
    assert np.exp(mixture.log_density(layout.features(x))) == pytest.approx(wanted, rel=1e-4)


def test_a_mixture_of_nothing_is_the_prior() -> None:
    layout = Layout([Axis(), Axis((0.0, 0.5, 1.0), is_categorical=True)])
    mixture = Mixture.fit(layout, np.zeros((0, 2)))
    x = mixture.draw(np.random.default_rng(0), 4000)
    assert np.all((x >= 0) & (x <= 1))
    assert x.mean(axis=0) == pytest.approx([0.5, 0.5], abs=0.03)
    assert (x[:, 1] < 0.5).mean() == pytest.approx(0.5, abs=0.03)


def test_draws_follow_the_density() -> None:
    axes = [
        Axis(),
        Axis(tuple(np.linspace(0, 1, 5))),
        Axis(tuple(np.linspace(0, 1, 4)), None, True),
    ]
    rows = np.array([[0.1, 0.125, 1 / 6], [0.15, 0.875, 5 / 6], [0.7, 0.625, 5 / 6]])
    for j, axis in enumerate(axes):
        layout = Layout([axis])
        mixture = Mixture.fit(layout, rows[:, j : j + 1], np.array([1.0, 2.0, 4.0]))
        draws = mixture.draw(np.random.default_rng(j), 20000)
        edges = np.array(axis.edges or np.linspace(0, 1, 21))
        share = np.histogram(draws[:, 0], edges)[0] / len(draws)
        middle = (edges[1:] + edges[:-1])[:, None] / 2
        density = np.exp(mixture.log_density(layout.features(middle)))
        wanted = density if axis.edges else density * 0.05
        assert share == pytest.approx(wanted, abs=0.012)


def test_the_axes_of_one_block_come_from_one_kernel() -> None:
    rows = np.array([[0.1, 0.1], [0.9, 0.9]] * 20)
    rules = Rules(prior_weight=0.0)
    joint = Mixture.fit(Layout([Axis(), Axis()]), rows, rules=rules)
    each = Mixture.fit(Layout([Axis(), Axis()], [0, 1]), rows, rules=rules)
    for mixture, is_joint in ((joint, True), (each, False)):
        x = mixture.draw(np.random.default_rng(0), 500)
        assert bool(np.corrcoef(x.T)[0, 1] > 0.9) is is_joint


def test_draws_on_a_fine_grid_sit_in_the_middle_of_cells() -> None:
    mixture = Mixture.fit(Layout([Axis(width=0.01)]), np.array([[0.505]]))
    x = mixture.draw(np.random.default_rng(0), 100)[:, 0]
    assert x * 100 - np.floor(x * 100) == pytest.approx(0.5)


def test_magic_clip_keeps_few_kernels_wide() -> None:
    layout, rows = Layout([Axis()]), np.array([[0.5], [0.5]])
    assert Mixture.fit(layout, rows).sigma[0, 0] == pytest.approx(0.25)
    assert Mixture.fit(layout, rows, rules=Rules(magic_clip=False)).sigma[0, 0] == 1e-3


def test_weights_of_a_mixture_need_not_sum_to_one() -> None:
    features = np.ones((2, 1), dtype=np.float32)
    columns = np.log(np.array([[1.0, 3.0]], dtype=np.float32))
    weights = np.array([2.0, 6.0], dtype=np.float32)
    assert log_mixture(features, columns, weights, 8.0) == pytest.approx([math.log(2.5)] * 2)


def test_very_small_densities_do_not_vanish() -> None:
    features = np.ones((1, 1), dtype=np.float32)
    columns = np.array([[-900.0, -1e4]], dtype=np.float32)
    weights = np.ones(2, dtype=np.float32)
    assert log_mixture(features, columns, weights, 2.0) == pytest.approx([-900.0 - math.log(2)])


@pytest.mark.parametrize("level", [-1000.0, -15.0, 0.0, 60.0, 900.0])
def test_log_densities_of_any_height_are_sums_over_kernels(level: float) -> None:
    rng = np.random.default_rng(0)
    logs = level + np.concatenate(
        [rng.uniform(-10, 0, (5, 30)), rng.uniform(-500, -60, (5, 30))], 1
    )
    weights = rng.random(60)
    features, columns = np.eye(5, dtype=np.float32), logs.astype(np.float32)
    found = log_mixture(features, columns, weights.astype(np.float32), float(weights.sum()))
    wanted = special.logsumexp(logs, b=weights / weights.sum(), axis=1)
    assert found == pytest.approx(wanted, abs=1e-4, rel=1e-6)


class _Flagged(np.ndarray):
    """Fail where a ufunc multiplies matrices: that warns when a flag was set falsely."""

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *args: Any, **options: Any) -> Any:
        assert ufunc is not np.matmul, "@ looks at the flags of the floating-point unit"
        plain = [np.asarray(each) for each in args]
        if "out" in options:
            options["out"] = tuple(np.asarray(each) for each in options["out"])
        return getattr(ufunc, method)(*plain, **options)


def test_flags_that_the_blas_sets_falsely_do_not_become_warnings() -> None:
    features = np.ones((6, 5), dtype=np.float32)
    columns = np.full((5, 5), 0.1, dtype=np.float32)
    weights = np.full(5, 0.2, dtype=np.float32)
    got = log_mixture(features.view(_Flagged), columns.view(_Flagged), weights)
    assert np.asarray(got) == pytest.approx(np.full(6, 0.5))
