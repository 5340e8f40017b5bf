"""How a sampler keeps what its ``constraints_func`` says of a trial."""

from __future__ import annotations

import math
import numbers
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from steep.states import TrialState

if TYPE_CHECKING:
    from steep.study import Study
    from steep.trial import FrozenTrial

__all__ = ["ConstraintsFunc", "constraint_values", "record_constraints"]

ConstraintsFunc = Callable[["FrozenTrial"], Sequence[float]]


def record_constraints(
    function: ConstraintsFunc | None, study: Study, trial: FrozenTrial, state: TrialState
) -> None:
    """Ask for the constraint values of a trial that is about to finish, and keep them.

    Args:
        function: The user's function, or None.
        study: The study.
        trial: The trial, still running.
        state: How it ends; a FAIL trial has no constraint values.

    Raises:
        ValueError: If a constraint value is NaN.
        TypeError: If the function does not return a sequence of numbers.
    """
    if function is None or state == TrialState.FAIL:
        return
    found: tuple[float, ...] | None = None
    try:
        found = constraint_values(function(trial))
    finally:
        study._storage.set_trial_system_attr(trial._trial_id, "constraints", found)


def constraint_values(returned: Sequence[float]) -> tuple[float, ...]:
    """Check what a ``constraints_func`` has returned.

    Args:
        returned: A sequence of numbers.

    Returns:
        The numbers.

    Raises:
        TypeError: If it is no sequence of numbers.
        ValueError: If one is NaN.
    """
    if isinstance(returned, str | bytes) or not hasattr(returned, "__iter__"):
        raise TypeError(f"constraints_func returned {returned!r}; return a sequence of floats.")
    listed = tuple(returned)
    if not all(isinstance(value, numbers.Real) for value in listed):
        raise TypeError(f"constraints_func returned {returned!r}; return a sequence of floats.")
    found = tuple(float(value) for value in listed)
    if any(math.isnan(value) for value in found):
        raise ValueError(f"constraints_func returned {returned!r}: NaN is not allowed.")
    return found
