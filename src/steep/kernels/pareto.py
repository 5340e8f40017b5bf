"""Which points of several objectives are best: fronts, ranks and the volume that they dominate.

A point dominates another if it is nowhere worse and somewhere better. What no other point
dominates is the front; the ranks are the fronts that appear when one after another is taken away.

>>> losses = np.array([[0.0, 2.0], [1.0, 1.0], [2.0, 2.0]])
>>> is_pareto_optimal(losses)
array([ True,  True, False])
>>> nondominated_ranks(losses)
array([0, 0, 1])

All losses are to be minimised. A NaN counts as +inf, the worst there is; equal points are on the
same front. For the volume itself see :mod:`steep.kernels.hypervolume`.

Sources: Kung, Luccio, Preparata (1975), "On finding the maxima of a set of vectors", J. ACM 22(4);
Deb et al. (2002), "A fast and elitist multiobjective genetic algorithm: NSGA-II", sec. III-A.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

__all__ = ["constrained_ranks", "distinct", "is_pareto_optimal", "nondominated_ranks", "ranks_with"]

Losses = NDArray[np.float64]

_FEW = 64
"""Below so many points, sorting all is quicker than first dropping what is clearly dominated."""


def is_pareto_optimal(losses: Losses) -> NDArray[np.bool_]:
    """Tell which points no other point dominates.

    Args:
        losses: (n, m) float64, small is good; m at least 1.

    Returns:
        (n,) bool. Of equal points all or none are optimal.
    """
    losses = _without_nan(losses)
    optimal = np.zeros(len(losses), dtype=bool)
    if len(losses) > _FEW:
        candidates = np.flatnonzero(_not_below_the_middle(losses))
        losses = losses[candidates]
    else:
        candidates = np.arange(len(losses))
    points, inverse = distinct(losses)
    front = _front_of_two(points) if points.shape[1] == 2 else _front_of_many(points)
    optimal[candidates] = front[inverse]
    return optimal


def nondominated_ranks(losses: Losses, enough: int | None = None) -> NDArray[np.int64]:
    """Tell for each point how many fronts have to be taken away before it is optimal.

    Args:
        losses: (n, m) float64, small is good; m at least 1.
        enough: Stop when so many points have their rank; the others share the next one. None
            ranks all.

    Returns:
        (n,) int64, 0 on the front.
    """
    points, inverse = distinct(_without_nan(losses))
    if points.shape[1] == 1:
        return inverse
    if points.shape[1] == 2:
        return _ranks_of_two(points)[inverse]
    return _ranks_of_many(points, inverse, len(losses) if enough is None else enough)[inverse]


def ranks_with(losses: Losses, ranks: NDArray[np.int64], point: Losses) -> NDArray[np.int64]:
    """Tell the ranks after one more point has come, without ranking all anew.

    The point goes into the front behind all that dominate it. What it dominates there moves to
    the next front, where it pushes back what it dominates in turn.

    Args:
        losses: (n, m) float64 without NaN, small is good.
        ranks: (n,) int64, what :func:`nondominated_ranks` gives of them.
        point: (m,) float64 without NaN.

    Returns:
        (n + 1,) int64, the rank of the point last.

    Source: Li, Deb, Zhang, Zhang (2017), "Efficient nondomination level update method for
    steady-state evolutionary multiobjective optimization", IEEE Trans. Cybern. 47(9).

    >>> ranks_with(np.array([[1.0, 2.0], [2.0, 3.0]]), np.array([0, 1]), np.array([0.0, 2.0]))
    array([1, 2, 0])
    """
    if len(point) == 2 and len(losses) < _FEW:  # they are quickly ranked anew
        return _ranks_of_pairs([*losses.tolist(), point.tolist()])
    above = (losses <= point).all(axis=1) & (losses < point).any(axis=1)
    level = int(ranks[above].max(initial=-1)) + 1
    result = np.concatenate([ranks, [level]])
    come = point[None]
    while len(come):
        front = np.flatnonzero(ranks == level)
        points = losses[front, None]
        is_behind = (come <= points).all(axis=2) & (come < points).any(axis=2)
        gone = front[np.any(is_behind, axis=1)]
        result[gone] += 1
        come, level = losses[gone], level + 1
    return result


def constrained_ranks(losses: Losses, violation: NDArray[np.float64]) -> NDArray[np.int64]:
    """Rank by constrained domination: the feasible by their fronts, then the others by violation.

    Source: Deb et al. (2002), section VI-A, definition 1.

    Args:
        losses: (n, m) float64, small is good.
        violation: (n,) float64, the sum of what is violated; 0 where feasible.

    Returns:
        (n,) int64, 0 for the best.
    """
    feasible = violation <= 0.0
    if feasible.all():
        return nondominated_ranks(losses)
    ranks = np.empty(len(losses), dtype=np.int64)
    ranks[feasible] = nondominated_ranks(losses[feasible])
    n_fronts = ranks[feasible].max(initial=-1) + 1
    ranks[~feasible] = n_fronts + np.unique(violation[~feasible], return_inverse=True)[1]
    return ranks


def _without_nan(losses: Losses) -> Losses:
    losses = np.asarray(losses, dtype=np.float64)
    return np.where(np.isnan(losses), np.inf, losses) if np.isnan(losses).any() else losses


def _not_below_the_middle(losses: Losses) -> NDArray[np.bool_]:
    """Tell which points the one in the middle of the front does not dominate: often few."""
    columns = np.ascontiguousarray(losses.T)  # reductions over two numbers a row are slow
    with np.errstate(over="ignore"):
        gaps = columns - np.maximum(columns.min(axis=1), -np.finfo(float).max)[:, None]
        typical = gaps.mean(axis=1)
    scale = np.where(np.isfinite(typical) & (typical > 0.0), typical, 1.0)
    middle = columns[:, np.argmin((gaps / scale[:, None]).max(axis=0)), None]
    kept = np.asarray((columns < middle).any(axis=0))
    same = np.asarray((columns == middle).all(axis=0))
    return np.asarray(np.logical_or(kept, same))


def distinct(losses: Losses) -> tuple[Losses, NDArray[np.int64]]:
    """Give the distinct points in lexicographic order, and the position of each point in it.

    Args:
        losses: (n, m) float64 without NaN. It is what ``np.unique`` does, in a third of the time.
    """
    order = np.lexsort(losses.T[::-1])
    ordered = losses[order]
    is_new = np.ones(len(losses), dtype=bool)
    np.any(ordered[1:] != ordered[:-1], axis=1, out=is_new[1:])
    inverse = np.empty(len(losses), dtype=np.int64)
    inverse[order] = np.cumsum(is_new) - 1
    return ordered[is_new], inverse


def _front_of_two(points: Losses) -> NDArray[np.bool_]:
    # From left to right a point is optimal if it is lower than everything before it.
    heights = points[:, 1]
    front = np.ones(len(points), dtype=bool)
    np.less(heights[1:], np.minimum.accumulate(heights)[:-1], out=front[1:])
    return front


def _front_of_many(points: Losses) -> NDArray[np.bool_]:
    # In lexicographic order nothing dominates a point that stands before it, so the first of
    # those that are left is always optimal.
    front = np.zeros(len(points), dtype=bool)
    left = np.arange(len(points))
    while left.size:
        best, left = left[0], left[1:]
        front[best] = True
        left = left[np.any(points[left] < points[best], axis=1)]
    return front


def _ranks_of_two(points: Losses) -> NDArray[np.int64]:
    return np.array(_ranks_of_heights(points[:, 1].tolist()), dtype=np.int64)


def _ranks_of_heights(from_left_to_right: Iterable[float]) -> list[int]:
    # Each front keeps the height of its last point; those heights grow with the rank. The first
    # front whose last point is higher takes the point: below it, on its right, undominated.
    heights: list[float] = []
    ranks = []
    for height in from_left_to_right:
        rank = bisect_right(heights, height)
        if rank == len(heights):
            heights.append(height)
        else:
            heights[rank] = height
        ranks.append(rank)
    return ranks


def _ranks_of_pairs(pairs: list[list[float]]) -> NDArray[np.int64]:
    """Rank few points in plain Python, for which calls of NumPy would take longer."""
    distinct = sorted(set(map(tuple, pairs)))
    ranks = dict(zip(distinct, _ranks_of_heights(y for _, y in distinct), strict=True))
    return np.array([ranks[x, y] for x, y in pairs], dtype=np.int64)


def _ranks_of_many(points: Losses, inverse: NDArray[np.int64], enough: int) -> NDArray[np.int64]:
    count = np.bincount(inverse, minlength=len(points))
    ranks = np.zeros(len(points), dtype=np.int64)
    left = np.arange(len(points))
    rank = done = 0
    while left.size and done < enough:
        front = _front_of_many(points[left])
        ranks[left[front]] = rank
        done += int(count[left[front]].sum())
        left = left[~front]
        rank += 1
    ranks[left] = rank
    return ranks
