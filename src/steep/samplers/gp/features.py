"""Points of the unit cube as the columns that the Gaussian process sees.

A range is one column, linear or logarithmic. k choices are k columns of 0 and 1/√2, so that two
points that differ in the choice are 1 apart, whichever choices they are. A parameter that is not
active is in the middle of its range, or of its choices. Parameters that come and go together have
one more column, which says whether they are there.

Example:
    >>> from steep.distributions import CategoricalDistribution, FloatDistribution
    >>> space = Space({"x": FloatDistribution(0, 1), "c": CategoricalDistribution("ab")})
    >>> Features(space)(np.array([[0.3, 0.75]])).round(2)
    array([[0.3 , 0.  , 0.71]])
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from steep.distributions import CategoricalDistribution
from steep.kernels.gp import Columns
from steep.space import Space

__all__ = ["Features"]

Matrix = NDArray[np.float64]
Indices = NDArray[np.intp]

_HEIGHT = math.sqrt(0.5)


class Features:
    """Turn points into columns.

    Args:
        space: The d parameters.
        conditional: The parameters of each group that only some trials have.

    Attributes:
        width: The number D of columns.
        groups: (D,) the parameter of each column; what says whether a group is there counts as a
            parameter of its own.
        first: (d,) the first column of each parameter.
    """

    def __init__(self, space: Space, conditional: Sequence[Sequence[int]] = ()) -> None:
        categorical = [isinstance(d, CategoricalDistribution) for d in space.distributions]
        choices = [d.grid_size() or 1 for d in space.distributions]
        widths = [k if c else 1 for k, c in zip(choices, categorical, strict=True)]
        widths += [1] * len(conditional)
        self.groups = np.repeat(np.arange(len(widths)), widths)
        self.width = len(self.groups)
        first = np.concatenate([[0], np.cumsum(widths)[:-1]]).astype(np.intp)
        self.first, self._flags = first[: len(space)], first[len(space) :]
        self._leaders = np.array([group[0] for group in conditional], dtype=np.intp)
        self._categorical = np.flatnonzero(categorical)
        self._numeric = np.flatnonzero(~np.array(categorical, dtype=bool))
        self._sizes = np.array(choices, dtype=np.float64)[self._categorical]

    def __call__(self, unit: Matrix) -> Matrix:
        """Give the columns of some points.

        Args:
            unit: (n, d) float64, NaN where a parameter is not active. Points of other studies may
                lie outside [0, 1].

        Returns:
            (n, D) float64.
        """
        if self._leaders.size or np.isnan(unit).any():
            return self._with_flags(unit)
        if not self._categorical.size:
            return unit
        columns = np.zeros((len(unit), self.width))
        columns[:, self.first[self._numeric]] = unit[:, self._numeric]
        cells = np.floor(unit[:, self._categorical] * self._sizes)
        chosen = np.minimum(cells, self._sizes - 1).astype(np.intp)
        chosen += self.first[self._categorical]
        chosen += np.arange(0, columns.size, self.width)[:, None]
        columns.ravel()[chosen] = _HEIGHT
        return columns

    def places(self, parameters: Indices) -> Columns:
        """Give the first column of each of some parameters.

        Args:
            parameters: (c,) positions in the space, ascending.

        Returns:
            The c columns, as a slice where they are next to each other: that copies nothing.
        """
        first = self.first[parameters]
        if len(first) and first[-1] - first[0] == len(first) - 1:
            return slice(int(first[0]), int(first[-1]) + 1)
        return first

    def _with_flags(self, unit: Matrix) -> Matrix:
        absent = np.isnan(unit)
        columns = np.zeros((len(unit), self.width))
        columns[:, self._flags] = ~absent[:, self._leaders]
        columns[:, self.first[self._numeric]] = np.where(absent, 0.5, unit)[:, self._numeric]
        for j, size in zip(
            self._categorical.tolist(), self._sizes.astype(int).tolist(), strict=True
        ):
            own = columns[:, self.first[j] : self.first[j] + size]
            own[absent[:, j]] = _HEIGHT / size
            there = np.flatnonzero(~absent[:, j])
            cells = np.minimum((unit[there, j] * size).astype(np.intp), size - 1)
            own[there, cells] = _HEIGHT
        return columns
