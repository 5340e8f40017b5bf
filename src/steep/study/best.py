"""Which trials of a study are best."""

from __future__ import annotations

import numpy as np

from steep.states import TrialState
from steep.table import Table

__all__ = ["best_number", "front_numbers", "robust_number"]


def best_number(table: Table) -> int:
    """Give the number of the best feasible COMPLETE trial.

    Args:
        table: The table of a study with one objective.

    Raises:
        RuntimeError: If there are several objectives.
        ValueError: If there is no such trial.
    """
    if len(table.directions) > 1:
        raise RuntimeError(
            f"The best trial was asked for, but the study has {len(table.directions)} objectives; "
            "use Study.best_trials, the trials that no other dominates."
        )
    if table.best is None:
        if table.n_in(TrialState.COMPLETE):
            raise ValueError("No feasible trials are completed yet: all violate a constraint.")
        raise ValueError("No trials are completed yet: the study has no best trial.")
    return table.best


def robust_number(table: Table) -> int:
    """Give the number of the feasible COMPLETE trial of which the best value is expected.

    Args:
        table: The table of a study with one objective.

    Raises:
        RuntimeError: If there are several objectives.
        ValueError: If there is no such trial.
    """
    if len(table.directions) > 1:
        raise RuntimeError(
            f"Study.robust_best() was called, but the study has {len(table.directions)} "
            "objectives; use Study.best_trials, the trials that no other dominates."
        )
    best = best_number(table)
    from steep.samplers.gp.book import book_of  # samplers are large, and few studies need this

    numbers, expected = book_of(table).expected(table)
    return int(numbers[expected.argmin()]) if len(numbers) else best


def front_numbers(table: Table) -> list[int]:
    """Give the numbers of the feasible COMPLETE trials that no other dominates, ascending.

    Args:
        table: The table of a study.
    """
    from steep.kernels.pareto import is_pareto_optimal

    complete = table.numbers(TrialState.COMPLETE)
    if table.has_constraints:
        complete = complete[table.violation[complete] <= 0]
    front: list[int] = complete[is_pareto_optimal(np.asarray(table.losses[complete]))].tolist()
    return front
