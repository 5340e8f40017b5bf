"""The tables, their version, and the way from older versions to this one.

Every table is named ``steep_...``, so that a database may hold other things beside them. The
version of the tables counts up by itself; what the events mean is versioned in the log.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from steep.exceptions import StorageInternalError
from steep.logging import get_logger
from steep.storages.sql.dialect import Dialect
from steep.storages.sql.session import Session
from steep.storages.sql.tables import META, tables
from steep.storages.sql.views import view_statements

__all__ = ["STUDY_ID", "UPGRADES", "VERSION", "prepare"]

VERSION = 1
"""The version of the tables that this code reads and writes."""
STUDY_ID = "study_id"
"""The row of ``steep_meta`` that counts the ids of studies."""
_SCHEMA = "schema_version"

UPGRADES: dict[int, Callable[[Session], None]] = {}
"""By an older version, the step that makes the next one of it. MySQL commits each change of a table
at once, so a step must bear being done again after it was interrupted."""

_OPTUNAS = ("studies", "trials", "version_info")
_logger = get_logger(__name__)


def prepare(session: Session, dialect: Dialect, compiler: Any, *, is_known: bool) -> None:
    """Make a database ready to hold studies: create its tables, or bring them up to date.

    Args:
        session: A new connection.
        dialect: Our dialect.
        compiler: SQLAlchemy's dialect, which knows how tables are created.
        is_known: Whether an earlier connection has found the tables in order.

    Raises:
        StorageInternalError: If the database is Optuna's, or was made by a newer steep.
    """
    if is_known:
        dialect.settle_in(session)
        return
    names = _tables_in(session, dialect)
    if META not in names and names.issuperset(_OPTUNAS):
        raise _is_optunas()
    dialect.settle_in(session)
    if META not in names or _version_in(session) != VERSION:
        dialect.with_schema_locked(session, lambda: _bring_up(session, dialect, compiler))


def _tables_in(session: Session, dialect: Dialect) -> set[str]:
    wanted = (META, *_OPTUNAS)
    query = dialect.table_names.format(marks=", ".join("?" for _ in wanted))
    return {str(name) for (name,) in session.rows(query, wanted)}


def _is_optunas() -> StorageInternalError:
    return StorageInternalError(
        "This is a database of Optuna, which keeps trials in another form. Import its studies "
        "into a new database of steep: "
        'steep.storages.import_optuna("sqlite:///old.db", "sqlite:///new.db"), with the URL of '
        "this one first. Nothing has been written here."
    )


def _version_in(session: Session) -> int:
    """Give the version of the tables, 0 where a process died while it created them."""
    found = session.rows(f"SELECT value FROM {META} WHERE name = ?", (_SCHEMA,))
    return int(found[0][0]) if found else 0


def _bring_up(session: Session, dialect: Dialect, compiler: Any) -> None:
    version = _version_in(session) if META in _tables_in(session, dialect) else 0
    if version > VERSION:
        raise StorageInternalError(
            f"The tables of this database have version {version}, made by a newer steep; this one "
            f"knows versions up to {VERSION}. Install a newer steep to use it."
        )
    if version == VERSION:
        return  # another process was quicker
    if version == 0:
        _create(session, compiler)
    for older in range(version or VERSION, VERSION):
        UPGRADES[older](session)
        _set_version(session, older + 1)
    _create_views(session, dialect)
    _set_version(session, VERSION)


def _set_version(session: Session, version: int) -> None:
    session.do(f"DELETE FROM {META} WHERE name = ?", (_SCHEMA,))
    session.do(f"INSERT INTO {META} (name, value) VALUES (?, ?)", (_SCHEMA, version))


def _create(session: Session, compiler: Any) -> None:
    from sqlalchemy.schema import CreateTable

    for table in tables():
        statement = CreateTable(table, if_not_exists=True).compile(dialect=compiler)
        session.define(str(statement))
    if not session.rows(f"SELECT value FROM {META} WHERE name = ?", (STUDY_ID,)):
        session.do(f"INSERT INTO {META} (name, value) VALUES (?, ?)", (STUDY_ID, 0))


def _create_views(session: Session, dialect: Dialect) -> None:
    try:
        for statement in view_statements(dialect.json):
            session.define(statement)
    except dialect.driver.Error as error:
        if not dialect.views_are_optional:
            raise
        _logger.warning(
            "The views steep_trial, steep_param and steep_report could not be created (%s). "
            "Studies work without them; for queries by hand the database must know JSON_TABLE or "
            "window functions, and the user must be allowed to create views.",
            error,
        )
