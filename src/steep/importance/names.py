"""The names of parameters that a user gives."""

from __future__ import annotations

from typing import Any

__all__ = ["checked_names"]


def checked_names(params: Any) -> list[str]:
    """Check the names that a user gives.

    Args:
        params: What the user gives.

    Returns:
        The names without repetition.

    Raises:
        TypeError: if it is not a list of names.

    >>> checked_names(["x", "y", "x"])
    ['x', 'y']
    """
    call = f"get_param_importances(params={params!r})"
    if not isinstance(params, list | tuple):
        raise TypeError(f"{call}: give a list of names, e.g. params=['lr'].")
    if not all(isinstance(name, str) for name in params):
        raise TypeError(f"{call}: names of parameters are strings.")
    return list(dict.fromkeys(params))
