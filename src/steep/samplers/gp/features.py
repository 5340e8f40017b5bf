"""Points of the unit cube as the columns that the Gaussian process sees.

A range is one column, linear or logarithmic. k choices are k columns of 0 and 1/√2, so that two
points that differ in the choice are 1 apart, whichever choices they are.

Example:
    >>> from steep.distributions import CategoricalDistribution, FloatDistribution
    >>> space = Space({"x": FloatDistribution(0, 1), "c": CategoricalDistribution("ab")})
    >>> Features(space)(np.array([[0.3, 0.75]])).round(2)
    array([[0.3 , 0.  , 0.71]])
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from steep.distributions import CategoricalDistribution
from steep.space import Space

__all__ = ["Features"]

Matrix = NDArray[np.float64]

_HEIGHT = math.sqrt(0.5)


class Features:
    """Turn points into columns.

    Args:
        space: The d parameters.

    Attributes:
        width: The number D of columns.
        groups: (D,) the parameter of each column.
        first: (d,) the first column of each parameter.
    """

    def __init__(self, space: Space) -> None:
        categorical = [isinstance(d, CategoricalDistribution) for d in space.distributions]
        choices = [d.grid_size() or 1 for d in space.distributions]
        widths = [k if c else 1 for k, c in zip(choices, categorical, strict=True)]
        self.groups = np.repeat(np.arange(len(space)), widths)
        self.width = len(self.groups)
        self.first = np.concatenate([[0], np.cumsum(widths)[:-1]]).astype(np.intp)
        self._categorical = np.flatnonzero(categorical)
        self._numeric = np.flatnonzero(~np.array(categorical, dtype=bool))
        self._sizes = np.array(choices, dtype=np.float64)[self._categorical]

    def __call__(self, unit: Matrix) -> Matrix:
        """Give the columns of some points.

        Args:
            unit: (n, d) float64 in [0, 1].

        Returns:
            (n, D) float64.
        """
        if not self._categorical.size:
            return unit
        columns = np.zeros((len(unit), self.width))
        columns[:, self.first[self._numeric]] = unit[:, self._numeric]
        cells = np.floor(unit[:, self._categorical] * self._sizes)
        chosen = np.minimum(cells, self._sizes - 1).astype(np.intp)
        chosen += self.first[self._categorical]
        np.put_along_axis(columns, chosen, _HEIGHT, axis=1)
        return columns
