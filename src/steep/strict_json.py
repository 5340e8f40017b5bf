"""JSON that every program reads, for values that JSON lacks.

Strict JSON has neither NaN nor infinities. They become ``{"$float": "nan"}``, and a key of the
user's that begins with "$" gets another one, so that both come back as they were.

Example:
    >>> dumps({"loss": float("inf"), "$": 1})
    '{"loss":{"$float":"inf"},"$$":1}'
    >>> loads('{"loss":{"$float":"inf"},"$$":1}')
    {'loss': inf, '$': 1}
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any

__all__ = ["dumps", "loads"]

_MARK = '"$'


def dumps(value: Any) -> str:
    """Write a value as one line of ASCII.

    Args:
        value: Anything made of None, bool, int, float, str, lists, tuples and dictionaries.

    Returns:
        Strict JSON. A tuple becomes a list, and a key that is no string becomes one.

    Raises:
        TypeError: If there is something else in it.
        ValueError: If it contains itself.
    """
    try:
        return _dumps(value)
    except RecursionError:
        raise ValueError("The value contains itself, or is nested too deeply for JSON.") from None


def loads(text: str) -> Any:
    """Read what :func:`dumps` wrote.

    Args:
        text: JSON.

    Raises:
        ValueError: If it is no JSON.
    """
    import json

    return json.loads(text, object_hook=_unescaped) if _MARK in text else json.loads(text)


def _dumps(value: Any) -> str:
    encode = _encoder()
    try:
        text = encode(value)
    except ValueError:  # NaN, an infinity, or a circle
        return encode(_escaped(value))
    return text if _MARK not in text else encode(_escaped(value))


@functools.cache
def _encoder() -> Callable[[Any], str]:
    import json  # a study in memory needs none

    return json.JSONEncoder(separators=(",", ":"), allow_nan=False).encode


def _escaped(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return {"$float": repr(float(value))}
    if isinstance(value, dict):
        return {
            f"${key}" if isinstance(key, str) and key.startswith("$") else key: _escaped(inner)
            for key, inner in value.items()
        }
    if isinstance(value, list | tuple):
        return [_escaped(inner) for inner in value]
    return value


def _unescaped(plain: dict[str, Any]) -> Any:
    if "$float" in plain:
        return float(plain["$float"])
    return {key[1:] if key.startswith("$$") else key: value for key, value in plain.items()}
