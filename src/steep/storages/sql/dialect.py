"""What differs from one database to another, and what they have in common.

A :class:`Dialect` belongs to one backend. Where databases agree, the statements stand in
``backend.py``; here is the rest: how a counter moves on, how a row is put in place of another,
whose clock is read, which errors may pass, and what has to happen for a result to be on the disk.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any, NamedTuple

from steep.storages.sql.json_sql import JsonSql
from steep.storages.sql.session import Session

__all__ = ["HEAD", "STUDY_IDS", "Counter", "Dialect"]

OpenSpare = Callable[[], AbstractContextManager[Session]]


class Counter(NamedTuple):
    """Name a column that counts.

    Attributes:
        table: Its table.
        column: The column.
        key: The primary key of the table.
    """

    table: str
    column: str
    key: str


HEAD = Counter("steep_study", "head", "id")
STUDY_IDS = Counter("steep_meta", "value", "name")


class Dialect:
    """Speak to a database server. Each kind of database is a subclass.

    Args:
        driver: The module of the driver (DBAPI).
        sync_interval: Where the disk is in our hands: a result is synced before ``append``
            returns if the last sync began at least so many seconds ago.
    """

    extra = ""
    """What to install: ``pip install "steep[EXTRA]"``; empty where steep alone will do."""
    begin = "BEGIN"
    clock = ""
    """The seconds since 1970 by the clock of the server, as an expression."""
    table_names = ""
    """The query for those tables among some names that an unqualified name would find."""
    first_patience = 2.0
    """For how many seconds the first connection is tried; a wrong URL should be told soon."""

    pauses = (0.01, 1.0)
    """For how many seconds to wait before the second attempt, and at most before any."""
    beat = "REPLACE INTO steep_beat (writer, beat) VALUES (?, {clock})"
    """The statement that sets the time of a writer's beat."""
    keep_row = " FOR UPDATE"
    """What follows a query so that the row is not deleted before the end of the transaction."""
    appends_at_once = False
    """Whether :meth:`append_next` is there."""
    json: JsonSql
    """How to look into JSON."""
    views_are_optional = False
    """Whether a version may be too old for the views."""
    has_marks = False
    """Whether the driver knows ``?`` in statements."""
    is_lost_in_fork = False
    """Whether a child process that has inherited a connection cannot even open its own."""
    is_in_memory = False
    """Whether the database is part of this process."""

    def __init__(self, driver: Any, sync_interval: float) -> None:
        self.driver = driver
        self.sync_interval = sync_interval

    # ---- connections -----------------------------------------------------------------------------

    def connect_args(self) -> dict[str, Any]:
        """Give what the driver's ``connect`` gets where neither URL nor user say otherwise."""
        return {}

    def greet(self, session: Session) -> None:
        """Set up a new connection, without any change to the database.

        Args:
            session: The connection.
        """

    def settle_in(self, session: Session) -> None:
        """Set up the database, once it is known to be ours.

        Args:
            session: The connection.
        """

    def may_pass(self, error: BaseException) -> bool:
        """Tell whether another attempt may succeed: a deadlock, a lost connection, a restart.

        Args:
            error: What a statement or the driver's ``connect`` raised.
        """
        passing = (self.driver.OperationalError, self.driver.InterfaceError, OSError)
        return isinstance(error, passing)

    def advice(self, error: BaseException) -> str:
        """Say what can be done about an error, as the end of a message; empty where unknown.

        Args:
            error: What the driver raised.
        """
        return ""

    def recover(self, session: Session, error: BaseException) -> bool:
        """End the transaction that failed.

        What comes over a connection that failed or was interrupted in the middle of an answer
        cannot be trusted any more. Where our own code raised, the connection is in order.

        Args:
            session: The connection.
            error: What happened.

        Returns:
            Whether the connection is still good.
        """
        if isinstance(error, self.driver.Error | OSError) or not isinstance(error, Exception):
            return False
        try:
            session.do("ROLLBACK")
        except self.driver.Error:
            return False
        return True

    # ---- statements ------------------------------------------------------------------------------

    def advance(self, session: Session, counter: Counter, key: Any, n: int) -> int | None:
        """Move a counter on, and keep it locked until the end of the transaction.

        Args:
            session: The connection, in a transaction.
            counter: The counter.
            key: Which row.
            n: By how much.

        Returns:
            The new value, or None where there is no such row.
        """
        raise NotImplementedError

    def append_next(self, session: Session, row: Sequence[Any]) -> bool:
        """Append an event in one statement if it is the very next one.

        Args:
            session: The connection, outside a transaction.
            row: The row of ``steep_event``.

        Returns:
            Whether it was appended. If not, nothing has changed.
        """
        raise NotImplementedError

    def with_schema_locked(self, session: Session, work: Callable[[], None]) -> None:
        """Create or upgrade tables while no other process does.

        Args:
            session: The connection.
            work: Executes the statements.
        """
        raise NotImplementedError

    # ---- heartbeats ------------------------------------------------------------------------------

    def ages(self, session: Session) -> dict[str, float]:
        """Give the seconds since the last beats, by the clock of the server."""
        rows = session.rows(f"SELECT writer, {self.clock} - beat FROM steep_beat")
        return {writer: max(0.0, float(age)) for writer, age in rows}

    # ---- the disk --------------------------------------------------------------------------------

    def wrote(self, session: Session, size: int, is_result: bool, open_spare: OpenSpare) -> None:
        """Take note of a transaction that was committed. A server sees to its disk itself.

        Args:
            session: The connection.
            size: About how many bytes it wrote.
            is_result: Whether it must be on the disk.
            open_spare: Opens another connection to the database.
        """

    def settle(self) -> None:
        """Bring to the disk what has been committed."""

    def forget(self) -> None:
        """Forget the connection: it was closed, or belongs to the parent of this process."""
