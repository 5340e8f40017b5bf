"""The storage interface that tools know, written once over the log and the table.

Dashboards, hubs and scripts call these methods on any storage. Each one appends an event or reads
the table; how the log is kept is the backend's business, which none of them sees.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Container, Sequence
from typing import Any

import numpy as np

from steep.distributions import BaseDistribution
from steep.events import Add, Changes, Claim, CreateStudy, Record, Release, SetStudyAttr, Update
from steep.exceptions import UpdateFinishedTrialError
from steep.reports import check_step
from steep.states import StudyDirection, TrialState
from steep.storages.leases import LeasedStorage
from steep.table import DELETED, Table
from steep.trial.base import check_known
from steep.trial.frozen import FrozenTrial

__all__ = ["FrozenStudy", "Storage", "event_of"]

_UNNAMED = "no-name-"


class FrozenStudy(Record):
    """Hold what :meth:`Storage.get_all_studies` tells of a study."""

    __slots__ = ("_study_id", "directions", "study_name", "system_attrs", "user_attrs")

    def __init__(
        self,
        study_name: str,
        directions: list[StudyDirection],
        user_attrs: dict[str, Any],
        system_attrs: dict[str, Any],
        _study_id: int,
    ) -> None:
        self.study_name = study_name
        self.directions = directions
        self.user_attrs = user_attrs
        self.system_attrs = system_attrs
        self._study_id = _study_id

    @property
    def direction(self) -> StudyDirection:
        """Give the only direction; RuntimeError with several objectives."""
        if len(self.directions) > 1:
            raise RuntimeError("FrozenStudy.direction: the study has several; read directions.")
        return self.directions[0]


def event_of(trial: FrozenTrial) -> Add:
    """Turn a trial into the event that adds it to a study.

    Args:
        trial: The trial; its number and id do not matter.
    """
    for step in trial.intermediate_values:
        check_step("add_trial", int(step))
    return Add(
        state=int(trial.state),
        values=None if trial.values is None else [float(value) for value in trial.values],
        start=None if trial.datetime_start is None else trial.datetime_start.timestamp(),
        complete=None if trial.datetime_complete is None else trial.datetime_complete.timestamp(),
        changes=Changes(
            params={
                name: (distribution.to_internal_repr(trial.params[name]), distribution)
                for name, distribution in trial.distributions.items()
            },
            reports={int(step): float(v) for step, v in trial.intermediate_values.items()},
            user_attrs=copy.deepcopy(trial.user_attrs),
            system_attrs=copy.deepcopy(trial.system_attrs),
        ),
    )


def _unique_name() -> str:
    import uuid

    return f"{_UNNAMED}{uuid.uuid4()}"


class Storage(LeasedStorage):
    """Keep studies and answer every call of the public storage interface."""

    # ---- studies ---------------------------------------------------------------------------------

    def create_new_study(
        self, directions: Sequence[StudyDirection], study_name: str | None = None
    ) -> int:
        """Create a study and give its id.

        Args:
            directions: One direction for each objective.
            study_name: Its name; without one it gets a unique name.

        Raises:
            DuplicatedStudyError: If the name is in use.
        """
        name = _unique_name() if study_name is None else study_name
        return self.create(CreateStudy(name, [int(direction) for direction in directions]))

    def delete_study(self, study_id: int) -> None:
        """Delete a study with all its trials; KeyError if there is none.

        Args:
            study_id: The id of the study.
        """
        with self._lock:
            self.table(study_id)
            self._backend.delete(study_id)
            self._forget(study_id)

    def set_study_user_attr(self, study_id: int, key: str, value: Any) -> None:
        """Set an attribute of the user on a study."""
        self.append(study_id, SetStudyAttr(key, value))

    def set_study_system_attr(self, study_id: int, key: str, value: Any) -> None:
        """Set an attribute of the machinery on a study."""
        self.append(study_id, SetStudyAttr(key, value, system=True))

    def get_study_id_from_name(self, study_name: str) -> int:
        """Give the id of the study of this name; KeyError if there is none."""
        for study_id, name in self._backend.studies().items():
            if name == study_name:
                return study_id
        raise KeyError(f"There is no study named {study_name!r} in this storage.")

    def get_study_name_from_id(self, study_id: int) -> str:
        """Give the name of a study; KeyError if there is none."""
        return self.table(study_id).study_name

    def get_study_directions(self, study_id: int) -> list[StudyDirection]:
        """Give the directions of a study."""
        return list(self.table(study_id).directions)

    def get_study_user_attrs(self, study_id: int) -> dict[str, Any]:
        """Give the attributes of the user on a study."""
        return copy.deepcopy(self.synced(study_id).study_user_attrs)

    def get_study_system_attrs(self, study_id: int) -> dict[str, Any]:
        """Give the attributes of the machinery on a study."""
        return copy.deepcopy(self.synced(study_id).study_system_attrs)

    def get_all_studies(self) -> list[FrozenStudy]:
        """Give all studies of the storage, in the order of creation."""
        return [
            FrozenStudy(
                study_name=name,
                directions=self.get_study_directions(study_id),
                user_attrs=self.get_study_user_attrs(study_id),
                system_attrs=self.get_study_system_attrs(study_id),
                _study_id=study_id,
            )
            for study_id, name in self._backend.studies().items()
        ]

    # ---- changing trials -------------------------------------------------------------------------

    def create_new_trial(self, study_id: int, template_trial: FrozenTrial | None = None) -> int:
        """Create a trial and give its id.

        Args:
            study_id: The id of the study.
            template_trial: What the trial is to be; without one it starts to run now, empty.
        """
        if template_trial is None:
            return self.add(study_id, Add(int(TrialState.RUNNING), start=time.time()))
        event = event_of(template_trial)
        self._check_values(self.table(study_id), event.values)
        return self.add(study_id, event)

    def set_trial_param(
        self,
        trial_id: int,
        param_name: str,
        param_value_internal: float,
        distribution: BaseDistribution,
    ) -> None:
        """Set a parameter of an open trial.

        Args:
            trial_id: The id of the trial.
            param_name: The name of the parameter.
            param_value_internal: Its value in internal representation.
            distribution: What it was drawn from.

        Raises:
            UpdateFinishedTrialError: If the trial has finished.
            ValueError: If the name belongs to another kind of parameter.
        """
        with self._lock:
            study_id, table, number = self._open_trial(trial_id)
            column = table.columns.get(param_name)
            check_known(param_name, None if column is None else column.distribution, distribution)
            params = {param_name: (float(param_value_internal), distribution)}
            self._update(study_id, number, Changes(params=params))

    def set_trial_intermediate_value(
        self, trial_id: int, step: int, intermediate_value: float
    ) -> None:
        """Set the value of a step of an open trial; UpdateFinishedTrialError if it has ended."""
        with self._lock:
            study_id, _, number = self._open_trial(trial_id)
            check_step("set_trial_intermediate_value", int(step))
            reports = {int(step): float(intermediate_value)}
            self._update(study_id, number, Changes(reports=reports))

    def set_trial_user_attr(self, trial_id: int, key: str, value: Any) -> None:
        """Set an attribute of the user; UpdateFinishedTrialError if the trial has ended."""
        with self._lock:
            study_id, _, number = self._open_trial(trial_id)
            self._update(study_id, number, Changes(user_attrs={key: value}))

    def set_trial_system_attr(self, trial_id: int, key: str, value: Any) -> None:
        """Set an attribute of the machinery; UpdateFinishedTrialError if the trial has ended."""
        with self._lock:
            study_id, _, number = self._open_trial(trial_id)
            self._update(study_id, number, Changes(system_attrs={key: value}))

    def set_trial_state_values(
        self, trial_id: int, state: TrialState, values: Sequence[float] | None = None
    ) -> bool:
        """Move a trial to another state.

        Args:
            trial_id: The id of the trial.
            state: The new state. RUNNING starts a WAITING trial, WAITING gives a RUNNING one
                back to the queue, the others end it.
            values: The objective values of a trial that ends.

        Returns:
            False if the trial was to be started but somebody else has started it, else True.

        Raises:
            UpdateFinishedTrialError: If the trial has finished.
        """
        with self._lock:
            study_id, table, number = self._open_trial(trial_id)
            if state == TrialState.RUNNING:
                return bool(self.append(study_id, Claim(number, time.time(), self._owner())))
            if state == TrialState.WAITING:
                self.append(study_id, Release(number, table.lease_of(number)))
                return True
            numbers = None if values is None else [float(value) for value in values]
            self._check_values(table, numbers)
            if not self.finish(study_id, number, state, numbers):
                raise self._finished_error(number)
            return True

    def _check_values(self, table: Table, values: list[float] | None) -> None:
        if values is not None and len(values) != len(table.directions):
            raise ValueError(
                f"The storage got the values {values} for a trial of the study "
                f"{table.study_name!r}, which has {len(table.directions)} objectives; give one for "
                "each."
            )

    def check_trial_is_updatable(self, trial_id: int, trial_state: TrialState) -> None:
        """Raise UpdateFinishedTrialError if a trial in this state must not be changed."""
        if TrialState(trial_state).is_finished():
            raise self._finished_error(self.get_trial_number_from_id(trial_id))

    def _finished_error(self, number: int) -> UpdateFinishedTrialError:
        return UpdateFinishedTrialError(f"Trial {number} has finished and cannot be changed.")

    def _open_trial(self, trial_id: int) -> tuple[int, Table, int]:
        study_id, table, number = self._locate(trial_id)
        self.flush(study_id)
        self.sync(study_id)
        self.check_trial_is_updatable(trial_id, TrialState(table.state_of(number)))
        return study_id, table, number

    def _update(self, study_id: int, number: int, changes: Changes) -> None:
        took_effect = self.append(
            study_id, Update(number, changes, self.table(study_id).lease_of(number))
        )
        if not took_effect:  # somebody ended it just now
            raise self._finished_error(number)
        draft = self._drafts.get(study_id, {}).get(number)
        if draft is not None:
            draft.learn(changes.params, changes.reports)

    # ---- reading trials --------------------------------------------------------------------------

    def get_trial(self, trial_id: int) -> FrozenTrial:
        """Give a trial as it is now; KeyError if there is none."""
        study_id, _, number = self._locate(trial_id)
        self.sync(study_id)
        return FrozenTrial.lazy(number, self.reader(study_id)).read()

    def get_all_trials(
        self, study_id: int, deepcopy: bool = True, states: Container[TrialState] | None = None
    ) -> list[FrozenTrial]:
        """Give the trials of a study in the order of their numbers.

        Args:
            study_id: The id of the study.
            deepcopy: Without effect: a trial is a copy of its row, made when it is read.
            states: The states wanted, or None for all.
        """
        return self.trials(study_id, states)

    def get_n_trials(
        self, study_id: int, state: tuple[TrialState, ...] | TrialState | None = None
    ) -> int:
        """Give how many trials are in a state, in one of several, or at all."""
        table = self.synced(study_id)
        if state is None:
            return table.n_trials
        states = (state,) if isinstance(state, int) else tuple(state)
        return sum(table.n_in(one) for one in states)

    def get_best_trial(self, study_id: int) -> FrozenTrial:
        """Give the best COMPLETE trial of a single objective, whether feasible or not.

        Raises:
            RuntimeError: If the study has several objectives.
            ValueError: If no trial is COMPLETE.
        """
        table = self.synced(study_id)
        complete = table.numbers(TrialState.COMPLETE)
        if not len(complete):
            raise ValueError("No trials are completed yet: get_best_trial() found none.")
        if len(table.directions) > 1:
            raise RuntimeError("get_best_trial() needs one objective; this study has several.")
        number = table.best
        if number is None or table.has_constraints:
            finished = table.finished[table.state[table.finished] == TrialState.COMPLETE]
            number = int(finished[np.nanargmin(table.losses[finished, 0])])
        return self.get_trial(self.trial_id_of(study_id, number))

    def get_trial_id_from_study_id_trial_number(self, study_id: int, trial_number: int) -> int:
        """Give the id of a trial; KeyError if there is none of this number."""
        table = self.synced(study_id)
        if not 0 <= trial_number < table.n or table.state_of(trial_number) == DELETED:
            raise KeyError(f"Study {study_id} has no trial with the number {trial_number}.")
        return self.trial_id_of(study_id, trial_number)

    def get_trial_number_from_id(self, trial_id: int) -> int:
        """Give the number of a trial; KeyError if there is none."""
        return self._locate(trial_id)[2]

    def get_trial_param(self, trial_id: int, param_name: str) -> float:
        """Give a parameter in internal representation; KeyError if the trial does not have it."""
        study_id, table, number = self._locate(trial_id)
        self.flush(study_id)
        self.sync(study_id)
        return table.params_of(number)[param_name][0]

    def get_trial_params(self, trial_id: int) -> dict[str, Any]:
        """Give the parameters of a trial."""
        return self.get_trial(trial_id).params

    def get_trial_user_attrs(self, trial_id: int) -> dict[str, Any]:
        """Give the attributes of the user on a trial."""
        return self.get_trial(trial_id).user_attrs

    def get_trial_system_attrs(self, trial_id: int) -> dict[str, Any]:
        """Give the attributes of the machinery on a trial."""
        return self.get_trial(trial_id).system_attrs

    def remove_session(self) -> None:
        """Bring to the disk what this process has appended."""
        with self._lock:
            self._backend.settle()
