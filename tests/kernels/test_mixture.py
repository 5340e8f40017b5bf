"""Parzen mixtures are densities, and sampling follows them."""

from __future__ import annotations

import numpy as np
import pytest

from steep.kernels.mixture import Mixture, neighbour_bandwidths, ramp_weights


def mixture(n: int, d: int, sizes: list[int]) -> Mixture:
    rng = np.random.default_rng(n + d)
    numeric = rng.random((n, d))
    codes = np.stack([rng.integers(0, size, n) for size in sizes], axis=1) if sizes else None
    empty = np.empty((n, 0), dtype=np.int64)
    widths = rng.uniform(0.05, 0.5, (n, d))
    given = empty if codes is None else codes
    return Mixture.fit(numeric, given, sizes, widths, ramp_weights(n), 1.0)


@pytest.mark.parametrize("n", [0, 1, 7, 60])
def test_the_density_of_an_axis_integrates_to_one(n: int) -> None:
    grid = (np.arange(4000) + 0.5) / 4000
    density = np.exp(mixture(n, 1, []).log_density(grid[:, None], np.empty((4000, 0), int)))
    assert density.mean() == pytest.approx(1.0, abs=1e-3)


def test_the_probabilities_of_choices_sum_to_one() -> None:
    codes = np.stack(np.meshgrid(range(3), range(2)), axis=-1).reshape(-1, 2)
    logs = mixture(9, 0, [3, 2]).log_density(np.empty((6, 0)), codes)
    assert np.exp(logs).sum() == pytest.approx(1.0, abs=1e-5)


def test_samples_follow_the_density() -> None:
    mixed = mixture(5, 1, [3])
    numeric, codes = mixed.sample(20_000, np.random.default_rng(0))
    assert ((numeric >= 0) & (numeric <= 1)).all()
    cells = (numeric[:, 0] * 10).astype(int).clip(0, 9)
    grid = (np.arange(1000) + 0.5) / 1000
    for choice in range(3):
        logs = mixed.log_density(grid[:, None], np.full((1000, 1), choice))
        expected = np.exp(logs).reshape(10, 100).mean(axis=1) / 10
        seen = np.bincount(cells[codes[:, 0] == choice], minlength=10) / 20_000
        assert np.abs(seen - expected).max() < 0.01


def test_bandwidths_reach_the_farther_neighbour() -> None:
    assert neighbour_bandwidths(np.array([0.5, 0.1])) == pytest.approx([0.5, 0.4])


def test_the_newest_weigh_most() -> None:
    weights = ramp_weights(100)
    assert (np.diff(weights) >= 0).all()
    assert (weights[-25:] == 1).all()
