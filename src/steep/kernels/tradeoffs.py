"""Which points of a front are worth having: those that do not give up much for next to nothing.

A front may hold points that are best by a hair in one objective and worst by far in another. No
point dominates them, and nobody wants them; where the front ends is not to depend on them.

>>> losses = np.array([[0.0, 2.0], [1.0, 1.0], [2.0, 0.0], [1.999, 0.001], [-0.001, 900.0]])
>>> is_properly_optimal(losses)
array([ True,  True,  True,  True, False])

Source: Geoffrion (1968), "Proper efficiency and the theory of vector maximization", J. Math. Anal.
Appl. 22(3), def. 1, with one bound of the trade-off for all points.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from steep.kernels.pareto import is_pareto_optimal

__all__ = ["is_properly_optimal"]

Losses = NDArray[np.float64]

_MOST = 10.0
"""A deviation in one objective may be given up for a tenth of one in another, and no more."""
_FENCE = 3.0


def is_properly_optimal(losses: Losses) -> NDArray[np.bool_]:
    """Tell which points no other dominates, nor nearly so.

    A point is left out if another one gains in some objective more than ten times what it loses in
    any. Gains and losses are measured by the deviation of all points, outliers drawn in.

    Args:
        losses: (n, m) float64, small is good; m from 1 to 11, so that a point is left.

    Returns:
        (n,) bool. Points with a loss that is not finite count only where all have one.
    """
    optimal = is_pareto_optimal(losses)
    finite = np.isfinite(losses).all(axis=1)
    if not (optimal & finite).any():
        return optimal
    optimal &= finite
    columns = _standardised(losses[finite].T)[:, optimal[finite]]
    # What each point (a row) is at most behind each other one.
    behind = np.full((columns.shape[1],) * 2, -np.inf)
    for column in columns:
        np.maximum(behind, column[:, None] - column, out=behind)
    optimal[optimal] = (behind <= _MOST * behind.T).all(axis=1)
    return optimal


def _standardised(columns: Losses) -> Losses:
    """Divide finite values by their deviation, those beyond Tukey's outer fences drawn in."""
    largest = np.abs(columns).max(axis=1, keepdims=True)
    columns = columns / np.where(largest > 0.0, largest, 1.0)  # so that no difference overflows
    lower, upper = np.quantile(columns, [0.25, 0.75], axis=1)
    far = _FENCE * (upper - lower)
    fenced = np.clip(columns, (lower - far)[:, None], (upper + far)[:, None])
    deviation = fenced.std(axis=1, keepdims=True)
    return np.asarray(columns / np.where(deviation > 0.0, deviation, 1.0))
