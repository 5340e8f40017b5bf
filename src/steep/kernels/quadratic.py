"""A quadratic model of a function near its lowest known point, from few values.

The model is q(z) = gᵀz + ½ zᵀHz, the rise over the lowest point, which lies at z = 0. In d
dimensions it has d (d + 3) / 2 coefficients, often more than there are values. So the coefficients
are believed to be normal around 0, which makes the model unique: the least one that explains the
values. It is the mean of a Gaussian process with the kernel s² zᵀz' + b² (zᵀz')². A value is
explained as exactly as it is low, to a hundredth of its rise, since what matters is the way down.
The unit of the model is the median rise, so that no square overflows.

Values of other kinds, such as trials with another choice, help too: each kind lies higher or lower
by a constant of its own.

Source: Conn, Scheinberg, Vicente (2009), "Introduction to derivative-free optimization", SIAM,
ch. 4 and 5 (regression and underdetermined models) and 10 (minimising them in a trust region).

Example:
    >>> z = np.random.default_rng(0).uniform(-1, 1, (12, 2))
    >>> rise = ((z - 0.5) ** 2).sum(axis=1) - 0.5
    >>> fit(z, rise).lowest(-np.ones(2), np.ones(2), z[:4]).round(2)
    array([0.5, 0.5])
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from steep.kernels.ascent import ascend

__all__ = ["Quadratic", "fit"]

Matrix = NDArray[np.float64]
Vector = NDArray[np.float64]

_SLOPE = 10.0
"""The deviation of slopes and constants a priori, in units of the median rise."""
_CURVATURE = 5.0
_RELATIVE_ERROR = 1e-2
_LEAST_ERROR = 1e-6
_N_STEPS = 40
_LEAST_GAIN = 1e-10


class Quadratic(NamedTuple):
    """A function gᵀz + ½ zᵀHz.

    Attributes:
        slope: (d,) float64, g.
        curvature: (d, d) float64, H, symmetric.
    """

    slope: Vector
    curvature: Matrix

    def value(self, z: Matrix) -> Vector:
        """Give the values: (m,) float64.

        Args:
            z: (m, d) float64.
        """
        return self.with_slopes(z)[0]

    def with_slopes(self, z: Matrix) -> tuple[Vector, Matrix]:
        """Give the values (m,) and gradients (m, d).

        Args:
            z: (m, d) float64.
        """
        bent = z @ self.curvature
        value: Vector = z @ self.slope + 0.5 * np.einsum("ij,ij->i", z, bent)
        return value, bent + self.slope

    def lowest(self, low: Vector, high: Vector, starts: Matrix) -> Vector:
        """Look for the lowest point of a box; H need not be positive.

        Args:
            low: (d,) float64, the lower ends of the box.
            high: (d,) float64, its upper ends.
            starts: (k, d) float64, where to begin, k at least 1.

        Returns:
            (d,) float64 in the box.
        """
        extent = np.maximum(high - low, 1e-300)

        def negative(t: Matrix) -> tuple[Vector, Matrix]:
            value, slope = self.with_slopes(low + t * extent)
            return -value, -slope * extent

        inside = ((starts - low) / extent).clip(0.0, 1.0)
        ends, values = ascend(negative, inside, _N_STEPS, _LEAST_GAIN)
        point: Vector = low + ends[values.argmax()] * extent
        return point.clip(low, high)


def fit(z: Matrix, rise: Vector, kinds: Matrix | None = None) -> Quadratic:
    """Find the most probable model.

    Args:
        z: (n, d) float64, the points; the one that is lowest, at 0, may be left out.
        rise: (n,) float64, how much higher each of them is, at least 0.
        kinds: (n, k) float64, 1 where a point is of a kind that has a constant of its own; None for
            no kinds.

    Returns:
        The model, in units of the median rise; in the unit of the values where that is 0.
    """
    scale = float(np.median(rise)) if len(rise) else 0.0
    wanted = rise / (scale if 0.0 < scale < np.inf else 1.0)
    products = z @ z.T
    # What is believed of values: slopes, curvatures and constants are independent a priori.
    covariance = _SLOPE**2 * products + _CURVATURE**2 * products**2
    if kinds is not None:
        covariance += _SLOPE**2 * (kinds @ kinds.T)
    weight = 1.0 / np.maximum(_RELATIVE_ERROR * np.abs(wanted), _LEAST_ERROR)
    normal = covariance * weight * weight[:, None]
    normal[np.diag_indices(len(z))] += 1.0 + 1e-14 * normal.trace()
    alpha = weight * np.linalg.solve(normal, weight * wanted)
    return Quadratic(_SLOPE**2 * (alpha @ z), 2.0 * _CURVATURE**2 * ((z.T * alpha) @ z))
