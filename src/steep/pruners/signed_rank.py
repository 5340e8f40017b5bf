"""The signed-rank test of Wilcoxon, exact where that matters.

It gives the p-value of ``scipy.stats.wilcoxon(..., alternative="greater", zero_method="zsplit")``,
in a hundredth of the time or less: with ties SciPy (1.17) tries all 2^n signs, which takes more
than a second for 13 pairs, and a pruner is asked after each report. Here their distribution is
built rank by rank instead, as the sum of independent terms that it is.

>>> signed_rank_p([1.0, 2.0, 3.0, 4.0])
0.0625
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["signed_rank_p"]

# The distribution is exact up to these numbers of pairs, and the normal one beyond, as in SciPy.
_MAX_EXACT, _MAX_EXACT_WITH_TIES = 50, 13


def signed_rank_p(differences: Sequence[float]) -> float:
    """Test whether paired differences tend to be positive.

    Args:
        differences: (n,) finite values, n ≥ 1. Ties get the mean of their ranks; zeros count half
            to each side.

    Returns:
        The probability of a rank sum at least as large, were each sign as likely as the other.
    """
    x = np.asarray(differences)
    n = len(x)
    _, group, sizes = np.unique(np.abs(x), return_inverse=True, return_counts=True)
    # Twice the mean rank of each group of ties is a whole number: its first rank plus its last.
    doubled = (2 * np.cumsum(sizes) - sizes + 1)[group]
    has_ties = len(sizes) < n or not x.all()
    if n <= (_MAX_EXACT_WITH_TIES if has_ties else _MAX_EXACT):
        # Zeros add the same to every outcome, so they cancel.
        return _upper_tail(doubled[x != 0], int(doubled[x > 0].sum()))
    statistic = (doubled[x > 0].sum() + doubled[x == 0].sum() / 2) / 2
    mean = n * (n + 1) / 4
    variance = (n * (n + 1) * (2 * n + 1) - (sizes**3 - sizes).sum() / 2) / 24
    if not variance:
        return math.nan
    return math.erfc((statistic - mean) / math.sqrt(2 * variance)) / 2


def _upper_tail(ranks: NDArray[np.int64], observed: int) -> float:
    """Give the share of the 2^k choices among k ranks whose sum is at least the observed one."""
    # Whole numbers up to 2^50, hence exact in floating point.
    counts = np.zeros(int(ranks.sum()) + 1)
    counts[0] = 1.0
    for rank in ranks.tolist():
        counts[rank:] += counts[: len(counts) - rank].copy()
    return float(counts[observed:].sum() / 2.0 ** len(ranks))
