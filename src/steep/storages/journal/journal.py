"""What a journal says, as far as it has been read: its studies, and the events not yet folded.

One journal holds the records of many studies in one order. Records are sorted by study without
looking into their events: these stay text until somebody reads that study.
"""

from __future__ import annotations

import json
from typing import NamedTuple

from steep.storages.journal.frames import SEPARATOR, Frame

__all__ = ["DELETED", "Arrival", "Journal", "Log"]

DELETED = b'{"event":"DeleteStudy"}'
"""The record that ends a study. It concerns the journal only and is no event of a study."""

_CREATION = b'{"event":"CreateStudy",'
_MOST_KEPT = 32 << 20  # bytes of a study that nobody reads; they can be read again


class Arrival(NamedTuple):
    """Say what became of a record.

    Attributes:
        wseq: The writer's number of its first event.
        study_id: The id of its study.
        position: The position of its last event; 0 if the record had no effect.
    """

    wseq: int
    study_id: int
    position: int


class Log:
    """Hold one study of a journal.

    Args:
        name: The name of the study.
        start: The place of its first record in the journal.

    Attributes:
        position: The number of its events.
        unread: The JSON of its last events.
        base: The number of events before those.
    """

    __slots__ = ("base", "kept", "name", "position", "start", "unread")

    def __init__(self, name: str, start: int) -> None:
        self.name = name
        self.start = start
        self.position = 0
        self.base = 0
        self.unread: list[bytes] = []
        self.kept = 0

    def extend(self, events: bytes) -> int:
        """Take in the events of a record, and give the new position.

        Args:
            events: The JSON of the events, joined.
        """
        pieces = events.split(SEPARATOR)
        self.position += len(pieces)
        self.unread += pieces
        self.kept += len(events)
        if self.kept > _MOST_KEPT:
            self.drop(self.position)
        return self.position

    def drop(self, position: int) -> None:
        """Forget the events up to a position.

        Args:
            position: The number of events that the reader has folded.
        """
        del self.unread[: position - self.base]
        self.base = position
        self.kept = sum(map(len, self.unread)) if self.unread else 0

    def refill(self, events: list[bytes]) -> None:
        """Hold all events again.

        Args:
            events: The JSON of every event since the first.
        """
        self.unread = events
        self.base = 0


class Journal:
    """Fold the records of a journal into its studies.

    Example:
        >>> journal = Journal()
        >>> event = b'{"event":"CreateStudy","name":"tea","directions":[1]}'
        >>> journal.fold(Frame(0, "w", 1, event), 0)
        >>> journal.ids, journal.arrival("w", 1).position
        ({'tea': 0}, 1)
    """

    def __init__(self) -> None:
        self.logs: dict[int, Log] = {}
        self.ids: dict[str, int] = {}
        self.next_id = 0
        self._last: dict[str, tuple[int, int, int]] = {}

    def fold(self, record: Frame, place: int) -> None:
        """Take in the next record.

        Args:
            record: The record.
            place: Where it stands.
        """
        study_id, writer_id, wseq, events = record
        log = self.logs.get(study_id)
        if events.startswith(_CREATION):
            log = self._create(study_id, events, place)
        position = 0
        if log is not None:
            position = self._delete(study_id) if events == DELETED else log.extend(events)
        self._last[writer_id] = wseq, study_id, position

    def _create(self, study_id: int, events: bytes, place: int) -> Log | None:
        """Begin a study, unless an earlier record has taken its name or its id."""
        name = json.loads(events.partition(SEPARATOR)[0])["name"]
        if name in self.ids or study_id < self.next_id:
            return None
        self.next_id = study_id + 1
        self.ids[name] = study_id
        self.logs[study_id] = Log(name, place)
        return self.logs[study_id]

    def _delete(self, study_id: int) -> int:
        log = self.logs.pop(study_id)
        del self.ids[log.name]
        return log.position

    def arrival(self, writer_id: str, wseq: int) -> Arrival | None:
        """Tell what became of the last record of a writer.

        Args:
            writer_id: The id of the writer.
            wseq: The writer's number of the first event of its last record.

        Returns:
            None if the journal does not have it.
        """
        last = self._last.get(writer_id)
        return Arrival._make(last) if last is not None and last[0] == wseq else None
