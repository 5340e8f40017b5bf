"""Read studies out of a journal, by following its records as Optuna does."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from steep.distributions import BaseDistribution, check_distribution_compatibility
from steep.events import Add, Changes
from steep.states import TrialState
from steep.storages.optuna.journal.records import Op, check_journal, records_of, seconds_of
from steep.storages.optuna.record import StudyRecord
from steep.storages.optuna.specs import spec_to_distribution

__all__ = ["JournalStudies", "reading"]

_RUNNING = int(TrialState.RUNNING)


@contextmanager
def reading(path: Path) -> Iterator[JournalStudies]:
    """Read a journal.

    Args:
        path: The path of the file.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is no journal of Optuna, or has records that are not known here.
    """
    check_journal(path)
    studies = JournalStudies()
    studies.follow(records_of(path))
    yield studies


@dataclass
class _Study:
    record: StudyRecord
    trials: list[Add]
    distributions: dict[str, BaseDistribution]


class JournalStudies:
    """Fold the records of a journal into studies.

    Example:
        >>> studies = JournalStudies()
        >>> studies.follow([{"op_code": 0, "study_name": "tea", "directions": [1]}])
        >>> studies.names()
        ['tea']
    """

    def __init__(self) -> None:
        self._studies: dict[int, _Study] = {}
        self._trials: list[tuple[_Study, Add]] = []
        self._made = 0

    @property
    def next_study_id(self) -> int:
        """Give the id that the next study gets: studies are numbered and never named."""
        return self._made

    def names(self) -> list[str]:
        """Give the names; see :class:`~steep.storages.optuna.record.Source`."""
        return [study.record.name for study in self._studies.values()]

    def study(self, name: str) -> StudyRecord:
        """Give a study; see :class:`~steep.storages.optuna.record.Source`."""
        return next(s.record for s in self._studies.values() if s.record.name == name)

    def follow(self, records: Iterable[dict[str, Any]]) -> None:
        """Fold records.

        Args:
            records: The next records.

        Raises:
            ValueError: If a record is not known here.
        """
        for record in records:
            fold = _FOLDS.get(record["op_code"])
            if fold is None:
                raise ValueError(
                    f"The journal has a record with the op_code {record['op_code']}, which this "
                    "steep does not know. Install a newer steep."
                )
            fold(self, record)

    # ---- studies ---------------------------------------------------------------------------------

    def _create_study(self, record: dict[str, Any]) -> None:
        if record["study_name"] in self.names():
            return
        trials: list[Add] = []
        study = StudyRecord(record["study_name"], list(record["directions"]), trials=trials)
        self._studies[self._made] = _Study(study, trials, {})
        self._made += 1

    def _delete_study(self, record: dict[str, Any]) -> None:
        self._studies.pop(record["study_id"], None)

    def _set_study_user_attr(self, record: dict[str, Any]) -> None:
        study = self._studies.get(record["study_id"])
        if study is not None:
            study.record.user_attrs.update(record["user_attr"])

    def _set_study_system_attr(self, record: dict[str, Any]) -> None:
        study = self._studies.get(record["study_id"])
        if study is not None:
            study.record.system_attrs.update(record["system_attr"])

    # ---- trials ----------------------------------------------------------------------------------

    def _create_trial(self, record: dict[str, Any]) -> None:
        study = self._studies.get(record["study_id"])
        if study is None:
            return
        params = _params(record)
        trial = Add(
            state=record.get("state", _RUNNING),
            values=_values(record),
            start=seconds_of(record["datetime_start"]),
            complete=seconds_of(record.get("datetime_complete")),
            changes=Changes(
                params=params,
                reports=_reports(record),
                user_attrs=record.get("user_attrs", {}),
                system_attrs=record.get("system_attrs", {}),
            ),
        )
        study.trials.append(trial)
        self._trials.append((study, trial))
        for name, (_, distribution) in params.items():
            study.distributions.setdefault(name, distribution)

    def _open_trial(self, record: dict[str, Any]) -> tuple[_Study, Add] | None:
        """Give the trial that a record changes, or None where the record comes too late."""
        trial_id = record["trial_id"]
        if not 0 <= trial_id < len(self._trials):
            return None
        study, trial = self._trials[trial_id]
        return None if TrialState(trial.state).is_finished() else (study, trial)

    def _set_param(self, record: dict[str, Any]) -> None:
        found = self._open_trial(record)
        if found is None:
            return
        study, trial = found
        name, distribution = record["param_name"], spec_to_distribution(record["distribution"])
        try:
            known = study.distributions.setdefault(name, distribution)
            check_distribution_compatibility(known, distribution)
        except ValueError:
            return  # its writer got the error, and nothing was set
        trial.changes.params[name] = (float(record["param_value_internal"]), distribution)

    def _set_state_values(self, record: dict[str, Any]) -> None:
        found = self._open_trial(record)
        if found is None:
            return
        trial, state = found[1], TrialState(record["state"])
        if state == TrialState.RUNNING:
            if trial.state == _RUNNING:
                return  # somebody else was first
            trial.start = seconds_of(record["datetime_start"])
        if state.is_finished():
            trial.complete = seconds_of(record["datetime_complete"])
        trial.state = int(state)
        if record["values"] is not None:
            trial.values = [float(value) for value in record["values"]]

    def _set_report(self, record: dict[str, Any]) -> None:
        found = self._open_trial(record)
        if found is not None:
            found[1].changes.reports[int(record["step"])] = float(record["intermediate_value"])

    def _set_user_attr(self, record: dict[str, Any]) -> None:
        found = self._open_trial(record)
        if found is not None:
            found[1].changes.user_attrs.update(record["user_attr"])

    def _set_system_attr(self, record: dict[str, Any]) -> None:
        found = self._open_trial(record)
        if found is not None:
            found[1].changes.system_attrs.update(record["system_attr"])

    def _discard(self, record: dict[str, Any]) -> None:
        """Change nothing: another program's note on what it need not keep in memory."""


def _params(record: dict[str, Any]) -> dict[str, tuple[float, BaseDistribution]]:
    specs = record.get("distributions", {})
    return {
        name: (float(value), spec_to_distribution(specs[name]))
        for name, value in record.get("params", {}).items()
    }


def _reports(record: dict[str, Any]) -> dict[int, float]:
    reports = record.get("intermediate_values", {})
    return {int(step): float(value) for step, value in reports.items()}


def _values(record: dict[str, Any]) -> list[float] | None:
    value, values = record.get("value"), record.get("values")
    values = [value] if value is not None else values
    return None if values is None else [float(value) for value in values]


_FOLDS: dict[int, Callable[[JournalStudies, dict[str, Any]], None]] = {
    Op.CREATE_STUDY: JournalStudies._create_study,
    Op.DELETE_STUDY: JournalStudies._delete_study,
    Op.SET_STUDY_USER_ATTR: JournalStudies._set_study_user_attr,
    Op.SET_STUDY_SYSTEM_ATTR: JournalStudies._set_study_system_attr,
    Op.CREATE_TRIAL: JournalStudies._create_trial,
    Op.SET_TRIAL_PARAM: JournalStudies._set_param,
    Op.SET_TRIAL_STATE_VALUES: JournalStudies._set_state_values,
    Op.SET_TRIAL_INTERMEDIATE_VALUE: JournalStudies._set_report,
    Op.SET_TRIAL_USER_ATTR: JournalStudies._set_user_attr,
    Op.SET_TRIAL_SYSTEM_ATTR: JournalStudies._set_system_attr,
    Op.DISCARD_TRIALS: JournalStudies._discard,
}
