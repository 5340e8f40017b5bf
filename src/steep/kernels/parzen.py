"""Parzen mixtures: kernels on observations, and a wide prior kernel that reaches everywhere.

>>> layout = Layout([Axis(), Axis()])
>>> mixture = Mixture.fit(layout, np.array([[0.2, 0.7], [0.3, 0.9]]))
>>> points = mixture.draw(np.random.default_rng(0), 100)
>>> points.shape, bool(points[:, 0].mean() < 0.5)
((100, 2), True)
>>> bool(np.diff(mixture.log_density(layout.features(np.array([[0.9, 0.1], [0.2, 0.8]])))) > 0)
True

Sources: Bergstra et al. (2011), "Algorithms for hyper-parameter optimization", NeurIPS 24, sec. 4;
Watanabe (2023), "Tree-structured Parzen estimator", arXiv 2304.11127, eqs. 7-10 and sec. 3.3.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from steep.kernels.layout import Axis, Layout
from steep.kernels.parts import Normals

__all__ = [
    "USUAL",
    "Axis",
    "Layout",
    "Mixture",
    "Rules",
    "log_mixture",
    "neighbour_bandwidths",
    "ramp_weights",
]

Matrix = NDArray[np.float64]
Single = NDArray[np.float32]

_FULL_WEIGHT = 25
_SERIAL = 2**18
_LOWEST, _HIGHEST = -20.0, 70.0
"""Between these, exponentials and sums of many are fine numbers in float32."""
_FAINTEST = np.float32(-80.0)
"""Below this logarithm a kernel adds nothing to the strongest one. Exponentials of lower ones would
be subnormal numbers, with which processors are some ten times slower."""
_NARROWEST = 1e-3
"""The least bandwidth where no magic clip asks for more: float32 resolves nothing finer."""


class Rules(NamedTuple):
    """Say how observations become kernels.

    Attributes:
        prior_weight: The weight of the prior kernel; an observation of full weight has 1.
        magic_clip: Whether few kernels have to be wide.
        endpoints: Whether the ends of the range count as neighbours.
    """

    prior_weight: float = 1.0
    magic_clip: bool = True
    endpoints: bool = False


USUAL = Rules()


def ramp_weights(n: int) -> Matrix:
    """Weigh observations by age: the newest 25 fully, older ones less and less.

    Args:
        n: The number of observations.

    Returns:
        (n,) float64 in (0, 1], oldest first: a ramp from 1/n to 1, then ones.

    Source: Bergstra et al. (2013), "Making a science of model search", ICML, sec. 4.

    >>> ramp_weights(3), ramp_weights(27)[:4].round(2)
    (array([1., 1., 1.]), array([0.04, 1.  , 1.  , 1.  ]))
    """
    weights = np.ones(n)
    old = n - _FULL_WEIGHT
    if old > 0:
        # np.linspace() gives the same, at the price of the rest of this function times ten.
        step = (1.0 - 1.0 / n) / max(old - 1, 1)
        np.multiply(np.arange(old), step, out=weights[:old])
        weights[:old] += 1.0 / n
    return weights


def neighbour_bandwidths(mu: Matrix, narrowest: float, endpoints: bool = False) -> Matrix:
    """Choose bandwidths by how far apart the observations lie on each axis.

    A kernel is as wide as the larger of the distances to its neighbours; at the ends there is
    only one, unless the ends of the range count as neighbours too. A kernel alone reaches the
    farther end.

    Args:
        mu: (n, d) float64 in [0, 1].
        narrowest: No bandwidth is below it.
        endpoints: Whether 0 and 1 count as neighbours.

    Returns:
        (n, d) float64 in [narrowest, 1].

    Source: Bergstra et al. (2011), sec. 4.2; Watanabe (2023), sec. 3.3.3.

    >>> neighbour_bandwidths(np.array([[0.1], [0.2], [0.7]]), 0.01).T
    array([[0.1, 0.5, 0.5]])
    """
    n, d = mu.shape
    order, axes = mu.argsort(axis=0, kind="stable"), np.arange(d)
    padded = np.zeros((n + 2, d))
    padded[-1] = 1.0
    padded[1:-1] = mu[order, axes]
    gaps = padded[1:] - padded[:-1]
    if not endpoints and n > 1:
        gaps[0] = gaps[-1] = 0.0
    sigma = np.empty((n, d))
    sigma[order, axes] = np.maximum(gaps[1:], gaps[:-1])
    np.maximum(sigma, narrowest, out=sigma)
    return np.minimum(sigma, 1.0, out=sigma)


def _product(left: Single, right: NDArray[Any]) -> Single:
    """Multiply a matrix without waking the threads of the BLAS, and without false alarms.

    On cores that are busy, which is how users train models, waiting for those threads takes
    longer than such a small product. OpenBLAS stays on one thread up to 2^18 multiplications.

    With AVX-512, the kernel of OpenBLAS 0.3.31 for vectors of five numbers multiplies what is
    left over in the registers too. The result is right, but a signalling NaN there sets the flag
    "invalid", and @ would warn. dot() does not look at the flags, and costs 1 µs less besides.
    """
    step = max(1, _SERIAL // left.size)
    if right.ndim == 1 or step >= right.shape[1]:
        whole: Single = left.dot(right)
        return whole
    result = np.empty((len(left), right.shape[1]), dtype=np.float32)
    with np.errstate(invalid="ignore"):
        for start in range(0, right.shape[1], step):
            np.matmul(left, right[:, start : start + step], out=result[:, start : start + step])
    return result


def log_mixture(
    features: Single, columns: Single, weights: NDArray[Any], total: float = 1.0
) -> Single:
    """Compute the log-density of a mixture.

    Args:
        features: (m, features) float32, of points.
        columns: (features, n) float32, of kernels.
        weights: (n,) float32, not negative.
        total: Their sum, above 0.

    Returns:
        (m,) float32.
    """
    logs = _product(features, columns)
    top = np.maximum.reduce(logs, axis=1)
    if np.minimum.reduce(top) > _LOWEST and np.maximum.reduce(top) < _HIGHEST:
        return _log_of_sums(logs, weights, total)
    logs -= top[:, None]
    result = _log_of_sums(logs, weights, total)
    result += top
    return result


def _log_of_sums(logs: Single, weights: NDArray[Any], total: float) -> Single:
    np.maximum(logs, _FAINTEST, out=logs)
    np.exp(logs, out=logs)
    result: Single = np.log(_product(logs, weights))
    result -= np.float32(math.log(total))
    return result


class Mixture:
    """Hold some kernels and the prior kernel, which comes last.

    Args:
        layout: Where things are in the arrays.
        mu: (n + 1, d) float64 in [0, 1], the centres.
        sigma: (n + 1, d) float64, the bandwidths.
        weights: (n + 1,) float64, sums to 1.
        smoothing: What each category gets before the own one gets 1 more.
    """

    def __init__(
        self, layout: Layout, mu: Matrix, sigma: Matrix, weights: Matrix, smoothing: float
    ) -> None:
        self.layout = layout
        self.sigma = sigma
        kernels = Normals(layout.edges, mu, sigma)
        self._columns = layout.written(kernels, smoothing)
        self._columns[:, -1:] = layout.prior
        self._weights = weights.astype(np.float32)
        self._cumulative = weights[:-1].cumsum()
        drawing = np.zeros((5, *mu.shape))
        drawing[0], drawing[1] = mu, sigma
        drawing[2], drawing[3] = kernels.before, kernels.inside
        categories = layout.categories
        # On a categorical axis: the share of draws that stay with the own category.
        drawing[4, :-1, categories.axes] = 1.0 / (1.0 + categories.sizes[:, None] * smoothing)
        self._drawing = drawing.reshape(5, -1)

    @classmethod
    def fit(
        cls,
        layout: Layout,
        rows: Matrix,
        weights: Matrix | None = None,
        rules: Rules = USUAL,
    ) -> Mixture:
        """Put a kernel on each observation.

        Args:
            layout: Where things are in the arrays.
            rows: (n, d) float64 in [0, 1], oldest first.
            weights: (n,) float64, not negative; None for equal ones.
            rules: How observations become kernels.

        Returns:
            The mixture; of the prior alone where n is 0.
        """
        n, d = rows.shape
        narrowest = 1.0 / min(100.0, n + 2.0) if rules.magic_clip else _NARROWEST
        mu, sigma, share = np.empty((n + 1, d)), np.empty((n + 1, d)), np.empty(n + 1)
        mu[:n], mu[n] = rows, 0.5
        sigma[:n], sigma[n] = neighbour_bandwidths(rows, narrowest, rules.endpoints), 1.0
        share[:n], share[n] = 1.0 if weights is None else weights, rules.prior_weight
        total = np.add.reduce(share)
        share = share / total if total > 0 else np.full(n + 1, 1.0 / (n + 1))
        return cls(layout, mu, sigma, share, rules.prior_weight / (n + 1))

    def draw(self, rng: np.random.Generator, m: int) -> Matrix:
        """Draw points.

        Args:
            rng: Where the randomness comes from.
            m: How many.

        Returns:
            (m, d) float64 in [0, 1], by the inverse of each truncated normal; in the middle of a
            cell of a fine grid, and anywhere in a cell of a small one.
        """
        from scipy.special import ndtri

        layout, d = self.layout, self.sigma.shape[1]
        u = rng.random((m, layout.n_blocks + d))
        kernel = self._cumulative.searchsorted(u[:, : layout.n_blocks], "right")
        at = kernel.take(layout.blocks, axis=1)
        at *= d
        at += layout.places
        mu, sigma, below, inside, stays = self._drawing.take(at, axis=1)
        u = u[:, layout.n_blocks :]
        x: Matrix = u * inside
        x += below
        ndtri(x, out=x)
        x *= sigma
        x += mu
        mine = layout.categories.axes
        if mine.size:
            stay, v = stays.take(mine, axis=1), u.take(mine, axis=1)
            elsewhere = (v - stay) / np.maximum(1.0 - stay, 1e-12)
            x[:, mine] = np.where(v < stay, mu.take(mine, axis=1), elsewhere)
        np.maximum(x, 0.0, out=x)
        np.minimum(x, 1.0, out=x)
        layout.snapping.snap(x)
        return x

    def log_density(self, features: Single) -> Single:
        """Compute the log-density of points.

        Args:
            features: (m, features) float32, of :meth:`Layout.features`.

        Returns:
            (m,) float32.
        """
        return log_mixture(features, self._columns, self._weights)
