"""Turn what an objective returned into the end of a trial."""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from steep import logging
from steep.samplers.base import BaseSampler
from steep.states import TrialState
from steep.table import DELETED
from steep.trial import FrozenTrial, Trial

if TYPE_CHECKING:
    from steep.study.study import Study

__all__ = ["Outcome", "number_told", "numbers_of", "tell", "warn"]

_logger = logging.get_logger(__name__)
_RUNNING = int(TrialState.RUNNING)
_LISTS = (list, tuple, Sequence)  # asking for a Sequence alone takes ten times as long
_COMPLETE = TrialState.COMPLETE  # looking up a member of an enum takes as long as a call


class Outcome(NamedTuple):
    """Say how a trial ended.

    Attributes:
        state: COMPLETE, PRUNED or FAIL.
        values: The objective values, or None.
        complaint: What was wrong with the values, or None.
        is_lost: Whether the trial had been taken from its worker, so that nothing was recorded.
    """

    state: TrialState
    values: list[float] | None
    complaint: str | None = None
    is_lost: bool = False


def number_told(study: Study, trial: Any) -> int:
    """Give the number of the trial that a call of ``tell`` means.

    Args:
        study: The study.
        trial: A trial or its number.

    Raises:
        KeyError: If the trial is one of another study.
        TypeError: If it is neither.
        ValueError: If the study has no such trial.
    """
    if isinstance(trial, Trial):
        if trial.number >= study.table.n:
            raise KeyError(f"Study.tell(): the study has no trial {trial.number}; it is another's.")
        return trial.number
    if not isinstance(trial, int):
        raise TypeError(f"Study.tell(trial={trial!r}): give the trial or its number, an int.")
    table = study._synced_table()
    if not 0 <= trial < table.n or table.state_of(trial) == DELETED:
        raise ValueError(f"Study.tell(trial={trial}): the study has no trial of this number.")
    return trial


def tell(
    study: Study,
    number: int,
    values: Any,
    state: TrialState | None,
    *,
    skip_if_finished: bool = False,
) -> Outcome:
    """End a trial.

    Args:
        study: The study.
        number: The number of the trial.
        values: What the objective returned.
        state: How the trial ended, or None to judge by the values.
        skip_if_finished: Whether a trial that has finished is left as it is.

    Returns:
        How the trial ended.

    Raises:
        ValueError: If the trial is not running, or state and values do not fit together.
    """
    storage, study_id = study._storage, study._study_id
    state_now = study.table.state_of(number)
    if state_now != _RUNNING:
        if storage.is_lost(study_id, number):
            return _lost(number)
        current = TrialState(state_now)
        if skip_if_finished and current.is_finished():
            _logger.info(f"Trial {number} is {current.name} already; telling it was skipped.")
            return Outcome(current, study.table.values_of(number))
        raise ValueError(f"Study.tell(): trial {number} is {current.name}, so it cannot be told.")
    outcome = _judge(study, number, values, state)
    took_effect = True
    try:
        # Most samplers have nothing to do here, so the view of the trial is not made for them.
        if type(study.sampler).after_trial is not BaseSampler.after_trial:
            running = FrozenTrial.lazy(number, study.read_fields)
            if not study.sampler.reads_columns:
                running.read()
            study.sampler.after_trial(study, running, outcome.state, outcome.values)
    finally:
        took_effect = storage.finish(study_id, number, outcome.state, outcome.values)
        if study.redraws:
            study.redraws.pop(number, None)
    return outcome if took_effect else _lost(number)


def _lost(number: int) -> Outcome:
    complaint = (
        f"Trial {number} was taken from this worker (it was not heard of for too long, or the "
        "trial was deleted or given to another one), so its result is not recorded"
    )
    return Outcome(TrialState.FAIL, None, complaint, is_lost=True)


def warn(outcome: Outcome) -> None:
    """Warn the user who called ``tell`` of what was wrong, if something was.

    Args:
        outcome: How the trial ended.
    """
    if outcome.is_lost:
        warnings.warn(f"{outcome.complaint}.", stacklevel=3)
    elif outcome.complaint is not None:
        warnings.warn(f"{outcome.complaint}. The trial is recorded as FAIL.", stacklevel=3)


def _judge(study: Study, number: int, values: Any, state: TrialState | None) -> Outcome:
    if state is None:
        numbers, complaint = numbers_of(values, len(study.table.directions))
        if complaint is not None:
            return Outcome(TrialState.FAIL, None, complaint)
        return Outcome(_COMPLETE, numbers)
    if state == TrialState.COMPLETE:
        if values is None:
            raise ValueError("Study.tell(state=COMPLETE) got no values; give the objective value.")
        numbers, complaint = numbers_of(values, len(study.table.directions))
        if complaint is not None:
            raise ValueError(f"Study.tell(state=COMPLETE) got {values!r}: {complaint}.")
        return Outcome(TrialState.COMPLETE, numbers)
    if state not in (TrialState.PRUNED, TrialState.FAIL):
        raise ValueError(f"Study.tell(state={state!r}): a trial ends as COMPLETE, PRUNED or FAIL.")
    if values is not None:
        raise ValueError(
            f"Study.tell(state={TrialState(state).name}) got the values {values!r}; only a "
            "COMPLETE trial has values."
        )
    if state == TrialState.FAIL:
        return Outcome(TrialState.FAIL, None)
    return Outcome(TrialState.PRUNED, _last_report(study, number))


def _last_report(study: Study, number: int) -> list[float] | None:
    """Give the value that a pruned trial is remembered by: the report of its largest step."""
    reports = study.live_reports(number)
    if not reports or len(study.table.directions) > 1:
        return None
    value = reports[max(reports)]
    return None if math.isnan(value) else [value]


def numbers_of(values: Any, count: int) -> tuple[list[float] | None, str | None]:
    """Turn a returned object into one float for each objective, or say what is wrong.

    Args:
        values: What the objective returned.
        count: The number of objectives.

    Returns:
        The numbers, or None and a complaint.
    """
    if type(values) is float and count == 1 and values == values:
        return [values], None
    listed = values if isinstance(values, _LISTS) else (values,)
    if len(listed) != count:
        complaint = f"The number of the values {len(listed)} did not match the number of the "
        return None, f"{complaint}objectives {count}"
    numbers = []
    for value in listed:
        try:
            number = float(value)
        except (TypeError, ValueError):
            return None, f"The value {value!r} could not be cast to float"
        if number != number:
            return None, f"The value {value} is not acceptable"
        numbers.append(number)
    return numbers, None
