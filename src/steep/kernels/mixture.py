"""Parzen mixtures over a unit cube with categorical axes: the densities of TPE.

Every observation is a kernel: a product of truncated normals over the numeric axes and of smoothed
one-hot weights over the categorical ones; a wide prior kernel comes last. The log-densities of all
candidates under all kernels are two matrix products, since a quadratic form is linear in (x^2, x).

Sources: Bergstra et al., "Algorithms for hyper-parameter optimization", NeurIPS 2011, section 4;
Watanabe, "Tree-structured Parzen estimator", 2023, arXiv:2304.11127, section 3.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["Mixture", "joint_bandwidths", "neighbour_bandwidths", "ramp_weights"]

Floats = NDArray[np.float64]


def ramp_weights(n: int) -> Floats:
    """Weigh n observations by age: the newest 25 fully, the older ones less and less.

    Args:
        n: The number of observations, oldest first.

    Returns:
        (n,) float64 in (0, 1].

    Example:
        >>> ramp_weights(3)
        array([1., 1., 1.])
    """
    if n < 25:
        return np.ones(n)
    return np.concatenate([np.linspace(1.0 / n, 1.0, n - 25), np.ones(25)])


def joint_bandwidths(n: int, n_axes: int) -> float:
    """Give the common bandwidth of n kernels in n_axes dimensions (Scott's rule, scaled).

    Args:
        n: The number of observations.
        n_axes: The number of axes, categorical ones included.

    Returns:
        A standard deviation in units of the range.
    """
    scott: float = 0.2 * float(max(n, 1)) ** (-1.0 / (n_axes + 4))
    return max(scott, _narrowest(n))


def neighbour_bandwidths(centres: Floats) -> Floats:
    """Give each kernel of one axis the distance to its farther neighbour.

    Args:
        centres: (n,) float64 in [0, 1].

    Returns:
        (n,) float64, at most 1 and at least a hundredth (more for few kernels).
    """
    n = len(centres)
    order = np.argsort(centres, kind="stable")
    padded = np.concatenate([[0.0], centres[order], [1.0]])
    gaps = np.diff(padded)
    widths = np.empty(n)
    widths[order] = np.maximum(gaps[:-1], gaps[1:])
    return np.clip(widths, _narrowest(n), 1.0)


def _narrowest(n: int) -> float:
    """Keep few kernels from being spikes ("magic clip")."""
    return 1.0 / min(100.0, 1.0 + n)


class Mixture(NamedTuple):
    """Hold the kernels of a mixture, the prior last.

    Attributes:
        centres: (k, d) float64 in [0, 1], the numeric axes.
        widths: (k, d) float64, their standard deviations.
        tables: One (k, choices) float64 for each categorical axis; rows sum to 1.
        weights: (k,) float64, sums to 1.
    """

    centres: Floats
    widths: Floats
    tables: list[Floats]
    weights: Floats

    @classmethod
    def fit(
        cls,
        numeric: Floats,
        codes: NDArray[np.int64],
        sizes: list[int],
        widths: Floats,
        weights: Floats,
        prior_weight: float,
    ) -> Mixture:
        """Make the mixture of some observations.

        Args:
            numeric: (n, d) float64 in [0, 1].
            codes: (n, c) int64, the choices of the categorical axes.
            sizes: The number of choices of each categorical axis.
            widths: (n, d) float64, the bandwidths.
            weights: (n,) float64, not negative.
            prior_weight: The weight of the prior kernel.

        Returns:
            The mixture of n + 1 kernels.
        """
        n, d = numeric.shape
        tables = []
        for axis, size in enumerate(sizes):
            table = np.full((n + 1, size), prior_weight / (n + 1))
            table[np.arange(n), codes[:, axis]] += 1.0
            tables.append(table / table.sum(axis=1, keepdims=True))
        total = np.append(weights, prior_weight)
        return cls(
            np.vstack([numeric, np.full((1, d), 0.5)]),
            np.vstack([widths, np.ones((1, d))]),
            tables,
            total / total.sum(),
        )

    def sample(self, count: int, rng: np.random.Generator) -> tuple[Floats, NDArray[np.int64]]:
        """Draw points.

        Args:
            count: How many.
            rng: Where the randomness comes from.

        Returns:
            numeric: (count, d) float64 in [0, 1].
            codes: (count, c) int64.
        """
        from scipy.special import ndtr, ndtri

        d = self.centres.shape[1]
        u = rng.random((count, d + len(self.tables) + 1))
        kernel = np.searchsorted(np.cumsum(self.weights), u[:, -1]).clip(0, len(self.weights) - 1)
        centres, widths = self.centres[kernel], self.widths[kernel]
        low, high = ndtr(-centres / widths), ndtr((1.0 - centres) / widths)
        numeric = centres + widths * ndtri(low + u[:, :d] * (high - low))
        codes = np.empty((count, len(self.tables)), dtype=np.int64)
        for axis, table in enumerate(self.tables):
            cumulative = np.cumsum(table[kernel], axis=1)
            codes[:, axis] = (u[:, d + axis, None] > cumulative[:, :-1]).sum(axis=1)
        return numeric.clip(0.0, 1.0), codes

    def log_density(self, numeric: Floats, codes: NDArray[np.int64]) -> Floats:
        """Give the log-density at some points.

        Args:
            numeric: (m, d) float64 in [0, 1].
            codes: (m, c) int64.

        Returns:
            (m,) float64.
        """
        from scipy.special import ndtr

        # Centred, so that the expanded squares cancel as little as possible.
        mu, x = self.centres - 0.5, numeric - 0.5
        precision = 0.5 / self.widths**2
        mass = ndtr((0.5 - mu) / self.widths) - ndtr((-0.5 - mu) / self.widths)
        constants = (precision * mu**2 + np.log(math.sqrt(2 * math.pi) * self.widths * mass)).sum(
            axis=1
        )
        logs = (2.0 * x) @ (precision * mu).T - x**2 @ precision.T
        logs += np.log(self.weights) - constants
        for axis, table in enumerate(self.tables):
            logs += np.log(table.T)[codes[:, axis]]
        peak = logs.max(axis=1)
        # float32 has a vectorised exp; what it loses is far below the differences that matter.
        sums = np.exp((logs - peak[:, None]).astype(np.float32)).sum(axis=1)
        return np.asarray(peak + np.log(sums), dtype=np.float64)
