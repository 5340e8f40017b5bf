"""The region that a front does not dominate, cut into boxes.

An integral over that region, such as the expected improvement of a hypervolume, is then a sum over
boxes. Two objectives need one box a step of the staircase, n + 1 for n points; three need at most
2n + 1: a sweep along the third objective keeps the staircase of the points that it has met, and a
strip of the staircase becomes a box where a new point cuts it.

Source: Yang, Emmerich, Deutz, Bäck (2019), "Efficient computation of expected hypervolume
improvement using box decomposition algorithms", J. Global Optim. 75, sec. 4.

Example:
    >>> boxes = nondominated_boxes(np.array([[1.0, 3.0], [2.0, 1.0]]), np.array([4.0, 4.0]))
    >>> boxes.lower.tolist()
    [[-inf, -inf], [1.0, -inf], [2.0, -inf]]
    >>> boxes.upper.tolist()
    [[1.0, 4.0], [2.0, 3.0], [4.0, 1.0]]
"""

from __future__ import annotations

from bisect import bisect_right
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from steep.kernels.pareto import is_pareto_optimal

__all__ = ["Boxes", "nondominated_boxes"]

Losses = NDArray[np.float64]


class Boxes(NamedTuple):
    """Hold boxes that do not overlap.

    Attributes:
        lower: (b, k) float64, -inf where a box has no end.
        upper: (b, k) float64, finite.
    """

    lower: Losses
    upper: Losses


def nondominated_boxes(losses: Losses, reference: Losses) -> Boxes:
    """Cut into boxes what is better than a reference and not dominated by any point.

    Args:
        losses: (n, k) float64, small is good, k from 1 to 3; any points.
        reference: (k,) float64, the far corner.

    Returns:
        The boxes, at least one.

    Raises:
        ValueError: If there are more than three objectives.
    """
    k = len(reference)
    inside = losses[(losses < reference).all(axis=1)]
    front = np.unique(inside[is_pareto_optimal(inside)], axis=0) if len(inside) else inside
    if k == 1:
        best = front[:1] if len(front) else reference[None, :]
        return Boxes(np.full((1, 1), -np.inf), best)
    if k == 2:
        return _below_staircase(front, reference)
    if k == 3:
        return _swept(front, reference)
    raise ValueError(f"nondominated_boxes() got {k} objectives; it cuts up to three.")


def _below_staircase(front: Losses, reference: Losses) -> Boxes:
    lower = np.full((len(front) + 1, 2), -np.inf)
    lower[1:, 0] = front[:, 0]
    right = np.append(front[:, 0], reference[0])
    top = np.append(reference[1], front[:, 1])
    return Boxes(lower, np.stack([right, top], axis=1))


def _swept(front: Losses, reference: Losses) -> Boxes:
    """Sweep from the best third loss to the worst, and close the strips that a point cuts."""
    right, top, bottom = (float(end) for end in reference)
    # The strips of the staircase, from left to right: where one begins, how high it reaches, and
    # which third loss it begins at.
    lefts, tops, starts = [-np.inf], [top], [-np.inf]
    lower: list[tuple[float, float, float]] = []
    upper: list[tuple[float, float, float]] = []

    def close(i: int, end: float) -> None:
        if starts[i] < end:
            lower.append((lefts[i], -np.inf, starts[i]))
            upper.append((lefts[i + 1] if i + 1 < len(lefts) else right, tops[i], end))

    for x, y, z in front[np.lexsort(front.T)].tolist():
        first = bisect_right(lefts, x) - 1
        last = first
        while last < len(lefts) and tops[last] > y:
            close(last, z)
            last += 1
        kept = [(lefts[first], tops[first], z)] if lefts[first] < x else []
        new = [*kept, (x, y, z)]
        lefts[first:last] = [left for left, _, _ in new]
        tops[first:last] = [height for _, height, _ in new]
        starts[first:last] = [start for _, _, start in new]
    for i in range(len(lefts)):
        close(i, bottom)
    return Boxes(np.array(lower), np.array(upper))
