"""Climb from several points of the unit cube at once, each by a quasi-Newton method of its own.

A function of whose values four cost little more than one is best asked about all points each time.
So the points do not take turns; nor do they share a step length, as they would if their sum were
climbed. In each step every point tries its own, and those that have arrived wait for the others.
Where the highest top is all that is wanted, they need not wait for one that is far behind.

Each point keeps an inverse Hessian, by BFGS. Coordinates that are at a bound and would leave the
cube are left alone for the step, the others go in the Newton direction, clipped to the cube, and a
step that gains too little is shortened.

Sources: Nocedal, Wright (2006), "Numerical optimization", eqs. 3.4, 6.17 and 6.20; Bertsekas
(1982), "Projected Newton methods for optimization problems with simple constraints", SIAM J.
Control Optim. 20, eqs. 32 to 36.

Example:
    >>> def bowls(x):
    ...     return -((x - 0.3) ** 2).sum(axis=1), -2.0 * (x - 0.3)
    >>> ascend(bowls, np.array([[0.9, 0.1], [0.0, 1.0]]))[0].round(3)
    array([[0.3, 0.3],
           [0.3, 0.3]])
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

__all__ = ["FOREVER", "ascend"]

Matrix = NDArray[np.float64]
Vector = NDArray[np.float64]
Mask = NDArray[np.bool_]

_FIRST_STEP = 0.1
"""How far the first step moves the coordinate that it moves farthest."""
_SUFFICIENT = 1e-4
_SHORTER = (0.1, 0.5)
_TINY = 1e-12
FOREVER = 1e100
"""The patience with which no point gives up."""


def ascend(
    function: Callable[[Matrix], tuple[Vector, Matrix]],
    x: Matrix,
    n_steps: int = 20,
    least_gain: float = 1e-6,
    patience: float = FOREVER,
) -> tuple[Matrix, Vector]:
    """Look for a maximum near each of some points.

    Args:
        function: Gives the values (m,) at m points and their gradients (m, c).
        x: (m, c) float64 in [0, 1], where to begin.
        n_steps: How often the function is asked at most, after the beginning.
        least_gain: A point has arrived where a step gains less than this.
        patience: A point gives up where it slows down, and so many more steps that gain as much as
            the last one would not bring it level with the best.

    Returns:
        The points (m, c) in [0, 1], and their values (m,), none less than at the beginning.
    """
    climbers = _Climbers(x, *function(x))
    for _ in range(n_steps):
        tried = climbers.next()
        climbers.learn(tried, *function(tried), least_gain, patience)
        if climbers.arrived.all():
            break
    return climbers.x, climbers.value


class _Climbers:
    """Hold m points, their values, their gradients, and what is known of their curvatures."""

    def __init__(self, x: Matrix, value: Vector, slope: Matrix) -> None:
        m, c = x.shape
        self.x, self.value, self._slope = x.copy(), value.copy(), slope.copy()
        self.arrived = np.zeros(m, dtype=bool)
        self._step = np.ones(m)
        self._is_first = np.ones(m, dtype=bool)
        self._inverse = np.zeros((m, c, c))  # of the Hessian of the negative function
        steepest = np.abs(slope).max(axis=1, initial=_TINY)
        self._diagonal[:] = (_FIRST_STEP / steepest)[:, None]

    @property
    def _diagonal(self) -> Matrix:
        view: Matrix = np.einsum("mii->mi", self._inverse)
        return view

    def next(self) -> Matrix:
        """Give the points to try: (m, c)."""
        if self.x.min(initial=1.0) > 0.0 and self.x.max(initial=0.0) < 1.0:
            direction = _times(self._inverse, self._slope)
        else:
            direction = self._inward()
        direction *= self._step[:, None]
        direction += self.x
        return direction.clip(0.0, 1.0, out=direction)

    def _inward(self) -> Matrix:
        """Give directions that leave alone what is at a bound and would cross it."""
        low, high = self.x <= 0.0, self.x >= 1.0
        stuck = _leaving(low, high, self._slope)
        direction = self._direction(stuck)
        leaving = _leaving(low, high, direction)
        return self._direction(stuck | leaving) if leaving.any() else direction

    def _direction(self, stuck: Mask) -> Matrix:
        direction = _times(self._inverse, np.where(stuck, 0.0, self._slope))
        direction[stuck] = 0.0
        return direction

    def learn(
        self, tried: Matrix, value: Vector, slope: Matrix, least_gain: float, patience: float
    ) -> None:
        """Go where it is better, and shorten the step where it is not."""
        moved, gain = tried - self.x, value - self.value
        promised = _dot(self._slope, moved)
        is_better = gain >= np.maximum(_SUFFICIENT * promised, 0.0)
        is_curved = self._bend(moved, self._slope - slope, is_better)
        self.arrived |= is_better & (gain < least_gain)
        self.arrived |= np.abs(moved).max(axis=1, initial=0.0) < _TINY
        # Where there is no curvature to tell how far to go, go farther; where it was too far, to
        # the top of the parabola.
        shorter = (0.5 * promised / np.maximum(promised - gain, _TINY)).clip(*_SHORTER)
        longer = np.where(is_curved, 1.0, 2.0 * self._step)
        self._step = np.where(is_better, longer, shorter * self._step)
        np.copyto(self.x, tried, where=is_better[:, None])
        np.copyto(self.value, value, where=is_better)
        np.copyto(self._slope, slope, where=is_better[:, None])
        self.arrived |= is_curved & (self.value + patience * gain < self.value.max(initial=-np.inf))

    def _bend(self, s: Matrix, y: Matrix, is_better: Mask) -> Mask:
        """Update the inverse Hessians (eq. 6.17); tell where the function is curved downwards."""
        sy, yy = _dot(s, y), _dot(y, y)
        is_curved = is_better & (sy > _TINY * yy)
        fresh = is_curved & self._is_first
        if fresh.any():
            self._diagonal[fresh] = (sy[fresh] / yy[fresh])[:, None]  # eq. 6.20
            self._is_first &= ~fresh
        rho = is_curved / np.where(is_curved, sy, 1.0)
        hy = _times(self._inverse, y)
        scaled = s * rho[:, None]
        half = 0.5 * (1.0 + rho * _dot(y, hy))[:, None] * s - hy
        update = scaled[:, :, None] * half[:, None, :]
        self._inverse += update
        self._inverse += update.transpose(0, 2, 1)
        return is_curved


def _leaving(low: Mask, high: Mask, direction: Matrix) -> Mask:
    """Tell which coordinates are at a bound, and would cross it."""
    leaving: Mask = low & (direction < 0.0)
    leaving |= high & (direction > 0.0)
    return leaving


def _dot(a: Matrix, b: Matrix) -> Vector:
    return np.asarray(np.einsum("mi,mi->m", a, b))


def _times(matrices: NDArray[np.float64], vectors: Matrix) -> Matrix:
    product: Matrix = (matrices @ vectors[:, :, None])[:, :, 0]
    return product
