"""One open connection to a database, and statements that read the same on all of them.

Statements are written with ``?`` for their arguments; drivers that want ``%s`` get that.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

__all__ = ["Session"]

T = TypeVar("T")


@functools.cache
def _with_percent(sql: str) -> str:
    return sql.replace("%", "%%").replace("?", "%s")


class Session:
    """Execute statements on one connection, straight on the driver's cursor.

    SQLAlchemy opened the connection; its own statements would cost as much again as the append
    of an event does.

    Args:
        connection: A connection of SQLAlchemy's pool; it commits each statement by itself.
        begin: The statement that begins a transaction.
        has_marks: Whether the driver knows ``?``.
    """

    def __init__(self, connection: Any, begin: str, has_marks: bool) -> None:
        self.connection = connection
        self._process = os.getpid()
        self._cursor = connection.cursor()
        self._begin = begin
        self._spell: Callable[[str], str] = str if has_marks else _with_percent

    def do(self, sql: str, args: Sequence[Any] = ()) -> None:
        """Execute a statement.

        Args:
            sql: The statement.
            args: What its question marks stand for.
        """
        self._cursor.execute(self._spell(sql), args)

    def define(self, sql: str) -> None:
        """Execute a statement that has no arguments, exactly as it is written.

        Args:
            sql: The statement.
        """
        self._cursor.execute(sql)

    def many(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        """Execute a statement once for each row of arguments.

        Args:
            sql: The statement.
            rows: The arguments.
        """
        self._cursor.executemany(self._spell(sql), rows)

    def rows(self, sql: str, args: Sequence[Any] = ()) -> list[Any]:
        """Execute a query.

        Args:
            sql: The query.
            args: What its question marks stand for.

        Returns:
            The rows.
        """
        self._cursor.execute(self._spell(sql), args)
        found: list[Any] = self._cursor.fetchall()
        return found

    @property
    def count(self) -> int:
        """Give how many rows the last statement found."""
        return int(self._cursor.rowcount)

    @property
    def last_id(self) -> int:
        """Give the number that MySQL sends along with the answer to a statement."""
        return int(self._cursor.lastrowid)

    def transact(self, work: Callable[[], T]) -> T:
        """Do some work in one transaction.

        After an error the transaction is still open: whoever owns the session ends it.

        Args:
            work: Executes the statements.

        Returns:
            What the work gave.
        """
        self._cursor.execute(self._begin)
        result = work()
        self._cursor.execute("COMMIT")
        return result

    def drop(self) -> None:
        """Close the connection, whatever state it is in; an open transaction is rolled back.

        A process that was forked closes nothing: a goodbye to the server would end the session of
        its parent.
        """
        if self._process == os.getpid():
            self.connection.invalidate()
