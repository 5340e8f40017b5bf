"""Gaussian process regression with a Matérn-5/2 kernel and one lengthscale a parameter.

The kernel is k(x, x') = (1 + √5 r + 5r²/3) exp(-√5 r) with r² = Σ_j w_j (x_j - x'_j)² and
w_j = 1 / l_j². The data are standardised, so the prior variance is 1 and the prior mean 0. A
parameter may have several columns, as one-hot categories do; they share its lengthscale.

Two things make it quick. What is kept is the inverse of the Cholesky factor, so that a prediction
is one product. And a new point adds one row to that inverse.

Source: Rasmussen and Williams (2006), "Gaussian processes for machine learning", eqs. 2.25, 2.26,
4.17 and 5.10 to 5.12.

Example:
    >>> import numpy as np
    >>> from steep.kernels.likelihood import Prior, fit
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
    factored,
    inverted_triangle,
    matern,
    squared_distances,
    squared_norms,
)
from steep.kernels.likelihood import scales

__all__ = ["Columns", "Regression", "Slopes"]

Matrix = NDArray[np.float64]
Vector = NDArray[np.float64]
Indices = NDArray[np.intp]
Columns = NDArray[np.intp] | slice


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
        self.w, noise = scales(theta, groups)
        self._root = np.sqrt(self.w)
        room = max(room, self.n)
        self._points = np.zeros((room, width))
        self._points[: self.n] = x * self._root
        self._norms = squared_norms(self._points)
        self._inverse = np.zeros((room, room))
        covariance, _ = self._kernel(self.points)
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
