"""Columns that grow: NumPy arrays with spare room at the end.

Room doubles when it is used up, so that appending costs a constant time per value on average.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from steep.distributions import BaseDistribution

__all__ = ["Column", "ParamColumn"]

_FIRST_ROOM = 16


class Column:
    """Hold one value a row, in a typed array that grows.

    Args:
        dtype: The type of the values.
        width: None for a column of numbers, else the numbers of a row.
        fill: What a row holds until it is set.

    Example:
        >>> column = Column(np.float64, fill=np.nan)
        >>> column.grow(3)
        >>> column.data[1] = 2.0
        >>> column.view
        array([nan,  2., nan])
    """

    __slots__ = ("_fill", "data", "size")

    def __init__(self, dtype: DTypeLike, width: int | None = None, fill: float = 0) -> None:
        shape = (_FIRST_ROOM,) if width is None else (_FIRST_ROOM, width)
        self.data: NDArray[Any] = np.full(shape, fill, dtype=dtype)
        self.size = 0
        self._fill = fill

    @property
    def view(self) -> NDArray[Any]:
        """Give the rows in use; a view, to be treated as read-only."""
        return self.data[: self.size]

    def grow(self, size: int) -> None:
        """Make the column at least ``size`` rows long.

        Args:
            size: The number of rows wanted.
        """
        room = len(self.data)
        if size > room:
            shape = (max(size, 2 * room), *self.data.shape[1:])
            data = np.full(shape, self._fill, dtype=self.data.dtype)
            data[:room] = self.data
            self.data = data
        if size > self.size:
            self.size = size

    def extend(self, values: Sequence[float]) -> None:
        """Append values.

        Args:
            values: One value for each new row.
        """
        start = self.size
        self.grow(start + len(values))
        self.data[start : self.size] = values

    def append(self, value: float) -> None:
        """Append one value.

        Args:
            value: The value of the new row.
        """
        self.grow(self.size + 1)
        self.data[self.size - 1] = value


class ParamColumn:
    """Hold one parameter of all trials.

    Rows may differ in their distribution, since a range may change between trials; the column
    keeps each distribution once and its index for every row.
    """

    __slots__ = ("_codes", "_index", "_last", "_last_code", "_values", "distributions", "name")

    def __init__(self, name: str) -> None:
        self.name = name
        self.distributions: list[BaseDistribution] = []
        self._values = Column(np.float64, fill=np.nan)
        self._codes = Column(np.int32, fill=-1)
        self._index: dict[BaseDistribution, int] = {}
        self._last: BaseDistribution | None = None
        self._last_code = -1

    @property
    def values(self) -> NDArray[np.float64]:
        """Give the internal values: (n,) float64, NaN where the trial does not have it."""
        return self._values.view

    @property
    def codes(self) -> NDArray[np.int32]:
        """Give the index into ``distributions``: (n,) int32, -1 where the trial has none."""
        return self._codes.view

    @property
    def distribution(self) -> BaseDistribution:
        """Give the distribution that was set last."""
        assert self._last is not None, "a column is made together with its first value"
        return self._last

    def distribution_of(self, number: int) -> BaseDistribution | None:
        """Give the distribution of a trial, or None where the trial does not have it.

        Args:
            number: The number of the trial.
        """
        code = int(self._codes.data[number]) if number < self._codes.size else -1
        return None if code < 0 else self.distributions[code]

    def set(self, number: int, value: float, distribution: BaseDistribution) -> None:
        """Set the value of a trial.

        Args:
            number: The number of the trial.
            value: The internal value.
            distribution: The distribution that it was drawn from.
        """
        if distribution is not self._last:
            self._last_code = self._code(distribution)
            self._last = self.distributions[self._last_code]
        if number >= self._values.size:
            self.grow(number + 1)
        self._values.data[number] = value
        self._codes.data[number] = self._last_code

    def grow(self, size: int) -> None:
        """Make the column at least ``size`` rows long.

        Args:
            size: The number of rows wanted.
        """
        self._values.grow(size)
        self._codes.grow(size)

    def _code(self, distribution: BaseDistribution) -> int:
        code = self._index.setdefault(distribution, len(self.distributions))
        if code == len(self.distributions):
            self.distributions.append(distribution)
        return code
