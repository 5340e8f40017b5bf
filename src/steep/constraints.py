"""How constraints are kept: one system attribute of the trial for each.

A positive value is a violation. The attribute is named ``constraints:NAME``; older programs keep a
list under ``constraints``, whose members are named "0", "1", ...
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping
from typing import Any

__all__ = ["constraint_to_set", "constraints_in"]

_PREFIX = "constraints:"


def constraints_in(system_attrs: Mapping[str, Any]) -> dict[str, float]:
    """Read the constraint values of a trial.

    Args:
        system_attrs: The system attributes of the trial.

    Returns:
        Values by name; a positive one is a violation.

    Example:
        >>> constraints_in({"constraints:memory": 0.5, "constraints": [-1.0]})
        {'0': -1.0, 'memory': 0.5}
    """
    found = {str(i): float(c) for i, c in enumerate(system_attrs.get("constraints") or ())}
    for key, value in system_attrs.items():
        if key.startswith(_PREFIX):
            found[key.removeprefix(_PREFIX)] = float(value)
    return found


def constraint_to_set(known: Mapping[str, Any], key: str, value: float) -> tuple[str, float] | None:
    """Check a constraint value and name the system attribute that keeps it.

    Args:
        known: The system attributes so far.
        key: The name of the constraint.
        value: Its value.

    Returns:
        The attribute and the number, or None (after a warning) where the constraint is set.

    Raises:
        TypeError: If the value is no number.
        ValueError: If it is NaN.
    """
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise TypeError(
            f"set_constraint({key!r}, {value!r}) got a {type(value).__name__}; give a float."
        ) from None
    if math.isnan(number):
        raise ValueError(f"set_constraint({key!r}, nan): NaN is not allowed; give a number.")
    attribute = f"{_PREFIX}{key}"
    if attribute in known:
        warnings.warn(
            f"set_constraint({key!r}, {value!r}) is ignored: the constraint is set already.",
            stacklevel=3,
        )
        return None
    return attribute, number
