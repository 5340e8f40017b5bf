"""The Matérn-5/2 kernel over scaled points, and the factors of its matrices.

The kernel is k(r) = (1 + √5 r + 5r²/3) exp(-√5 r). No matrix of it makes the factorisation fail: as
much noise is added as that takes.

Source: Rasmussen and Williams (2006), "Gaussian processes for machine learning", eq. 4.17.

Example:
    >>> import numpy as np
    >>> x = np.array([[0.0], [1.0]])
    >>> matern(squared_distances(x, x))[0].round(3)
    array([[1.   , 0.524],
           [0.524, 1.   ]])
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "LEAST_NOISE",
    "factored",
    "inverse_of",
    "inverted_triangle",
    "matern",
    "squared_distances",
]

Matrix = NDArray[np.float64]

LEAST_NOISE = 1e-6
"""Of a prior variance of 1: well above what rounding does to the factor of 1,000 points."""
_SQRT5 = math.sqrt(5.0)


def squared_distances(a: Matrix, b: Matrix) -> Matrix:
    """Give the squared distances between two sets of scaled points.

    Args:
        a: (m, D) float64.
        b: (n, D) float64.

    Returns:
        (m, n) float64, not negative.
    """
    r2 = a @ b.T
    r2 *= -2.0
    r2 += np.einsum("ij,ij->i", a, a)[:, None]
    r2 += np.einsum("ij,ij->i", b, b)
    return np.maximum(r2, 0.0, out=r2)


def matern(r2: Matrix) -> tuple[Matrix, Matrix]:
    """Give the Matérn-5/2 kernel and its derivative by the squared distance.

    Args:
        r2: Squared scaled distances, of any shape; overwritten.

    Returns:
        k and dk/dr² = -5/6 (1 + √5 r) exp(-√5 r), of the same shape.
    """
    s = np.sqrt(r2, out=r2)
    s *= _SQRT5
    e = np.exp(-s)
    slope = s + 1.0
    slope *= e
    s *= s
    s *= e
    s *= 1.0 / 3.0
    s += slope
    slope *= -5.0 / 6.0
    return s, slope


def factored(covariance: Matrix, noise: float) -> tuple[Matrix, float]:
    """Give the Cholesky factor of covariance + noise, with as much more noise as that takes.

    Args:
        covariance: (n, n) float64; its diagonal counts as 1.
        noise: The variance of the noise.

    Returns:
        L (n, n) float64, lower triangular, and the noise that was added.
    """
    from scipy.linalg.lapack import dpotrf

    noise = max(noise, LEAST_NOISE)
    n = len(covariance)
    while True:
        matrix = covariance.copy(order="F")
        matrix.flat[:: n + 1] = 1.0 + noise
        factor, failed = dpotrf(matrix, lower=1, clean=1, overwrite_a=1)
        if not failed and np.isfinite(factor.diagonal()).all():
            return factor, noise
        if not np.isfinite(covariance).all():
            covariance = np.zeros_like(covariance)  # hyperparameters out of this world
        noise *= 10.0


def inverse_of(factor: Matrix) -> Matrix:
    """Give (L Lᵀ)⁻¹: (n, n) float64.

    Args:
        factor: L (n, n) float64, lower triangular.
    """
    from scipy.linalg.lapack import dpotri

    inverse, _ = dpotri(factor, lower=1)
    lower = np.tril(inverse, -1)
    whole: Matrix = lower + lower.T
    whole.flat[:: len(factor) + 1] = inverse.diagonal()
    return whole


def inverted_triangle(factor: Matrix) -> Matrix:
    """Give L⁻¹: (n, n) float64, lower triangular.

    Args:
        factor: L (n, n) float64, lower triangular.
    """
    from scipy.linalg.lapack import dtrtri

    inverse, _ = dtrtri(factor, lower=1)
    triangle: Matrix = inverse
    return triangle
