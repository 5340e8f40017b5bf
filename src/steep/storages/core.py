"""The part of a storage that studies work with: append an event, read the table.

It joins three things: the backend that keeps the logs, one table for each study into which the
events are folded, and the drafts of the trials that run in this process. A trial is addressed by
``trial_id``, which is the id of its study and its number in one integer.
"""

from __future__ import annotations

import functools
import threading
import time
from collections.abc import Callable
from typing import Any

from steep.events import Add, Ask, Changes, CreateStudy, Event, Finish, Update
from steep.exceptions import UpdateFinishedTrialError
from steep.storages.backend import Backend
from steep.table import Table
from steep.trial.draft import Draft
from steep.trial.frozen import Fields, FrozenTrial, fields_of_row

__all__ = ["StorageCore"]

_NUMBER_BITS = 32
_OPEN_STATES = (0, 4)  # RUNNING, WAITING: rows that still change


class StorageCore:
    """Fold the logs of a backend into tables.

    Args:
        backend: Keeps the logs.
    """

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._tables: dict[int, Table] = {}
        self._drafts: dict[int, dict[int, Draft]] = {}
        self._lock = threading.RLock()

    # ---- ids -------------------------------------------------------------------------------------

    def trial_id_of(self, study_id: int, number: int) -> int:
        """Give the id of a trial.

        Args:
            study_id: The id of its study.
            number: Its number.
        """
        return study_id << _NUMBER_BITS | number

    def table(self, study_id: int) -> Table:
        """Give the table of a study, as far as it is folded.

        Args:
            study_id: The id of the study.

        Raises:
            KeyError: If there is no such study.
        """
        try:
            return self._tables[study_id]
        except KeyError:
            return self._open(study_id)

    def table_of(self, trial_id: int) -> Table:
        """Give the table of the study of a trial.

        Args:
            trial_id: The id of the trial.

        Raises:
            KeyError: If there is no such trial.
        """
        return self._locate(trial_id)[1]

    def _locate(self, trial_id: int) -> tuple[int, Table, int]:
        study_id, number = trial_id >> _NUMBER_BITS, trial_id & ((1 << _NUMBER_BITS) - 1)
        table = self._tables.get(study_id)
        if trial_id < 0 or table is None or number >= table.n:
            raise KeyError(f"There is no trial with trial_id {trial_id} in this storage.")
        return study_id, table, number

    def _open(self, study_id: int) -> Table:
        with self._lock:
            if study_id not in self._backend.studies():
                raise KeyError(f"There is no study with study_id {study_id} in this storage.")
            self._drafts[study_id] = {}
            self._tables[study_id] = table = Table()
            self.sync(study_id)
            return table

    # ---- the log ---------------------------------------------------------------------------------

    def create(self, event: CreateStudy) -> int:
        """Begin a study.

        Args:
            event: Its first event.

        Returns:
            The id of the study.

        Raises:
            DuplicatedStudyError: If there is a study of this name.
        """
        with self._lock:
            study_id = self._backend.create(event)
            self._open(study_id)
            return study_id

    def append(self, study_id: int, event: Event) -> Any:
        """Append an event and fold everything up to it.

        Args:
            study_id: The id of the study.
            event: The event.

        Returns:
            What folding the event gave; see :meth:`steep.table.Table.apply`.
        """
        with self._lock:
            table = self.table(study_id)
            position = self._backend.append(study_id, event)
            result: Any = None
            for read in self._backend.read(study_id, table.position):
                folded = table.apply(read)
                if table.position == position:
                    result = folded
            return result

    def sync(self, study_id: int) -> None:
        """Fold what others have appended.

        Args:
            study_id: The id of the study.
        """
        with self._lock:
            table = self.table(study_id)
            for event in self._backend.read(study_id, table.position):
                table.apply(event)

    def flush(self, study_id: int) -> None:
        """Put what the live trials of this process have gathered into the log.

        Args:
            study_id: The id of the study.
        """
        drafts = self._drafts.get(study_id)
        if drafts:
            with self._lock:
                for draft in list(drafts.values()):
                    self._flush_draft(study_id, draft)

    def _flush_draft(self, study_id: int, draft: Draft) -> None:
        changes = draft.take()
        if changes is not None:
            self.append(study_id, Update(draft.number, changes))

    # ---- trials ----------------------------------------------------------------------------------

    def ask(self, study_id: int) -> int:
        """Take the lowest WAITING trial, else create one.

        Args:
            study_id: The id of the study.

        Returns:
            The id of a trial that runs now.
        """
        with self._lock:
            known = self.table(study_id).n
            number: int = self.append(study_id, Ask(time.time()))
            if number >= known:
                self._drafts[study_id][number] = Draft(number, {}, {})
            return self.trial_id_of(study_id, number)

    def draft_of(self, trial_id: int) -> Draft:
        """Give the draft into which a live trial writes; one for each trial and process.

        Args:
            trial_id: The id of the trial.

        Raises:
            KeyError: If there is no such trial.
        """
        with self._lock:
            study_id, table, number = self._locate(trial_id)
            draft = self._drafts[study_id].get(number)
            if draft is None:
                is_open = table.state_of(number) in _OPEN_STATES
                draft = Draft(
                    number, table.params_of(number), table.reports.of(number), not is_open
                )
                if is_open:
                    self._drafts[study_id][number] = draft
            return draft

    def live_reports(self, study_id: int, number: int) -> dict[int, float]:
        """Give the reports of a trial, with those that are still in its draft.

        Args:
            study_id: The id of the study.
            number: The number of the trial.

        Returns:
            Step -> value in the order of reporting; to be treated as read-only.
        """
        draft = self._drafts[study_id].get(number)
        return self.table(study_id).reports.of(number) if draft is None else draft.reports

    def finish(self, trial_id: int, state: int, values: list[float] | None) -> None:
        """End a trial, with everything that its draft holds.

        Args:
            trial_id: The id of the trial.
            state: COMPLETE, PRUNED or FAIL.
            values: The objective values, or None.

        Raises:
            UpdateFinishedTrialError: If it has ended already.
        """
        with self._lock:
            study_id, _, number = self._locate(trial_id)
            draft = self._drafts[study_id].pop(number, None)
            changes = Changes() if draft is None else draft.close()
            took_effect = self.append(
                study_id, Finish(number, int(state), values, time.time(), changes)
            )
            if not took_effect:
                raise self._finished_error(number)

    def add(self, study_id: int, event: Add) -> int:
        """Add a trial in any state.

        Args:
            study_id: The id of the study.
            event: The trial.

        Returns:
            The id of the trial.
        """
        with self._lock:
            return self.trial_id_of(study_id, self.append(study_id, event))

    def _finished_error(self, number: int) -> UpdateFinishedTrialError:
        return UpdateFinishedTrialError(f"Trial {number} has finished and cannot be changed.")

    # ---- rows as trials --------------------------------------------------------------------------

    def reader(self, study_id: int) -> Callable[[int], Fields]:
        """Give a function that reads the fields of a trial by number, live ones included.

        Args:
            study_id: The id of the study.
        """
        return functools.partial(self._read_live, study_id)

    def _read_live(self, study_id: int, number: int) -> Fields:
        self.flush(study_id)
        return fields_of_row(self.table(study_id), number, self.trial_id_of(study_id, number))

    def trials(self, study_id: int, states: Any = None) -> list[FrozenTrial]:
        """Give the trials of a study, in the order of their numbers.

        Args:
            study_id: The id of the study.
            states: A container of the states wanted, or None for all.

        Returns:
            Trials that show the study as it is now. Finished ones read their row when used.
        """
        with self._lock:
            self.flush(study_id)
            table = self.table(study_id)
            read = functools.partial(_read_row, table, study_id << _NUMBER_BITS)
            listed = []
            for number, state in enumerate(table.state.tolist()):
                if states is None or state in states:
                    trial = FrozenTrial.lazy(number, read)
                    listed.append(trial.read() if state in _OPEN_STATES else trial)
            return listed

    # ---- pickling --------------------------------------------------------------------------------

    def __getstate__(self) -> dict[str, Any]:
        with self._lock:
            for study_id in list(self._tables):
                self.flush(study_id)
            kept = self.__dict__.copy()
        del kept["_lock"]
        return kept

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._lock = threading.RLock()


def _read_row(table: Table, first_id: int, number: int) -> Fields:
    return fields_of_row(table, number, first_id | number)
