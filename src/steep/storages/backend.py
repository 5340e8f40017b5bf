"""What a storage needs of the medium that keeps its logs.

A backend knows logs and nothing of studies' meaning: it appends events in a total order and gives
them back. Everything else (who owns a trial, what may change, which trial is best) follows from
folding, and is therefore the same on every backend.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from steep.events import CreateStudy, Event
from steep.exceptions import DuplicatedStudyError

__all__ = ["Backend", "MemoryBackend"]


class Backend(Protocol):
    """Keep one log of events for each study."""

    def create(self, event: CreateStudy) -> int:
        """Begin a log.

        Args:
            event: Its first event. The name must not be in use.

        Returns:
            The id of the study, never used before in this backend.

        Raises:
            DuplicatedStudyError: If there is a study of this name.
        """
        ...

    def delete(self, study_id: int) -> None:
        """Delete a log.

        Args:
            study_id: The id of the study.
        """
        ...

    def studies(self) -> dict[int, str]:
        """Give the names of all studies by id, in the order of creation."""
        ...

    def append(self, study_id: int, event: Event) -> int:
        """Append an event; when this returns, the event is as durable as the backend can make it.

        Args:
            study_id: The id of the study.
            event: The event.

        Returns:
            Its position in the log; the first event has position 1.
        """
        ...

    def read(self, study_id: int, after: int) -> Iterable[Event]:
        """Give the events behind a position, in order.

        Args:
            study_id: The id of the study.
            after: The number of events that the reader has folded.
        """
        ...


class MemoryBackend:
    """Keep logs within the process, each event only until it has been folded.

    The process has one table for each study and nobody else reads the log, so the table is all
    that need be kept: a study costs no more memory than its columns.

    Example:
        >>> backend = MemoryBackend()
        >>> study_id = backend.create(CreateStudy("tea", [1]))
        >>> [event.name for event in backend.read(study_id, after=0)]
        ['tea']
    """

    def __init__(self) -> None:
        self._names: dict[int, str] = {}
        self._unread: dict[int, list[Event]] = {}
        self._heads: dict[int, int] = {}
        self._next_id = 0

    def create(self, event: CreateStudy) -> int:
        """Begin a log; see :meth:`Backend.create`."""
        if event.name in self._names.values():
            raise DuplicatedStudyError(
                f"The storage has a study named {event.name!r} already; choose another name, or "
                "use that study: create_study(..., load_if_exists=True)."
            )
        study_id = self._next_id
        self._next_id += 1
        self._names[study_id] = event.name
        self._unread[study_id] = []
        self._heads[study_id] = 0
        self.append(study_id, event)
        return study_id

    def delete(self, study_id: int) -> None:
        """Delete a log; see :meth:`Backend.delete`."""
        for kept in (self._names, self._unread, self._heads):
            del kept[study_id]

    def studies(self) -> dict[int, str]:
        """Give the names of all studies; see :meth:`Backend.studies`."""
        return dict(self._names)

    def append(self, study_id: int, event: Event) -> int:
        """Append an event; see :meth:`Backend.append`."""
        self._unread[study_id].append(event)
        self._heads[study_id] += 1
        return self._heads[study_id]

    def read(self, study_id: int, after: int) -> list[Event]:
        """Give the events behind a position and forget them; see :meth:`Backend.read`."""
        unread = self._unread[study_id]
        self._unread[study_id] = []
        return unread
