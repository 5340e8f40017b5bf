"""Samplers and pruners as plain data, so that a study can be resumed and replayed.

Only the built-in classes are made again: what a storage names is never imported. A sampler without
a seed has drawn one, and that belongs to its description, so that whoever resumes the study goes
on with the same streams of random numbers and repeats no point.

Example:
    >>> import steep
    >>> config = describe(steep.samplers.TPESampler(n_startup_trials=5, seed=7))
    >>> config
    {'class': 'TPESampler', 'arguments': {'n_startup_trials': 5, 'seed': 7}}
    >>> build("sampler", config)._n_startup_trials
    5
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import numpy as np

from steep.arguments import RemembersArguments, arguments_of
from steep.samplers import BaseSampler
from steep.streams import Streams

__all__ = ["build", "describe"]

_NESTED = "$made"


def describe(made: RemembersArguments) -> dict[str, Any]:
    """Describe a sampler or pruner.

    Args:
        made: The sampler or pruner.

    Returns:
        ``class`` and ``arguments``; ``missing``, the arguments that JSON cannot hold, where there
        are some; ``drawn``, the seeds that it drew itself, where it did.
    """
    described: dict[str, Any] = {"class": _name_of(type(made)), "arguments": {}}
    missing = []
    for name, value in arguments_of(made).items():
        try:
            described["arguments"][name] = _to_plain(value)
        except (TypeError, ValueError):
            missing.append(name)
    if missing:
        described["missing"] = missing
    drawn = [streams.drawn for streams in _streams_of(made)]
    if any(seed is not None for seed in drawn):
        described["drawn"] = drawn
    return described


def build(role: str, config: dict[str, Any]) -> Any:
    """Make the sampler or pruner again that :func:`describe` described.

    Args:
        role: "sampler" or "pruner".
        config: The description.

    Returns:
        The sampler or pruner, or None where it cannot be made from its description: it is not one
        of steep's own, or got an argument that JSON cannot hold.
    """
    cls = _class_of(role, config["class"])
    if cls is None or config.get("missing"):
        return None
    arguments = {name: _from_plain(role, value) for name, value in config["arguments"].items()}
    made = cls(**arguments)
    for streams, drawn in zip(_streams_of(made), config.get("drawn", ()), strict=False):
        if drawn is not None:
            streams.adopt(drawn)
    return made


def _name_of(cls: type[Any]) -> str:
    is_ours = cls.__module__.startswith(("steep.samplers.", "steep.pruners."))
    return cls.__qualname__ if is_ours else f"{cls.__module__}:{cls.__qualname__}"


def _class_of(role: str, name: str) -> type[Any] | None:
    from steep import pruners, samplers

    room: Any = pruners
    if role == "sampler":  # the crossovers are imported only if one is meant
        room = samplers if name in samplers.__all__ else samplers.nsgaii
    found = getattr(room, name) if name in room.__all__ else None
    return found if isinstance(found, type) else None


def _to_plain(value: Any) -> Any:
    if isinstance(value, RemembersArguments):  # another sampler or pruner, a crossover, ...
        described = describe(value)
        if described.get("missing"):
            raise TypeError("an argument of it cannot be written as JSON")
        return {_NESTED: described}
    if isinstance(value, np.ndarray):
        return value.tolist()
    json.dumps(value)  # raises what the caller expects
    return value


def _from_plain(role: str, value: Any) -> Any:
    if isinstance(value, dict) and value.keys() == {_NESTED}:
        return build(role, value[_NESTED])
    return value


def _streams_of(made: Any) -> Iterator[Streams]:
    """Give the streams of random numbers within a sampler, always in the same order."""
    for _, value in sorted(vars(made).items(), key=lambda item: item[0]):
        if isinstance(value, Streams):
            yield value
        elif isinstance(value, BaseSampler) and isinstance(value, RemembersArguments):
            yield from _streams_of(value)
