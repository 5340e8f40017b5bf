"""Trials that users bring along: whether they fit, and whether a study knows them already."""

from __future__ import annotations

import math
import numbers
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from steep import logging
from steep.events import Add, Changes
from steep.states import TrialState
from steep.storages import event_of
from steep.table import Table
from steep.trial import FrozenTrial

if TYPE_CHECKING:
    from steep.study.study import Study

__all__ = ["add_all", "enqueue"]

_FIXED = "fixed_params"
_logger = logging.get_logger(__name__)


def enqueue(
    study: Study,
    params: dict[str, Any],
    user_attrs: dict[str, Any] | None,
    *,
    skip_if_exists: bool,
) -> None:
    """Line up a trial with given parameters; see :meth:`steep.study.Study.enqueue_trial`."""
    if not isinstance(params, dict):
        raise TypeError(
            f"enqueue_trial(params={params!r}) got a {type(params).__name__}; give a dict."
        )
    if skip_if_exists and _is_known(study._live_table(), params):
        _logger.info(f"Trial with params {params} already exists. Skipping enqueue.")
        return
    study._storage.add(study._study_id, _event_of(params, user_attrs))


def add_all(study: Study, trials: Iterable[FrozenTrial]) -> None:
    """Add trials that were made elsewhere; see ``Study.add_trials``."""
    events: list[Add] = []
    try:
        for trial in trials:
            _check_addable(trial, len(study.table.directions))
            events.append(event_of(trial))
    finally:
        study._storage.add_all(study._study_id, events)


def _check_addable(trial: FrozenTrial, n_objectives: int) -> None:
    trial.validate()
    if trial.values is not None and len(trial.values) != n_objectives:
        raise ValueError(
            f"add_trial() got a trial with {len(trial.values)} values; this study has "
            f"{n_objectives} objectives."
        )


def _event_of(params: dict[str, Any], user_attrs: dict[str, Any] | None) -> Add:
    """Make the event that lines up a trial.

    Args:
        params: Values by name.
        user_attrs: Attributes of the user for the trial.
    """
    changes = Changes(system_attrs={_FIXED: params}, user_attrs=dict(user_attrs or {}))
    return Add(state=int(TrialState.WAITING), changes=changes)


def _is_known(table: Table, params: dict[str, Any]) -> bool:
    """Tell whether some trial has, or was lined up with, exactly these parameters.

    Args:
        table: The table of the study.
        params: Values by name; NaN equals NaN.
    """
    return any(
        known.keys() == params.keys() and all(_same(known[name], params[name]) for name in params)
        for known in _candidates(table, params)
    )


def _candidates(table: Table, params: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Give the parameters of lined-up trials and of those that have the same names."""
    lined_up = set()
    for number, attrs in table.system_attrs.items():
        if _FIXED in attrs:
            lined_up.add(number)
            yield attrs[_FIXED]
    if not params.keys() <= table.params.keys():
        return
    has_same_names = np.ones(table.n, dtype=bool)
    for name, column in table.params.items():
        has_same_names &= np.isnan(column.values) != (name in params)
    for number in np.flatnonzero(has_same_names).tolist():
        if number not in lined_up:
            found = table.params_of(number)
            yield {name: d.to_external_repr(value) for name, (value, d) in found.items()}


def _same(known: Any, given: Any) -> bool:
    """Tell whether a value repeats a known one: of its type, numbers within 1e-5 of it."""
    if not isinstance(given, type(known)):
        return False
    if not isinstance(given, numbers.Real):
        return bool(given == known)
    one, other = float(given), float(known)
    if one == other or (math.isnan(one) and math.isnan(other)):
        return True
    return math.isfinite(other) and abs(one - other) <= 1e-5 * abs(other)
