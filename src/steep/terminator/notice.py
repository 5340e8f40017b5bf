"""The warning that a program with terminators will not run under a later Optuna."""

from __future__ import annotations

import warnings

__all__ = ["warn_of_optuna"]


def warn_of_optuna(name: str) -> None:
    """Warn at the line of the user that Optuna deprecates its terminators, as Optuna itself does.

    Args:
        name: What was called.
    """
    warnings.warn(
        f"{name}: Optuna deprecates `optuna.terminator` since 4.9 and drops it in 6.0, so that a "
        "program which runs under both will need a callback of its own. steep keeps terminators.",
        FutureWarning,
        stacklevel=3,
    )
