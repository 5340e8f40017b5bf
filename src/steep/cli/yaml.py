"""Write YAML, as far as the command line needs it: mappings, lists and scalars.

A string stands plain only if no reader can take it for anything else; all others are quoted. The
lines are those of PyYAML's ``safe_dump``, but for strings that it would break into several lines.

Example:
    >>> print(dumps([{"number": 0, "params": {"x": 1e-05, "kind": "yes"}, "tags": []}]))
    - number: 0
      params:
        kind: 'yes'
        x: 1.0e-05
      tags: []
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import Any

__all__ = ["dumps"]

# Words with one space between them. A colon before a space, or a "#" after one, would mean more.
_IN_WORD = r"A-Za-z0-9_/.()+*%=~^@!$<>&|?;,'\"\\\[\]{}-"
_WORD = rf"[{_IN_WORD}](?:[#{_IN_WORD}]|:(?=[\w/\\]))*"
_PLAIN = re.compile(rf"(?=[A-Za-z_/.(]){_WORD}(?: {_WORD})*", re.ASCII)
_AMBIGUOUS = re.compile(
    r"~|null|true|false|yes|no|on|off|[-+]?\.(inf|nan)|[-+.]?[0-9._]+(e[-+]?[0-9]+)?|---.*|\.\.\.",
    re.IGNORECASE,
)
_PRINTABLE = re.compile(r"[ -~]*")
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r", "\0": "\\0"}


def dumps(value: Any) -> str:
    """Write a value as a YAML document, without the last line break.

    Args:
        value: Anything made of None, bool, int, float, str, lists, tuples and dictionaries. Keys
            are sorted as text where they are no strings.

    Raises:
        TypeError: If there is something else in it.
    """
    return "\n".join(_lines(value))


def _lines(value: Any) -> Iterator[str]:
    if isinstance(value, dict) and value:
        for key in sorted(value, key=_order):
            yield from _entry(f"{_scalar(key)}:", value[key])
    elif isinstance(value, list | tuple) and value:
        for item in value:
            first, *rest = _lines(item)
            yield f"- {first}"
            yield from (f"  {line}" for line in rest)
    else:
        yield _scalar(value)


def _entry(key: str, value: Any) -> Iterator[str]:
    if not isinstance(value, dict | list | tuple) or not value:
        yield f"{key} {_scalar(value)}"
        return
    yield key
    indent = "  " if isinstance(value, dict) else ""  # a dash stands out enough
    yield from (indent + line for line in _lines(value))


def _order(key: Any) -> tuple[bool, Any]:
    return (True, key) if isinstance(key, str) else (False, str(key))


def _scalar(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(int(value))
    if isinstance(value, float):
        return _float(float(value))
    if isinstance(value, str):
        return _string(value)
    if isinstance(value, dict | list | tuple):
        return "{}" if isinstance(value, dict) else "[]"
    raise TypeError(f"YAML got {value!r}, a {type(value).__name__}; give strings and numbers.")


def _float(value: float) -> str:
    if not math.isfinite(value):
        return ".nan" if math.isnan(value) else ".inf" if value > 0 else "-.inf"
    text = repr(value)
    return text.replace("e", ".0e") if "e" in text and "." not in text else text


def _string(text: str) -> str:
    if _PLAIN.fullmatch(text) and not _AMBIGUOUS.fullmatch(text):
        return text
    if _PRINTABLE.fullmatch(text):
        return "'" + text.replace("'", "''") + "'"
    return '"' + "".join(map(_escaped, text)) + '"'


def _escaped(character: str) -> str:
    known = _ESCAPES.get(character)
    if known is not None:
        return known
    code = ord(character)
    if 0x20 <= code < 0x7F:
        return character
    if code < 0x100:
        return f"\\x{code:02X}"
    return f"\\u{code:04X}" if code < 0x10000 else f"\\U{code:08X}"
