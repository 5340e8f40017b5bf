"""Checks of the arguments that several pruners share."""

from __future__ import annotations

import numbers
from typing import Any

__all__ = ["check_at_least"]


def check_at_least(pruner: object, name: str, value: Any, least: int) -> None:
    """Refuse an argument below its least value.

    Args:
        pruner: The pruner under construction; its class is named in the message.
        name: The argument.
        value: What was given for it.
        least: The smallest legal value.

    Raises:
        TypeError: If the value is no number.
        ValueError: If it is smaller, or NaN.
    """
    call = f"{type(pruner).__name__}({name}={value!r})"
    if not isinstance(value, numbers.Real):
        raise TypeError(f"{call} got a {type(value).__name__}; give {least} or more.")
    if not float(value) >= least:
        raise ValueError(f"{call} is too small; give {least} or more.")
