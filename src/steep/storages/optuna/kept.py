"""Studies that are kept in a storage of steep: read from the rows, written as events."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from steep.events import Add, Changes, Delete
from steep.states import StudyDirection, TrialState
from steep.storages.optuna.record import PLACEHOLDER, StudyRecord
from steep.storages.storage import FrozenStudy, Storage
from steep.table import DELETED, Table

__all__ = ["reading", "writing"]

_BATCH = 1000


@contextmanager
def reading(storage: Any) -> Iterator[KeptStudies]:
    """Read studies of a storage.

    Args:
        storage: The storage, or what ``get_storage`` takes.
    """
    with _opened(storage) as opened:
        yield KeptStudies(opened)


@contextmanager
def writing(storage: Any) -> Iterator[StudyKeeper]:
    """Write studies into a storage; those of a failed call are deleted again.

    Args:
        storage: The storage, or what ``get_storage`` takes.
    """
    with _opened(storage) as opened:
        keeper = StudyKeeper(opened)
        try:
            yield keeper
        except BaseException:
            keeper.undo()
            raise


@contextmanager
def _opened(storage: Any) -> Iterator[Storage]:
    from steep.storages import get_storage

    opened = get_storage(storage)
    try:
        yield opened
    finally:
        if opened is not storage:
            opened.close()


class KeptStudies:
    """Give the studies of a storage."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._studies = {study.study_name: study for study in storage.get_all_studies()}

    def names(self) -> list[str]:
        """Give the names; see :class:`~steep.storages.optuna.record.Source`."""
        return list(self._studies)

    def study(self, name: str) -> StudyRecord:
        """Give a study; see :class:`~steep.storages.optuna.record.Source`."""
        study = self._studies[name]
        return StudyRecord(
            name,
            [int(direction) for direction in study.directions],
            study.user_attrs,
            study.system_attrs,
            self._trials(study),
        )

    def _trials(self, study: FrozenStudy) -> Iterator[Add | None]:
        study_id = study._study_id
        self._storage.flush(study_id)
        table = self._storage.synced(study_id)
        for number in range(table.n):
            yield _row(table, number)


def _row(table: Table, number: int) -> Add | None:
    state = table.state_of(number)
    if state == DELETED:
        return None
    return Add(
        state=state,
        values=table.values_of(number),
        start=_or_none(table.start[number]),
        complete=_or_none(table.complete[number]),
        changes=Changes(
            params=table.params_of(number),
            reports=table.reports.of(number),
            user_attrs=table.user_attrs.get(number, {}),
            system_attrs=table.system_attrs.get(number, {}),
        ),
    )


def _or_none(seconds: float) -> float | None:
    return None if seconds != seconds else float(seconds)


class StudyKeeper:
    """Write studies into a storage, and take them back if need be."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._created: list[int] = []

    def names(self) -> list[str]:
        """Give the names in use; see :class:`~steep.storages.optuna.record.Target`."""
        return [study.study_name for study in self._storage.get_all_studies()]

    def write(self, study: StudyRecord) -> None:
        """Write a study; see :class:`~steep.storages.optuna.record.Target`."""
        directions = [StudyDirection(direction) for direction in study.directions]
        study_id = self._storage.create_new_study(directions, study.name)
        self._created.append(study_id)
        for key, value in study.system_attrs.items():
            self._storage.set_study_system_attr(study_id, key, value)
        for key, value in study.user_attrs.items():
            self._storage.set_study_user_attr(study_id, key, value)
        self._add(study_id, study.trials)

    def _add(self, study_id: int, trials: Iterable[Add | None]) -> None:
        trials, number = iter(trials), 0
        while batch := list(itertools.islice(trials, _BATCH)):
            self._storage.append_all(study_id, [trial or _placeholder() for trial in batch])
            for trial in batch:
                if trial is None or PLACEHOLDER in trial.changes.system_attrs:
                    self._storage.append(study_id, Delete(number))
                number += 1

    def undo(self) -> None:
        """Delete what was written."""
        for study_id in self._created:
            self._storage.delete_study(study_id)


def _placeholder() -> Add:
    return Add(int(TrialState.FAIL))
