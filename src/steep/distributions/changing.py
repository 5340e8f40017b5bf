"""Choices that differ from trial to trial."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Self

from steep.distributions.base import BaseDistribution
from steep.distributions.categorical import CategoricalChoiceType, CategoricalDistribution


class ChangingDistribution(CategoricalDistribution):
    """Choose one of the present ones of several choices that have no order.

    A study counts the choices in the order in which it met them, so a choice keeps its index when
    others come or go. Its table has one distribution, the union of all choices that it has met;
    that of a running trial also says which of them are present.

    Args:
        choices: The union: None, bool, int, float or str.
        present: The indices of the choices that may be proposed; None for all.

    Raises:
        ValueError: If there is no choice, or no present one.
        TypeError: If a choice is of another type.

    >>> gone = ChangingDistribution(["adam", "sgd"]).within(CategoricalDistribution(["rmsprop"]))
    >>> gone.choices, gone.present
    (('rmsprop', 'adam', 'sgd'), (1, 2))
    >>> gone.from_unit(0.0), gone.contains(0.0)
    ('adam', False)
    """

    __slots__ = ()

    def __init__(
        self, choices: Sequence[CategoricalChoiceType], present: Iterable[int] | None = None
    ) -> None:
        for choice in choices:
            if choice is not None and not isinstance(choice, bool | int | float | str):
                raise TypeError(
                    f"Choices that change are None, bool, int, float or str, but {choice!r} is a "
                    f"{type(choice).__name__}. Give objects by label: {{'label': object, ...}}."
                )
        super().__init__(choices)
        shown = None if present is None else tuple(sorted(present))
        self.present = None if shown == tuple(range(len(self.choices))) else shown
        if shown == ():
            raise ValueError(f"ChangingDistribution({choices!r}): no choice is present.")

    def within(self, known: BaseDistribution) -> Self:
        """Give the same choices as a part of the union with those that were known before.

        Args:
            known: The distribution before; what is no categorical counts as none.
        """
        before = known.choices if isinstance(known, CategoricalDistribution) else ()
        union = type(self)(_different((*before, *self.choices)))
        return type(self)(union.choices, {int(union.to_internal_repr(c)) for c in self.shown()})

    def union(self) -> Self:
        """Give the distribution of which all choices are present."""
        return self if self.present is None else type(self)(self.choices)

    def shown(self) -> tuple[CategoricalChoiceType, ...]:
        """Give the present choices."""
        return self.choices if self.present is None else tuple(map(self._at, self.present))

    def _at(self, index: int) -> CategoricalChoiceType:
        return self.choices[index]

    def single(self) -> bool:
        """Tell whether there is only one choice present."""
        return len(self.choices if self.present is None else self.present) == 1

    def contains(self, internal: float) -> bool:
        """Tell whether there is a present choice with this index."""
        return super().contains(internal) and (
            self.present is None or int(internal) in self.present
        )

    def from_unit(self, u: float) -> CategoricalChoiceType:
        """Return the choice at ``u`` in [0, 1): each present one has an equal share."""
        shown = self.shown()
        return shown[int(u * len(shown))]

    def __eq__(self, other: object) -> bool:
        same = super().__eq__(other)
        return same and isinstance(other, ChangingDistribution) and self.present == other.present

    __hash__ = BaseDistribution.__hash__

    def _content_hash(self) -> int:
        return hash((super()._content_hash(), self.present))


def _different(choices: Iterable[Any]) -> list[Any]:
    """Leave out the choices that equal an earlier one; NaN equals NaN."""
    found: dict[Any, Any] = {}
    for choice in choices:
        found.setdefault("nan" if choice != choice else (choice,), choice)
    return list(found.values())
