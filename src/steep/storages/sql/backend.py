"""Logs in a SQL database.

A log is the rows of ``steep_event`` of one study, in the order of ``position``. A position comes
from the counter ``steep_study.head``, moved on in the transaction that inserts the event: whoever
sees an event sees all before it. (A sequence of the database would be quicker and wrong: its
numbers become visible out of order, and readers skip events.) The row of the counter is locked
until the commit; in between the table of the study is brought up to date, and tells what the event
does. That stands beside the event, and so the views need not fold anything.
"""

from __future__ import annotations

import hashlib
import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from steep.events import CreateStudy, Event
from steep.exceptions import StorageInternalError
from steep.storages.backend import Follower, duplicated, is_result, no_study
from steep.storages.sql.dialect import HEAD, STUDY_IDS
from steep.storages.sql.engine import is_in_memory, parse
from steep.storages.sql.link import Link
from steep.storages.sql.schema import STUDY_ID
from steep.storages.sql.session import Session
from steep.storages.writer import Writer
from steep.wire import from_json, to_json

__all__ = ["SqlBackend"]

_PAGE = 5_000  # events read at once
_PART = 4 << 20  # bytes of a snapshot in a row: servers limit the size of a statement

_INSERT = (
    "INSERT INTO steep_event (study_id, position, writer, wseq, kind, number, created, payload) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
)
_INSERT_PART = "INSERT INTO steep_snapshot (study_id, part, position, data) VALUES (?, ?, ?, ?)"
_IS_THERE = "SELECT id FROM steep_study WHERE id = ?"
# One statement tells whether there is the study, how long its log is, and what is new. It does not
# sort: MariaDB would first copy the rows into a table of their own.
_READ = (
    "SELECT s.head, e.position, e.payload FROM steep_study s LEFT JOIN steep_event e "
    "ON e.study_id = s.id AND e.position > ? AND e.position <= ? WHERE s.id = ?"
)
_position_of = operator.itemgetter(1)
_TABLES_OF_STUDY = (
    ("steep_study", "id"),
    ("steep_event", "study_id"),
    ("steep_snapshot", "study_id"),
)


class _ArrivedError(Exception):
    """End a transaction that would repeat what is there.

    Args:
        found: What the first attempt would have returned.
    """

    def __init__(self, found: int) -> None:
        super().__init__(found)
        self.found = found


class _Batch(NamedTuple):
    """Hold the events of one append as they are written."""

    study_id: int
    events: Sequence[Event]
    lines: list[str]
    writer_id: str
    first: int

    @property
    def size(self) -> int:
        return sum(map(len, self.lines))

    def rows(self, position: int, table: Follower | None) -> list[tuple[Any, ...]]:
        """Give the rows of ``steep_event``, the first at a position."""
        effects = [(None, None)] if table is None else table.effects_of(self.events)
        return [
            (
                self.study_id,
                position + i,
                self.writer_id,
                self.first + i,
                type(event).__name__,
                *effect,
                line,
            )
            for i, (event, effect, line) in enumerate(
                zip(self.events, effects, self.lines, strict=True)
            )
        ]


