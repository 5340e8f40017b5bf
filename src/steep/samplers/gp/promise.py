"""What a point promises: how much it improves on what is known, and how probably it is feasible.

Each part is a logarithm with a gradient, so that the promise of a point, a product, is their sum.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from steep.kernels.acquisition import (
    log_below,
    log_below_with_slopes,
    log_ei,
    log_ei_with_slopes,
)
from steep.kernels.boxes import nondominated_boxes
from steep.kernels.ehvi import Ehvi
from steep.kernels.gp import Columns
from steep.kernels.tradeoffs import is_properly_optimal
from steep.samplers.gp.surrogate import Belief

__all__ = ["Feasibility", "Improvement", "Part", "VolumeImprovement", "improvement_on"]

Matrix = NDArray[np.float64]
Vector = NDArray[np.float64]

_MARGIN = 0.1
"""How far beyond the worst of the front the reference is at least, as a share of its extent."""
_TOWARDS_WORST = 0.5
"""How far on the way from the worst of the front to that of all points the far reference is. At 0
the ends of the front are never extended, at 1 little else is; benchmarks/efficiency, fronts."""


class Part(Protocol):
    """A part of what a point promises."""

    def value(self, x: Matrix) -> Vector:
        """Give the logarithm of this part: (m,) float64.

        Args:
            x: (m, D) float64.
        """
        ...

    def slopes(self, x: Matrix, columns: Columns) -> tuple[Vector, Matrix]:
        """Give the same and its gradient by some columns: (m,) and (m, C) float64.

        Args:
            x: (m, D) float64.
            columns: The C columns.
        """
        ...


@dataclass(frozen=True)
class Feasibility:
    """How probably a constraint is satisfied.

    Attributes:
        posterior: What is believed of its values.
        limit: Where they begin to violate it.
    """

    posterior: Belief
    limit: float

    def value(self, x: Matrix) -> Vector:
        """See :class:`Part`."""
        return log_below(*self.posterior.at(x), self.limit)

    def slopes(self, x: Matrix, columns: Columns) -> tuple[Vector, Matrix]:
        """See :class:`Part`."""
        mean, variance, slopes = self.posterior.with_slopes(x)
        log, *by = log_below_with_slopes(mean, variance, self.limit)
        return log, slopes.gradient(by[0], by[1], columns)


@dataclass(frozen=True)
class Improvement:
    """How much one objective improves.

    Attributes:
        posterior: What is believed of it.
        best: What is to be improved on.
    """

    posterior: Belief
    best: float

    def value(self, x: Matrix) -> Vector:
        """See :class:`Part`."""
        return log_ei(*self.posterior.at(x), self.best)

    def slopes(self, x: Matrix, columns: Columns) -> tuple[Vector, Matrix]:
        """See :class:`Part`."""
        mean, variance, slopes = self.posterior.with_slopes(x)
        log, *by = log_ei_with_slopes(mean, variance, self.best)
        return log, slopes.gradient(by[0], by[1], columns)


@dataclass(frozen=True)
class VolumeImprovement:
    """How much the hypervolume of several objectives improves.

    The volume is a product, so that with independent losses a point of which nothing is known would
    count as good in all k of them at once, and corners of the space would be tried first. With the
    k-th part of each variance all of them together are as uncertain as one.

    Attributes:
        posteriors: What is believed of each of the k objectives.
        ehvi: Measures it.
    """

    posteriors: Sequence[Belief]
    ehvi: Ehvi

    def value(self, x: Matrix) -> Vector:
        """See :class:`Part`."""
        means, variances = zip(*[p.at(x) for p in self.posteriors], strict=True)
        return self.ehvi.log(np.stack(means, axis=1), self._shared(variances))

    def slopes(self, x: Matrix, columns: Columns) -> tuple[Vector, Matrix]:
        """See :class:`Part`."""
        means, variances, slopes = zip(*[p.with_slopes(x) for p in self.posteriors], strict=True)
        log, by_mean, by_variance = self.ehvi.log_with_slopes(
            np.stack(means, axis=1), self._shared(variances)
        )
        by_variance /= len(self.posteriors)
        gradients = [
            slope.gradient(by_mean[:, i], by_variance[:, i], columns)
            for i, slope in enumerate(slopes)
        ]
        return log, np.sum(gradients, axis=0)

    def _shared(self, variances: Sequence[Vector]) -> Matrix:
        return np.stack(variances, axis=1) / len(variances)


def improvement_on(posteriors: Sequence[Belief], losses: Matrix, extends: bool) -> Part:
    """Measure the improvement on losses that are known.

    Args:
        posteriors: What is believed of each of the k objectives.
        losses: (n, k) float64, with n at least 1.
        extends: Whether it counts, where there are several objectives, to make the front longer
            at its ends; else points count that are no worse than half of all.
    """
    if len(posteriors) == 1:
        return Improvement(posteriors[0], float(losses.min()))
    boxes = nondominated_boxes(losses, _reference(losses, extends))
    return VolumeImprovement(posteriors, Ehvi(boxes))


def _reference(losses: Matrix, extends: bool) -> Vector:
    """Choose the far corner of the volume: somewhat beyond the worst of the front, or farther."""
    front = losses[is_properly_optimal(losses)]
    worst = front.max(axis=0)
    extent = worst - front.min(axis=0)
    # Standardised losses have a deviation of 1: the extent where the front has none.
    least = worst + _MARGIN * np.where(extent > 1e-9, extent, 1.0)
    if extends:
        far = worst + _TOWARDS_WORST * (losses.max(axis=0) - worst)
    else:
        far = np.median(losses, axis=0)
    reference: Vector = np.maximum(least, far)
    return reference
