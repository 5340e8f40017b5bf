"""Parameters that are composed of several columns: weights, subsets and orders.

A composed parameter has one ordinary distribution for each of its parts, whose column is called
``NAME[LABEL]``; so every sampler, storage and plot works on it. Each kind here says which columns
it has, *encodes* what a user gives into their values, and *decodes* their values into what the
objective gets. Columns that are drawn uniformly and independently of each other give every subset
of a size, every order, and every point of the simplex the same chance.

Example:
    >>> order = Permutation("steps", ["crop", "flip", "blur"])
    >>> columns = order.encode(["blur", "crop", "flip"])
    >>> columns["steps[blur]"] < columns["steps[crop]"] < columns["steps[flip]"]
    True
    >>> order.decode(columns)
    ['blur', 'crop', 'flip']
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

from steep.distributions import BaseDistribution, categorical_distribution, float_distribution

__all__ = ["Kind", "Permutation", "Simplex", "Subset", "labelled"]

Values = Mapping[str, Any]

_TOLERANCE = 1e-6
"""By how much the sum of given weights may differ from 1."""


class Kind(Protocol):
    """Be a way to compose a parameter.

    Attributes:
        name: The name of the parameter.
        columns: The distributions of its parts, by the names of their columns.
    """

    name: str
    columns: dict[str, BaseDistribution]

    def encode(self, value: Any) -> dict[str, Any]:
        """Give the values of the columns for a value of the parameter; ValueError for none."""
        ...

    def decode(self, values: Values) -> Any:
        """Give the value of the parameter for values of the columns."""
        ...


def labelled(call: str, items: Sequence[Any] | Mapping[str, Any]) -> dict[str, Any]:
    """Give items by their labels: those of a mapping, else what ``str`` makes of them.

    Args:
        call: What the user called, for messages.
        items: The items.

    Raises:
        TypeError: If an item without a label is no None, bool, int, float or str.
        ValueError: If there are none, or two have the same label.

    Example:
        >>> labelled("suggest_subset('layers')", [1, 2])
        {'1': 1, '2': 2}
    """
    if isinstance(items, Mapping):
        found = {str(label): item for label, item in items.items()}
    else:
        for item in items:
            if item is not None and not isinstance(item, bool | int | float | str):
                raise TypeError(
                    f"{call} got the item {item!r}, a {type(item).__name__}. Give objects by "
                    "label: {'label': object, ...}."
                )
        found = {str(item): item for item in items}
    if not found:
        raise ValueError(f"{call} got no items; give at least one.")
    if len(found) < len(items):
        raise ValueError(f"{call} got {items!r}, of which two have the same label.")
    return found


class Simplex:
    """Be weights that are not negative and sum to 1.

    The columns break a stick: that of label i, of which m come after it, says which part of what
    the labels before it left goes on to those after it, to the power of m. Uniform columns are
    uniform on the simplex, since that part is a Beta(m, 1) variable (Devroye 1986, "Non-uniform
    random variate generation", ch. V.4). The last label gets the rest and has no column.

    Args:
        name: The name of the parameter.
        labels: The n labels.
    """

    def __init__(self, name: str, labels: Sequence[str]) -> None:
        self.name = name
        self.labels = list(labels)
        unit = float_distribution(0.0, 1.0)
        self.columns: dict[str, BaseDistribution] = {
            f"{name}[{label}]": unit for label in self.labels[:-1]
        }

    def encode(self, value: Any) -> dict[str, float]:
        """Give the columns of some weights.

        Args:
            value: n numbers in the order of the labels, or by label.

        Raises:
            ValueError: If one is negative, or the sum is not 1.
        """
        weights = self._checked(value)
        left = [math.fsum(weights[i:]) for i in range(len(weights))]
        n = len(weights)
        return {
            column: min((left[i + 1] / left[i]) ** (n - 1 - i), 1.0) if left[i] > 0 else 0.0
            for i, column in enumerate(self.columns)
        }

    def decode(self, values: Values) -> list[float]:
        """Give the n weights of some columns."""
        weights, left, after = [], 1.0, len(self.columns)
        for column in self.columns:
            passed = left * values[column] ** (1.0 / after)
            weights.append(left - passed)
            left, after = passed, after - 1
        return [*weights, left]

    def _checked(self, value: Any) -> list[float]:
        if isinstance(value, Mapping) and set(value) == set(self.labels):
            value = [value[label] for label in self.labels]
        try:
            weights = [float(weight) for weight in value]
        except (TypeError, ValueError):
            weights = []
        is_good = len(weights) == len(self.labels) and all(weight >= 0 for weight in weights)
        if not is_good or abs(math.fsum(weights) - 1.0) > _TOLERANCE:
            raise ValueError(
                f"suggest_simplex({self.name!r}) was given {value!r}; give one weight of at least "
                f"0 for each of {self.labels!r}, with the sum 1."
            )
        return weights


class Permutation:
    """Be an order of items.

    Each item has a key in [0, 1], and the items are sorted by it. So the model of a sampler learns
    which items belong early, whatever the others do.

    Source: Bean (1994), "Genetic algorithms and random keys for sequencing and optimization", ORSA
    Journal on Computing 6.

    Args:
        name: The name of the parameter.
        items: The items, or the items by label.
    """

    def __init__(self, name: str, items: Sequence[Any] | Mapping[str, Any]) -> None:
        self.name = name
        self._items = labelled(f"suggest_permutation({name!r})", items)
        unit = float_distribution(0.0, 1.0)
        self.columns: dict[str, BaseDistribution] = {f"{name}[{i}]": unit for i in self._items}

    def encode(self, value: Any) -> dict[str, float]:
        """Give the columns of an order, evenly spaced.

        Args:
            value: All items in some order, or their labels.

        Raises:
            ValueError: If it is not an order of the items.
        """
        labels = _labels_in(value, self._items)
        if labels is None or len(labels) != len(self._items):
            raise ValueError(
                f"suggest_permutation({self.name!r}) was given {value!r}, which is no order of "
                f"{list(self._items)!r}."
            )
        n = len(labels)
        place = {label: (i + 0.5) / n for i, label in enumerate(labels)}
        return {f"{self.name}[{label}]": place[label] for label in self._items}

    def decode(self, values: Values) -> list[Any]:
        """Give the items in the order of their keys; of equal keys, as they were given."""
        keys = [values[column] for column in self.columns]
        items = list(self._items.values())
        return [items[i] for i in sorted(range(len(items)), key=keys.__getitem__)]


class Subset:
    """Be some of the items.

    Each item has a column, False or True. Where the limits of the size decide on an item, its
    column is not drawn but set; so the columns always say what the subset is. For every subset of
    a size to have the same chance, the items are drawn in an order that differs from trial to
    trial.

    Args:
        name: The name of the parameter.
        items: The items, or the items by label.
        min_size: How many there are at least.
        max_size: How many there are at most; None for all.

    Raises:
        ValueError: If no subset has such a size.
    """

    def __init__(
        self,
        name: str,
        items: Sequence[Any] | Mapping[str, Any],
        min_size: int = 0,
        max_size: int | None = None,
    ) -> None:
        self.name = name
        self._items = labelled(f"suggest_subset({name!r})", items)
        n = len(self._items)
        self._min, self._max = min_size, n if max_size is None else min(max_size, n)
        if not 0 <= self._min <= self._max:
            raise ValueError(
                f"suggest_subset({name!r}, min_size={min_size!r}, max_size={max_size!r}): there "
                f"are {n} items; give 0 <= min_size <= max_size, and min_size <= {n}."
            )
        is_in = categorical_distribution((False, True))
        self.columns: dict[str, BaseDistribution] = {f"{name}[{i}]": is_in for i in self._items}

    def encode(self, value: Any) -> dict[str, bool]:
        """Give the columns of a subset.

        Args:
            value: Some of the items in any order, or their labels.

        Raises:
            ValueError: If it is no subset, or one of another size.
        """
        labels = _labels_in(value, self._items)
        if labels is None or not self._min <= len(labels) <= self._max:
            raise self._error(f"was given {value!r}")
        return {f"{self.name}[{label}]": label in labels for label in self._items}

    def decode(self, values: Values) -> list[Any]:
        """Give the items that are in, in the order in which they were given.

        Raises:
            ValueError: If there are too few or too many.
        """
        found = [
            item
            for column, item in zip(self.columns, self._items.values(), strict=True)
            if values[column]
        ]
        if not self._min <= len(found) <= self._max:
            raise self._error(f"has {found!r}")
        return found

    def order(self, known: Iterable[str], number: int | None) -> list[str]:
        """Give the columns in the order in which to draw them.

        Args:
            known: Those whose values are known already; they come first.
            number: The number of the trial, by which the others are shuffled; None to leave them.
        """
        if self._min == 0 and self._max == len(self._items):
            return list(self.columns)  # no limit, so no column decides on another
        first = set(known)
        if number is None:
            return sorted(self.columns, key=lambda column: column not in first)
        return sorted(self.columns, key=lambda c: b"" if c in first else _shuffled(c, number))

    def forced(self, chosen: Values) -> bool | None:
        """Tell what the next column has to be, or None where it is free.

        Args:
            chosen: The values of the columns before it.
        """
        n_in, n_after = sum(chosen.values()), len(self.columns) - len(chosen)
        if n_in >= self._max:
            return False
        return True if n_in + n_after <= self._min else None

    def _error(self, what: str) -> ValueError:
        return ValueError(
            f"suggest_subset({self.name!r}) {what}; it takes {self._min} to {self._max} of "
            f"{list(self._items)!r}, each once."
        )


def _shuffled(column: str, number: int) -> bytes:
    import hashlib

    return hashlib.blake2b(f"{number}\0{column}".encode(), digest_size=8).digest()


def _labels_in(value: Any, items: Mapping[str, Any]) -> list[str] | None:
    """Give the labels of a list of items or labels; None where one is unknown or repeated."""
    if isinstance(value, str | bytes) or not isinstance(value, Iterable):
        return None
    given = list(value)
    labels = [label for item in given for label in _labels_of(item, items)]
    return labels if len(labels) == len(given) == len(set(labels)) else None


def _labels_of(item: Any, items: Mapping[str, Any]) -> list[str]:
    if isinstance(item, str) and item in items:
        return [item]
    return [label for label, known in items.items() if known is item or _is_equal(known, item)]


def _is_equal(known: Any, item: Any) -> bool:
    """Tell whether plain values are the same; 1 and True are not, and arrays are not compared."""
    is_plain = isinstance(known, bool | int | float | str) and type(known) is type(item)
    return is_plain and bool(known == item)
