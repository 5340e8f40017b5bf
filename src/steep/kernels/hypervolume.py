"""The volume that points dominate, up to a reference point.

The hypervolume measures a set of losses with several objectives by one number: the volume of all
that some point dominates and that dominates the reference. It grows when the set gets better.

>>> front = np.array([[1.0, 3.0], [2.0, 2.0], [3.0, 1.0]])
>>> hypervolume(front, np.array([4.0, 4.0]))
6.0
>>> hypervolume_contributions(front, np.array([4.0, 4.0]))
array([1., 1., 1.])

With two objectives a sweep is enough, with three the heights over the grid of all coordinates;
with more, the algorithm of While, Bradstreet, Barone (2012), "A fast way of calculating exact
hypervolumes", IEEE Trans. Evol. Comput. 16(1). All losses are to be minimised, NaN counts as +inf,
and points beyond the reference add nothing.
"""

from __future__ import annotations

import heapq
import itertools
import math
import sys
from bisect import bisect_left

import numpy as np
from numpy.typing import NDArray

from steep.kernels.pareto import is_pareto_optimal

__all__ = ["hypervolume", "hypervolume_contributions", "reference_point", "subset_selection"]

Losses = NDArray[np.float64]

_LARGEST = sys.float_info.max
_BLOCK = 256
"""Rows of the grid of three objectives that are in memory at once."""


def reference_point(losses: Losses) -> Losses:
    """Choose a reference that is a little worse than the worst of each objective.

    Args:
        losses: (n, m) float64 with n at least 1, small is good.

    Returns:
        (m,) float64, finite: a tenth of the magnitude of the worst finite value beyond it.

    Source: Ozaki et al. (2020), "Multiobjective tree-structured Parzen estimator for
    computationally expensive optimization problems", GECCO 2020, sec. 4.
    """
    worst = np.maximum.reduce(np.where(np.isfinite(losses), losses, -np.inf), axis=0)
    return np.array([_a_little_worse(value) for value in worst.tolist()])


def _a_little_worse(worst: float) -> float:
    if worst == 0.0 or math.isinf(worst):
        return 1e-12
    return min(worst + 0.1 * abs(worst), _LARGEST)


def hypervolume(losses: Losses, reference: Losses) -> float:
    """Compute the volume that the points dominate.

    Args:
        losses: (n, m) float64, small is good.
        reference: (m,) float64, the far corner of the volume.

    Returns:
        The volume, inf if a point with -inf lies within the reference.
    """
    inside = _inside(losses, reference)
    if np.isneginf(inside).any():
        return math.inf
    return _volume(inside[is_pareto_optimal(inside)], reference) if len(inside) else 0.0


def hypervolume_contributions(losses: Losses, reference: Losses) -> Losses:
    """Compute how much of the volume each point alone dominates.

    Args:
        losses: (n, m) float64, small is good.
        reference: (m,) float64, the far corner of the volume.

    Returns:
        (n,) float64, 0 for points that are dominated, doubled or beyond the reference.

    Raises:
        ValueError: If a point with -inf lies within the reference: its share is infinite.
    """
    (inside,) = np.logical_and.reduce(losses < reference, axis=1).nonzero()  # False for NaN
    points = losses[inside]
    if (points == -np.inf).any():
        raise ValueError("hypervolume_contributions() got -inf, whose volume is infinite.")
    shares = _contributions_of_two(points, reference) if losses.shape[1] == 2 else None
    contributions = np.zeros(len(losses))
    contributions[inside] = _contributions_of_many(points, reference) if shares is None else shares
    return contributions


def _contributions_of_many(losses: Losses, reference: Losses) -> Losses:
    points, first, count = np.unique(losses, axis=0, return_index=True, return_counts=True)
    alone = np.zeros(len(points))
    for i in np.flatnonzero(is_pareto_optimal(points) & (count == 1)):
        alone[i] = _exclusive(points[i], np.delete(points, i, axis=0), reference)
    contributions = np.zeros(len(losses))
    contributions[first] = alone
    return contributions


