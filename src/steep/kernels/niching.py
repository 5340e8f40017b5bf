"""Which members of a population survive in NSGA-III: those near reference directions few are near.

>>> das_dennis(2, 2)
array([[0. , 1. ], [0.5, 0.5], [1. , 0. ]])

Source: Deb, Jain, "An evolutionary many-objective optimization algorithm using
reference-point-based nondominated sorting approach, part I", IEEE TEC 18(4), 2014. The reference
points are those of Das, Dennis, "Normal-boundary intersection", SIAM J. Optim. 8(3), 1998.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from steep.kernels.pareto import constrained_ranks

__all__ = ["das_dennis", "niched_survivors", "normalised", "perpendicular_distances"]

Array = NDArray[np.float64]

_FAR = 3.0
"""Infinite losses count as so many widths of the finite ones beyond them."""

_OTHER_AXES = 1e6
"""The weight of the other axes in the achievement scalarizing function, eq. (4)."""


def das_dennis(m: int, p: int) -> Array:
    """Spread points evenly over the plane where the m coordinates sum to 1 (section IV-B).

    Args:
        m: The number of objectives, at least 1.
        p: Into how many parts each axis is divided, at least 1.

    Returns:
        (C(m + p - 1, p), m) float64.
    """
    # Stars and bars: p stars, m - 1 bars among them, and the gaps between bars are coordinates.
    chosen = list(combinations(range(p + m - 1), m - 1))
    bars = np.array([(-1, *row, p + m - 1) for row in chosen], dtype=np.float64)
    return np.asarray((np.diff(bars, axis=1) - 1) / p)


def normalised(losses: Array) -> Array:
    """Move the ideal point to 0 and the intercepts of the extreme points to 1 (section IV-C).

    Args:
        losses: (n, m) float64; infinite ones are brought near the finite ones.

    Returns:
        (n, m) float64.
    """
    points = _finite(losses)
    points -= points.min(axis=0)
    m = points.shape[1]
    weights = np.where(np.eye(m, dtype=bool), 1.0, _OTHER_AXES)
    extremes = points[(points[:, None] * weights).max(axis=2).argmin(axis=0)]  # eq. (4)
    inverse = np.full(m, np.nan)
    if np.linalg.matrix_rank(extremes) == m:
        inverse = np.linalg.solve(extremes, np.ones(m))
    if not (np.isfinite(inverse) & (inverse > 0.0)).all():
        # The plane of the extreme points does not meet every axis: the paper leaves this open.
        widest = points.max(axis=0)
        inverse = 1.0 / np.where(widest > 0.0, widest, 1.0)
    return np.asarray(points * inverse)  # eq. (5)


def _finite(losses: Array) -> Array:
    """Bring infinite losses near the finite ones, and all into a scale that cannot overflow."""
    known = np.where(np.isfinite(losses), losses, np.nan)
    some = ~np.isnan(known).all(axis=0)
    low, high = np.zeros(losses.shape[1]), np.zeros(losses.shape[1])
    low[some], high[some] = np.nanmin(known[:, some], axis=0), np.nanmax(known[:, some], axis=0)
    scale = np.maximum(np.maximum(np.abs(low), np.abs(high)), np.finfo(float).tiny)
    low, high = low / scale, high / scale
    margin = _FAR * np.where(high > low, high - low, 1.0)
    return np.asarray(np.clip(losses / scale, low - margin, high + margin))


def perpendicular_distances(points: Array, references: Array) -> Array:
    """Give the distance of each point to the line through 0 and each reference (section IV-D).

    Args:
        points: (n, m) float64.
        references: (r, m) float64.

    Returns:
        (n, r) float64.
    """
    lengths = np.linalg.norm(references, axis=1, keepdims=True)
    directions = references / np.where(lengths > 0.0, lengths, 1.0)
    along = points @ directions.T
    squares = (points**2).sum(axis=1, keepdims=True) - along**2
    return np.asarray(np.sqrt(np.maximum(squares, 0.0)))


def niched_survivors(
    losses: Array,
    violation: NDArray[np.float64],
    k: int,
    references: Array,
    rng: np.random.Generator,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Choose k points: whole fronts, and of the last one those in sparse niches.

    Args:
        losses: (n, m) float64, small is good.
        violation: (n,) float64, 0 where feasible.
        k: How many survive; all if there are fewer.
        references: (r, m) float64.
        rng: Where the randomness comes from.

    Returns:
        Their positions, front by front, and their ranks.
    """
    ranks = constrained_ranks(losses, violation)
    order = np.argsort(ranks, kind="stable")
    if 0 < k < len(order):
        last = ranks[order[k - 1]]
        inner, front = order[ranks[order] < last], order[ranks[order] == last]
        pool = np.concatenate([inner, front])
        distances = perpendicular_distances(normalised(losses[pool]), references)
        chosen = _fill_niches(distances, len(inner), k - len(inner), rng)
        order = np.concatenate([inner, front[chosen]])
    order = order[:k]
    return order, ranks[order]


def _fill_niches(
    distances: Array, n_inner: int, k: int, rng: np.random.Generator
) -> NDArray[np.int64]:
    """Choose k members of the last front, the emptiest niche first (section IV-E, algorithm 4).

    Args:
        distances: (n, r) float64, of the survivors so far and then of the last front.
        n_inner: How many have survived so far.
        k: How many more survive.
        rng: Where the randomness comes from.

    Returns:
        (k,) int64, positions in the last front.
    """
    niche = distances.argmin(axis=1)
    nearness = distances[np.arange(len(niche)), niche][n_inner:]
    counts = np.bincount(niche[:n_inner], minlength=distances.shape[1])
    mates: dict[int, list[int]] = {}
    for i in rng.permutation(len(nearness)).tolist():
        mates.setdefault(int(niche[n_inner + i]), []).append(i)
    chosen: list[int] = []
    while len(chosen) < k:
        open_niches = np.array(sorted(mates))
        filled = counts[open_niches]
        j = int(rng.choice(open_niches[filled == filled.min()]))
        # An empty niche takes its nearest point, another one any: they stand in random order.
        best = min(mates[j], key=nearness.__getitem__) if counts[j] == 0 else mates[j][-1]
        mates[j].remove(best)
        if not mates[j]:
            del mates[j]
        chosen.append(best)
        counts[j] += 1
    return np.array(chosen, dtype=np.int64)
