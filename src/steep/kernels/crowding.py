"""Which members of a population survive in NSGA-II: fronts first, then where points are sparse.

>>> losses = np.array([[0.0, 2.0], [0.9, 1.0], [1.0, 0.9], [2.0, 0.0], [3.0, 3.0]])
>>> crowding_distance(losses[:4])
array([ inf, 1.05, 1.05,  inf])
>>> survivors(losses, np.zeros(5), 3)[0]
array([0, 3, 1])

Source: Deb, Pratap, Agarwal, Meyarivan, "A fast and elitist multiobjective genetic algorithm:
NSGA-II", IEEE TEC 6(2), 2002.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from steep.kernels.pareto import constrained_ranks

__all__ = ["crowding_distance", "survivors"]

Losses = NDArray[np.float64]


def crowding_distance(losses: Losses) -> NDArray[np.float64]:
    """Tell how far the neighbours of each point are, summed over the objectives (section III-B).

    The ends of an objective have no neighbour and get inf. An objective in which all points are
    equal does not count, nor does the gap between two points that are infinite alike.

    Args:
        losses: (n, m) float64.

    Returns:
        (n,) float64, large where points are sparse.
    """
    distance = np.zeros(len(losses))
    for column in losses.T * 0.5:  # halves, since a difference of two floats may overflow
        order = np.argsort(column, kind="stable")
        values = column[order]
        if len(values) == 0 or values[0] == values[-1]:
            continue
        finite = values[np.isfinite(values)]
        width = np.ptp(finite) if finite.size else 0.0
        padded = np.concatenate([[-np.inf], values, [np.inf]])
        after, before = padded[2:], padded[:-2]
        gaps = np.subtract(after, before, out=np.zeros(len(values)), where=after != before)
        distance[order] += gaps / (width if width > 0.0 else 1.0)
    return distance


def survivors(
    losses: Losses, violation: NDArray[np.float64], k: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Choose k points by the crowded-comparison operator (section III-C).

    Args:
        losses: (n, m) float64, small is good.
        violation: (n,) float64, 0 where feasible.
        k: How many survive; all if there are fewer.

    Returns:
        Their positions, best first, and their places: points that compare as equal share one.
    """
    ranks = constrained_ranks(losses, violation)
    distance = np.zeros(len(losses))
    for rank in range(int(ranks.max(initial=-1)) + 1):
        front = np.flatnonzero(ranks == rank)
        distance[front] = crowding_distance(losses[front])
        if np.count_nonzero(ranks <= rank) >= k:
            break
    order = np.lexsort((-distance, ranks))[:k]
    fronts, gaps = ranks[order], distance[order]
    is_worse = (fronts[1:] > fronts[:-1]) | (gaps[1:] < gaps[:-1])
    places = np.concatenate([np.zeros(min(1, len(order)), dtype=np.int64), np.cumsum(is_worse)])
    return order, places
