"""One object for each distribution of a process.

A study suggests from few distributions many times, and a log names them many times. Whoever asks
here gets the same object for the same arguments, so "the same distribution as last time" is a
comparison of identities.

Example:
    >>> float_distribution(0, 1) is float_distribution(0.0, 1.0)
    True
    >>> categorical_distribution([1, 0]) is categorical_distribution([True, False])
    False
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from steep.distributions.base import BaseDistribution
from steep.distributions.categorical import CategoricalChoiceType, CategoricalDistribution
from steep.distributions.changing import ChangingDistribution
from steep.distributions.numeric import FloatDistribution, IntDistribution
from steep.distributions.ordinal import OrdinalDistribution, OrdinalValueType

D = TypeVar("D", bound=BaseDistribution)

_LIMIT = 4096
_floats: dict[Any, FloatDistribution] = {}
_ints: dict[Any, IntDistribution] = {}
_categoricals: dict[Any, CategoricalDistribution] = {}
_literals: dict[int, CategoricalDistribution] = {}  # by the tuple that a line of code has
_changing: dict[Any, ChangingDistribution] = {}
_ordinals: dict[Any, OrdinalDistribution] = {}


def float_distribution(
    low: float, high: float, step: float | None = None, log: bool = False
) -> FloatDistribution:
    """Give the distribution of these arguments; see `FloatDistribution`."""
    key = (low, high, step, log)
    known = _floats.get(key)
    if known is None:
        known = FloatDistribution(low, high, log=log, step=step)
        # A lowered `high` was warned about; the next call must warn again.
        if known.high == high:
            _remember(_floats, key, known)
    return known


def int_distribution(low: int, high: int, step: int = 1, log: bool = False) -> IntDistribution:
    """Give the distribution of these arguments; see `IntDistribution`."""
    key = (low, high, step, log)
    known = _ints.get(key)
    if known is None:
        known = IntDistribution(low, high, log=log, step=step)
        if known.high == high:
            _remember(_ints, key, known)
    return known


def categorical_distribution(choices: Sequence[CategoricalChoiceType]) -> CategoricalDistribution:
    """Give the distribution of these choices; see `CategoricalDistribution`."""
    literal = _literals.get(id(choices))
    if literal is not None and literal.choices is choices:
        return literal
    try:
        # 1, 1.0 and True are equal keys but different choices: their types belong to the key.
        key = (*choices, *map(type, choices))
        known = _categoricals.get(key)
    except TypeError:  # a choice has no hash, or this is no sequence: the constructor will tell
        return CategoricalDistribution(choices)
    if known is None:
        known = CategoricalDistribution(choices)
        if all(c is None or isinstance(c, bool | int | float | str) for c in choices):
            _remember(_categoricals, key, known)
            _remember(_literals, id(known.choices), known)
    return known


def changing_distribution(choices: Sequence[CategoricalChoiceType]) -> ChangingDistribution:
    """Give the distribution of choices that may change; see `ChangingDistribution`."""
    return _of_values(_changing, ChangingDistribution, choices)


def ordinal_distribution(values: Sequence[OrdinalValueType]) -> OrdinalDistribution:
    """Give the distribution of these values; see `OrdinalDistribution`."""
    return _of_values(_ordinals, OrdinalDistribution, values)


def _of_values(cache: dict[Any, D], make: Callable[[Any], D], values: Sequence[Any]) -> D:
    try:
        key = (*values, *map(type, values))
        known = cache.get(key)
    except TypeError:  # the constructor will tell what is wrong
        return make(values)
    if known is None:
        known = make(values)
        _remember(cache, key, known)
    return known


def _remember(cache: dict[Any, Any], key: Any, distribution: BaseDistribution) -> None:
    # Ranges that change with every trial must not fill the memory.
    if len(cache) >= _LIMIT:
        cache.clear()
    cache[key] = distribution
