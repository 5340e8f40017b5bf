"""How the dominated volume grows as points arrive one by one.

>>> arriving = np.array([[3.0, 3.0], [4.0, 4.0], [1.0, 3.0], [2.0, 2.0]])
>>> volume_history(arriving, np.array([4.0, 4.0]))
array([1., 1., 3., 5.])

With two objectives the front is a staircase: a new point cuts a stretch out of it, and the volume
grows by the area between. With more, the volume is computed anew from the front so far; see
:mod:`steep.kernels.hypervolume`.
"""

from __future__ import annotations

import math
from bisect import bisect_left

import numpy as np
from numpy.typing import NDArray

from steep.kernels.hypervolume import hypervolume
from steep.kernels.pareto import is_pareto_optimal

__all__ = ["volume_history"]

Losses = NDArray[np.float64]


def volume_history(
    losses: Losses, reference: Losses, places: NDArray[np.int64] | None = None
) -> Losses:
    """Compute the dominated volume after some of the points.

    Args:
        losses: (n, m) float64, small is good, in the order of arrival; NaN counts as +inf.
        reference: (m,) float64, the far corner of the volume.
        places: (k,) ascending: the volume is wanted after the points 0..place; None = after each.

    Returns:
        (k,) float64, never falling; inf from a point with -inf within the reference on.
    """
    wanted = np.arange(len(losses)) if places is None else places
    losses = np.where(np.isnan(losses), np.inf, losses)
    if losses.shape[1] == 2:
        return _history_of_two(losses, reference)[wanted]
    front, done = losses[:0], 0
    volumes: list[float] = []
    for place in wanted.tolist():
        met = np.concatenate([front, losses[done : place + 1]])
        grown = met[is_pareto_optimal(met)]
        same = volumes and len(grown) == len(front) and np.array_equal(grown, front)
        volumes.append(volumes[-1] if same else hypervolume(grown, reference))
        front, done = grown, place + 1
    return np.array(volumes)


def _history_of_two(losses: Losses, reference: Losses) -> Losses:
    """Keep the staircase as two lists: x ascends, y descends."""
    right, top = reference.tolist()
    xs: list[float] = []
    ys: list[float] = []
    volume = 0.0
    volumes = []
    for x, y in losses.tolist():
        if x < right and y < top:
            volume += _insert(xs, ys, x, y, right, top)
        volumes.append(volume)
    return np.array(volumes)


def _insert(
    xs: list[float], ys: list[float], x: float, y: float, right: float, top: float
) -> float:
    """Insert a point within the reference, and give the area that it adds."""
    first = bisect_left(xs, x)
    height = ys[first - 1] if first else top  # of the stair that ends at x
    if height <= y or (first < len(xs) and xs[first] == x and ys[first] <= y):
        return 0.0
    last, area, left = first, 0.0, x
    while last < len(xs) and ys[last] >= y:
        area += (xs[last] - left) * (height - y)
        left, height, last = xs[last], ys[last], last + 1
    area += ((xs[last] if last < len(xs) else right) - left) * (height - y)
    xs[first:last], ys[first:last] = [x], [y]
    return math.inf if math.isnan(area) else area
