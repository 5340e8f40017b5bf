"""What a storage needs of the medium that keeps its logs.

A backend knows logs and nothing of studies' meaning: it appends events in a total order and gives
them back. Everything else (who owns a trial, what may change, which trial is best) follows from
folding, and is therefore the same on every backend.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from steep.events import Ask, Claim, CreateStudy, Event, Update
from steep.exceptions import DuplicatedStudyError
from steep.storages.writer import Writer
from steep.table import Effect

__all__ = ["Backend", "Effect", "Follower", "MemoryBackend", "duplicated", "is_result", "no_study"]


class Follower(Protocol):
    """What a log folds to, as far as it has been read: the table of the study."""

    position: int
    """The number of events folded so far."""

    def follow(self, events: Iterable[Event]) -> None:
        """Fold the next events.

        Args:
            events: The events at ``position + 1`` and on.
        """
        ...

    def effects_of(self, events: Sequence[Event]) -> list[Effect]:
        """Tell what events would do if they came next, without folding them.

        Args:
            events: One event, or several that each add a trial.
        """
        ...


class Backend(Protocol):
    """Keep one log of events for each study, and the heartbeats of the processes that write.

    A backend is used by one process, under the lock of its storage: no two methods run at once.
    Whatever it cannot do for good raises StorageInternalError; what may pass (a deadlock, a lost
    connection) it tries again by itself, under the same number of the writer.
    """

    keeps_log: bool
    """Whether events can be read again, by this process or another one."""

    def create(self, event: CreateStudy, writer: Writer) -> int:
        """Begin a log.

        Args:
            event: Its first event, at position 1. The name must not be in use.
            writer: Who writes.

        Returns:
            The id of the study, never used before in this backend, below 2**31.

        Raises:
            DuplicatedStudyError: If there is a study of this name.
        """
        ...

    def delete(self, study_id: int) -> None:
        """Delete a log.

        Args:
            study_id: The id of the study.

        Raises:
            KeyError: If there is no such study.
        """
        ...

    def studies(self) -> dict[int, str]:
        """Give the names of all studies by id, in the order of creation, as they are now."""
        ...

    def append(
        self, study_id: int, events: Sequence[Event], writer: Writer, table: Follower
    ) -> int:
        """Append events one after the other, with no other event between them.

        When this returns, every reader sees them, whatever is killed. If one of them is a result
        (:func:`is_result`), they are on the disk as well, or at latest by the next
        :meth:`settle`; the class says which.

        Args:
            study_id: The id of the study.
            events: The events, at least one.
            writer: Who writes; numbers the events, so that a repeated append is recognised.
            table: What the log folds to. A backend that reads others' events on the way may
                let it follow them, up to just before ``events``.

        Returns:
            The position of the last of the events; the first event of a log has position 1.

        Raises:
            KeyError: If there is no such study.
        """
        ...

    def read(self, study_id: int, after: int) -> Iterable[Event]:
        """Give the events behind a position, in order and without gaps, as many as there are.

        Args:
            study_id: The id of the study.
            after: The number of events that the reader has folded.

        Raises:
            KeyError: If there is no such study.
        """
        ...

    def settle(self) -> None:
        """Bring to the disk what has been appended."""
        ...

    def beat(self, writer_id: str) -> None:
        """Record that a writer is alive.

        Args:
            writer_id: The id of the writer.
        """
        ...

    def leave(self, writer_id: str) -> None:
        """Forget the heartbeat of a writer that is gone.

        Args:
            writer_id: The id of the writer.
        """
        ...

    def ages(self) -> dict[str, float]:
        """Give for each writer the seconds since its last beat.

        They are measured by one clock: that of the server, or the monotonic clock of this
        process since it saw the last change. Two hosts' clocks are never compared.
        """
        ...

    def save_snapshot(self, study_id: int, position: int, data: bytes) -> None:
        """Keep what a log folds to at a position, in place of the snapshot before.

        Args:
            study_id: The id of the study.
            position: The number of events folded.
            data: The snapshot; it carries its own version and checksum.
        """
        ...

    def load_snapshot(self, study_id: int) -> bytes | None:
        """Give the last snapshot of a log, or None.

        Args:
            study_id: The id of the study.
        """
        ...

    def after_fork(self) -> None:
        """Let go, in a child process, of connections and locks that belong to its parent."""
        ...

    def close(self) -> None:
        """Settle, and close connections and files; the next call opens them again."""
        ...


def is_result(event: Event) -> bool:
    """Tell whether a user was told that this event is kept: it must outlive a power cut.

    A trial that was only started, or what a running one has gathered, need not.

    Args:
        event: The event.
    """
    return not isinstance(event, Ask | Claim | Update)


def duplicated(name: str) -> DuplicatedStudyError:
    """Make the error of a study's name that is in use.

    Args:
        name: The name.
    """
    return DuplicatedStudyError(
        f"The storage has a study named {name!r} already; choose another name, or "
        "use that study: create_study(..., load_if_exists=True)."
    )


def no_study(study_id: int) -> KeyError:
    """Make the error of an id that belongs to no study.

    Args:
        study_id: The id.
    """
    return KeyError(f"There is no study with study_id {study_id} in this storage.")


class MemoryBackend:
    """Know the logs within the process by name and keep none of their events.

    The process has one table for each study and nobody else reads the log, so the table is all
    that need be kept: a study costs no more memory than its columns.

    Example:
        >>> backend = MemoryBackend()
        >>> study_id = backend.create(CreateStudy("tea", [1]), Writer())
        >>> backend.studies() == {study_id: "tea"}
        True
    """

    keeps_log = False

    def __init__(self) -> None:
        self._names: dict[int, str] = {}
        self._next_id = 0

    def create(self, event: CreateStudy, writer: Writer) -> int:
        """Begin a log; see :meth:`Backend.create`."""
        if event.name in self._names.values():
            raise duplicated(event.name)
        study_id = self._next_id
        self._next_id += 1
        self._names[study_id] = event.name
        return study_id

    def delete(self, study_id: int) -> None:
        """Delete a log; see :meth:`Backend.delete`."""
        del self._names[study_id]

    def studies(self) -> dict[int, str]:
        """Give the names of all studies; see :meth:`Backend.studies`."""
        return dict(self._names)

    def append(
        self, study_id: int, events: Sequence[Event], writer: Writer, table: Follower
    ) -> int:
        """Let the caller fold the events; see :meth:`Backend.append`."""
        return table.position + len(events)

    def read(self, study_id: int, after: int) -> list[Event]:
        """Give nothing: whoever appended has folded; see :meth:`Backend.read`."""
        return []

    def settle(self) -> None:
        """Do nothing: there is no disk."""

    def beat(self, writer_id: str) -> None:
        """Do nothing: when this process dies, so do its studies."""

    def leave(self, writer_id: str) -> None:
        """Do nothing; see :meth:`beat`."""

    def ages(self) -> dict[str, float]:
        """Give nothing; see :meth:`beat`."""
        return {}

    def save_snapshot(self, study_id: int, position: int, data: bytes) -> None:
        """Do nothing: the table is here already."""

    def load_snapshot(self, study_id: int) -> bytes | None:
        """Give nothing; see :meth:`save_snapshot`."""
        return None

    def after_fork(self) -> None:
        """Do nothing: the child has a copy of everything."""

    def close(self) -> None:
        """Do nothing: closing would forget the studies."""
