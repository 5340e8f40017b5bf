"""Distributions and attributes as the JSON that Optuna keeps them in."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from typing import Any

from steep.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    ChangingDistribution,
    FloatDistribution,
    IntDistribution,
    OrdinalDistribution,
    distribution_to_json,
    json_to_distribution,
)

__all__ = ["Specs", "attribute_to_json", "spec_to_distribution"]

# Databases that Optuna 3 upgraded have none of these, journals and hand-made rows may.
_DEPRECATED: dict[str, Callable[..., BaseDistribution]] = {
    "UniformDistribution": FloatDistribution,
    "LogUniformDistribution": lambda low, high: FloatDistribution(low, high, log=True),
    "DiscreteUniformDistribution": lambda low, high, q: FloatDistribution(low, high, step=q),
    "IntUniformDistribution": lambda low, high, step=1: IntDistribution(low, high, step=step),
    "IntLogUniformDistribution": lambda low, high, step=1: IntDistribution(low, high, log=True),
}


@functools.lru_cache(maxsize=4096)
def spec_to_distribution(text: str) -> BaseDistribution:
    """Read a distribution; a deprecated class becomes the one that took its place.

    Args:
        text: What Optuna wrote: a JSON object with its class and arguments.

    Returns:
        The distribution, one object for all trials that have it.

    Raises:
        ValueError: If it is no distribution.

    Example:
        >>> old = '{"name": "IntUniformDistribution", "attributes": {"low": 0, "high": 9}}'
        >>> spec_to_distribution(old)
        IntDistribution(high=9, log=False, low=0, step=1)
    """
    try:
        described = json.loads(text)
        make = _DEPRECATED.get(described.get("name"))
        return json_to_distribution(text) if make is None else make(**described["attributes"])
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ValueError(f"Optuna's {text!r} is not a distribution: {error}") from error


class Specs:
    """Write distributions, each object once.

    Example:
        >>> Specs().of(IntDistribution(1, 3))
        '{"name": "IntDistribution", "attributes": {"log": false, "step": 1, "low": 1, "high": 3}}'
    """

    def __init__(self) -> None:
        # By identity: equality would take choices such as 1 and True for the same.
        self._known: dict[int, tuple[BaseDistribution, str]] = {}

    def of(self, distribution: BaseDistribution) -> str:
        """Write a distribution.

        Args:
            distribution: The distribution.

        Raises:
            TypeError: If it has a choice that JSON cannot hold.
        """
        known = self._known.get(id(distribution))
        if known is None:
            known = self._known[id(distribution)] = (distribution, _to_spec(distribution))
        return known[1]


def _to_spec(distribution: BaseDistribution) -> str:
    if isinstance(distribution, OrdinalDistribution):
        # The index of a value is the index of the choice, so internal values stay as they are.
        distribution = CategoricalDistribution(distribution.values)
    if isinstance(distribution, ChangingDistribution):
        distribution = CategoricalDistribution(distribution.choices)
    try:
        return distribution_to_json(distribution)
    except TypeError as error:
        raise TypeError(f"Optuna's storages cannot keep {distribution!r}: {error}.") from error


def attribute_to_json(owner: str, key: str, value: Any) -> str:
    """Write an attribute as Optuna does, NaN and infinities by name.

    Args:
        owner: Whose it is, for the message.
        key: Its name.
        value: Its value.

    Raises:
        TypeError: If JSON cannot hold it.
    """
    try:
        return json.dumps(value)
    except (TypeError, ValueError) as error:
        raise TypeError(
            f"Optuna's storages cannot keep the attribute {key!r} of {owner}: {error}. Give it a "
            "value of JSON: None, a bool, number, string, list or dict."
        ) from error
