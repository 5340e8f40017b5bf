"""Gaussian process regression: the marginal likelihood, its gradient, and predictions."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from steep.kernels.covariance import Scratch
from steep.kernels.gp import Regression
from steep.kernels.likelihood import Prior, fit, log_posterior
from steep.kernels.warp import average_ranks, half_rank

Matrix = NDArray[np.float64]
GROUPS = np.array([0, 1, 2, 2])  # three parameters, the last one has two columns
THETA = np.array([-0.5, 0.3, 0.1, -3.0])


def points(n: int, seed: int = 0) -> tuple[Matrix, Matrix]:
    rng = np.random.default_rng(seed)
    return rng.random((n, 4)), rng.standard_normal(n)


def dense(x: Matrix, theta: Matrix) -> Matrix:
    """Give the covariance as in the book, one entry at a time."""
    lengths = np.exp(theta[:-1])[GROUPS]
    r = np.sqrt((((x[:, None, :] - x[None, :, :]) / lengths) ** 2).sum(axis=2))
    return np.asarray((1 + math.sqrt(5) * r + 5 * r**2 / 3) * np.exp(-math.sqrt(5) * r))


def test_the_marginal_likelihood_is_that_of_a_normal_distribution() -> None:
    x, y = points(12)
    flat = Prior((0.0, 1e9), (0.0, 1e9), 0.0)
    value, _ = log_posterior(THETA, x, x * x, y, GROUPS, flat, Scratch.of(len(x)))
    k = dense(x, THETA) + np.exp(THETA[-1]) * np.eye(12)
    wanted = -0.5 * y @ np.linalg.solve(k, y) - 0.5 * np.linalg.slogdet(k)[1]
    assert value == pytest.approx(wanted)


@pytest.mark.parametrize("log_noise", [(-4.0, 1.0), (-8.0, 3.0)])
def test_the_gradient_agrees_with_differences(log_noise: tuple[float, float]) -> None:
    x, y = points(20)
    prior = Prior.of(3, log_noise)
    scratch = Scratch.of(len(x))
    _, gradient = log_posterior(THETA, x, x * x, y, GROUPS, prior, scratch)
    for j, one in enumerate(np.eye(4) * 1e-5):
        above, _ = log_posterior(THETA + one, x, x * x, y, GROUPS, prior, scratch)
        below, _ = log_posterior(THETA - one, x, x * x, y, GROUPS, prior, scratch)
        assert gradient[j] == pytest.approx((above - below) / 2e-5, rel=1e-5, abs=1e-7)


def test_a_fit_finds_which_parameters_matter() -> None:
    x = np.random.default_rng(1).random((60, 4))
    y = half_rank(np.sin(5 * x[:, 0]))
    theta = fit(x, y, GROUPS, Prior.of(3))
    assert theta[0] < theta[1] - 1
    assert theta[0] < theta[2] - 1
    assert theta[-1] < -4


def test_a_fit_does_not_depend_much_on_where_it_starts() -> None:
    x = np.random.default_rng(1).random((60, 4))
    y = half_rank(np.sin(5 * x[:, 0]) + x[:, 1])
    first = fit(x, y, GROUPS, Prior.of(3))
    again = fit(x, y, GROUPS, Prior.of(3), first + 0.3)
    assert again == pytest.approx(first, abs=0.25)


def test_predictions_are_those_of_the_book() -> None:
    x, y = points(15)
    model = Regression(x, GROUPS, THETA)
    new = points(5, seed=3)[0]
    mean, variance = model.predict(new, model.weights(y))
    both = dense(np.concatenate([new, x]), THETA)
    k, cross = both[5:, 5:] + np.exp(THETA[-1]) * np.eye(15), both[:5, 5:]
    assert mean == pytest.approx(cross @ np.linalg.solve(k, y))
    wanted = 1 - np.einsum("ij,ji->i", cross, np.linalg.solve(k, cross.T))
    assert variance == pytest.approx(wanted)


def test_appending_is_as_good_as_starting_with_all_points() -> None:
    x, y = points(30)
    whole, grown = Regression(x, GROUPS, THETA), Regression(x[:10], GROUPS, THETA, room=12)
    for row in x[10:]:
        grown.append(row)
    assert grown.inverse_factor == pytest.approx(whole.inverse_factor, abs=1e-9)
    assert grown.weights(y) == pytest.approx(whole.weights(y))


def test_points_without_values_lower_the_variance_and_keep_the_mean() -> None:
    x, y = points(10)
    model = Regression(x, GROUPS, THETA)
    new = points(3, seed=5)[0]
    mean, variance = model.predict(new, model.weights(y))
    pending = model.copy(room=1)
    pending.append(new[0])
    later, less = pending.predict(new, pending.weights(y))
    assert later == pytest.approx(mean)
    assert less[0] < 0.7 * variance[0]
    assert model.n == 10


def test_the_slopes_of_a_prediction_agree_with_differences() -> None:
    x, y = points(15)
    model = Regression(x, GROUPS, THETA)
    alpha, columns = model.weights(y), np.array([0, 1])
    new = points(4, seed=7)[0]
    _, _, slopes = model.predict_with_slopes(new, alpha)
    ones, zeros = np.ones(4), np.zeros(4)
    by_mean, by_variance = (slopes.gradient(*by, columns) for by in ((ones, zeros), (zeros, ones)))
    for j in columns:
        step = np.eye(4)[j] * 1e-6
        above, below = model.predict(new + step, alpha), model.predict(new - step, alpha)
        assert by_mean[:, j] == pytest.approx((above[0] - below[0]) / 2e-6, rel=1e-4, abs=1e-6)
        assert by_variance[:, j] == pytest.approx((above[1] - below[1]) / 2e-6, rel=1e-4, abs=1e-6)


@pytest.mark.parametrize("n", [1, 2, 60])
@pytest.mark.parametrize("log_noise", [None, (-4.0, 1.0)])
def test_points_that_coincide_are_no_error(n: int, log_noise: tuple[float, float] | None) -> None:
    x, prior = np.full((n, 4), 0.3), Prior.of(3, log_noise)
    for y in (np.zeros(n), half_rank(np.arange(n))):
        theta = fit(x, y, GROUPS, prior)
        model = Regression(x, GROUPS, theta)
        for _ in range(20):
            model.append(x[0])
        mean, variance = model.predict(x, model.weights(y))
        assert np.isfinite(mean).all()
        assert (variance > 0).all()


@pytest.mark.parametrize("log_length", [-700.0, -5.0, 9.0, 350.0])
def test_hyperparameters_out_of_this_world_are_no_error(log_length: float) -> None:
    x, y = points(10)
    model = Regression(x, GROUPS, np.array([log_length, 0.0, 0.0, -50.0]))
    assert np.isfinite(model.weights(y)).all()


def test_the_better_half_keeps_its_shape_and_the_worse_half_its_order() -> None:
    y = np.array([3.0, 1.0, 2.0, 1e5, 7.0, 1e300])
    warped = half_rank(y)
    assert np.argsort(warped).tolist() == np.argsort(y).tolist()
    assert (warped[0] - warped[2]) == pytest.approx(warped[2] - warped[1])
    assert warped.mean() == pytest.approx(0)
    assert warped.std() == pytest.approx(1)
    assert warped.max() < 2.5


def test_trials_without_a_value_rank_last() -> None:
    warped = half_rank(np.array([np.nan, 2.0, 1.0, np.inf]))
    assert warped[2] < warped[1] < warped[0] == warped[3]


def test_ranks_order_what_has_no_value() -> None:
    keys = np.array([[1.0, 5.0], [0.0, 3.0], [1.0, 4.0], [1.0, 4.0]])
    ranks = average_ranks(keys)
    assert ranks.tolist() == [3.0, 0.0, 1.5, 1.5]
    warped = half_rank(np.array([np.nan, 3.0, np.nan, np.nan]), ranks)
    assert warped[1] < warped[2] == warped[3] < warped[0]


@pytest.mark.parametrize(
    "y",
    [[], [5.0], [2.0] * 9, [np.nan] * 4, [-np.inf] * 3, [np.inf, -np.inf, 0.0],
     [1e300, -1e300, 0.0, 1.0], [1.7e308, -1.7e308], [5e-324, 0.0, 1.0], [0.0, 0.0, 0.0, 1.0]],
)  # fmt: skip
def test_any_losses_can_be_warped(y: list[float]) -> None:
    warped = half_rank(np.array(y))
    assert np.isfinite(warped).all()
    assert len(warped) == len(y)
    finite = np.isfinite(y)
    assert (np.diff(warped[finite][np.argsort(np.array(y)[finite])]) >= 0).all()


def test_ties_with_the_best_leave_the_worse_ones_apart() -> None:
    warped = half_rank(np.array([0.0, 0.0, 0.0, 1.0]))
    assert warped[3] > warped[0]
