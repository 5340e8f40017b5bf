"""How probable the hyperparameters of a Gaussian process are, and which are most probable.

There is one lengthscale a parameter, and the variance of the noise; all are logarithms here. The
gradient costs two matrix products whatever the number of parameters.

Sources: Rasmussen and Williams (2006), "Gaussian processes for machine learning", eqs. 5.8 and 5.9;
Hvarfner, Hellsten, Nardi (2024), "Vanilla Bayesian optimization performs great in high dimensions",
ICML, for the prior of the lengthscales.

Example:
    >>> import numpy as np
    >>> x = np.linspace(0, 1, 9)[:, None]
    >>> theta = fit(x, np.sin(6 * x[:, 0]), np.zeros(1, dtype=int), Prior.of(1))
    >>> np.exp(theta).round(2).tolist()
    [0.43, 0.0]
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
    lower_inverse,
    matern,
    solved,
    squared_distances,
)

__all__ = ["Prior", "fit", "log_posterior", "scales"]

Matrix = NDArray[np.float64]
Vector = NDArray[np.float64]
Indices = NDArray[np.intp]

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
    w, noise = scales(theta, groups)
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


def scales(theta: Vector, groups: Indices) -> tuple[Vector, float]:
    """Give w = 1 / l² of each column (D,), and the noise variance.

    Args:
        theta: (d + 1,) logs of the lengthscales and of the noise variance.
        groups: (D,) the parameter of each column.
    """
    lengths = np.clip(theta[:-1], -_FARTHEST, _FARTHEST)
    return np.exp(-2.0 * lengths)[groups], math.exp(min(theta[-1], _FARTHEST))


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
