"""What users hand in to TPE, checked: arguments and weights."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["checked_weights", "warn_deprecated"]


def warn_deprecated(**arguments: Any) -> None:
    """Warn the caller of a constructor of each argument that is given although deprecated.

    Args:
        arguments: The values by name; None is not given.
    """
    for name, value in arguments.items():
        if value is not None:
            hint = " and has no effect" if name == "consider_prior" else ""
            if name == "constraints_func":
                hint = "; call trial.set_constraint() in the objective"
            warnings.warn(
                f"TPESampler({name}=...) is deprecated{hint}.", FutureWarning, stacklevel=3
            )


def checked_weights(
    weigh: Callable[[int], Any],
) -> Callable[[int], NDArray[np.float64]]:
    """Wrap a user's function so that what it returns is sure to be weights.

    Args:
        weigh: Gives the weights of n observations.

    Returns:
        A function that raises ValueError for weights of another length, negative ones, NaN, inf,
        or zeros only.
    """

    def weigh_n(n: int) -> NDArray[np.float64]:
        if n == 0:
            return np.zeros(0)
        weights = np.asarray(weigh(n), dtype=np.float64).reshape(-1)[:n]
        if len(weights) != n:
            raise ValueError(f"TPESampler(weights=...) gave {len(weights)} weights for n={n}.")
        if not np.isfinite(weights).all() or (weights < 0).any() or not weights.any():
            raise ValueError(
                f"TPESampler(weights=...) gave {weights} for n={n}: weights are finite, not "
                "negative, and not all zero."
            )
        return weights

    return weigh_n
