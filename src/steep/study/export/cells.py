"""Any value as the text of a cell: a string as it stands, everything else as JSON."""

from __future__ import annotations

from typing import Any

from steep.strict_json import dumps, loads

__all__ = ["from_cell", "to_cell"]


def to_cell(value: Any) -> str:
    """Write a value as text that is not empty.

    Args:
        value: Anything that JSON can hold, or NaN or an infinity.

    Raises:
        TypeError: If it is anything else.

    Example:
        >>> [to_cell(value) for value in ("tea", 1, "1", None, "")]
        ['tea', '1', '"1"', 'null', '""']
    """
    return value if isinstance(value, str) and _stands_for_itself(value) else dumps(value)


def from_cell(text: str) -> Any:
    """Read what :func:`to_cell` wrote.

    Args:
        text: The text of a cell.
    """
    try:
        return loads(text)
    except (ValueError, RecursionError):
        return text


def _stands_for_itself(text: str) -> bool:
    if not text or not _is_utf8(text):
        return False
    try:
        loads(text)
    except (ValueError, RecursionError):
        return True
    return False


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:  # half a surrogate pair
        return False
    return True
