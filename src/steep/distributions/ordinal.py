"""Values in an order: their distances mean nothing, but who stands next to whom does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from steep.distributions.base import BaseDistribution
from steep.distributions.numeric import IntDistribution

OrdinalValueType = None | bool | int | float | str


class OrdinalDistribution(IntDistribution):
    """Choose one of several values that have an order, such as sizes or grades.

    To samplers it is the range of ints from 0 to n - 1, so neighbours are searched together;
    users see the values. In Optuna's storages it is a categorical with the same choices.

    Args:
        values: The values in their order, all different: None, bool, int, float or str.

    Raises:
        ValueError: If there is no value, or two are equal.
        TypeError: If a value is of another type.

    >>> size = OrdinalDistribution(["small", "medium", "large"])
    >>> size.to_internal_repr("large"), size.to_external_repr(1.0), size.from_unit(0.1)
    (2.0, 'medium', 'small')
    """

    __slots__ = ("_index",)
    _index: dict[Any, float]
    values: tuple[OrdinalValueType, ...]

    def __init__(self, values: Sequence[OrdinalValueType]) -> None:
        call = f"OrdinalDistribution(values={values!r})"
        if len(values) == 0:
            raise ValueError(f"{call}: give at least one value.")
        for value in values:
            if value is not None and not isinstance(value, bool | int | float | str):
                raise TypeError(
                    f"{call}: {value!r} is a {type(value).__name__}; give None, bool, int, float "
                    "or str."
                )
        if len(set(values)) < len(values) or any(value != value for value in values):
            raise ValueError(f"{call}: the values must be different from each other, and not NaN.")
        self.values = tuple(values)
        super().__init__(0, len(values) - 1)

    def _prepare(self) -> None:
        super()._prepare()
        self._index = {value: float(index) for index, value in enumerate(self.values)}

    @property
    def choices(self) -> tuple[OrdinalValueType, ...]:
        """Give the values, under the name that categoricals have for theirs."""
        return self.values

    def to_external_repr(self, param_value_in_internal_repr: float) -> Any:
        """Return the value at an index."""
        return self.values[int(param_value_in_internal_repr)]

    def to_internal_repr(self, param_value_in_external_repr: Any) -> float:
        """Return the index of a value; ValueError for one that is not there."""
        try:
            return self._index[param_value_in_external_repr]
        except (KeyError, TypeError):  # a TypeError: not hashable
            raise ValueError(
                f"{param_value_in_external_repr!r} is not one of the values {self.values!r}."
            ) from None

    def from_unit(self, u: float) -> Any:
        """Return the value at ``u`` in [0, 1): each has an equal share."""
        return self.values[int(super().from_unit(u))]

    def asdict(self) -> dict[str, Any]:
        """Return the constructor's arguments by name."""
        return {"values": self.values}

    __hash__ = BaseDistribution.__hash__

    def _content_hash(self) -> int:
        return hash((type(self), self.values))
