r"""How much a point promises: the logarithm of its expected improvement.

EI(x) = σ h(u) with u = (best - μ) / σ and h(u) = φ(u) + u Φ(u). Far from anything good EI
underflows and has no gradient, while its logarithm is a fine function; what matters is to compute
log h without subtracting what cancels.

Source: Ament, Daulton, Eriksson, Balandat, Bakshy (2023), "Unexpected improvements to expected
improvement for Bayesian optimization", NeurIPS 36, eqs. 2, 8 and 9.

Example:
    >>> import numpy as np
    >>> log_h(np.array([0.0, -40.0, -1e8])).round(3)
    array([-9.19000e-01, -8.08299e+02, -5.00000e+15])
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "log_below",
    "log_below_with_slopes",
    "log_ei",
    "log_ei_with_slopes",
    "log_h",
    "log_h_with_ratios",
]

Vector = NDArray[np.float64]

_C1 = 0.5 * math.log(2 * math.pi)
_ROOT_HALF = math.sqrt(0.5)
_ROOT_HALF_PI = math.sqrt(0.5 * math.pi)
_FAR = -100.0
_HIGH = 5.0
"""Up to here log(h / φ) + log φ loses no digits that matter; far above, h / φ overflows."""
_FARTHEST = 1e100
"""Squares stay finite up to here."""


def log_h(u: Vector) -> Vector:
    """Give log(φ(u) + u Φ(u)) for any u.

    Args:
        u: (m,) float64.

    Returns:
        (m,) float64, with about 12 correct digits.
    """
    log, _, _ = _below(u)
    above = u > _HIGH
    if above.any():
        log[above], _, _ = _above(u[above])
    return log


def log_h_with_ratios(u: Vector) -> tuple[Vector, Vector, Vector]:
    """Give log h(u), Φ(u) / h(u) and φ(u) / h(u).

    Args:
        u: (m,) float64.

    Returns:
        Three times (m,) float64. The second is the derivative of the first.
    """
    log, mills, g = _below(u)
    by_u, ratio = mills / g, 1.0 / g
    above = u > _HIGH
    if above.any():
        log[above], by_u[above], ratio[above] = _above(u[above])
    return log, by_u, ratio


def _below(u: Vector) -> tuple[Vector, Vector, Vector]:
    """Give log h, Mills' ratio R = Φ / φ and g = h / φ = 1 + u R, where u is not high."""
    from scipy.special import erfcx

    u = np.maximum(np.minimum(u, _HIGH), -_FARTHEST)
    mills = erfcx(u * -_ROOT_HALF)
    mills *= _ROOT_HALF_PI
    g = u * mills
    g += 1.0
    far = u < _FAR
    if far.any():
        g[far] = _far_g(u[far])
    log = u * u
    log *= -0.5
    log -= _C1
    log += np.log(g)
    return log, mills, g


def log_ei(mean: Vector, variance: Vector, best: float) -> Vector:
    """Give the logarithm of the expected improvement over the least value so far.

    Args:
        mean: (m,) float64.
        variance: (m,) float64, positive.
        best: What is to be improved on.

    Returns:
        (m,) float64.
    """
    sigma = np.sqrt(variance)
    return log_h((best - mean) / sigma) + np.log(sigma)


def log_ei_with_slopes(
    mean: Vector, variance: Vector, best: float
) -> tuple[Vector, Vector, Vector]:
    """Give log EI and its derivatives by mean and variance.

    Args:
        mean: (m,) float64.
        variance: (m,) float64, positive.
        best: What is to be improved on.

    Returns:
        Three times (m,) float64.
    """
    sigma = np.sqrt(variance)
    log, by_u, ratio = log_h_with_ratios((best - mean) / sigma)
    # dEI/dμ = -Φ(u) and dEI/dσ = φ(u), both divided by EI = σ h(u); dσ/dσ² = 1 / 2σ.
    return log + np.log(sigma), -by_u / sigma, 0.5 * ratio / variance


def log_below(mean: Vector, variance: Vector, limit: float) -> Vector:
    """Give the logarithm of the probability that a value is below a limit.

    With the limit of a constraint this is how probably a point is feasible; added to the logarithm
    of the expected improvement, it gives that of the expected feasible improvement.

    Args:
        mean: (m,) float64.
        variance: (m,) float64, positive.
        limit: The limit.

    Returns:
        (m,) float64.

    Source: Gardner, Kusner, Xu, Weinberger, Cunningham (2014), "Bayesian optimization with
    inequality constraints", ICML, eq. 6.
    """
    from scipy.special import log_ndtr

    log: Vector = log_ndtr((limit - mean) / np.sqrt(variance))
    return log


def log_below_with_slopes(
    mean: Vector, variance: Vector, limit: float
) -> tuple[Vector, Vector, Vector]:
    """Give log Φ((limit - μ) / σ) and its derivatives by mean and variance.

    Args:
        mean: (m,) float64.
        variance: (m,) float64, positive.
        limit: The limit.

    Returns:
        Three times (m,) float64.
    """
    from scipy.special import erfcx, log_ndtr

    sigma = np.sqrt(variance)
    u = (limit - mean) / sigma
    # The derivative φ / Φ by u, which vanishes where erfcx overflows.
    by_u = 1.0 / (_ROOT_HALF_PI * erfcx(-_ROOT_HALF * u))
    return log_ndtr(u), -by_u / sigma, -0.5 * by_u * u / variance


def _far_g(u: Vector) -> Vector:
    """Give 1 + u R(u) by its asymptotic series, where the sum itself would cancel."""
    z = 1.0 / (u * u)
    return z * (1.0 - z * (3.0 - z * (15.0 - 105.0 * z)))


def _above(u: Vector) -> tuple[Vector, Vector, Vector]:
    """Give log h, Φ / h and φ / h, where u is high: all that is wanted follows from h."""
    from scipy.special import ndtr

    u = np.minimum(u, _FARTHEST)
    phi, cdf = _phi(u), ndtr(u)
    h = phi + u * cdf
    return np.log(h), cdf / h, phi / h


def _phi(u: Vector) -> Vector:
    density: Vector = np.exp(-0.5 * u * u - _C1)
    return density
