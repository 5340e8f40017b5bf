"""The suggest calls whose parameter has several columns; :mod:`steep.trial.kinds` composes them.

A value that the user gives for such a parameter, by ``enqueue_trial`` or a ``FixedTrial``, is one
of the parameter itself (an order, a subset) or of its columns.
"""

from __future__ import annotations

import abc
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar, overload

from steep.distributions import BaseDistribution

if TYPE_CHECKING:
    from steep.trial.kinds import Kind

__all__ = ["ComposedSuggestions"]

Item = TypeVar("Item")


class ComposedSuggestions(abc.ABC):
    """Suggest weights, subsets and orders by suggesting their columns."""

    @overload
    def suggest_simplex(self, name: str, parts: int) -> list[float]: ...
    @overload
    def suggest_simplex(self, name: str, parts: Sequence[str]) -> dict[str, float]: ...
    def suggest_simplex(
        self, name: str, parts: int | Sequence[str]
    ) -> list[float] | dict[str, float]:
        """Suggest weights that are not negative and sum to 1, such as a mixture of data sets.

        Its columns are ``NAME[LABEL]`` for all labels but the last.

        Args:
            name: The name of the parameter.
            parts: How many weights, or their labels.

        Returns:
            The weights as a list, or by label. Uniform sampling is uniform on the simplex.

        Raises:
            ValueError: If there are no parts, or two have the same label.

        Example:
            >>> from steep.trial import FixedTrial
            >>> trial = FixedTrial({"mix": [0.5, 0.25, 0.25]})
            >>> trial.suggest_simplex("mix", ["web", "books", "code"])
            {'web': 0.5, 'books': 0.25, 'code': 0.25}
        """
        from steep.trial.kinds import Simplex, labelled

        labels = [str(i) for i in range(parts)] if isinstance(parts, int) else list(parts)
        simplex = Simplex(name, list(labelled(f"suggest_simplex({name!r})", labels)))
        weights = simplex.decode(self._columns_of(simplex))
        return weights if isinstance(parts, int) else dict(zip(labels, weights, strict=True))

    def suggest_subset(
        self,
        name: str,
        items: Sequence[Item] | Mapping[str, Item],
        min_size: int = 0,
        max_size: int | None = None,
    ) -> list[Item]:
        """Suggest some of several items.

        Each item has a column ``NAME[ITEM]``, which is True or False. Where the limits of the size
        decide on an item, its column is set and not drawn.

        Args:
            name: The name of the parameter.
            items: None, bools, ints, floats or strs, or any objects by label.
            min_size: How many there are at least.
            max_size: How many there are at most; None for all.

        Returns:
            The items, in the order in which they were given.

        Raises:
            ValueError: If no subset has such a size, or values that were given have none.
            TypeError: If an object has no label.

        Example:
            >>> from steep.trial import FixedTrial
            >>> trial = FixedTrial({"features": ["age", "income"]})
            >>> trial.suggest_subset("features", ["income", "town", "age"], max_size=2)
            ['income', 'age']
            >>> trial.params
            {'features[income]': True, 'features[town]': False, 'features[age]': True}
        """
        from steep.trial.kinds import Subset

        subset = Subset(name, items, min_size, max_size)
        self._encode_given(subset)
        chosen: dict[str, Any] = {}
        known = {**self._given(), **self.params}
        shuffle = self._shuffle()
        for column in subset.order(known, shuffle):
            forced = None if column in known else subset.forced(chosen)
            if forced is not None and shuffle is None:
                chosen[column] = forced
                continue
            if forced is not None:
                self._give({column: forced})
            chosen[column] = self._suggest(column, subset.columns[column])
        return subset.decode(chosen)

    def suggest_permutation(
        self, name: str, items: Sequence[Item] | Mapping[str, Item]
    ) -> list[Item]:
        """Suggest an order of all items.

        Each item has a column ``NAME[ITEM]``, a key in [0, 1], by which the items are sorted.

        Args:
            name: The name of the parameter.
            items: None, bools, ints, floats or strs, or any objects by label.

        Returns:
            The items in the suggested order.

        Raises:
            ValueError: If there are no items, or two have the same label.
            TypeError: If an object has no label.

        Example:
            >>> from steep.trial import FixedTrial
            >>> trial = FixedTrial({"steps": ["scale", "impute", "select"]})
            >>> trial.suggest_permutation("steps", ["impute", "scale", "select"])
            ['scale', 'impute', 'select']
        """
        from steep.trial.kinds import Permutation

        permutation = Permutation(name, items)
        return permutation.decode(self._columns_of(permutation))

    def _columns_of(self, kind: Kind) -> dict[str, Any]:
        self._encode_given(kind)
        return {column: self._suggest(column, d) for column, d in kind.columns.items()}

    def _encode_given(self, kind: Kind) -> None:
        """Turn a value that the user gave for the whole parameter into its columns."""
        given = self._given()
        if kind.name in given:
            self._give(kind.encode(given[kind.name]))

    @property
    @abc.abstractmethod
    def number(self) -> int:
        """Give the number of the trial in its study."""

    @property
    @abc.abstractmethod
    def params(self) -> dict[str, Any]:
        """Give the values of the parameters suggested so far."""

    @abc.abstractmethod
    def _suggest(self, name: str, distribution: BaseDistribution) -> Any:
        """Give the value of a parameter in the user's representation."""

    def _shuffle(self) -> int | None:
        """Give the number that shuffles the items of a subset for this trial.

        None in records, whose items are known or forced, and where the sampler tries each
        combination once: all trials must then ask alike, and only for what is free.
        """
        return None

    def _given(self) -> Mapping[str, Any]:
        """Tell the values that the user gave beforehand, by name."""
        return {}

    def _give(self, values: Mapping[str, Any]) -> None:  # noqa: B027
        """Let parameters have these values when they are suggested, unless the user gave others.

        A record does nothing here: it has the values of its columns already.
        """
