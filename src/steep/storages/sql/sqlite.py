"""SQLite: one file, many processes of one host, and the disk in our own hands.

**The journal.** On a local disk the database keeps a write-ahead log (WAL): readers and the writer
do not wait for each other, and a commit is an append to a file. Where processes of several hosts
may meet (NFS, Lustre, ...), the WAL's shared memory does not work; there, and where the file system
is not known, the rollback journal is used, and every commit waits for the disk (EXTRA).

**The disk.** A commit in WAL mode leaves the sync to us (NORMAL). Syncing the file of the WAL is
all that a commit under FULL does beside, but we do it after the commit, while others append.

**The WAL-reset bug** (SQLite 3.7.0 to 3.51.2, https://sqlite.org/wal.html#walresetbug): a
checkpoint that has just begun reads how long the WAL is; another connection commits, and so starts
the WAL from its beginning; the checkpoint then believes that it has copied what it has not, and a
later one leaves pages out. Every part of this needs a commit during a checkpoint. So there is none:
SQLite's own checkpoints are off, and ours run while this process holds the lock of the writer, see
:meth:`Sqlite._checkpoint`. (The checkpoint of the last connection that closes is safe: it has the
database to itself.) This costs nothing, so it is done with all versions of SQLite. Only a commit by
another program, such as the ``sqlite3`` shell in a version that has the bug, is outside of it.

**Forks.** SQLite keeps a list of the files that the process has open, and locks a file but once. A
child inherits the list and not the locks: a connection of its own would stand on locks that are not
there, and lose its WAL when the parent closes. So connections are closed before a fork and opened
again after it, in the parent as in the child (:mod:`steep.storages.sql.forks`).
"""

from __future__ import annotations

import contextlib
import functools
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from steep.exceptions import StorageInternalError
from steep.storages.sql.dialect import Counter, Dialect, OpenSpare
from steep.storages.sql.filesystem import is_local
from steep.storages.sql.json_sql import SqliteJson
from steep.storages.sql.session import Session

__all__ = ["Sqlite"]

_BUSY, _LOCKED, _FULL, _CANNOT_OPEN, _PROTOCOL = 5, 6, 13, 14, 15
_ADVICE = {
    _BUSY: ". Another process has held its lock for long; find out what it does.",
    _FULL: ". Make room on the disk. What was acknowledged is not lost; this was not written.",
    _CANNOT_OPEN: ". The directory must exist and be writable.",
}
_PAGES = 3 * 4096  # an append changes a page of the events, one of their index, one of the studies
_CHECKPOINT_BYTES = 16 << 20
_flush: Callable[[int], None] = getattr(os, "fdatasync", os.fsync)


