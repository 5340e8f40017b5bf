"""The part of a storage that joins a backend and tables: append an event, fold, read.

Each study has one table in a process, into which events are folded as they are appended or read.
Below this class a log is lines in some medium; above it, it is columns. A trial is addressed by
``trial_id``, which is the id of its study and its number in one integer.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Iterable, Sequence
from typing import Any, cast

from steep.events import Amend, Configure, CreateStudy, Event, Reap, SetStudyAttr
from steep.exceptions import StorageInternalError
from steep.logging import get_logger
from steep.states import TrialState
from steep.storages import forks
from steep.storages.backend import Backend, no_study
from steep.storages.guard import Guard
from steep.storages.writer import Writer
from steep.table import DELETED, Table
from steep.table.snapshot import from_snapshot, to_snapshot
from steep.wire import from_json, to_json

__all__ = ["NUMBER_BITS", "NUMBER_MASK", "OPEN_STATES", "StorageCore"]

_logger = get_logger(__name__)

NUMBER_BITS = 32
NUMBER_MASK = (1 << NUMBER_BITS) - 1
"""``trial_id`` is ``study_id << NUMBER_BITS | number``."""

OPEN_STATES = (int(TrialState.RUNNING), int(TrialState.WAITING))
"""The states of rows that still change."""

_FIRST_SNAPSHOT = 500
"""A log of fewer events is folded in a few milliseconds."""
_MARK_SIZE = 16


class StorageCore:
    """Fold the logs of a backend into tables.

    Args:
        backend: Keeps the logs.
    """

    def __init__(self, backend: Backend) -> None:
        self._backend = cast("Backend", Guard(backend)) if backend.keeps_log else backend
        self._keeps_log = backend.keeps_log
        self._begin()
        self._close_when_dropped()

    def _close_when_dropped(self) -> None:
        """Close connections of a storage that nobody holds any more."""
        if self._keeps_log:
            weakref.finalize(self, self._backend.close).atexit = False

    def _begin(self) -> None:
        """Begin without any knowledge, as a process does."""
        self._writer = Writer()
        self._tables: dict[int, Table] = {}
        self._next_snapshot: dict[int, int] = {}
        self._lock = threading.RLock()
        forks.guard(self, forks.STORAGE)

    # ---- ids -------------------------------------------------------------------------------------

    def trial_id_of(self, study_id: int, number: int) -> int:
        """Give the id of a trial.

        Args:
            study_id: The id of its study.
            number: Its number.
        """
        return study_id << NUMBER_BITS | number

    def _locate(self, trial_id: int) -> tuple[int, Table, int]:
        study_id, number = trial_id >> NUMBER_BITS, trial_id & NUMBER_MASK
        table: Table | None = None
        try:
            table = self.table(study_id)
            if number >= table.n:
                self.sync(study_id)
        except KeyError:
            pass
        if table is None or number >= table.n or table.state_of(number) == DELETED:
            raise KeyError(f"There is no trial with trial_id {trial_id} in this storage.")
        return study_id, table, number

    # ---- tables ----------------------------------------------------------------------------------

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

    def synced(self, study_id: int) -> Table:
        """Give the table of a study, with everything that others have appended.

        Args:
            study_id: The id of the study.

        Raises:
            KeyError: If there is no such study.
        """
        self.sync(study_id)
        return self.table(study_id)

    def _open(self, study_id: int) -> Table:
        with self._lock:
            if study_id < 0 or not self._keeps_log:
                raise no_study(study_id)
            known = self._load_snapshot(study_id)
            table, unread = known or (Table(), self._backend.read(study_id, 0))
            folded = table.position
            table.follow(unread)
            self._tables[study_id] = table
            self._plan_snapshot(study_id, folded)
            return table

    def sync(self, study_id: int) -> None:
        """Fold what others have appended.

        Args:
            study_id: The id of the study.

        Raises:
            KeyError: If there is no such study (any more).
        """
        if not self._keeps_log:
            self.table(study_id)
            return
        with self._lock:
            table = self.table(study_id)
            try:
                table.follow(self._backend.read(study_id, table.position))
            except KeyError:  # somebody deleted it
                self._forget(study_id)
                raise

    def _forget(self, study_id: int) -> None:
        self._tables.pop(study_id, None)
        self._next_snapshot.pop(study_id, None)

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
            study_id = self._backend.create(event, self._writer)
            self._tables[study_id] = table = Table()
            table.apply(event)
            self._plan_snapshot(study_id, 0)
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
            return self._append(study_id, event)

    def _append(self, study_id: int, event: Event) -> Any:
        """Do what :meth:`append` does, for a caller who holds the lock."""
        if self._keeps_log:
            return self.append_all(study_id, (event,))[0]
        return self.table(study_id).apply(event)

    def append_all(self, study_id: int, events: Sequence[Event]) -> list[Any]:
        """Append events with nothing between them, and fold everything up to the last.

        Args:
            study_id: The id of the study.
            events: The events, at least one.

        Returns:
            What folding each of them gave.
        """
        with self._lock:
            table = self.table(study_id)
            if not self._keeps_log:
                return [table.apply(event) for event in events]
            try:
                position = self._backend.append(study_id, events, self._writer, table)
            except KeyError:  # somebody deleted it
                self._forget(study_id)
                raise
            if table.position + len(events) == position:
                folded = self._as_read(events)
            else:  # others' events came between
                folded = list(self._backend.read(study_id, table.position))
            first = position - len(events) - table.position
            results = [table.apply(event) for event in folded][first : first + len(events)]
            self._appended(study_id, table, folded[-1])
            return results

    def _as_read(self, events: Sequence[Event]) -> Sequence[Event]:
        """Give events as other processes read them: their attributes have been JSON."""
        return [from_json(to_json(event)) if _has_attrs(event) else event for event in events]

    def _appended(self, study_id: int, table: Table, last: Event) -> None:
        """Do what follows an append to a log that is kept.

        Args:
            study_id: The id of the study.
            table: Its table.
            last: The event that was folded last.
        """
        if table.position >= self._next_snapshot[study_id]:
            self._plan_snapshot(study_id, table.position)
            try:
                self._save_snapshot(study_id, table, last)
            except StorageInternalError as error:  # it is a cache: the event is in the log
                _logger.warning(f"A snapshot of the study could not be saved: {error}")

    def _plan_snapshot(self, study_id: int, position: int) -> None:
        # Each is half as long again as the last, so saving them costs a constant an event.
        self._next_snapshot[study_id] = max(_FIRST_SNAPSHOT, position + position // 2)

    # A log may lose its end in a power cut, be brought back from a copy or begun anew, while a
    # snapshot of what it was stays beside it. So a snapshot bears a mark of its last event, and
    # counts only where the log has that event at that position.

    def _save_snapshot(self, study_id: int, table: Table, last: Event) -> None:
        data = _mark_of(last) + to_snapshot(table)
        self._backend.save_snapshot(study_id, table.position, data)

    def _load_snapshot(self, study_id: int) -> tuple[Table, Iterable[Event]] | None:
        """Give the table of a snapshot that belongs to the log, and the events behind it."""
        data = self._backend.load_snapshot(study_id)
        table = None if data is None else from_snapshot(data[_MARK_SIZE:])
        if data is None or table is None:
            return None
        try:
            events = iter(self._backend.read(study_id, table.position - 1))
        except (
            StorageInternalError
        ):  # the log is shorter than that, or damaged: look from its start
            return None
        last = next(events, None)
        return None if last is None or _mark_of(last) != data[:_MARK_SIZE] else (table, events)

    def read_log(self, study_id: int) -> list[Event]:
        """Give all events of a study.

        Args:
            study_id: The id of the study.

        Raises:
            KeyError: If there is no such study.
            ValueError: If the storage keeps no log: what is in memory is folded and forgotten.
        """
        if not self._keeps_log:
            raise ValueError(
                "A study in memory keeps no log of its events; create it with a storage, such as "
                'storage="sqlite:///study.db".'
            )
        with self._lock:
            return list(self._backend.read(study_id, 0))

    # ---- processes -------------------------------------------------------------------------------

    def close(self) -> None:
        """Bring everything to the disk and close connections; the next call opens them again."""
        with self._lock:
            self._backend.close()

    def before_fork(self, patience: float) -> bool:
        """Let every fold come to its end, so that a child gets whole tables.

        Args:
            patience: Seconds to wait for the other threads; -1 for as long as it takes.
        """
        return self._lock.acquire(timeout=patience)

    def forked(self, is_child: bool) -> None:
        """Go on after a fork; a child is another process, which has read what its parent had.

        Args:
            is_child: Whether this is the new process.
        """
        self._lock.release()
        if is_child:
            self._begin_as_child()

    def _begin_as_child(self) -> None:
        tables, planned = self._tables, self._next_snapshot
        self._begin()
        self._tables, self._next_snapshot = tables, planned
        self._backend.after_fork()

    def _of_process(self) -> tuple[str, ...]:
        """Give the attributes that belong to this process and are not pickled."""
        of_process = ("_lock", "_writer")
        # What another process needs of a shared log it reads there.
        return (*of_process, "_tables", "_next_snapshot") if self._keeps_log else of_process

    def __getstate__(self) -> dict[str, Any]:
        with self._lock:
            of_process = self._of_process()
            return {name: v for name, v in self.__dict__.items() if name not in of_process}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self._keeps_log = state["_keeps_log"]
        self._begin()
        self.__dict__.update(state)
        self._close_when_dropped()


def _mark_of(event: Event) -> bytes:
    import hashlib

    return hashlib.blake2b(to_json(event).encode(), digest_size=_MARK_SIZE).digest()


def _has_attrs(event: Event) -> bool:
    if isinstance(event, SetStudyAttr | Configure | Amend | Reap):
        return True
    changes = getattr(event, "changes", None)
    return changes is not None and bool(changes.user_attrs or changes.system_attrs)
