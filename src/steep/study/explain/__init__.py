"""Explain a trial: where its values came from, and why it was or was not pruned.

Example:
    >>> import steep
    >>> sampler = steep.samplers.TPESampler(seed=1)
    >>> study = steep.create_study(sampler=sampler)
    >>> study.optimize(lambda trial: trial.suggest_float("x", -1, 1) ** 2, n_trials=12)
    >>> explain(study.table, 11).origins[0].why
    'modelled jointly'
    >>> explain(study.table, 2).origins[0].why
    'start-up: 2 of 10 trials had finished'
"""

from __future__ import annotations

from collections.abc import Iterator

from steep.states import TrialState
from steep.study.explain.explanation import Check, Explanation, Origin, Pruning
from steep.study.explain.origins import origins_of
from steep.study.explain.past import Past, past_of
from steep.study.explain.pruning import pruning_of
from steep.table import DELETED, Table

__all__ = ["Check", "Explanation", "Origin", "Pruning", "explain"]


def explain(table: Table, number: int) -> Explanation:
    """Say where the values of a trial came from, and why it was or was not pruned.

    Args:
        table: The table of its study.
        number: The number of the trial.

    Raises:
        ValueError: If the study has no such trial.
    """
    if not 0 <= number < table.n or table.state_of(number) == DELETED:
        raise ValueError(
            f"Study.explain({number}): the study {table.study_name!r} has no trial of this number."
        )
    past = past_of(table, number)
    pruning = pruning_of(table, number, past)
    origins = origins_of(table, number, past)
    state = TrialState(table.state_of(number)).name
    caveats = tuple(_caveats(past, pruning, table.lease_of(number)))
    return Explanation(number, state, origins, pruning, caveats)


def _caveats(past: Past, pruning: Pruning, lease: int) -> Iterator[str]:
    if past.n_beside and pruning.checks:
        trials = "1 other trial ran" if past.n_beside == 1 else f"{past.n_beside} other trials ran"
        yield f"{trials} at the same time; what they had reported by then may have counted too."
    if lease > 1:
        yield "The trial was given back and started again; its values may be from before that."
