"""Gaussian process regression with a Matérn-5/2 kernel and one lengthscale a parameter.

The kernel is k(x, x') = (1 + √5 r + 5r²/3) exp(-√5 r) with r² = Σ_j w_j (x_j - x'_j)² and
w_j = 1 / l_j². The data are standardised, so the prior variance is 1 and the prior mean 0. A
parameter may have several columns, as one-hot categories do; they share its lengthscale.

Three things make it quick. The gradient of the marginal likelihood costs two matrix products
whatever the number of parameters. What is kept is the inverse of the Cholesky factor, so that a
prediction is one product. And a new point adds one row to that inverse.

Sources: Rasmussen and Williams (2006), "Gaussian processes for machine learning", eqs. 2.25, 2.26,
4.17, 5.8 and 5.9; Hvarfner, Hellsten, Nardi (2024), "Vanilla Bayesian optimization performs great
in high dimensions", ICML, for the prior of the lengthscales.

Example:
    >>> import numpy as np
    >>> x = np.linspace(0, 1, 9)[:, None]
    >>> y = np.sin(6 * x[:, 0])
    >>> theta = fit(x, y, np.zeros(1, dtype=int), Prior.of(1))
    >>> model = Regression(x, np.zeros(1, dtype=int), theta)
    >>> mean, variance = model.predict(np.array([[0.3]]), model.weights(y))
    >>> bool(abs(mean[0] - np.sin(1.8)) < 0.02)
    True
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from steep.kernels.covariance import (
    LEAST_NOISE,
    Scratch,
    factored,
    inverted_triangle,
    lower_inverse,
    matern,
    solved,
    squared_distances,
    squared_norms,
)

__all__ = ["Columns", "Prior", "Regression", "Slopes", "fit", "log_posterior"]

Matrix = NDArray[np.float64]
Vector = NDArray[np.float64]
Indices = NDArray[np.intp]
Columns = NDArray[np.intp] | slice

_LOG_RANGE = (math.log(5e-3), math.log(1e4))
_LARGEST_LOG_NOISE = 1.0
_FARTHEST = 20.0


class Prior(NamedTuple):
    """Say what is believed of the hyperparameters: their logarithms are normal.

    Attributes:
        log_length: Mean and deviation of the log of a lengthscale.
        log_noise: Mean and deviation of the log of the noise variance; None where it is known to
            be zero.
        start: The logs of lengthscales where a first fit begins.
    """

    log_length: tuple[float, float]
    log_noise: tuple[float, float] | None
    start: float

    @classmethod
    def of(cls, d: int, log_noise: tuple[float, float] | None = (-8.0, 3.0)) -> Prior:
        """Give a prior for d parameters: l_j ~ LogNormal(½ log d, √3).

        It is that of Hvarfner et al. without their √2: with the same noise, that won less often
        against Optuna on the tuning half of bbob, mixed-integer bbob and tables.

        Args:
            d: The number of parameters.
            log_noise: Mean and deviation of the log of the noise variance; None for no noise.
        """
        shift = 0.5 * math.log(d)
        return cls((shift, math.sqrt(3)), log_noise, math.log(0.5) + shift)

    @classmethod
    def smooth(cls, d: int, log_noise: tuple[float, float] | None = (-4.0, 1.0)) -> Prior:
        """Give the prior of Hvarfner et al. for d parameters: l_j ~ LogNormal(√2 + ½ log d, √3).

        Args:
            d: The number of parameters.
            log_noise: Mean and deviation of the log of the noise variance; None for no noise.
        """
        shift = 0.5 * math.log(d)
        return cls((math.sqrt(2) + shift, math.sqrt(3)), log_noise, math.log(0.5) + shift)

    def first(self, d: int) -> Vector:
        """Give the hyperparameters where a first fit begins: (d + 1,), logs.

        Args:
            d: The number of parameters.
        """
        log_noise = math.log(LEAST_NOISE) if self.log_noise is None else self.log_noise[0]
        return np.append(np.full(d, self.start), log_noise)


def log_posterior(
    theta: Vector, x: Matrix, x2: Matrix, y: Vector, groups: Indices, prior: Prior,
    scratch: Scratch,
) -> tuple[float, Vector]:  # fmt: skip
    """Give the log of marginal likelihood times prior, up to a constant, and its gradient.

    Args:
        theta: (d + 1,) logs of the lengthscales and of the noise variance.
        x: (n, D) float64, the points.
        x2: (n, D) float64, their squares.
        y: (n,) float64, the standardised values.
        groups: (D,) the parameter of each column.
        prior: What is believed of the hyperparameters.
        scratch: For n points; overwritten.

    Returns:
        The value and its gradient (d + 1,).
    """
    w, noise = _scales(theta, groups)
    scaled = x * np.sqrt(w)
    covariance, slope = matern(squared_distances(scaled, scaled, scratch.a), scratch.b, scratch.c)
    factor, noise_used = factored(covariance, noise, scratch.c)
    alpha = solved(factor, y)
    # Eq. 5.8, the constant left out.
    value = -0.5 * float(y @ alpha) - float(np.log(factor.diagonal()).sum())
    inverse = lower_inverse(factor).T
    # Eq. 5.9: dL/dK = ½ (α αᵀ - K⁻¹). As dr²_ij/dw = (x_i - x_j)² is symmetric and 0 on the
    # diagonal, twice the weight on one side of the diagonal gives the same as K⁻¹.
    by_noise = 0.5 * float(alpha @ alpha - inverse.trace()) * noise_used
    h = np.multiply(0.5 * alpha[:, None], alpha, out=covariance)
    h -= inverse
    h *= slope
    # Σ H_ij (x_i - x_j)² = (row sums + column sums)ᵀ x² - 2 xᵀ H x.
    sums = h.sum(axis=0) + h.sum(axis=1)
    by_w = sums @ x2 - 2.0 * np.einsum("ij,ij->j", x, h @ x)
    gradient = np.empty_like(theta)
    gradient[:-1] = np.bincount(groups, by_w * w, minlength=len(theta) - 1) * -2.0
    gradient[-1] = by_noise
    return _with_prior(value, gradient, theta, prior)


def fit(
    x: Matrix,
    y: Vector,
    groups: Indices,
    prior: Prior,
    start: Vector | None = None,
    max_iterations: int = 50,
) -> Vector:
    """Find the most probable hyperparameters by L-BFGS.

    Args:
        x: (n, D) float64, the points.
        y: (n,) float64, the standardised values.
        groups: (D,) the parameter of each column.
        prior: What is believed of the hyperparameters.
        start: (d + 1,) where to begin; None for the start of the prior.
        max_iterations: When to stop at the latest.

    Returns:
        (d + 1,) float64: the logs of the d lengthscales and of the noise variance.
    """
    from scipy.optimize import minimize

    d = int(groups.max()) + 1
    begin = prior.first(d) if start is None else start
    x2, scratch = x * x, Scratch.of(len(x))

    def negative(theta: Vector) -> tuple[float, Vector]:
        value, gradient = log_posterior(theta, x, x2, y, groups, prior, scratch)
        return -value, -gradient

    lowest, known = math.log(LEAST_NOISE), prior.log_noise is None
    noise = (lowest, lowest) if known else (lowest, _LARGEST_LOG_NOISE)
    # A gain of 1e-3 in the log likelihood is far below what the data can tell apart.
    options = {"maxiter": max_iterations, "ftol": 1e-5, "gtol": 1e-2}
    found = minimize(
        negative, begin, jac=True, method="L-BFGS-B", bounds=[_LOG_RANGE] * d + [noise],
        options=options,
    )  # fmt: skip
    theta: Vector = found.x
    return theta if np.isfinite(theta).all() else begin


class Regression:
    """Predict from points whose hyperparameters are known; more points may be appended.

    Args:
        x: (n, D) float64, the points.
        groups: (D,) the parameter of each column.
        theta: (d + 1,) logs of the lengthscales and of the noise variance.
        room: For how many points there is room from the beginning.

    Attributes:
        n: The number of points.
        w: (D,) float64, 1 / l² of each column.
    """

    def __init__(self, x: Matrix, groups: Indices, theta: Vector, room: int = 0) -> None:
        self.n, width = x.shape
        self.w, noise = _scales(theta, groups)
        self._root = np.sqrt(self.w)
        room = max(room, self.n)
        self._points = np.zeros((room, width))
        self._points[: self.n] = x * self._root
        self._norms = squared_norms(self._points)
        self._inverse = np.zeros((room, room))
        covariance, _ = matern(squared_distances(self.points, self.points))
        factor, self._noise = factored(covariance, noise)
        self._inverse[: self.n, : self.n] = inverted_triangle(factor)

    @property
    def points(self) -> Matrix:
        """Give the points, divided by the lengthscales: (n, D) float64."""
        return self._points[: self.n]

    @property
    def inverse_factor(self) -> Matrix:
        """Give L⁻¹ with L Lᵀ = K + noise: (n, n) float64, lower triangular."""
        return self._inverse[: self.n, : self.n]

    def copy(self, room: int) -> Regression:
        """Copy the regression, to append points that are not to stay.

        Args:
            room: How many points are to be appended.
        """
        copy = object.__new__(Regression)
        copy.__dict__.update(self.__dict__)
        copy._enlarge(self.n + room)
        return copy

    def append(self, x: Vector) -> None:
        """Append a point: L⁻¹ gets one row.

        Args:
            x: (D,) float64.
        """
        if self.n == len(self._points):
            self._enlarge(2 * self.n)
        n, point = self.n, x * self._root
        k, _ = self._kernel(point[None, :])
        row = self.inverse_factor @ k[0]
        pivot = math.sqrt(max(1.0 + self._noise - float(row @ row), self._noise))
        self._inverse[n, :n] = (row @ self.inverse_factor) / -pivot
        self._inverse[n, n] = 1.0 / pivot
        self._points[n], self._norms[n] = point, point.dot(point)
        self.n = n + 1

    def weights(self, y: Vector) -> Vector:
        """Give α = (K + noise)⁻¹ y, by which the kernel is weighted in the mean.

        Args:
            y: (m,) float64, the standardised values of the first m points. The others count as
                points where the mean was observed: they lower the variance and nothing else.

        Returns:
            (n,) float64, zero for the points without a value.
        """
        inverse = self._inverse[: len(y), : len(y)]
        alpha = np.zeros(self.n)
        alpha[: len(y)] = inverse.T @ (inverse @ y)
        return alpha

    @property
    def unscaled(self) -> Matrix:
        """Give the points as they were given: (n, D) float64."""
        return self.points / self._root

    def left_out(self, y: Vector) -> tuple[Vector, Vector]:
        """Predict each of the first points from the others among them (eqs. 5.10 to 5.12).

        Args:
            y: (m,) float64, the standardised values of the first m points.

        Returns:
            Mean (m,), and variance (m,) of the value with its noise.
        """
        inverse = self._inverse[: len(y), : len(y)]
        variance = 1.0 / np.einsum("ij,ij->j", inverse, inverse)
        return y - (inverse.T @ (inverse @ y)) * variance, variance

    def predict(self, x: Matrix, alpha: Vector) -> tuple[Vector, Vector]:
        """Give mean and variance of the function without noise (eqs. 2.25 and 2.26).

        Args:
            x: (m, D) float64.
            alpha: What :meth:`weights` gave.

        Returns:
            Mean (m,), and variance (m,) in (0, 1].
        """
        k, _ = self._kernel(x * self._root)
        return k.dot(alpha), self._variance(k @ self.inverse_factor.T)

    def predict_own(self, alpha: Vector) -> tuple[Vector, Vector]:
        """Give mean and variance of the function at the points themselves.

        Args:
            alpha: What :meth:`weights` gave.

        Returns:
            Mean (n,), and variance (n,).
        """
        k, _ = self._kernel(self.points)
        return k.dot(alpha), self._variance(k @ self.inverse_factor.T)

    def predict_with_slopes(self, x: Matrix, alpha: Vector) -> tuple[Vector, Vector, Slopes]:
        """Give mean, variance, and what their gradients need.

        Args:
            x: (m, D) float64.
            alpha: What :meth:`weights` gave.

        Returns:
            Mean (m,), variance (m,), and the slopes.
        """
        scaled = x * self._root
        k, slope = self._kernel(scaled)
        v = k @ self.inverse_factor.T
        by_mean = slope * alpha
        slope *= v @ self.inverse_factor
        return k.dot(alpha), self._variance(v), Slopes(self, scaled, by_mean, slope)

    def gradient(self, coefficients: Matrix, scaled: Matrix, columns: Columns) -> Matrix:
        """Give Σ_i c_i ∂r²_i/∂x for some columns of x.

        Args:
            coefficients: (m, n) float64.
            scaled: (m, D) float64, points divided by the lengthscales.
            columns: The C columns wanted.

        Returns:
            (m, C) float64.
        """
        slope: Matrix = scaled[:, columns] * coefficients.sum(axis=1)[:, None]
        slope -= coefficients.dot(self.points[:, columns])
        slope *= 2.0 * self._root[columns]
        return slope

    def _kernel(self, scaled: Matrix) -> tuple[Matrix, Matrix]:
        r2 = squared_distances(scaled, self.points, norms=self._norms[: self.n])
        return matern(r2)

    @staticmethod
    def _variance(v: Matrix) -> Vector:
        variance: Vector = np.maximum(1.0 - np.einsum("ij,ij->i", v, v), 1e-12)
        return variance

    def _enlarge(self, room: int) -> None:
        points, norms, inverse = self.points, self._norms[: self.n], self.inverse_factor
        self._points = np.zeros((room, points.shape[1]))
        self._norms = np.zeros(room)
        self._inverse = np.zeros((room, room))
        self._points[: self.n], self._norms[: self.n] = points, norms
        self._inverse[: self.n, : self.n] = inverse


class Slopes(NamedTuple):
    """Give gradients of a prediction, for a function of mean and variance."""

    model: Regression
    scaled: Matrix
    by_mean: Matrix
    by_variance: Matrix

    def gradient(self, by_mean: Vector, by_variance: Vector, columns: Columns) -> Matrix:
        """Give the gradient of a function of mean and variance by some columns of the points.

        Args:
            by_mean: (m,) float64, its derivative by the mean.
            by_variance: (m,) float64, its derivative by the variance.
            columns: The C columns wanted.

        Returns:
            (m, C) float64.
        """
        # dμ = Σ α_i dk_i and dσ² = -2 Σ (K⁻¹ k)_i dk_i.
        coefficients = self.by_mean * by_mean[:, None]
        coefficients -= self.by_variance * (2.0 * by_variance)[:, None]
        return self.model.gradient(coefficients, self.scaled, columns)


def _with_prior(
    value: float, gradient: Vector, theta: Vector, prior: Prior
) -> tuple[float, Vector]:
    mean, deviation = prior.log_length
    z = (theta[:-1] - mean) / deviation
    value -= 0.5 * float(z @ z)
    gradient[:-1] -= z / deviation
    if prior.log_noise is not None:
        z_noise = float(theta[-1] - prior.log_noise[0]) / prior.log_noise[1]
        value -= 0.5 * z_noise * z_noise
        gradient[-1] -= z_noise / prior.log_noise[1]
    return value, gradient


def _scales(theta: Vector, groups: Indices) -> tuple[Vector, float]:
    """Give w of each column and the noise variance."""
    lengths = np.clip(theta[:-1], -_FARTHEST, _FARTHEST)
    return np.exp(-2.0 * lengths)[groups], math.exp(min(theta[-1], _FARTHEST))
