"""Losses made fit for a Gaussian process: only the better half keeps its values.

A model of all losses spends itself on the bad ones, which often lie orders of magnitude apart. So
the losses at or better than their median m stay, and the worse ones become, by their ranks, the
upper half of a normal distribution whose lower half has the spread of the better ones. Trials
without a value have a rank all the same, so failed and pruned ones teach something too.

Source: Song et al. (2024), "The Vizier Gaussian process bandit algorithm", arXiv 2408.11527,
sec. 3.1 (half-rank warping).

Example:
    >>> import numpy as np
    >>> half_rank(np.array([1.0, 2.0, 3.0, 1e30, np.nan])).round(2)
    array([-1.69, -0.24,  0.02,  0.56,  1.34])
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["average_ranks", "half_rank", "signed_log"]

Vector = NDArray[np.float64]

_LARGEST = 1e300
_STEP = 0.2
_FARTHEST = 1e3
"""Constraints that are violated more than so many times the usual are violated, and no more."""


def half_rank(losses: ArrayLike, ranks: ArrayLike | None = None, kept: float = -np.inf) -> Vector:
    """Warp losses, then standardise them.

    Args:
        losses: (n,) float64, small is good; NaN for trials that have none. Any finite or infinite
            value may be among them.
        ranks: (n,) float64 in [0, n-1], the order of all trials, ties at their mean; it has to put
            trials that have a loss first. If None, the order of the losses, NaN last.
        kept: Losses up to this one keep their values too, even if they are above the median.

    Returns:
        (n,) float64 with mean 0 and deviation 1; zeros where all are equal.
    """
    y = _finite(np.array(losses, dtype=np.float64))
    if ranks is None:
        ranks = average_ranks(np.where(np.isnan(y), np.inf, y)[:, None])
    n, rank = len(y), np.asarray(ranks, dtype=np.float64)
    if n == 0:
        return y
    values = np.sort(y)  # NaN comes last
    n_valued = int(np.count_nonzero(~np.isnan(y)))
    if n_valued == 0:  # their ranks are all there is
        return _standardised(_normal_scores(rank, n))
    median = values[(n_valued - 1) // 2]
    m = np.max(values[values <= kept], initial=median)
    stays = y <= m
    y = np.where(stays, y, m)
    # The scores begin at m: at 0 where half of the trials stay, lower where fewer have values. The
    # median is that of the losses: were it that of all trials, the worst loss would set the scale
    # where most trials are pruned, and the good ones would be all alike.
    start = _normal_scores(np.array([stays.sum() - 0.5]), n)[0]
    start = start if m > median else min(start, 0.0)
    y /= np.abs(y).max() or 1.0  # so that no square overflows
    m = y.max()
    s = float(np.sqrt(np.mean((y[stays] - m) ** 2))) or 1.0
    worse = m + s * np.maximum(_normal_scores(rank, n) - start, 0.0)
    return _standardised(np.where(stays, y, worse))


def signed_log(values: ArrayLike) -> tuple[Vector, float]:
    """Make the values of a constraint fit for a Gaussian process, by sign(c) log(1 + |c| / s).

    What matters is where they change their sign. So the scale s is the median of |c|, values far
    from 0 are drawn in, and those beyond 1,000 s count as that. What is feasible is kept a step
    away from the limit: all of it would be there where c is max(0, violation).

    Args:
        values: (n,) float64 without NaN, n at least 1; a positive one is a violation.

    Returns:
        (n,) float64 with mean 0 and deviation 1, zeros where all are equal; and what 0 becomes.

    Source: Eriksson, Poloczek (2021), "Scalable constrained Bayesian optimization", AISTATS,
    sec. 3.2 (bilog).

    Example:
        >>> signed_log(np.array([-1.0, 1.0, 3.0, np.inf]))[0].round(2)
        array([-0.96, -0.48, -0.24,  1.67])
    """
    c = np.clip(np.asarray(values, dtype=np.float64), -_LARGEST, _LARGEST)
    sizes = np.abs(c[(c != 0.0) & (np.abs(c) < _LARGEST)])
    scale = float(np.median(sizes)) if sizes.size else 1.0
    logs = np.log1p(np.minimum(np.abs(c), _FARTHEST * scale) / scale)
    logs = np.where(c > 0.0, logs, -np.maximum(logs, _STEP))
    mean, deviation = float(logs.mean()), float(logs.std())
    if deviation <= 1e-9:
        return np.zeros_like(logs), -1.0 if mean > 0.0 else 1.0
    return (logs - mean) / deviation, -mean / deviation


def average_ranks(keys: Vector) -> Vector:
    """Rank rows by their first column, then by the next ones.

    Args:
        keys: (n, k) float64 without NaN.

    Returns:
        (n,) float64 in [0, n-1]; equal rows get the mean of their ranks.
    """
    order = np.lexsort(keys.T[::-1])
    rows = keys[order]
    is_new = np.ones(len(rows), dtype=bool)
    is_new[1:] = (rows[1:] != rows[:-1]).any(axis=1)
    starts = np.flatnonzero(is_new)
    sizes = np.diff(np.append(starts, len(rows)))
    ranks = np.empty(len(rows))
    ranks[order] = np.repeat(starts + (sizes - 1) / 2, sizes)
    return ranks


def _finite(y: Vector) -> Vector:
    """Make inf NaN, and -inf the least finite loss."""
    y[y == np.inf] = np.nan
    finite = y[np.isfinite(y)]
    y[y == -np.inf] = finite.min() if finite.size else -1.0
    return y


def _normal_scores(rank: Vector, n: int) -> Vector:
    from scipy.special import ndtri

    scores: Vector = ndtri((rank + 0.5) / n)
    return scores


def _standardised(y: Vector) -> Vector:
    y = y - y.mean()
    deviation = np.abs(y).max()
    if deviation <= 1e-14:
        return np.zeros_like(y)
    y /= deviation
    return np.asarray(y / np.sqrt(np.mean(y * y)), dtype=np.float64)
