"""A log of a backend, read and written as a storage does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from event_logs import logs
from storages.servers import unique

from steep.events import Changes, CreateStudy, Event, Update
from steep.storages.sql import SqlBackend
from steep.storages.writer import Writer
from steep.table import Table

__all__ = ["Log", "rows", "storable_logs"]


def _says_something(event: Event) -> bool:
    """An Update of nothing is never appended, and has no form in JSON."""
    return not isinstance(event, Update) or event.changes != Changes()


storable_logs = logs().map(lambda log: list(filter(_says_something, log)))


class Log:
    """Append to the log of a study and fold it.

    Args:
        backend: Where the log is.
        study_id: The study; None for a new one.
        directions: Those of a new study.
    """

    def __init__(
        self, backend: SqlBackend, study_id: int | None = None, directions: Sequence[int] = (1,)
    ) -> None:
        self.backend, self.writer, self.table = backend, Writer(), Table()
        self.name = unique("tea")
        if study_id is None:
            study_id = backend.create(CreateStudy(self.name, list(directions)), self.writer)
        self.study_id = study_id
        self.catch_up()

    def catch_up(self) -> None:
        self.table.follow(self.backend.read(self.study_id, self.table.position))

    def append(self, *events: Event) -> int:
        position = self.backend.append(self.study_id, events, self.writer, self.table)
        if position == self.table.position + len(events):
            self.table.follow(events)
        else:
            self.catch_up()
        return position

    def events(self) -> list[Event]:
        return list(self.backend.read(self.study_id, 0))


def rows(backend: SqlBackend, sql: str, *args: Any) -> list[Any]:
    """Ask the database, as somebody with a SQL shell would."""
    return backend._query(sql, args)
