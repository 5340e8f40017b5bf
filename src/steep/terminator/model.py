"""A Gaussian process over trials, for what it says of the whole space."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from steep.distributions import BaseDistribution
from steep.kernels.covariance import matern, squared_distances
from steep.kernels.gp import Regression
from steep.kernels.likelihood import Prior, fit
from steep.samplers.gp.candidates import Candidates
from steep.samplers.gp.features import Features
from steep.space import Space

if TYPE_CHECKING:
    from steep.trial import FrozenTrial

__all__ = ["Beliefs", "Points", "regret_bound"]

Matrix = NDArray[np.float64]
Vector = NDArray[np.float64]

_N_RANDOM, _N_NEAR = 2048, 256


class Points:
    """Hold trials as points that the Gaussian process sees.

    Args:
        space: The d parameters, at least one.
        trials: The n trials, each with all of them.

    Attributes:
        unit: (n, d) float64 in [0, 1].
        columns: (n, D) float64.
        d: The number of parameters.
    """

    def __init__(
        self, space: Mapping[str, BaseDistribution], trials: Sequence[FrozenTrial]
    ) -> None:
        own = Space(space)
        rows = np.array([own.to_internal(trial.params) for trial in trials])
        self.d = len(own)
        self._candidates = Candidates(own)
        self._features = Features(own)
        self.groups = self._features.groups
        self.unit: Matrix = own.encode(rows)
        self.columns: Matrix = self._features(self.unit)

    def others(self, best: Vector, rng: np.random.Generator) -> Matrix:
        """Draw points of the whole space, and some near a good one.

        Args:
            best: (d,) float64 in [0, 1].
            rng: Where the randomness comes from.

        Returns:
            (m, D) float64.
        """
        near = self._candidates.around(best, rng, _N_NEAR)
        return self._features(np.concatenate([self._candidates.random(rng, _N_RANDOM), near]))


class Beliefs:
    """Hold what a Gaussian process believes after some points.

    Args:
        x: (n, D) float64, the points.
        y: (n,) float64, their standardised values, large is good.
        groups: (D,) the parameter of each column.
        theta: The hyperparameters; None to fit them.
        is_exact: Whether the values have no noise.

    Attributes:
        theta: The hyperparameters.
    """

    def __init__(
        self,
        x: Matrix,
        y: Vector,
        groups: NDArray[np.intp],
        theta: Vector | None = None,
        is_exact: bool = False,
    ) -> None:
        d = int(groups.max()) + 1
        prior = Prior.smooth(d, None) if is_exact else Prior.smooth(d)
        self.theta = fit(x, y, groups, prior) if theta is None else theta
        self._regression = Regression(x, groups, self.theta)
        self._alpha = self._regression.weights(y)

    @property
    def noise(self) -> float:
        """Give the variance of the noise."""
        return math.exp(float(self.theta[-1]))

    def at(self, x: Matrix) -> tuple[Vector, Vector]:
        """Give mean and variance of the function at some points.

        Args:
            x: (m, D) float64.

        Returns:
            Twice (m,) float64.
        """
        return self._regression.predict(x, self._alpha)

    def variance_of_difference(self, a: Vector, b: Vector) -> float:
        """Give the variance of f(a) - f(b).

        Args:
            a: (D,) float64.
            b: (D,) float64.
        """
        both = np.stack([a, b]) * np.sqrt(self._regression.w)
        k, _ = matern(squared_distances(both, self._regression.points))
        own, _ = matern(squared_distances(both, both))
        v = k @ self._regression.inverse_factor.T
        covariance = own - v @ v.T
        found = covariance[0, 0] - 2.0 * covariance[0, 1] + covariance[1, 1]
        return max(float(found), 0.0)


def regret_bound(
    beliefs: Beliefs, points: Points, n: int, rng: np.random.Generator, delta: float = 0.1
) -> float:
    """Bound how much better than the best of n points the best of the whole space may be.

    Args:
        beliefs: What is known after the points.
        points: The points.
        n: How many of them, from the first one, are known.
        rng: Where the randomness comes from.
        delta: How probable it may be that the bound does not hold.

    Returns:
        A number ≥ 0, in units of the standardised values.

    Source: Makarova et al. (2022), eqs. 3 to 5; β is that of Srinivas et al. (2010), theorem 1,
    scaled down by 5 as there in sec. 6.
    """
    beta = 2.0 / 5.0 * math.log(points.d * n**2 * math.pi**2 / (6.0 * delta))
    mean, variance = beliefs.at(points.columns[:n])
    width = np.sqrt(beta * variance)
    best = points.unit[int(mean.argmax())]
    far_mean, far_variance = beliefs.at(points.others(best, rng))
    highest = max((mean + width).max(), (far_mean + np.sqrt(beta * far_variance)).max())
    return float(highest - (mean - width).max())
