"""Choices without an order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from steep.distributions.base import BaseDistribution, warn_caller

CategoricalChoiceType = None | bool | int | float | str
"""What a choice can be."""


class CategoricalDistribution(BaseDistribution):
    """Choose one of several values that have no order.

    Args:
        choices: the values; None, bool, int, float and str keep in every storage, and a warning
            names the others. Of equal choices (1, 1.0 and True are equal) the first stands for
            all; NaN equals NaN.

    Raises:
        ValueError: if there is no choice.

    >>> CategoricalDistribution(["relu", "gelu", None])
    CategoricalDistribution(choices=('relu', 'gelu', None))
    """

    __slots__ = ("_index",)
    _index: dict[Any, float]

    def __init__(self, choices: Sequence[CategoricalChoiceType]) -> None:
        if len(choices) == 0:
            raise ValueError(f"CategoricalDistribution(choices={choices!r}): give at least one.")
        self.choices = tuple(choices)
        for choice in self.choices:
            _check_storable(choice)
        self._prepare()

    def _prepare(self) -> None:
        self._index = {}
        for index, choice in enumerate(self.choices):
            if _is_hashable(choice):
                self._index.setdefault(choice, float(index))

    def to_external_repr(self, param_value_in_internal_repr: float) -> CategoricalChoiceType:
        """Return the choice at an index."""
        return self.choices[int(param_value_in_internal_repr)]

    def to_internal_repr(self, param_value_in_external_repr: Any) -> float:
        """Return the index of the first choice that equals the value; ValueError without one."""
        try:
            return self._index[param_value_in_external_repr]
        except (KeyError, TypeError):  # a TypeError: not hashable
            return self._search(param_value_in_external_repr)

    def _search(self, value: Any) -> float:
        for index, choice in enumerate(self.choices):
            if _same_choice(value, choice):
                return float(index)
        raise ValueError(f"{value!r} is not one of the choices {self.choices!r}.")

    def single(self) -> bool:
        """Tell whether there is only one value to choose."""
        return len(self.choices) == 1

    def contains(self, internal: float) -> bool:
        """Tell whether there is a choice with this index."""
        return 0 <= internal < len(self.choices)

    def grid_size(self) -> int:
        """Return the number of choices."""
        return len(self.choices)

    def from_unit(self, u: float) -> CategoricalChoiceType:
        """Return the choice at ``u`` in [0, 1): each has an equal share."""
        return self.choices[int(u * len(self.choices))]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, CategoricalDistribution) or type(self) is not type(other):
            return super().__eq__(other)
        pairs = zip(self.choices, other.choices, strict=False)
        return len(self.choices) == len(other.choices) and all(_same_choice(*p) for p in pairs)

    __hash__ = BaseDistribution.__hash__

    def _content_hash(self) -> int:
        # NaN and what has no hash hash alike: equal distributions must have equal hashes.
        parts = (c if _is_hashable(c) and not _is_nan(c) else None for c in self.choices)
        return hash((type(self), *parts))


def _check_storable(choice: Any) -> None:
    if choice is not None and not isinstance(choice, bool | int | float | str):
        warn_caller(
            f"The categorical choice {choice!r} is a {type(choice).__name__}; storages on disk "
            "keep None, bool, int, float and str only. Choose by name instead, and look the "
            "object up by that name."
        )


def _is_hashable(choice: Any) -> bool:
    try:
        hash(choice)
    except TypeError:
        return False
    return True


def _is_nan(choice: Any) -> bool:
    return isinstance(choice, float | np.floating) and bool(choice != choice)


def _same_choice(value: Any, choice: Any) -> bool:
    if value is choice or (_is_nan(value) and _is_nan(choice)):
        return True
    equal = value == choice
    try:
        return bool(equal)
    except ValueError:  # arrays compare elementwise
        return bool(np.array_equal(value, choice))
