"""The order of trials from best to worst, with one objective or several."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from steep.kernels.pareto import nondominated_ranks

__all__ = ["best_first"]


def best_first(losses: NDArray[np.float64]) -> NDArray[np.int64]:
    """Order trials from best to worst.

    Args:
        losses: (n, m) finite losses of m objectives, small is good.

    Returns:
        Positions 0..n-1, the best first: with several objectives by Pareto rank, and within a
        rank by the place that a trial takes on average over the objectives.
    """
    if losses.shape[1] == 1:
        return np.argsort(losses[:, 0], kind="stable")
    places = losses.argsort(axis=0, kind="stable").argsort(axis=0).mean(axis=1)
    return np.lexsort((places, nondominated_ranks(losses)))
