"""The expected hypervolume improvement: what it is, in the tails too, and its gradient."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from steep.kernels.acquisition import log_ei
from steep.kernels.boxes import nondominated_boxes
from steep.kernels.ehvi import Ehvi
from steep.kernels.hypervolume import hypervolume

Matrix = NDArray[np.float64]


def front(k: int, n: int = 12) -> Matrix:
    """Give points near a sphere, some of them dominated."""
    x = np.abs(np.random.default_rng(k).standard_normal((n, k)))
    shells = 1 + 0.2 * np.random.default_rng(1).random((n, 1))
    return np.asarray(2.0 - shells * x / np.linalg.norm(x, axis=1, keepdims=True))


def beliefs(k: int, m: int = 6) -> tuple[Matrix, Matrix]:
    rng = np.random.default_rng(9)
    return rng.normal(1.2, 0.4, (m, k)), rng.uniform(0.01, 0.5, (m, k))


@pytest.mark.parametrize("k", [1, 2, 3])
def test_it_is_the_mean_of_what_a_point_adds_to_the_volume(k: int) -> None:
    points, reference = front(k), np.full(k, 2.5)
    mean, variance = beliefs(k, 2)
    draws = np.random.default_rng(0).standard_normal((1500, 1, k))
    before = hypervolume(points, reference)
    added = [
        [hypervolume(np.vstack([points, y]), reference) - before for y in row]
        for row in mean + np.sqrt(variance) * draws
    ]
    found = np.exp(Ehvi(nondominated_boxes(points, reference)).log(mean, variance))
    deviation = np.std(added, axis=0) / np.sqrt(len(draws))
    assert (np.abs(found - np.mean(added, axis=0)) < 4 * deviation).all()


def test_with_one_objective_it_is_the_expected_improvement() -> None:
    mean, variance = beliefs(1)
    boxes = nondominated_boxes(np.array([[1.0], [0.7]]), np.array([3.0]))
    assert Ehvi(boxes).log(mean, variance) == pytest.approx(log_ei(mean[:, 0], variance[:, 0], 0.7))


@pytest.mark.parametrize("k", [1, 2, 3])
@pytest.mark.parametrize("shift", [0.0, 8.0, 100.0])
def test_the_slopes_agree_with_differences_however_bad_a_point_is(k: int, shift: float) -> None:
    ehvi = Ehvi(nondominated_boxes(front(k), np.full(k, 2.5)))
    mean, variance = beliefs(k)
    mean = mean + shift
    log, by_mean, by_variance = ehvi.log_with_slopes(mean, variance)
    assert log == pytest.approx(ehvi.log(mean, variance))
    assert np.isfinite(log).all()
    for i in range(k):
        step = np.eye(k)[i] * 1e-5 * (1 + shift)
        up, down = ehvi.log(mean + step, variance), ehvi.log(mean - step, variance)
        assert by_mean[:, i] == pytest.approx((up - down) / (2 * step[i]), rel=1e-4, abs=1e-6)
        step = np.eye(k)[i] * 1e-6
        up, down = ehvi.log(mean, variance + step), ehvi.log(mean, variance - step)
        assert by_variance[:, i] == pytest.approx((up - down) / 2e-6, rel=1e-3, abs=1e-4)


@pytest.mark.parametrize("k", [2, 3])
def test_points_that_all_but_coincide_are_no_obstacle(k: int) -> None:
    near = front(k)[:1] + 1e-15 * np.arange(5)[:, None] * np.linspace(-1, 1, k)
    ehvi = Ehvi(nondominated_boxes(np.concatenate([near, front(k)]), np.full(k, 2.5)))
    mean, variance = beliefs(k)
    variance[0] = 1e-12
    for found in ehvi.log_with_slopes(mean, variance):
        assert np.isfinite(found).all()
