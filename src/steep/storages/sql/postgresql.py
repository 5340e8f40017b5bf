"""PostgreSQL: an append that meets no other is one statement, and so one round trip.

Every commit waits for the server's disk, also that of an event that is no result. Without the wait
(``synchronous_commit = off``) a server that crashes takes back the last events, while workers on
other hosts live on and have folded them: the log would then tell them something else than it tells
everybody else.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from steep.storages.sql.dialect import Counter, Dialect
from steep.storages.sql.json_sql import PostgreSqlJson
from steep.storages.sql.session import Session

__all__ = ["PostgreSql"]

_STOPPED_SECONDS = 30
# What may pass, of https://www.postgresql.org/docs/current/errcodes-appendix.html: connection,
# deadlock and serialization, resources, operator intervention; waited for a lock, stopped for too
# long, a standby that is to become the leader.
_PASSING_CLASSES = ("08", "40", "53", "57")
_PASSING = ("55P03", "25P03", "25006")
_SCHEMA_LOCK = 0x57EE9  # any number, as long as it stays the same

# The counter moves on only from where this process believes it to be. Another append that holds
# the row is waited for, and then the row does not match any more.
_APPEND_NEXT = """
WITH moved AS (
    UPDATE steep_study SET head = head + 1 WHERE id = ? AND head = ? - 1 RETURNING id, head
)
INSERT INTO steep_event (study_id, position, writer, wseq, kind, number, created, payload)
SELECT id, head, CAST(? AS VARCHAR), CAST(? AS BIGINT), CAST(? AS VARCHAR),
       CAST(? AS INTEGER), CAST(? AS INTEGER), CAST(? AS TEXT)
FROM moved
"""


class PostgreSql(Dialect):
    """Speak to PostgreSQL 12 or later."""

    extra = "postgresql"
    begin = "BEGIN ISOLATION LEVEL READ COMMITTED"
    clock = "CAST(extract(epoch FROM clock_timestamp()) AS DOUBLE PRECISION)"
    table_names = (
        "SELECT relname FROM pg_catalog.pg_class WHERE relkind IN ('r', 'p') "
        "AND pg_catalog.pg_table_is_visible(oid) AND relname IN ({marks})"
    )

    beat = (
        "INSERT INTO steep_beat (writer, beat) VALUES (?, {clock}) "
        "ON CONFLICT (writer) DO UPDATE SET beat = excluded.beat"
    )
    keep_row = " FOR KEY SHARE"  # appends may go on
    appends_at_once = True
    json = PostgreSqlJson()

    def connect_args(self) -> dict[str, Any]:
        """Notice a server that is silent for good."""
        if self.driver.__name__ not in ("psycopg", "psycopg2"):
            return {}
        return {
            "connect_timeout": 10,
            "keepalives_idle": 30,
            "keepalives_interval": 10,
            "keepalives_count": 3,
            "tcp_user_timeout": 60_000,
        }

    def greet(self, session: Session) -> None:
        """Set up a new connection; see :meth:`Dialect.greet`.

        A process that was stopped in the middle of a transaction must not hold up the others for
        ever: the server ends its transaction, and whoever waits does not wait longer.
        """
        limit = f"'{_STOPPED_SECONDS}s'"
        session.define(
            f"SET idle_in_transaction_session_timeout = {limit}; SET lock_timeout = {limit}"
        )

    def may_pass(self, error: BaseException) -> bool:
        """Tell whether another attempt may succeed; see :meth:`Dialect.may_pass`."""
        code = getattr(error, "sqlstate", None) or getattr(error, "pgcode", None)
        if code is None:  # the server did not say it, so it is about the connection
            return super().may_pass(error)
        return code[:2] in _PASSING_CLASSES or code in _PASSING

    def advance(self, session: Session, counter: Counter, key: Any, n: int) -> int | None:
        """Move a counter on; see :meth:`Dialect.advance`."""
        table, column, where = counter
        found = session.rows(
            f"UPDATE {table} SET {column} = {column} + ? WHERE {where} = ? RETURNING {column}",
            (n, key),
        )
        return int(found[0][0]) if found else None

    def append_next(self, session: Session, row: Sequence[Any]) -> bool:
        """Append an event in one statement; see :meth:`Dialect.append_next`."""
        session.do(_APPEND_NEXT, row)
        return session.count == 1

    def with_schema_locked(self, session: Session, work: Callable[[], None]) -> None:
        """Change tables under a lock; see :meth:`Dialect.with_schema_locked`."""

        def locked() -> None:
            session.rows(f"SELECT pg_advisory_xact_lock({_SCHEMA_LOCK})")
            work()

        session.transact(locked)
