"""The covariance: the kernel, its slope, and factors that never fail."""

from __future__ import annotations

import math

import numpy as np
import pytest

from steep.kernels.covariance import (
    Scratch,
    factored,
    inverted_triangle,
    lower_inverse,
    matern,
    solved,
    squared_distances,
)


def test_the_kernel_is_that_of_the_book() -> None:
    a, b = np.random.default_rng(0).random((2, 7, 3))
    r = np.sqrt(((a[:, None, :] - b[None, :, :]) ** 2).sum(axis=2))
    wanted = (1 + math.sqrt(5) * r + 5 * r**2 / 3) * np.exp(-math.sqrt(5) * r)
    assert matern(squared_distances(a, b))[0] == pytest.approx(wanted)


def test_the_slope_of_the_kernel_is_its_derivative() -> None:
    r2 = np.array([1e-3, 0.1, 1.0, 10.0])
    above, below = matern(r2 + 1e-6)[0], matern(r2 - 1e-6)[0]
    assert matern(r2.copy())[1] == pytest.approx((above - below) / 2e-6, rel=1e-5)


def test_the_factor_gives_matrix_and_inverse() -> None:
    x = np.random.default_rng(0).random((9, 2))
    covariance, _ = matern(squared_distances(x, x))
    factor, noise = factored(covariance, 0.01)
    whole = covariance + 0.01 * np.eye(9)
    assert noise == 0.01
    assert factor @ factor.T == pytest.approx(whole)
    assert inverted_triangle(factor) @ factor == pytest.approx(np.eye(9))
    assert whole @ solved(factor, x[:, 0]) == pytest.approx(x[:, 0])
    assert lower_inverse(factor) == pytest.approx(np.tril(np.linalg.inv(whole)))


@pytest.mark.parametrize("fill", [1.0, 1.5, math.nan])
def test_a_matrix_that_has_no_factor_gets_as_much_noise_as_it_takes(fill: float) -> None:
    covariance = np.full((5, 5), fill)
    np.fill_diagonal(covariance, 1.0)
    factor, noise = factored(covariance, 0.0)
    assert np.isfinite(factor).all()
    assert noise > 0.0


def test_scratch_changes_nothing() -> None:
    x = np.random.default_rng(0).random((9, 2))
    a, b, c = Scratch.of(9)
    for points in (x, x + 0.1):  # whatever is left in it
        fresh, used = squared_distances(points, points), squared_distances(points, points, a)
        assert np.array_equal(fresh, used)
        for own, other in zip(matern(fresh), matern(used, b, c), strict=True):
            assert np.array_equal(own, other)
        assert np.array_equal(factored(fresh, 0.1)[0], factored(fresh, 0.1, c)[0])
