"""MySQL and MariaDB: the counter comes back with the answer to its update.

How safe a commit is on the disk is the server's business (``innodb_flush_log_at_trx_commit``,
1 by default: every commit is there).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from steep.exceptions import StorageInternalError
from steep.storages.sql.dialect import Counter, Dialect
from steep.storages.sql.json_sql import MySqlJson
from steep.storages.sql.session import Session

__all__ = ["MySql"]

_LOCK_SECONDS = 60
# What may pass, of https://dev.mysql.com/doc/mysql-errors/8.0/en/server-error-reference.html and
# https://mariadb.com/kb/en/mariadb-error-code-reference/:
_PASSING = frozenset(
    {1020, 1205, 1213}  # changed meanwhile, waited for a lock, deadlock
    | {1040, 1203, 1226}  # too many connections
    | {1053, 1152, 1158, 1159, 1160, 1161, 1184, 1317, 1927, 4031}  # the connection was ended
    | {1047, 1290, 1836, 1180}  # a cluster changes its leader
)
_STOPPED_SECONDS = 30
_SILENCE = 120  # seconds; longer than the server itself waits for a lock


class MySql(Dialect):
    """Speak to MySQL 8 or MariaDB 10.6, or later."""

    extra = "mysql"
    begin = "START TRANSACTION"
    # Not UNIX_TIMESTAMP(NOW(6)), which goes through local time and has an hour twice in autumn.
    clock = "(TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(6)) / 1e6)"
    table_names = (
        "SELECT table_name FROM information_schema.tables "
        "WHERE table_schema = DATABASE() AND table_name IN ({marks})"
    )

    json = MySqlJson()
    views_are_optional = True

    def connect_args(self) -> dict[str, Any]:
        """Ask for all of Unicode, and notice a server that is silent for good."""
        if self.driver.__name__ not in ("pymysql", "MySQLdb"):
            return {"charset": "utf8mb4"}
        return {
            "charset": "utf8mb4",
            "connect_timeout": 10,
            "read_timeout": _SILENCE,
            "write_timeout": _SILENCE,
        }

    def greet(self, session: Session) -> None:
        """Set up a new connection; see :meth:`Dialect.greet`.

        A process that was stopped in the middle of a transaction must not hold up the others for
        ever. MySQL has no such limit, and reads what MariaDB obeys as a comment.
        """
        limit = f"SESSION idle_write_transaction_timeout = {_STOPPED_SECONDS}"
        session.do(f"SET /*M!100600 {limit}, */ @steep = 1")

    def may_pass(self, error: BaseException) -> bool:
        """Tell whether another attempt may succeed; see :meth:`Dialect.may_pass`."""
        if not isinstance(error, self.driver.Error):
            return isinstance(error, OSError)
        code = error.args[0] if error.args else 0
        # Below 1000 stands what the driver says itself, from 2000 on what the client's library
        # says: both about the connection.
        return not isinstance(code, int) or code < 1000 or 2000 <= code < 3000 or code in _PASSING

    def advance(self, session: Session, counter: Counter, key: Any, n: int) -> int | None:
        """Move a counter on; see :meth:`Dialect.advance`.

        LAST_INSERT_ID(x) makes x the number that comes with the answer: no second round trip.
        """
        table, column, where = counter
        session.do(
            f"UPDATE {table} SET {column} = LAST_INSERT_ID({column} + ?) WHERE {where} = ?",
            (n, key),
        )
        return session.last_id if session.count else None

    def with_schema_locked(self, session: Session, work: Callable[[], None]) -> None:
        """Change tables under a lock; see :meth:`Dialect.with_schema_locked`.

        Here a transaction does not hold what changes tables together, so every step must bear
        being done again.
        """
        name = session.rows("SELECT CONCAT('steep.', MD5(DATABASE()))")[0][0]
        if session.rows("SELECT GET_LOCK(?, ?)", (name, _LOCK_SECONDS))[0][0] != 1:
            raise StorageInternalError(
                f"Another process has been creating or upgrading steep's tables for "
                f"{_LOCK_SECONDS} s. Wait for it to end, then try again."
            )
        try:
            work()
        finally:
            session.rows("SELECT RELEASE_LOCK(?)", (name,))
