"""The region that a front does not dominate, cut into boxes.

An integral over that region, such as the expected improvement of a hypervolume, is then a sum over
boxes. Each box ends at a local upper bound: a corner that no point of the front is better than, and
that cannot be moved without meeting one. For n points there are n + 1 of them in two objectives, at
most 2n + 1 in three, and some hundreds in four where n is 50.

Sources: Klamroth, Lacour, Vanderpooten (2015), "On the representation of the search region in
multi-objective optimization", EJOR 245(3), for the bounds; Lacour, Klamroth, Fonseca (2017), "A box
decomposition algorithm to compute the hypervolume indicator", Comput. Oper. Res. 79, for boxes that
do not overlap.

Example:
    >>> boxes = nondominated_boxes(np.array([[1.0, 3.0], [2.0, 1.0]]), np.array([4.0, 4.0]))
    >>> order = np.argsort(boxes.upper[:, 0])
    >>> boxes.lower[order].tolist()
    [[-inf, 3.0], [-inf, 1.0], [-inf, -inf]]
    >>> boxes.upper[order].tolist()
    [[1.0, 4.0], [2.0, 3.0], [4.0, 1.0]]
"""

from __future__ import annotations

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
        losses: (n, k) float64, small is good; any points.
        reference: (k,) float64, the far corner.

    Returns:
        The boxes, at least one. Their number grows with the power ⌊k/2⌋ of that of the points.
    """
    k = len(reference)
    inside = losses[(losses < reference).all(axis=1)]
    front = np.unique(inside[is_pareto_optimal(inside)], axis=0) if len(inside) else inside
    bounds = reference[None, :].copy()
    # What holds a bound in place along each objective: a point, at first one of the reference.
    holders = np.full((1, k, k), -np.inf)
    holders[0, range(k), range(k)] = reference
    for point in front:
        bounds, holders = _moved(bounds, holders, point)
    lower = np.full_like(bounds, -np.inf)
    for i in range(1, k):
        lower[:, i] = holders[:, :i, i].max(axis=1)
    is_some = (lower < bounds).all(axis=1)
    return Boxes(lower[is_some], bounds[is_some])


def _moved(bounds: Losses, holders: Losses, point: Losses) -> tuple[Losses, Losses]:
    """Replace the bounds that a point is better than by those that it holds along one objective.

    Args:
        bounds: (b, k) float64.
        holders: (b, k, k) float64, the point that holds each bound along each objective.
        point: (k,) float64.
    """
    k = len(point)
    is_hit = (point < bounds).all(axis=1)
    hit, held = bounds[is_hit], holders[is_hit]
    # A point can take the place of a holder as long as the others stay on their sides of it.
    others = np.where(np.eye(k, dtype=bool), -np.inf, held).max(axis=1)
    row, side = np.nonzero(point >= others)
    places = np.arange(len(row))
    new, new_holders = hit[row], held[row]
    new[places, side] = point[side]
    new_holders[places, side] = point
    return (
        np.concatenate([bounds[~is_hit], new]),
        np.concatenate([holders[~is_hit], new_holders]),
    )