class Sqlite(Dialect):
    """Speak to SQLite."""

    begin = "BEGIN IMMEDIATE"  # a transaction that begins as a reader may find that it cannot write
    # There is no server whose clock could be read, and the host's may be set by hours. So a beat is
    # any other number than the last, and is as old as the time for which it was seen to stand.
    beat = "REPLACE INTO steep_beat (writer, beat) VALUES (?, random())"
    table_names = "SELECT name FROM sqlite_master WHERE type = 'table' AND name IN ({marks})"
    first_patience = 60.0
    # SQLite's own way to wait for a lock sleeps up to 0.1 s, which is 1,000 appends of the others.
    pauses = (5e-5, 5e-3)
    keep_row = ""  # a transaction has the database to itself
    has_marks = True
    is_lost_in_fork = True
    json = SqliteJson()
    views_are_optional = True

    def __init__(self, driver: Any, sync_interval: float) -> None:
        super().__init__(driver, sync_interval)
        self._last_sync = -sync_interval
        self.is_in_memory = False
        self._seen: dict[str, tuple[float, float]] = {}
        self.forget()

    def forget(self) -> None:
        """Forget the connection; see :meth:`Dialect.forget`."""
        self._wal: Path | None = None
        self._is_dirty = False
        self._is_new = True
        self._written = 0

    # ---- connections -----------------------------------------------------------------------------

    def connect_args(self) -> dict[str, Any]:
        """Let any thread use the connection, one at a time."""
        return {"check_same_thread": False}

    def greet(self, session: Session) -> None:
        """Set up a new connection; see :meth:`Dialect.greet`."""
        session.rows("PRAGMA busy_timeout = 0")
        session.rows("PRAGMA wal_autocheckpoint = 0")
        session.rows("PRAGMA synchronous = EXTRA")

    def settle_in(self, session: Session) -> None:
        """Choose the journal; see :meth:`Dialect.settle_in`."""
        path = session.rows("PRAGMA database_list")[0][2]
        self.is_in_memory = not path
        if self.is_in_memory:
            return
        journal = "WAL" if is_local(path) else "DELETE"
        if _journal_of(session) != journal:
            session.rows(f"PRAGMA journal_mode = {journal}")
        if _journal_of(session) == "WAL":
            session.rows("PRAGMA synchronous = NORMAL")
            self._wal = Path(path + "-wal")
            # A WAL that others left long is copied back at the first chance.
            self._written = self._wal.stat().st_size if self._wal.exists() else 0

    def may_pass(self, error: BaseException) -> bool:
        """Tell whether another attempt may succeed: when the lock of another process is gone."""
        return _code_of(error) in (_BUSY, _LOCKED, _PROTOCOL)

    def advice(self, error: BaseException) -> str:
        """Say what can be done about an error; see :meth:`Dialect.advice`."""
        return _ADVICE.get(_code_of(error), "")

    def recover(self, session: Session, error: BaseException) -> bool:
        """Roll back what is open. The connection stays: a database in memory would be lost."""
        if session.connection.dbapi_connection.in_transaction:
            session.do("ROLLBACK")
        return True

    # ---- statements ------------------------------------------------------------------------------

    def advance(self, session: Session, counter: Counter, key: Any, n: int) -> int | None:
        """Move a counter on; see :meth:`Dialect.advance`.

        The transaction holds the lock of the only writer, so what was read stays true; RETURNING
        would need SQLite 3.35 and is no faster.
        """
        select, update = _statements(counter)
        found = session.rows(select, (key,))
        if not found:
            return None
        value: int = found[0][0] + n
        session.do(update, (value, key))
        return value

    def with_schema_locked(self, session: Session, work: Callable[[], None]) -> None:
        """Change tables in one transaction; see :meth:`Dialect.with_schema_locked`."""
        session.transact(work)

    # ---- heartbeats ------------------------------------------------------------------------------

    def ages(self, session: Session) -> dict[str, float]:
        """Give how long beats have been seen to stand still, by the clock of this process."""
        now, before = time.monotonic(), self._seen
        self._seen = {
            writer: before[writer] if before.get(writer, (None,))[0] == beat else (beat, now)
            for writer, beat in session.rows("SELECT writer, beat FROM steep_beat")
        }
        return {writer: now - since for writer, (_, since) in self._seen.items()}

    # ---- the disk --------------------------------------------------------------------------------

    def wrote(self, session: Session, size: int, is_result: bool, open_spare: OpenSpare) -> None:
        """Sync, if it is time to; see :meth:`Dialect.wrote`."""
        if self._wal is None:
            return
        self._is_dirty = True
        self._written += _PAGES + size
        if is_result and time.monotonic() - self._last_sync >= self.sync_interval:
            self.settle()
        if self._written >= _CHECKPOINT_BYTES:
            self.settle()
            self._written = 0
            with contextlib.suppress(self.driver.Error):  # the WAL is only longer until next time
                self._checkpoint(session, open_spare)

    def settle(self) -> None:
        """Bring the WAL to the disk; see :meth:`Dialect.settle`."""
        if self._wal is None or not self._is_dirty:
            return
        self._last_sync = time.monotonic()
        # A failed sync is not tried again: the system may have dropped the pages and would call
        # the second one a success. Dirty or not, the caller is told.
        self._is_dirty = False
        try:
            _sync(self._wal)
            if self._is_new:
                _sync_entry(self._wal)
        except OSError as error:
            raise StorageInternalError(
                f"The write-ahead log {str(self._wal)!r} could not be brought to the disk "
                f"({error}); the last results may be lost if this machine stops. Check the disk."
            ) from error
        self._is_new = False

    def _checkpoint(self, session: Session, open_spare: OpenSpare) -> None:
        """Copy the WAL into the database while nobody can commit.

        This connection holds the lock of the writer, a second one checkpoints. What readers still
        need stays in the WAL until the next time.
        """
        session.do(self.begin)
        try:
            with open_spare() as spare:
                spare.rows("PRAGMA synchronous = NORMAL")
                spare.rows("PRAGMA wal_checkpoint(PASSIVE)")
        finally:
            session.do("ROLLBACK")


@functools.cache
def _statements(counter: Counter) -> tuple[str, str]:
    table, column, key = counter
    return (
        f"SELECT {column} FROM {table} WHERE {key} = ?",
        f"UPDATE {table} SET {column} = ? WHERE {key} = ?",
    )


def _code_of(error: BaseException) -> int:
    """Give the primary code of an error of SQLite; the other bytes say more."""
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF


def _journal_of(session: Session) -> str:
    return str(session.rows("PRAGMA journal_mode")[0][0]).upper()


def _sync(path: Path) -> None:
    # A descriptor of our own does no harm here: SQLite keeps its locks on the other two files.
    descriptor = os.open(path, os.O_RDWR)
    try:
        _flush(descriptor)
    finally:
        os.close(descriptor)


def _sync_entry(path: Path) -> None:
    """Bring the name of a new file to the disk. Windows has no such call."""
    if os.name == "nt":
        return
    descriptor = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
