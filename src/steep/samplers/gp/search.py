"""Where is the acquisition largest? A search on ranges, grids and choices at once.

Points at random, points near the best ones and all their neighbours by one exchange are compared.
From the best few the search goes on: along the gradient where parameters are continuous, then by
the best exchange of one discrete parameter, in turn. All points of a step are evaluated in one
batch.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from steep.kernels.ascent import FOREVER, ascend
from steep.samplers.gp.candidates import Candidates

__all__ = ["TO_FRONT", "TO_ONE_OBJECTIVE", "Acquisition", "Effort", "Found", "search"]

Matrix = NDArray[np.float64]
Vector = NDArray[np.float64]

_N_RANDOM = 250
_N_NEAR = 96
_N_STARTS = 4
_N_ROUNDS = 3
_LEAST_GAIN = 1e-3
"""A point that exchanges have raised by less than this does not climb again."""
_MET = 1e-2
"""Points that are nowhere farther apart have met."""


class Effort(NamedTuple):
    """Say how far points climb.

    Attributes:
        n_steps: So many steps at most.
        patience: One that would not come level with the best in so many more steps gives up.
    """

    n_steps: int
    patience: float


TO_ONE_OBJECTIVE = Effort(10, 100.0)
"""On bbob of the tuning half 8, 12 and 20 steps made trials as good as each other. Lengthscales as
the first curvatures, which halve the steps to the top, were no better in 5 dimensions and rather
worse in 10 (benchmarks/efficiency, 12 functions each, 30 and 40 seeds). With the patience 3 of 720
searches of 20 steps ended lower by more than 1e-3."""
TO_FRONT = Effort(20, FOREVER)
"""Against this 10 steps with the patience above won 0.36 [0.27, 0.43] of the runs, 20 steps with it
0.44 [0.32, 0.56] (11 fronts, 10 seeds)."""


@dataclass(frozen=True)
class Acquisition:
    """Say what a point promises.

    Attributes:
        value: Gives (m,) float64 for (m, d) points in [0, 1].
        from_points: Gives, for (m, d) points, the function of their continuous parameters: from
            (m, c) float64 the value (m,) and its gradient (m, c).
        effort: How far to follow the gradient.
    """

    value: Callable[[Matrix], Vector]
    from_points: Callable[[Matrix], Callable[[Matrix], tuple[Vector, Matrix]]]
    effort: Effort


@dataclass(frozen=True)
class Found:
    """Hold the points that were compared.

    Attributes:
        points: (m, d) float64 in [0, 1].
        values: (m,) float64, what they promise.
    """

    points: Matrix
    values: Vector

    def best(self) -> Matrix:
        """Give the point that promises most: (d,) float64."""
        row: Matrix = self.points[self.values.argmax()]
        return row


def search(
    acquisition: Acquisition, candidates: Candidates, best: Matrix, rng: np.random.Generator
) -> Found:
    """Look for the largest acquisition.

    Args:
        acquisition: What is to be large.
        candidates: Makes points.
        best: (b, d) float64 in [0, 1], the best points so far.
        rng: Where the randomness comes from.

    Returns:
        All points of the first comparison, and those at which the search ended.
    """
    pool = np.concatenate(
        [
            candidates.random(rng, _N_RANDOM),
            *(candidates.around(point, rng, -(-_N_NEAR // len(best))) for point in best),
            *(candidates.exchanges(point, rng) for point in best),
        ]
    )
    values = acquisition.value(pool)
    starts = np.argsort(-values, kind="stable")[:_N_STARTS]
    points, reached = pool[starts], values[starts]
    moved = np.arange(len(points))  # since the last climb
    for _ in range(_N_ROUNDS):
        points[moved], reached[moved] = _climb(
            acquisition, candidates, points[moved], reached[moved]
        )
        moved = moved[_apart(points[moved], reached[moved])]
        climbed = reached[moved]
        points[moved], reached[moved] = _exchange(
            acquisition, candidates, points[moved], climbed, rng
        )
        moved = moved[reached[moved] - climbed >= _LEAST_GAIN]
        if not (candidates.continuous.size and len(moved)):
            break
    return Found(np.concatenate([points, pool]), np.concatenate([reached, values]))


def _apart(points: Matrix, values: Vector) -> list[int]:
    """Choose of points that have met the best one only: the others would go where it goes."""
    is_apart = np.abs(points[:, None] - points).max(axis=2) > _MET
    chosen: list[int] = []
    for i in np.argsort(-values, kind="stable").tolist():
        if is_apart[i, chosen].all():
            chosen.append(i)
    return chosen


def _climb(
    acquisition: Acquisition, candidates: Candidates, points: Matrix, values: Vector
) -> tuple[Matrix, Vector]:
    """Follow the gradient from several points at once."""
    columns = candidates.continuous
    if not columns.size:
        return points, values
    moved = points.copy()
    slopes = acquisition.from_points(points)
    effort = acquisition.effort
    moved[:, columns], reached = ascend(
        slopes, points[:, columns], effort.n_steps, patience=effort.patience
    )
    return candidates.snapped(moved), reached


def _exchange(
    acquisition: Acquisition,
    candidates: Candidates,
    points: Matrix,
    values: Vector,
    rng: np.random.Generator,
) -> tuple[Matrix, Vector]:
    """Exchange one discrete parameter at a time, always the best one, until none helps."""
    points, values = points.copy(), values.copy()
    active = list(range(len(points))) if candidates.discrete.size else []
    for _ in range(2 * len(candidates.discrete)):
        if not active:
            break
        neighbours = [candidates.exchanges(points[i], rng) for i in active]
        found = acquisition.value(np.concatenate(neighbours))
        ends = np.cumsum([len(one) for one in neighbours])
        improved = []
        for i, own, near in zip(active, np.split(found, ends[:-1]), neighbours, strict=True):
            best = int(own.argmax())
            if own[best] > values[i] + 1e-9:
                points[i], values[i] = near[best], own[best]
                improved.append(i)
        active = improved
    return points, values