class SqlBackend:
    """Keep logs in SQLite, PostgreSQL, MySQL or MariaDB.

    An event that ``append`` has acknowledged survives the death of every process that uses the
    database. What survives that of the machine: on PostgreSQL and MySQL everything, as long as the
    server is set up to sync its commits; on SQLite everything up to the last sync, see
    ``sync_interval``.

    Args:
        url: Where the database is, such as ``sqlite:///study.db`` or
            ``postgresql+psycopg://user:password@host/database``.
        engine_kwargs: More for SQLAlchemy's ``create_engine``.
        sync_interval: For SQLite: a result is synced before ``append`` returns if the last sync
            began at least so many seconds ago, else by the next ``settle``; 0 syncs every result.

    Raises:
        ImportError: If SQLAlchemy or the driver is missing.
        ValueError: If the URL is none, or an argument is out of range.

    Example:
        >>> backend = SqlBackend("sqlite://")
        >>> study_id = backend.create(CreateStudy("tea", [1]), Writer())
        >>> backend.studies() == {study_id: "tea"}
        True
    """

    keeps_log = True

    def __init__(
        self,
        url: Any,
        engine_kwargs: Mapping[str, Any] | None = None,
        *,
        sync_interval: float = 0.1,
    ) -> None:
        if not sync_interval >= 0:
            raise ValueError(
                f"SqlBackend(sync_interval={sync_interval!r}): give seconds, 0 or more."
            )
        parsed = parse(url)
        self._url = str(parsed.render_as_string(hide_password=False))
        self._engine_kwargs = dict(engine_kwargs or {})
        self._sync_interval = sync_interval
        self._is_in_memory = is_in_memory(parsed)
        self._is_alone = True  # as the last append found it
        self._link = Link(self._url, self._engine_kwargs, sync_interval)

    def __repr__(self) -> str:
        return f"SqlBackend({self._link.name!r})"

    # ---- studies ---------------------------------------------------------------------------------

    def create(self, event: CreateStudy, writer: Writer) -> int:
        """Begin a log; see :meth:`steep.storages.backend.Backend.create`."""
        line, first, hashed = to_json(event), writer.take(), _hash(event.name)

        def work(session: Session, again: bool) -> int:
            study_id = self._link.dialect.advance(session, STUDY_IDS, STUDY_ID, 1)
            assert study_id is not None, "the counter is created with the tables"
            self._refuse_name(session, event.name, hashed, (writer.id, first))
            session.do(
                "INSERT INTO steep_study (id, name_hash, name, head) VALUES (?, ?, ?, ?)",
                (study_id, hashed, event.name, 1),
            )
            batch = _Batch(study_id, [event], [line], writer.id, first)
            session.many(_INSERT, batch.rows(1, None))
            return study_id

        study_id: int = self._write(work, len(line), is_result=True)
        return study_id

    def _refuse_name(
        self, session: Session, name: str, hashed: str, origin: tuple[str, int]
    ) -> None:
        """Look for a study of this name, which an earlier attempt of this call may have made."""
        for study_id, *found in session.rows(
            "SELECT s.id, e.writer, e.wseq FROM steep_study s JOIN steep_event e "
            "ON e.study_id = s.id AND e.position = 1 WHERE s.name_hash = ?",
            (hashed,),
        ):
            if tuple(found) == origin:
                raise _ArrivedError(study_id)
            raise duplicated(name)

    def delete(self, study_id: int) -> None:
        """Delete a log; see :meth:`steep.storages.backend.Backend.delete`."""

        def work(session: Session, again: bool) -> int:
            for table, column in _TABLES_OF_STUDY:
                session.do(f"DELETE FROM {table} WHERE {column} = ?", (study_id,))
                if table == "steep_study" and not session.count and not again:
                    raise no_study(study_id)
            return study_id

        self._write(work, 0, is_result=True)

    def studies(self) -> dict[int, str]:
        """Give the names of all studies; see :meth:`steep.storages.backend.Backend.studies`."""
        return dict(self._query("SELECT id, name FROM steep_study ORDER BY id"))

    # ---- the log ---------------------------------------------------------------------------------

    def append(
        self, study_id: int, events: Sequence[Event], writer: Writer, table: Follower
    ) -> int:
        """Append events; see :meth:`steep.storages.backend.Backend.append`."""
        lines = [to_json(event) for event in events]
        batch = _Batch(study_id, events, lines, writer.id, writer.take(len(events)))

        dialect = self._link.dialect
        is_quick = dialect.appends_at_once and len(events) == 1

        def work(session: Session, again: bool) -> int:
            if is_quick and self._is_alone and not again:
                position = table.position + 1
                if dialect.append_next(session, batch.rows(position, table)[0]):
                    return position
            return session.transact(lambda: self._append(session, batch, table, again))

        position: int = self._arrived_or(self._link.retry, work)
        self._link.wrote(batch.size, any(map(is_result, events)))
        return position

    def _append(self, session: Session, batch: _Batch, table: Follower, again: bool) -> int:
        study_id, n = batch.study_id, len(batch.events)
        head = self._link.dialect.advance(session, HEAD, study_id, n)
        if head is None:
            raise no_study(study_id)
        if again:
            self._look_for(session, batch)
        before = head - n
        self._is_alone = before == table.position
        if not self._is_alone:
            table.follow(self._events(session, study_id, table.position, before))
        rows = batch.rows(before + 1, table)
        if n == 1:
            session.do(_INSERT, rows[0])
        else:
            session.many(_INSERT, rows)
        return head

    def _look_for(self, session: Session, batch: _Batch) -> None:
        """Look whether an earlier attempt has arrived. The counter is locked: none comes later."""
        last = batch.first + len(batch.events) - 1
        for (position,) in session.rows(
            "SELECT position FROM steep_event WHERE study_id = ? AND writer = ? AND wseq = ?",
            (batch.study_id, batch.writer_id, last),
        ):
            raise _ArrivedError(position)

    def read(self, study_id: int, after: int) -> Iterator[Event]:
        """Give the events behind a position; see :meth:`steep.storages.backend.Backend.read`."""
        first = self._read_page(study_id, after)
        return self._read_on(study_id, after, first)

    def _read_on(self, study_id: int, after: int, page: list[str]) -> Iterator[Event]:
        while page:
            yield from map(from_json, page)
            after += len(page)
            page = self._read_page(study_id, after) if len(page) == _PAGE else []

    def _read_page(self, study_id: int, after: int) -> list[str]:
        return _lines(self._query(_READ, (after, after + _PAGE, study_id)), study_id, after)

    def _events(self, session: Session, study_id: int, after: int, last: int) -> Iterator[Event]:
        """Give the events of others, up to the last, within our own transaction."""
        _check_length(last, after)
        while after < last:
            found = session.rows(_READ, (after, min(after + _PAGE, last), study_id))
            page = _lines(found, study_id, after)
            yield from map(from_json, page)
            after += len(page)

    def settle(self) -> None:
        """Bring to the disk what has been appended; a server has done so already."""
        self._link.settle()

    # ---- heartbeats ------------------------------------------------------------------------------

    def beat(self, writer_id: str) -> None:
        """Record that a writer is alive; see :meth:`steep.storages.backend.Backend.beat`."""
        dialect = self._link.dialect
        statement = dialect.beat.format(clock=dialect.clock)
        self._write(lambda session, again: session.do(statement, (writer_id,)), 0, is_result=False)

    def leave(self, writer_id: str) -> None:
        """Forget the heartbeat of a writer; see :meth:`steep.storages.backend.Backend.leave`."""
        statement = "DELETE FROM steep_beat WHERE writer = ?"
        self._write(lambda session, again: session.do(statement, (writer_id,)), 0, is_result=False)

    def ages(self) -> dict[str, float]:
        """Give the seconds since the last beats, all by one clock."""
        ages: dict[str, float] = self._link.retry(
            lambda session, again: self._link.dialect.ages(session)
        )
        return ages

    # ---- snapshots -------------------------------------------------------------------------------

    def save_snapshot(self, study_id: int, position: int, data: bytes) -> None:
        """Keep a snapshot; see :meth:`steep.storages.backend.Backend.save_snapshot`.

        A study that was deleted gets none: nobody would ever remove it.
        """
        parts = [
            (study_id, part, position, data[start : start + _PART])
            for part, start in enumerate(range(0, max(1, len(data)), _PART))
        ]

        def work(session: Session, again: bool) -> None:
            if session.rows(_IS_THERE + self._link.dialect.keep_row, (study_id,)):
                session.do("DELETE FROM steep_snapshot WHERE study_id = ?", (study_id,))
                for row in parts:
                    session.do(_INSERT_PART, row)

        self._write(work, len(data), is_result=False)

    def load_snapshot(self, study_id: int) -> bytes | None:
        """Give the last snapshot; see :meth:`steep.storages.backend.Backend.load_snapshot`."""
        rows = self._query(
            "SELECT data FROM steep_snapshot WHERE study_id = ? ORDER BY part", (study_id,)
        )
        return b"".join(bytes(data) for (data,) in rows) if rows else None

    # ---- the connection --------------------------------------------------------------------------

    def after_fork(self) -> None:
        """Let go of what is the parent's; see :meth:`steep.storages.backend.Backend.after_fork`."""
        self._link.abandon()

    def close(self) -> None:
        """Settle and close; see :meth:`steep.storages.backend.Backend.close`."""
        self._link.close()

    def __reduce__(self) -> tuple[Any, ...]:
        if self._is_in_memory:
            raise TypeError(
                f"{self!r} lives in the memory of this process and cannot be pickled; "
                "give a file, such as SqlBackend('sqlite:///study.db')."
            )
        return _reopen, (self._url, self._engine_kwargs, self._sync_interval)

    def _query(self, sql: str, args: Sequence[Any] = ()) -> list[Any]:
        return self._link.retry(lambda session, again: session.rows(sql, args))

    def _write(self, work: Callable[[Session, bool], Any], size: int, *, is_result: bool) -> Any:
        result = self._arrived_or(self._link.transact, work)
        self._link.wrote(size, is_result)
        return result

    @staticmethod
    def _arrived_or(run: Callable[[Callable[[Session, bool], Any]], Any], work: Any) -> Any:
        try:
            return run(work)
        except _ArrivedError as arrived:
            return arrived.found


