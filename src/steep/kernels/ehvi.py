r"""How much a point promises where there are several objectives.

The expected hypervolume improvement is a sum over the boxes that the front does not dominate. With
independent normal losses the share of a box is a product over the objectives,

    EHVI(x) = Σ_j Π_i (ψ_i(u_ji) - ψ_i(l_ji)),   ψ_i(a) = E[(a - y_i)₊] = σ_i h((a - μ_i) / σ_i),

with l_j and u_j the corners of box j and h as in :mod:`steep.kernels.acquisition`. Everything is
computed in logarithms, so that it has a gradient however far from the front a point is. With one
objective there is one box, (-inf, best], and EHVI is the expected improvement.

Sources: Yang, Emmerich, Deutz, Bäck (2019), "Efficient computation of expected hypervolume
improvement using box decomposition algorithms", J. Global Optim. 75, eq. 10; Ament et al. (2023),
"Unexpected improvements to expected improvement for Bayesian optimization", NeurIPS 36, sec. 4.

Example:
    >>> from steep.kernels.boxes import nondominated_boxes
    >>> boxes = nondominated_boxes(np.array([[1.0, 3.0], [2.0, 1.0]]), np.array([4.0, 4.0]))
    >>> surely = np.full((1, 2), 1e-12)
    >>> np.exp(Ehvi(boxes).log(np.array([[0.0, 0.0]]), surely)).round(6)
    array([9.])
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from steep.kernels.acquisition import log_h, log_h_with_ratios
from steep.kernels.boxes import Boxes

__all__ = ["Ehvi"]

Matrix = NDArray[np.float64]
Vector = NDArray[np.float64]
Indices = NDArray[np.intp]

_LEAST_SHARE = 1e-15
"""Of the share of the lower part: what rounding leaves of the difference of two equal numbers."""


class _Axis(NamedTuple):
    """The sides of all boxes along one objective; many boxes share one.

    Attributes:
        ends: (c,) float64, the coordinates of the corners, ascending and finite.
        upper: (s,) the upper end of each side.
        lower: (t,) the lower end of those sides that have one; they come first.
        side: (b,) the side of each box.
    """

    ends: Vector
    upper: Indices
    lower: Indices
    side: Indices


class Ehvi:
    """Give the logarithm of the expected hypervolume improvement over some boxes.

    Args:
        boxes: What the front does not dominate.
    """

    def __init__(self, boxes: Boxes) -> None:
        self._axes = [_axis(*ends) for ends in zip(boxes.lower.T, boxes.upper.T, strict=True)]

    def log(self, mean: Matrix, variance: Matrix) -> Vector:
        """Give log EHVI.

        Args:
            mean: (m, k) float64.
            variance: (m, k) float64, positive.

        Returns:
            (m,) float64.
        """
        sigma = np.sqrt(variance)
        sides = [
            _shares(axis, log_h(_places(axis, mean[:, i], sigma[:, i])), sigma[:, i])[0]
            for i, axis in enumerate(self._axes)
        ]
        return _summed(self._products(sides))[0]

    def log_with_slopes(self, mean: Matrix, variance: Matrix) -> tuple[Vector, Matrix, Matrix]:
        """Give log EHVI and its derivatives by mean and variance.

        Args:
            mean: (m, k) float64.
            variance: (m, k) float64, positive.

        Returns:
            (m,), (m, k) and (m, k) float64.
        """
        found = [
            _sides(axis, mean[:, i], np.sqrt(variance[:, i])) for i, axis in enumerate(self._axes)
        ]
        log, weights = _summed(self._products([side for side, _, _ in found]))
        by_mean, by_variance = np.empty_like(mean), np.empty_like(mean)
        for i, (axis, (_, by_u, by_sigma)) in enumerate(zip(self._axes, found, strict=True)):
            by_mean[:, i] = -np.einsum("mb,mb->m", weights, by_u[:, axis.side])
            by_variance[:, i] = np.einsum("mb,mb->m", weights, by_sigma[:, axis.side])
        return log, by_mean / np.sqrt(variance), 0.5 * by_variance / variance

    def _products(self, sides: list[Matrix]) -> Matrix:
        """Give the log of the share of each box: (m, b)."""
        first, *others = (side[:, axis.side] for side, axis in zip(sides, self._axes, strict=True))
        for other in others:
            first += other
        return first


def _axis(lower: Vector, upper: Vector) -> _Axis:
    sides, side = np.unique(np.stack([-lower, upper], axis=1), axis=0, return_inverse=True)
    # Sorted by -lower, the sides that have no lower end come last.
    n_bounded = int(np.isfinite(sides[:, 0]).sum())
    bounded = -sides[:n_bounded, 0]
    ends = np.unique(np.concatenate([bounded, sides[:, 1]]))
    places = np.searchsorted(ends, sides[:, 1]), np.searchsorted(ends, bounded)
    return _Axis(ends, *places, side.ravel())


def _sides(axis: _Axis, mean: Vector, sigma: Vector) -> tuple[Matrix, Matrix, Matrix]:
    """Give log (ψ(u) - ψ(l)) of each side, and its derivatives by (u - μ)/σ and log σ: (m, s)."""
    log, by_u, ratio = log_h_with_ratios(_places(axis, mean, sigma))
    share, q, left = _shares(axis, log, sigma)
    slope, spread = by_u[:, axis.upper], ratio[:, axis.upper]
    t = len(axis.lower)
    if t:
        slope[:, :t] = (slope[:, :t] - by_u[:, axis.lower] * q) / left
        spread[:, :t] = (spread[:, :t] - ratio[:, axis.lower] * q) / left
    return share, slope, spread


def _places(axis: _Axis, mean: Vector, sigma: Vector) -> Matrix:
    """Give where the ends are, in deviations from the mean: (m, c)."""
    places: Matrix = axis.ends - mean[:, None]
    places /= sigma[:, None]
    return places


def _shares(axis: _Axis, log: Matrix, sigma: Vector) -> tuple[Matrix, Matrix, Matrix]:
    """Give log (ψ(u) - ψ(l)) of each side, and q = ψ(l) / ψ(u) and 1 - q of those with a lower end.

    Args:
        axis: The sides.
        log: (m, c) float64, log h of the places of the ends.
        sigma: (m,) float64.
    """
    share: Matrix = log[:, axis.upper]
    t = len(axis.lower)
    # ψ(u) - ψ(l) = ψ(u) (1 - q), and the same for the derivatives.
    q = np.exp(log[:, axis.lower] - share[:, :t])
    left = np.maximum(1.0 - q, _LEAST_SHARE)
    share[:, :t] += np.log(left)
    share += np.log(sigma)[:, None]
    return share, q, left


def _summed(logs: Matrix) -> tuple[Vector, Matrix]:
    """Give the log of a sum over the boxes, and the share of each box in it."""
    largest = logs.max(axis=1, keepdims=True)
    weights = np.exp(logs - largest)
    total = weights.sum(axis=1, keepdims=True)
    weights /= total
    return (largest + np.log(total))[:, 0], weights
