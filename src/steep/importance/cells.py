"""Histograms of a parameter: each value's cell on a grid that fits its distribution."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from steep.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)

__all__ = ["cells_of"]

_MOST = 50  # cells of a continuous range


def cells_of(
    distribution: BaseDistribution, values: NDArray[np.float64]
) -> tuple[NDArray[np.int64], int]:
    """Give the cell of each value.

    Args:
        distribution: The distribution that the values were drawn from; more than one value.
        values: (n,) internal values; what lies out of the range counts as its end.

    Returns:
        cells: (n,) in 0..k-1.
        k: The number of cells: one a choice or grid point, 50 for a continuous range, and for a
            logarithmic integer one per doubling, since small integers leave finer cells empty.

    >>> cells_of(IntDistribution(1, 5), np.array([1.0, 3.0, 5.0]))
    (array([0, 2, 4]), 5)
    """
    if isinstance(distribution, CategoricalDistribution):
        return values.astype(np.int64), len(distribution.choices)
    assert isinstance(distribution, FloatDistribution | IntDistribution)
    low, high, k = float(distribution.low), float(distribution.high), _MOST
    if distribution.log:
        if isinstance(distribution, IntDistribution):
            k = min(_MOST, math.ceil(math.log2(high - low + 1)) + 1)
        low, high, values = math.log(low), math.log(high), np.log(np.maximum(values, low))
    else:
        k = min(_MOST, distribution.grid_size() or _MOST)
    # The first and the last cell are centred on the ends, so that grid points are centres.
    places = (values - low) / (high - low) * (k - 1)
    return np.clip(np.rint(places), 0, k - 1).astype(np.int64), k
