"""Columns that grow: NumPy arrays with spare room at the end.

Room doubles when it is used up, so that appending costs a constant time per value on average.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import DTypeLike, NDArray

from steep.distributions import BaseDistribution, CategoricalDistribution, ChangingDistribution

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

    __slots__ = ("data", "fill", "size")

    def __init__(self, dtype: DTypeLike, width: int | None = None, fill: float = 0) -> None:
        shape = (_FIRST_ROOM,) if width is None else (_FIRST_ROOM, width)
        self.data: NDArray[Any] = np.full(shape, fill, dtype=dtype)
        self.size = 0
        self.fill = fill

    @classmethod
    def of(cls, data: NDArray[Any], fill: float) -> Self:
        """Make a column of rows that are there already.

        Args:
            data: The rows; they are copied.
            fill: What further rows hold until they are set.
        """
        column = cls(data.dtype, data.shape[1] if data.ndim > 1 else None, fill)
        column.grow(len(data))
        column.data[: len(data)] = data
        return column

    @property
    def view(self) -> NDArray[Any]:
        """Give the rows in use; a view, to be treated as read-only."""
        return self.data[: self.size]

    def grow(self, size: int) -> None:
        """Make the column at least ``size`` rows long.

        Args:
            size: The number of rows wanted.
        """
        self.reserve(size)
        if size > self.size:
            self.size = size

    def reserve(self, size: int) -> None:
        """Make room for ``size`` rows without using them yet.

        Args:
            size: The number of rows that must fit.
        """
        room = len(self.data)
        if size > room:
            self.data = _lengthened(self.data, max(size, 2 * room), self.fill)

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
        row = self.size
        if row == len(self.data):
            self.grow(row + 1)
        else:
            self.size = row + 1
        self.data[row] = value


class ParamColumn:
    """Hold one parameter of all trials.

    Rows may differ in their distribution, since a range may change between trials; the column
    keeps each distribution once and its index for every row.

    Args:
        name: The name of the parameter.
        distribution: The distribution of the first value.
        place: How many parameters the study had before.

    Attributes:
        distribution: The distribution that was set last.
        distributions: All of them, in the order first seen.
    """

    __slots__ = (
        "_code",
        "_codes",
        "_index",
        "_size",
        "_values",
        "distribution",
        "distributions",
        "name",
        "place",
    )

    def __init__(self, name: str, distribution: BaseDistribution, place: int = 0) -> None:
        self.name = name
        self.place = place
        if isinstance(distribution, ChangingDistribution):
            distribution = distribution.union()
        self.distribution = distribution
        self.distributions: list[BaseDistribution] = [distribution]
        self._index: dict[Hashable, int] = {_identity(distribution): 0}
        self._code = 0
        self._values = np.full(_FIRST_ROOM, np.nan)
        self._codes = np.full(_FIRST_ROOM, -1, dtype=np.int32)
        self._size = 0

    @classmethod
    def of(
        cls,
        name: str,
        distributions: Sequence[BaseDistribution],
        place_and_code: tuple[int, int],
        values: NDArray[np.float64],
        codes: NDArray[np.int32],
    ) -> Self:
        """Make a column of rows that are there already.

        Args:
            name: The name of the parameter.
            distributions: All distributions, in the order first seen.
            place_and_code: The place of the column, and the index of the distribution that was set
                last.
            values: (n,) float64, copied.
            codes: (n,) int32, copied.
        """
        place, code = place_and_code
        column = cls(name, distributions[0], place)
        for distribution in distributions[1:]:
            column._change_to(distribution)
        column._change_to(distributions[code])
        column.grow(len(values))
        column._values[: len(values)] = values
        column._codes[: len(codes)] = codes
        return column

    @property
    def code(self) -> int:
        """Give the index of the distribution that was set last."""
        return self._code

    @property
    def values(self) -> NDArray[np.float64]:
        """Give the internal values: (n,) float64, NaN where the trial does not have it."""
        return self._values[: self._size]

    @property
    def codes(self) -> NDArray[np.int32]:
        """Give the index into ``distributions``: (n,) int32, -1 where the trial has none."""
        return self._codes[: self._size]

    def distribution_of(self, number: int) -> BaseDistribution | None:
        """Give the distribution of a trial, or None where the trial does not have it.

        Args:
            number: The number of the trial.
        """
        code = self.code_of(number)
        return None if code < 0 else self.distributions[code]

    def get(self, number: int) -> tuple[float, BaseDistribution] | None:
        """Give value and distribution of a trial, or None where the trial does not have it.

        Args:
            number: The number of the trial.
        """
        code = self.code_of(number)
        return None if code < 0 else (self._values.item(number), self.distributions[code])

    def code_of(self, number: int) -> int:
        """Give the index of the distribution of a trial, -1 where the trial does not have it.

        Args:
            number: The number of the trial.
        """
        code: int = self._codes.item(number) if number < self._size else -1
        return code

    def item(self, number: int) -> float:
        """Give the internal value of a trial, NaN where the trial does not have it.

        Args:
            number: The number of the trial.
        """
        value: float = self._values.item(number) if number < self._size else math.nan
        return value

    def set(self, number: int, value: float, distribution: BaseDistribution) -> bool:
        """Set the value of a trial.

        Args:
            number: The number of the trial.
            value: The internal value.
            distribution: The distribution that it was drawn from.

        Returns:
            Whether earlier rows have another distribution now: choices that change gained some.
        """
        is_wider = False
        if distribution is not self.distribution:
            if isinstance(distribution, ChangingDistribution) or isinstance(
                self.distribution, ChangingDistribution
            ):
                is_wider = self._unite(distribution)
                value = self._in_union(value, distribution)
            else:
                self._change_to(distribution)
        values = self._values
        if number >= self._size:
            if number < len(values):
                self._size = number + 1
            else:
                self.grow(number + 1)
                values = self._values
        values[number] = value
        self._codes[number] = self._code
        return is_wider

    def clear(self, number: int) -> None:
        """Let a trial not have the parameter.

        Args:
            number: The number of the trial.
        """
        if number < self._size:
            self._values[number] = np.nan
            self._codes[number] = -1

    def grow(self, size: int) -> None:
        """Make the column at least ``size`` rows long.

        Args:
            size: The number of rows wanted.
        """
        if size > len(self._values):
            room = max(size, 2 * len(self._values))
            self._values = _lengthened(self._values, room, np.nan)
            self._codes = _lengthened(self._codes, room, -1)
        if size > self._size:
            self._size = size

    def _change_to(self, distribution: BaseDistribution) -> None:
        self._code = self._index.setdefault(_identity(distribution), len(self.distributions))
        if self._code == len(self.distributions):
            self.distributions.append(distribution)
        self.distribution = distribution

    # ---- choices that change -----------------------------------------------------------------

    def _unite(self, distribution: BaseDistribution) -> bool:
        """Let the column have the union of all choices; tell whether rows had another one.

        The union is the first distribution. It only grows, and who counts choices in another order
        (two workers may have met new ones at once) is told apart by the order of the log.
        """
        if not isinstance(distribution, CategoricalDistribution):
            self._change_to(distribution)
            return False
        first = self.distributions[0]
        union = ChangingDistribution(distribution.choices)
        for known in reversed(self.distributions):
            if isinstance(known, CategoricalDistribution):
                union = union.within(known).union()
        is_wider = first != union
        if is_wider:
            self._recount(union)
        self._code, self.distribution = 0, self.distributions[0]
        return is_wider

    def _in_union(self, value: float, distribution: BaseDistribution) -> float:
        if not isinstance(distribution, CategoricalDistribution):
            return value
        return self.distribution.to_internal_repr(distribution.to_external_repr(value))

    def _recount(self, union: ChangingDistribution) -> None:
        """Let all rows with choices count them as a union does."""
        kept: list[BaseDistribution] = [union]
        codes = self._codes.copy()
        for code, known in enumerate(self.distributions):
            rows = self._codes == code
            if isinstance(known, CategoricalDistribution):
                places = np.array([union.to_internal_repr(c) for c in known.choices])
                self._values[rows] = places[self._values[rows].astype(np.intp)]
                codes[rows] = 0
            else:
                codes[rows] = len(kept)
                kept.append(known)
        self.distributions, self._codes = kept, codes
        self._index = {_identity(d): code for code, d in enumerate(kept)}


def _identity(distribution: BaseDistribution) -> Hashable:
    """Tell distributions apart that are equal but give values of other types, as 1 and True."""
    return distribution, repr(distribution)


def _lengthened(data: NDArray[Any], size: int, fill: float) -> NDArray[Any]:
    """Give a longer copy of an array, the new rows filled."""
    longer = np.full((size, *data.shape[1:]), fill, dtype=data.dtype)
    longer[: len(data)] = data
    return longer
