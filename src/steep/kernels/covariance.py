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
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "LEAST_NOISE",
    "Scratch",
    "factored",
    "inverted_triangle",
    "lower_inverse",
    "matern",
    "solved",
    "squared_distances",
    "squared_norms",
]

Matrix = NDArray[np.float64]

LEAST_NOISE = 1e-6
"""Of a prior variance of 1: well above what rounding does to the factor of 1,000 points."""
_SQRT5 = math.sqrt(5.0)


class Scratch(NamedTuple):
    """Arrays to compute in, for what is computed many times with matrices of one size.

    Memory that is asked for and given back each time is empty pages each time, which may cost as
    much as the computation.
    """

    a: Matrix
    b: Matrix
    c: Matrix

    @classmethod
    def of(cls, n: int) -> Self:
        """Give arrays of (n, n) float64."""
        return cls(*np.empty((3, n, n)))


def squared_distances(
    a: Matrix, b: Matrix, out: Matrix | None = None, norms: Matrix | None = None
) -> Matrix:
    """Give the squared distances between two sets of scaled points.

    Args:
        a: (m, D) float64.
        b: (n, D) float64.
        out: (m, n) float64, what the result is written to.
        norms: What :func:`squared_norms` gives for b, where it is known.

    Returns:
        (m, n) float64, not negative.
    """
    r2: Matrix = np.dot(a, b.T, out=out)  # costs half of @ where there are few points
    r2 *= -2.0
    r2 += squared_norms(a)[:, None]
    r2 += squared_norms(b) if norms is None else norms
    return np.maximum(r2, 0.0, out=r2)


def squared_norms(x: Matrix) -> Matrix:
    """Give the squared distances from the origin: (n,) float64.

    Args:
        x: (n, D) float64.
    """
    norms: Matrix = np.einsum("ij,ij->i", x, x)
    return norms


def matern(
    r2: Matrix, out: Matrix | None = None, room: Matrix | None = None
) -> tuple[Matrix, Matrix]:
    """Give the Matérn-5/2 kernel and its derivative by the squared distance.

    Args:
        r2: Squared scaled distances, of any shape; overwritten.
        out: What the derivative is written to, of the same shape.
        room: Overwritten, of the same shape.

    Returns:
        k and dk/dr² = -5/6 (1 + √5 r) exp(-√5 r), of the same shape.
    """
    s = np.sqrt(r2, out=r2)
    s *= _SQRT5
    e = np.negative(s, out=room)
    np.exp(e, out=e)
    slope: Matrix = np.add(s, 1.0, out=out)
    slope *= e
    s *= s
    s *= e
    s *= 1.0 / 3.0
    s += slope
    slope *= -5.0 / 6.0
    return s, slope


def factored(covariance: Matrix, noise: float, out: Matrix | None = None) -> tuple[Matrix, float]:
    """Give the Cholesky factor of covariance + noise, with as much more noise as that takes.

    Args:
        covariance: (n, n) float64, symmetric; its diagonal counts as 1.
        noise: The variance of the noise.
        out: (n, n) float64, what the transpose of the factor is written to.

    Returns:
        L (n, n) float64, lower triangular, and the noise that was added.
    """
    from scipy.linalg.lapack import dpotrf

    noise = max(noise, LEAST_NOISE)
    n = len(covariance)
    out = np.empty_like(covariance) if out is None else out
    while True:
        out[:] = covariance
        out.ravel()[:: n + 1] = 1.0 + noise
        factor, failed = dpotrf(out.T, lower=1, clean=1, overwrite_a=1)
        if not failed and np.isfinite(factor.diagonal()).all():
            return factor, noise
        if not np.isfinite(covariance).all():
            covariance = np.zeros_like(covariance)  # hyperparameters out of this world
        noise *= 10.0


def solved(factor: Matrix, y: Matrix) -> Matrix:
    """Give (L Lᵀ)⁻¹ y: (n,) float64.

    Args:
        factor: L (n, n) float64, lower triangular.
        y: (n,) float64.
    """
    from scipy.linalg.lapack import dpotrs

    x, _ = dpotrs(factor, y, lower=1)
    solution: Matrix = x
    return solution


def lower_inverse(factor: Matrix) -> Matrix:
    """Give the lower triangle of (L Lᵀ)⁻¹, with zeros above it: (n, n) float64.

    Args:
        factor: L (n, n) float64, lower triangular; overwritten.
    """
    from scipy.linalg.lapack import dpotri

    inverse, _ = dpotri(factor, lower=1, overwrite_c=1)
    lower: Matrix = inverse
    return lower


def inverted_triangle(factor: Matrix) -> Matrix:
    """Give L⁻¹: (n, n) float64, lower triangular.

    Args:
        factor: L (n, n) float64, lower triangular.
    """
    from scipy.linalg.lapack import dtrtri

    inverse, _ = dtrtri(factor, lower=1)
    triangle: Matrix = inverse
    return triangle