def subset_selection(losses: Losses, k: int, reference: Losses) -> NDArray[np.int64]:
    """Choose points that together dominate much, one after another.

    Taking the point that adds most reaches at least 1 - 1/e of the best volume that k points can
    have. What a point adds only shrinks as others are taken, so an old value is a bound, and few
    have to be computed anew.

    Args:
        losses: (n, m) float64, small is good.
        k: How many to choose, in [0, n].
        reference: (m,) float64, the far corner of the volume.

    Returns:
        (k,) int64, positions in the order of the choice; ties go to the earlier point, and
        points that add nothing come last.

    Source: Guerreiro, Fonseca, Paquete (2016), "Greedy hypervolume subset selection in low
    dimensions", Evol. Comput. 24(3); Minoux (1978), "Accelerated greedy algorithms".
    """
    losses, reference = _on_unit_scale(losses, reference)
    if losses.shape[1] == 2:
        order = _staircase(losses)
        if order is not None and (losses < reference).all():
            return _selection_of_two(losses, order, k, reference)
    volumes = np.prod(np.maximum(reference - losses, 0.0), axis=1)
    heap = [(-volume, i, 0) for i, volume in enumerate(volumes.tolist())]
    heapq.heapify(heap)
    chosen: list[int] = []
    while len(chosen) < k:
        gain, i, seen = heapq.heappop(heap)
        if seen == len(chosen) or gain == 0.0:
            chosen.append(i)
        else:
            gain = -_exclusive(losses[i], losses[chosen], reference)
            heapq.heappush(heap, (gain, i, len(chosen)))
    return np.array(chosen, dtype=np.int64)


def _on_unit_scale(losses: Losses, reference: Losses) -> tuple[Losses, Losses]:
    """Map losses and reference so that the box from best to reference is the unit cube.

    Shares of the volume stay what they are, and huge losses cannot overflow. A -inf sits at 0,
    where the best finite loss moves to ½.
    """
    losses = np.where(np.isnan(losses), np.inf, losses)
    size = np.max(np.where(np.isfinite(losses), np.abs(losses), 0.0), axis=0, initial=0.0)
    size = np.maximum(np.maximum(size, np.abs(reference)), np.finfo(float).tiny)
    losses, reference = losses / size, reference / size
    endless = np.isneginf(losses)
    low = np.minimum(np.min(np.where(endless, np.inf, losses), axis=0, initial=np.inf), reference)
    low = np.where(endless.any(axis=0), 2.0 * low - reference, low)
    span = np.where(reference > low, reference - low, 1.0)
    return np.maximum((losses - low) / span, 0.0), (reference - low) / span


def _inside(losses: Losses, reference: Losses) -> Losses:
    """Give the points that are better than the reference in everything."""
    losses = np.asarray(losses, dtype=np.float64)
    inside: Losses = losses[np.all(losses < reference, axis=1)]  # False for NaN
    return inside


def _volume(front: Losses, reference: Losses) -> float:
    """Compute the volume of points that do not dominate each other."""
    if len(front) == 0:
        return 0.0
    if front.shape[1] == 1:
        return float(reference[0] - front.min())
    if front.shape[1] == 2:
        ordered = front[np.argsort(front[:, 0])]
        right = np.append(ordered[1:, 0], reference[0])
        return float(np.sum((right - ordered[:, 0]) * (reference[1] - ordered[:, 1])))
    if front.shape[1] == 3:
        return _volume_of_three(front, reference)
    # The sum of what each point adds to those after it (While et al. 2012, eq. 2). With the
    # worst in the last objective first, the limited sets collapse early.
    ordered = front[np.argsort(-front[:, -1])]
    return math.fsum(
        _exclusive(point, ordered[i + 1 :], reference) for i, point in enumerate(ordered)
    )


def _volume_of_three(front: Losses, reference: Losses) -> float:
    # Over a cell of the grid of all x and y, the volume begins at the lowest point that lies
    # left of the cell and before it. Rows of x come in blocks, so that memory stays small.
    x, y, z = front[np.argsort(front[:, 0])].T
    ys, column = np.unique(y, return_inverse=True)
    widths = np.diff(ys, append=reference[1])
    lengths = np.diff(x, append=reference[0])
    lowest = np.full(len(ys), reference[2])
    volume = 0.0
    for start in range(0, len(x), _BLOCK):
        rows = np.arange(start, min(start + _BLOCK, len(x)))
        heights = np.full((len(rows), len(ys)), reference[2])
        heights[rows - start, column[rows]] = z[rows]
        heights[0] = np.minimum(heights[0], lowest)
        np.minimum.accumulate(heights, axis=0, out=heights)
        lowest = heights[-1]
        free = reference[2] - np.minimum.accumulate(heights, axis=1)
        volume += float(lengths[rows] @ free @ widths)
    return volume