def _reopen(url: str, engine_kwargs: dict[str, Any], sync_interval: float) -> SqlBackend:
    return SqlBackend(url, engine_kwargs, sync_interval=sync_interval)


def _hash(name: str) -> str:
    try:
        text = name.encode()
    except UnicodeEncodeError:  # half of a surrogate pair
        text = b"\0"
    if b"\0" in text:
        raise ValueError(
            f"study_name={name!r}: a database cannot hold NUL characters and halves of surrogate "
            "pairs; choose another name."
        )
    return hashlib.sha256(text).hexdigest()


def _lines(rows: list[Any], study_id: int, after: int) -> list[str]:
    """Give the events that a query ``_READ`` found, as text."""
    if not rows:
        raise no_study(study_id)
    head, position, _ = rows[0]
    _check_length(head, after)
    if head == after:
        return []
    rows = [] if position is None else sorted(rows, key=_position_of)
    if not rows or rows[-1][1] != after + len(rows):
        raise StorageInternalError(
            f"Events of study {study_id} behind position {after} are not in the database: rows of "
            "steep_event were deleted. Restore them from a backup."
        )
    return [line for _, _, line in rows]


def _check_length(head: int, after: int) -> None:
    if head < after:
        raise StorageInternalError(
            f"The log in the database ends at position {head}, but this process has read {after} "
            "events of it: the database was set back, perhaps from a backup. Start this process "
            "again."
        )
