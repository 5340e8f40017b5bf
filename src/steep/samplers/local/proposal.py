"""The most promising new point of a trust region."""

from __future__ import annotations

from itertools import islice

import numpy as np
from numpy.typing import NDArray

from steep.kernels.quadratic import Quadratic, fit
from steep.samplers.gp.candidates import Candidates
from steep.samplers.local.region import SAME, Region
from steep.space import Space

__all__ = ["propose"]

Matrix = NDArray[np.float64]
Vector = NDArray[np.float64]
Mask = NDArray[np.bool_]

_N_STARTS = 4
_N_RANDOM = 256
_VALUES_EACH = 2
"""So many trials for each coefficient of the model."""
_MOST_VALUES = 256
_OTHER_CHOICE = 0.5
"""How far away a trial counts that has another choice."""
_CROWDED = 0.25
"""Points nearer to a running trial than this share of the radius are left to it."""


def propose(
    region: Region, pending: Matrix, rng: np.random.Generator, n_rejected: int = 0
) -> Vector:
    """Choose the point of which the model expects the lowest loss.

    Args:
        region: Where to look.
        pending: (k, D) float64 in [0, 1], points of running trials, NaN where unknown.
        rng: Where the randomness comes from.
        n_rejected: How many of the best points not to take: what the objective did not accept.

    Returns:
        (D,) float64 in [0, 1].
    """
    numeric, center = region.numeric, region.units[region.best]
    names = [region.space.names[j] for j in numeric]
    distributions = [region.space.distributions[j] for j in numeric]
    candidates = Candidates(Space(dict(zip(names, distributions, strict=True))))
    own = center[numeric]
    low, high = _box(candidates, own, region.radius)
    model, unit = _model(region)
    starts = np.concatenate([own[None], low + rng.random((_N_STARTS - 1, len(own))) * (high - low)])
    lowest = own + unit * model.lowest(
        (low - own) / unit, (high - own) / unit, (starts - own) / unit
    )
    pool = _pool(candidates, own, lowest, low, high, rng)
    pending = pending[~np.isnan(pending[:, numeric]).any(axis=1)]
    pool = pool[np.argsort(model.value((pool - own) / unit), kind="stable")]
    point: Vector = center.copy()
    room = _CROWDED * region.radius
    point[numeric] = _first_new(pool, _alike(region), pending[:, numeric], room, n_rejected)
    return point


def _box(candidates: Candidates, center: Vector, radius: float) -> tuple[Vector, Vector]:
    """Give the ends of the region; it reaches to the next value of a grid at least."""
    low, high = center - radius, center + radius
    for j, values in candidates.values.items():
        i = int(np.abs(values - center[j]).argmin())
        low[j] = min(low[j], values[max(i - 1, 0)])
        high[j] = max(high[j], values[min(i + 1, len(values) - 1)])
    return np.maximum(low, 0.0), np.minimum(high, 1.0)


def _model(region: Region) -> tuple[Quadratic, float]:
    """Fit the nearest trials; give the model, and the length in which its coordinates are."""
    numeric, best = region.numeric, region.best
    steps = region.units - region.units[best]
    others, is_other = region.choices, region.with_other_choices()
    away = np.abs(steps[:, numeric]).max(axis=1) + _OTHER_CHOICE * is_other.sum(axis=1)
    away[np.isinf(region.losses)] = np.inf
    d = len(numeric)
    wanted = _VALUES_EACH * ((d + 1) * (d + 2) // 2 + len(others))
    nearest = np.argsort(away, kind="stable")[: min(wanted, _MOST_VALUES)]
    nearest = nearest[np.isfinite(away[nearest]) & (nearest != best)]
    unit = max(region.radius, float(np.median(away[nearest])) if len(nearest) else 0.0)
    kinds = _kinds(region.units[np.ix_(nearest, others)], is_other[nearest])
    rise = region.losses[nearest] - region.losses[best]
    return fit(steps[np.ix_(nearest, numeric)] / unit, rise, kinds), unit


def _alike(region: Region) -> Matrix:
    """Give the numerical parameters of the trials that have the best one's choices: (m, d)."""
    is_alike = ~region.with_other_choices().any(axis=1)
    alike: Matrix = region.units[np.ix_(is_alike, region.numeric)]
    return alike


def _kinds(choices: Matrix, is_other: Mask) -> Matrix:
    """Give a column for each choice that is not the best trial's, 1 where a trial has it."""
    found = [
        is_other[:, j] & (choices[:, j] == value)
        for j in range(choices.shape[1])
        for value in np.unique(choices[is_other[:, j], j])
    ]
    return np.array(found, dtype=np.float64).reshape(len(found), len(choices)).T


def _pool(
    candidates: Candidates, center: Vector, lowest: Vector, low: Vector, high: Vector,
    rng: np.random.Generator,
) -> Matrix:  # fmt: skip
    """Make points of the region; the first one is the lowest of the model."""
    some = low + rng.random((_N_RANDOM, len(center))) * (high - low)
    pool = candidates.snapped(np.concatenate([lowest[None], some]))
    if candidates.discrete.size:
        near = [candidates.exchanges(point, rng) for point in (pool[0], center)]
        pool = np.concatenate([pool, *near])
    is_inside = ((pool >= low - SAME) & (pool <= high + SAME)).all(axis=1)
    return pool[is_inside]


def _first_new(pool: Matrix, known: Matrix, pending: Matrix, room: float, n_passed: int) -> Vector:
    """Give the first point that is new and, if there is one, has room; pass over so many such."""
    for least in (room, SAME):
        found = (
            point
            for point in pool
            if _distance(point, known) > SAME and _distance(point, pending) >= least
        )
        chosen: list[Vector] = list(islice(found, n_passed + 1))
        if chosen:
            return chosen[-1]
    lowest: Vector = pool[0]
    return lowest


def _distance(point: Vector, others: Matrix) -> float:
    """Give how far a point is from the nearest of some others."""
    return float(np.abs(others - point).max(axis=1).min(initial=np.inf))
