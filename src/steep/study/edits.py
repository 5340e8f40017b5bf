"""Edits: deleting trials, correcting them and giving them back; naming what is measured."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from steep.events import Amend, Delete, Release
from steep.states import TrialState
from steep.study.reading import METRIC_NAMES
from steep.study.telling import numbers_of
from steep.table import DELETED
from steep.trial import FrozenTrial, Trial

if TYPE_CHECKING:
    from steep.study.study import Study

__all__ = ["amend", "delete", "name_objectives", "release"]


def name_objectives(study: Study, names: list[str]) -> None:
    """Name the objectives; see ``Study.set_metric_names``."""
    count = len(study.table.directions)
    if len(names) != count:
        raise ValueError(
            f"set_metric_names({names!r}) needs {count} names, one for each objective."
        )
    study._storage.set_study_system_attr(study._study_id, METRIC_NAMES, list(names))


def delete(study: Study, trial: FrozenTrial | int) -> None:
    """Delete a trial; see ``Study.delete_trial``."""
    number = _number_of(study, trial, "delete_trial")
    study._storage.append(study._study_id, Delete(number))


def release(study: Study, trial: Trial | FrozenTrial | int) -> bool:
    """Give a trial back to the queue; see ``Study.release_trial``."""
    number = _number_of(study, trial, "release_trial")
    now = TrialState(study.table.state_of(number))
    # Whoever runs a trial holds a lease, and must not take the trial from the next who does.
    lease = trial._draft.lease if isinstance(trial, Trial) else study.table.lease_of(number)
    if now != TrialState.RUNNING and not study._storage.is_lost(study._study_id, number):
        raise ValueError(
            f"Study.release_trial({number}): the trial is {now.name}; only a RUNNING one can be "
            "given back."
        )
    return bool(study._storage.append(study._study_id, Release(number, lease)))


def amend(
    study: Study,
    trial: FrozenTrial | int,
    value: float | None,
    values: Sequence[float] | None,
    state: TrialState | None,
    user_attrs: dict[str, Any],
) -> FrozenTrial:
    """Correct a trial; see ``Study.amend_trial`` for the arguments."""
    number = _number_of(study, trial, "amend_trial")
    if value is not None and values is not None:
        raise ValueError("Study.amend_trial() got both `value` and `values`; give one of them.")
    given = value if values is None else values
    if given is not None and state is None:
        state = TrialState.COMPLETE
    _check_finished(study, number, state)
    checked = _check_result(study, given, state)
    new_state = None if state is None else int(state)
    event = Amend(number, new_state, checked, user_attrs)
    study._storage.append(study._study_id, event)
    return study._trial(number)


def _number_of(study: Study, trial: Any, call: str) -> int:
    number = trial if isinstance(trial, int) else getattr(trial, "number", None)
    if not isinstance(number, int):
        raise TypeError(f"Study.{call}(trial={trial!r}): give the trial or its number, an int.")
    table = study._live_table()
    if not 0 <= number < table.n or table.state_of(number) == DELETED:
        raise ValueError(f"Study.{call}({number}): the study has no trial of this number.")
    return number


def _check_finished(study: Study, number: int, state: TrialState | None) -> None:
    now = TrialState(study.table.state_of(number))
    if state is not None and not now.is_finished():
        raise ValueError(
            f"Study.amend_trial({number}, ...) got a result, but the trial is {now.name}; end it "
            "with Study.tell(), and amend it then."
        )


def _check_result(study: Study, given: Any, state: TrialState | None) -> list[float] | None:
    if state is not None and not TrialState(state).is_finished():
        raise ValueError(
            f"Study.amend_trial(state={state!r}): a trial ends as COMPLETE, PRUNED or FAIL."
        )
    if state == TrialState.FAIL and given is not None:
        raise ValueError(f"Study.amend_trial(state=FAIL) got the value {given!r}; leave it out.")
    if state == TrialState.COMPLETE and given is None:
        raise ValueError("Study.amend_trial(state=COMPLETE) got no value; give one.")
    if given is None:
        return None
    numbers, complaint = numbers_of(given, len(study.directions))
    if complaint is not None:
        raise ValueError(f"Study.amend_trial() got {given!r}: {complaint}.")
    return numbers