def _exclusive(point: Losses, others: Losses, reference: Losses) -> float:
    """Compute what a point dominates and the others do not (While et al. 2012, eq. 3)."""
    own: float = math.prod(np.maximum(reference - point, 0.0).tolist())
    if not own or not len(others):
        return own
    if len(point) == 2:
        return _exclusive_of_two(point, others, reference)
    limited = np.maximum(others, point)
    limited = limited[np.all(limited < reference, axis=1)]
    if not len(limited):
        return own
    return own - _volume(_without_doubles(limited), reference)


def _exclusive_of_two(point: Losses, others: Losses, reference: Losses) -> float:
    x, y = float(point[0]), float(point[1])
    shadow = np.maximum(others, point)
    shadow = np.vstack([shadow[np.argsort(shadow[:, 0])], reference])
    # Between two neighbours, from the left, everything below the lowest so far is free.
    tops = np.minimum(np.minimum.accumulate(shadow[:-1, 1]), reference[1])
    lefts = np.minimum(shadow[:, 0], reference[0])
    free = (float(lefts[0]) - x) * (float(reference[1]) - y)
    return max(0.0, free + float(np.sum(np.diff(lefts) * (tops - y))))


def _staircase(losses: Losses) -> list[int] | None:
    """Give the order from left to right of points that do not dominate each other, else None.

    Equal points are a step of no length.

    Args:
        losses: (n, 2) float64 without NaN.
    """
    points = losses.tolist()
    order = sorted(range(len(points)), key=points.__getitem__)
    for i, j in itertools.pairwise(order):
        (x, y), (right_x, right_y) = points[i], points[j]
        if not (x < right_x and y > right_y) and points[i] != points[j]:
            return None
    return order


def _selection_of_two(
    losses: Losses, order: list[int], k: int, reference: Losses
) -> NDArray[np.int64]:
    """Choose from a front; a point's free corner ends at its chosen neighbours.

    For so few numbers plain Python is quicker than NumPy.

    Args:
        losses: (n, 2) float64, inside the reference, none of which dominates another.
        order: Their positions from left to right.
        k: How many to choose.
        reference: (2,) float64.
    """
    x, y = losses[order].T.tolist()
    # The reference stands behind the last point, and is what index -1 finds left of the first.
    x.append(float(reference[0]))
    y.append(float(reference[1]))
    n = len(order)
    gains = [(x[n] - x[i]) * (y[n] - y[i]) for i in range(n)]
    taken = [-1, n]  # ascending
    chosen: list[int] = []
    for _ in range(k):
        best = gains.index(max(gains))
        gains[best] = -1.0  # below what any other adds
        chosen.append(order[best])
        place = bisect_left(taken, best)
        for left, right in ((taken[place - 1], best), (best, taken[place])):
            between = slice(left + 1, right)
            corners = zip(x[between], y[between], strict=True)
            gains[between] = [(x[right] - a) * (y[left] - b) for a, b in corners]
        taken.insert(place, best)
    return np.array(chosen, dtype=np.int64)


def _without_doubles(points: Losses) -> Losses:
    unique: Losses = np.unique(points[is_pareto_optimal(points)], axis=0)
    return unique


def _contributions_of_two(points: Losses, reference: Losses) -> list[float] | None:
    """Compute the free corner of each point of a front, else None; of equal points each has none.

    Args:
        points: (n, 2) float64, inside the reference.
        reference: (2,) float64.
    """
    order = _staircase(points)
    if order is None:
        return None
    pairs = points.tolist()
    end, top = reference.tolist()
    shares = [0.0] * len(order)
    for i, next_one in itertools.zip_longest(order, order[1:]):
        x, y = pairs[i]
        shares[i] = ((end if next_one is None else pairs[next_one][0]) - x) * (top - y)
        top = y
    return shares
