"""Several objectives: the ZDT functions (two), some of DTLZ, and a convex DTLZ2 (two to four).

What counts is the hypervolume up to a reference point, as the loss 1 - volume / volume of the true
front. Reference points are those of a front that random points reach easily; the volumes of the
true fronts are in closed form, or those of 2,000 points of the front.

Sources: Zitzler, Deb, Thiele (2000), "Comparison of multiobjective evolutionary algorithms",
Evol. Comput. 8(2); Deb, Thiele, Laumanns, Zitzler (2002), "Scalable multi-objective optimization
test problems", CEC; Deb, Jain (2014), "An evolutionary many-objective optimization algorithm using
reference-point-based nondominated sorting approach, part I", IEEE Trans. Evol. Comput. 18(4), for
the convex one.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.efficiency.spaces import Configuration, Parameter, Space
from steep.kernels.hypervolume import hypervolume

__all__ = ["Problem", "load", "names", "score"]

Vector = NDArray[np.float64]


@dataclass(frozen=True)
class Problem:
    """A function of the unit cube.

    Attributes:
        losses: Gives k losses of a point (d,).
        dimension: The number d of parameters.
        objectives: The number k of losses.
        reference: (k,) the far corner of what is counted.
        front: Gives the true front: (n, k).
        volume: What the true front dominates, where it is known in closed form.
    """

    losses: Callable[[Vector], Vector]
    dimension: int
    objectives: int
    reference: tuple[float, ...]
    front: Callable[[], Vector]
    volume: float | None = None

    @property
    def space(self) -> Space:
        """Give floats in [0, 1]."""
        return Space(tuple(Parameter(f"x{i}", "float") for i in range(self.dimension)))

    def evaluate(self, configuration: Configuration) -> list[float]:
        """Give the losses of a configuration."""
        point = np.array([configuration[f"x{i}"] for i in range(self.dimension)])
        return [float(loss) for loss in self.losses(point)]

    def progress(self, losses: Vector) -> Vector:
        """Give what is missing of the true volume after each evaluation.

        Args:
            losses: (n, k).

        Returns:
            (n,) float64, falling from 1 towards 0.
        """
        reference = np.array(self.reference)
        full = self.volume or _full_volume(self.front, self.reference)
        each = 1 if self.objectives <= 3 else 10  # the volume of four takes a while
        volumes = [
            hypervolume(losses[: (n + 1) // each * each], reference) for n in range(len(losses))
        ]
        return np.maximum(1.0 - np.array(volumes) / full, 0.0)


@functools.cache
def _full_volume(front: Callable[[], Vector], reference: tuple[float, ...]) -> float:
    return hypervolume(front(), np.array(reference))


def _g(x: Vector) -> float:
    return 1.0 + 9.0 * float(x[1:].mean())


def _zdt1(x: Vector) -> Vector:
    g = _g(x)
    return np.array([x[0], g * (1.0 - np.sqrt(x[0] / g))])


def _zdt2(x: Vector) -> Vector:
    g = _g(x)
    return np.array([x[0], g * (1.0 - (x[0] / g) ** 2)])


def _zdt3(x: Vector) -> Vector:
    g, ratio = _g(x), x[0] / _g(x)
    return np.array([x[0], g * (1.0 - np.sqrt(ratio) - ratio * np.sin(10 * np.pi * x[0]))])


def _zdt4(x: Vector) -> Vector:
    y = 10.0 * x[1:] - 5.0
    g = 1.0 + 10.0 * len(y) + float((y**2 - 10.0 * np.cos(4 * np.pi * y)).sum())
    return np.array([x[0], g * (1.0 - np.sqrt(x[0] / g))])


def _zdt6(x: Vector) -> Vector:
    first = 1.0 - np.exp(-4.0 * x[0]) * np.sin(6 * np.pi * x[0]) ** 6
    g = 1.0 + 9.0 * float(x[1:].mean()) ** 0.25
    return np.array([first, g * (1.0 - (first / g) ** 2)])


def _dtlz2(x: Vector, k: int) -> Vector:
    g = float(((x[k - 1 :] - 0.5) ** 2).sum())
    return (1.0 + g) * _on_sphere(x[: k - 1])


def _on_sphere(u: Vector) -> Vector:
    """Give the point of the unit sphere at the angles u·π/2: (..., k - 1) to (..., k)."""
    cosines, sines = np.cos(u * np.pi / 2), np.sin(u * np.pi / 2)
    k = u.shape[-1] + 1
    sides = [
        np.prod(cosines[..., : k - 1 - i], axis=-1) * (sines[..., k - 1 - i] if i else 1.0)
        for i in range(k)
    ]
    return np.stack(sides, axis=-1)


def _convex(x: Vector, k: int) -> Vector:
    *first, last = _dtlz2(x, k)
    return np.array([*(loss**4 for loss in first), last**2])


def _dtlz5(x: Vector, k: int) -> Vector:
    g = float(((x[k - 1 :] - 0.5) ** 2).sum())
    # With the optimal g all angles but the first stand still: the front is a curve.
    angles = (0.5 + g * x[1 : k - 1]) / (1.0 + g)
    return (1.0 + g) * _on_sphere(np.append(x[:1], angles))


def _dtlz1(x: Vector, k: int) -> Vector:
    y = x[k - 1 :] - 0.5
    # The constant of the paper (100) drowns the shape of the front in a hundred evaluations.
    g = len(y) + float((y**2 - np.cos(2 * np.pi * y)).sum())
    sides = [np.prod(x[: k - 1 - i]) * (1.0 - x[k - 1 - i] if i else 1.0) for i in range(k)]
    return 0.5 * (1.0 + g) * np.array(sides)


def _dtlz7(x: Vector, k: int) -> Vector:
    first = x[: k - 1]
    g = 1.0 + 9.0 * float(x[k - 1 :].mean())
    h = k - float((first / (1.0 + g) * (1.0 + np.sin(3 * np.pi * first))).sum())
    return np.array([*first, (1.0 + g) * h])


def _at_best(losses: Callable[[Vector], Vector], rest: float, free: int, d: int) -> Vector:
    """Give losses where the last parameters have their best value, over a grid of the first."""
    n = 2000 if free == 1 else 45 if free == 2 else 13
    axes = np.meshgrid(*[np.linspace(0.0, 1.0, n)] * free, indexing="ij")
    first = np.stack([axis.ravel() for axis in axes], axis=1)
    return np.array([losses(np.concatenate([row, np.full(d - free, rest)])) for row in first])


def _problem(
    losses: Callable[[Vector], Vector],
    rest: float,
    d: int,
    reference: tuple[float, ...],
    volume: float | None = None,
) -> Problem:
    k = len(reference)
    front = functools.partial(_at_best, losses, rest, k - 1, d)
    return Problem(losses, d, k, reference, front, volume)


def _volume_of_dtlz5(k: int, end: float) -> float:
    """Give the volume up to (end, ...): a quarter of a circle in the plane of all but the last."""
    scales = _on_sphere(np.full(k - 2, 0.5))
    a = np.linspace(0.0, 1.0, 100_001)
    # So large is what is at least a in that plane; it needs the last loss above √(1 - a²).
    sections = np.prod(end - a[:, None] * scales, axis=1)
    heights = end - np.sqrt(1.0 - a**2)
    middles = (heights[1:] + heights[:-1]) / 2
    return float(sections[-1] * end - middles @ np.diff(sections))


def _volume_of_dtlz7(k: int, end: float, last: float) -> float:
    """Give the volume up to (end, ..., last): along each of the first losses the last one falls."""
    t = np.linspace(0.0, 1.0, 100_001)
    fall = np.maximum.accumulate(t * (1.0 + np.sin(3 * np.pi * t)))
    gained = float((fall[1:] + fall[:-1]).mean() / 2 + (end - 1.0) * fall[-1])
    return float(end ** (k - 1) * (last - 2 * k) + (k - 1) * end ** (k - 2) * gained)


def _volume_of_convex(k: int, end: float) -> float:
    """Give the volume up to (end, ...): what has Σ √f_i + f_k < 1 is not in it."""
    return float(end**k - 2 ** (k - 1) / math.factorial(2 * k - 1))


# DTLZ1 leaves out a simplex, DTLZ2 the part of the unit ball where all losses are positive.
PROBLEMS = {
    "zdt1": _problem(_zdt1, 0.0, 8, (1.1, 5.0)),
    "zdt2": _problem(_zdt2, 0.0, 8, (1.1, 5.0)),
    "zdt3": _problem(_zdt3, 0.0, 8, (1.1, 5.0)),
    "zdt4": _problem(_zdt4, 0.5, 5, (1.1, 60.0)),
    "zdt6": _problem(_zdt6, 0.0, 6, (1.1, 9.0)),
    "dtlz1-2": _problem(functools.partial(_dtlz1, k=2), 0.5, 6, (3.0, 3.0)),
    "dtlz2-2": _problem(functools.partial(_dtlz2, k=2), 0.5, 6, (1.5, 1.5), 1.5**2 - np.pi / 4),
    "dtlz2-3": _problem(functools.partial(_dtlz2, k=3), 0.5, 7, (1.5,) * 3, 1.5**3 - np.pi / 6),
    "dtlz7-3": _problem(functools.partial(_dtlz7, k=3), 0.0, 7, (1.1, 1.1, 20.0)),
    **{
        f"dtlz1-{k}": _problem(
            functools.partial(_dtlz1, k=k),
            0.5,
            k + 4,
            (3.0,) * k,
            3.0**k - 0.5**k / math.factorial(k),
        )
        for k in (3, 4)
    },
    **{
        f"dtlz5-{k}": _problem(
            functools.partial(_dtlz5, k=k), 0.5, k + 4, (1.5,) * k, _volume_of_dtlz5(k, 1.5)
        )
        for k in (3, 4)
    },
    **{
        f"dtlz7-{k}": _problem(
            functools.partial(_dtlz7, k=k),
            0.0,
            k + 4,
            (*[1.1] * (k - 1), last),
            _volume_of_dtlz7(k, 1.1, last),
        )
        for k, last in ((2, 18.0), (4, 25.0))
    },
    **{
        f"convex-{k}": _problem(
            functools.partial(_convex, k=k), 0.5, k + 4, (2.0,) * k, _volume_of_convex(k, 2.0)
        )
        for k in (2, 3, 4)
    },
    "dtlz2-4": _problem(functools.partial(_dtlz2, k=4), 0.5, 8, (1.5,) * 4, 1.5**4 - np.pi**2 / 32),
}


def names(family: str) -> list[str]:
    """Give the names of the problems; where there are variants, the number of objectives."""
    return list(PROBLEMS)


def load(family: str, name: str, seed: int) -> Problem:
    """Give a problem; it is the same for each seed."""
    return PROBLEMS[name]


def score(family: str, name: str, best: Vector) -> Vector:
    """Give what is missing of the true volume, in percent."""
    return np.asarray(100.0 * best)
