"""A search space as plain data, which every library can be told.

Only the standard library is used: this module runs in the environment of every peer.

Example:
    >>> space = Space((
    ...     Parameter("kernel", "choice", choices=("linear", "rbf")),
    ...     Parameter("gamma", "float", 1e-4, 1.0, log=True, when=("kernel", ("rbf",))),
    ... ))
    >>> [p.name for p in space.active({"kernel": "linear"})]
    ['kernel']
    >>> Space.from_json(space.to_json()) == space
    True
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

__all__ = ["Configuration", "Parameter", "Space"]

Configuration = dict[str, Any]
Kind = Literal["float", "int", "choice"]


@dataclass(frozen=True)
class Parameter:
    """One parameter.

    Attributes:
        name: Its name.
        kind: What its values are.
        low: The least value of a float or int.
        high: The largest one, included.
        log: Whether ratios matter instead of differences.
        choices: The values of a choice; strings, numbers, truth values or None.
        when: The name of a choice that stands before it, and the values of that one with which
            this parameter is there; always if None.
    """

    name: str
    kind: Kind
    low: float = 0.0
    high: float = 1.0
    log: bool = False
    choices: tuple[Any, ...] = ()
    when: tuple[str, tuple[Any, ...]] | None = None

    def is_active(self, chosen: Mapping[str, Any]) -> bool:
        """Tell whether the parameter is there, given the values of those before it."""
        if self.when is None:
            return True
        parent, values = self.when
        return parent in chosen and chosen[parent] in values

    def at(self, u: float) -> Any:
        """Give the value at a place of the unit interval: u is in [0, 1)."""
        if self.kind == "choice":
            return self.choices[int(u * len(self.choices))]
        if self.kind == "int" and not self.log:
            return int(self.low + u * (self.high - self.low + 1) // 1)
        if self.log:
            value = self.low * (self.high / self.low) ** u
            return round(value) if self.kind == "int" else value
        return self.low + u * (self.high - self.low)


@dataclass(frozen=True)
class Space:
    """Some parameters; those that decide about others stand before them.

    Attributes:
        parameters: The parameters.
    """

    parameters: tuple[Parameter, ...]

    def __iter__(self) -> Iterator[Parameter]:
        return iter(self.parameters)

    def active(self, values: Mapping[str, Any]) -> list[Parameter]:
        """Give the parameters that are there in a configuration.

        Args:
            values: At least the values of the parameters that are there; others may be too.
        """
        chosen: Configuration = {}
        for parameter in self.parameters:
            if parameter.is_active(chosen) and parameter.name in values:
                chosen[parameter.name] = values[parameter.name]
        return [parameter for parameter in self.parameters if parameter.name in chosen]

    def only_active(self, values: Mapping[str, Any]) -> Configuration:
        """Give a configuration without the values that have no effect."""
        return {parameter.name: values[parameter.name] for parameter in self.active(values)}

    def to_json(self) -> str:
        """Write the space as JSON."""
        return json.dumps([asdict(parameter) for parameter in self.parameters])

    @staticmethod
    def from_json(text: str) -> Space:
        """Read a space that `to_json` wrote."""
        return Space(tuple(_parameter(entry) for entry in json.loads(text)))


def _parameter(entry: dict[str, Any]) -> Parameter:
    when = entry.pop("when")
    choices = tuple(entry.pop("choices"))
    return Parameter(
        **entry, choices=choices, when=None if when is None else (when[0], tuple(when[1]))
    )
