"""Connections to databases of Optuna, and which of them can be read."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from steep.exceptions import StorageInternalError
from steep.storages.optuna.place import sqlite_file
from steep.storages.optuna.rdb.schema import REVISION, REVISIONS, schema

if TYPE_CHECKING:
    import sqlalchemy as sa

__all__ = ["Clock", "check_revision", "connected", "existing_tables", "revision_of"]

_WAIT = 60.0  # seconds; Optuna's processes may write meanwhile
_MISSING = ["studies", "study_directions", "trials", "trial_params", "version_info"]


@contextmanager
def connected(url: str, *, to_write: bool) -> Iterator[sa.Connection]:
    """Open a transaction that sees one moment of the database; commit it, or undo it on an error.

    Args:
        url: The URL of the database.
        to_write: Whether it is to be written; an SQLite file that is not there is then made.

    Raises:
        FileNotFoundError: If there is no such SQLite file to read.
        ImportError: If SQLAlchemy or the driver is missing.
        StorageInternalError: If the database cannot be reached, or refuses a statement.
    """
    import_sqlalchemy()
    from sqlalchemy.exc import SQLAlchemyError

    file = sqlite_file(url)
    is_new = file is not None and not file.exists()
    if is_new and not to_write:
        raise FileNotFoundError(f"There is no file {str(file)!r}, which {url!r} names.")
    engine = _engine(url)
    try:
        with engine.connect() as connection:
            _begin(connection, to_write)
            yield connection
            connection.commit()
    except SQLAlchemyError as error:
        _forget(engine, file if is_new else None)
        raise StorageInternalError(f"The database {_shown(engine)} failed: {error}") from error
    except BaseException:
        _forget(engine, file if is_new else None)
        raise
    engine.dispose()


def import_sqlalchemy() -> None:
    """Raise an ImportError that says what to install where SQLAlchemy is missing."""
    try:
        import sqlalchemy  # noqa: F401
    except ImportError as error:
        raise ImportError(
            "Databases of Optuna are read and written with SQLAlchemy: pip install sqlalchemy."
        ) from error


def _engine(url: str) -> sa.Engine:
    import sqlalchemy as sa

    is_sqlite = sa.make_url(url).get_backend_name() == "sqlite"
    options = {"connect_args": {"timeout": _WAIT}} if is_sqlite else {}
    try:
        return sa.create_engine(url, poolclass=sa.NullPool, **options)
    except ImportError as error:
        raise ImportError(f"The driver that {url!r} asks for is not installed: {error}.") from error


def _begin(connection: sa.Connection, to_write: bool) -> None:
    if connection.dialect.name == "sqlite":
        # The driver would begin with the first INSERT, after the reading and the making of tables.
        connection.exec_driver_sql("BEGIN IMMEDIATE" if to_write else "BEGIN")
    elif not to_write:
        connection.execution_options(isolation_level="REPEATABLE READ")


def _forget(engine: sa.Engine, file: Any) -> None:
    engine.dispose()
    if file is not None:
        file.unlink(missing_ok=True)


def _shown(engine: sa.Engine) -> str:
    return repr(engine.url.render_as_string(hide_password=True))


def existing_tables(connection: sa.Connection) -> set[str]:
    """Give the names of the tables of a database.

    Args:
        connection: A connection to it.
    """
    import sqlalchemy as sa

    return set(sa.inspect(connection).get_table_names())


def revision_of(connection: sa.Connection) -> str | None:
    """Give the revision of Optuna's tables, or None where none is recorded.

    Args:
        connection: A connection to the database.
    """
    if "alembic_version" not in existing_tables(connection):
        return None
    import sqlalchemy as sa

    revision = connection.scalar(sa.select(schema().alembic_version.c.version_num))
    return None if revision is None else str(revision)


def check_revision(connection: sa.Connection) -> None:
    """Check that the tables are Optuna's, and of a revision that is known here.

    Args:
        connection: A connection to the database.

    Raises:
        ValueError: If they are not; the message says what to do.
    """
    url = _shown(connection.engine)
    if not set(_MISSING) <= existing_tables(connection):
        raise ValueError(
            f"The database {url} was not made by Optuna: it lacks its tables. Give the URL that "
            "was passed as `storage=` to optuna.create_study()."
        )
    revision = revision_of(connection)
    if revision in REVISIONS:
        return
    if revision is None or revision < REVISION:
        raise ValueError(
            f"The database {url} was made by an Optuna before 3.0 (its tables have the revision "
            f"{revision}). Upgrade it first: optuna storage upgrade --storage {url}."
        )
    raise ValueError(
        f"The database {url} was made by a newer Optuna than this steep knows (its tables have "
        f"the revision {revision}, known is up to {REVISION}). Install a newer steep."
    )


class Clock:
    """Turn the times of a database into POSIX seconds and back.

    Args:
        library_version: The version of the Optuna that made the database.

    Example:
        >>> Clock("5.0.0").seconds(datetime.datetime(1970, 1, 2))
        86400.0
    """

    def __init__(self, library_version: str | None) -> None:
        major = (library_version or "").partition(".")[0]
        is_local = major.isdigit() and int(major) < 5
        self._zone = None if is_local else datetime.UTC

    def seconds(self, moment: datetime.datetime | None) -> float | None:
        """Read a time.

        Args:
            moment: A time without a zone, or None.
        """
        if moment is None:
            return None
        return (moment if self._zone is None else moment.replace(tzinfo=self._zone)).timestamp()

    def moment(self, seconds: float | None) -> datetime.datetime | None:
        """Write a time.

        Args:
            seconds: POSIX seconds, or None.
        """
        if seconds is None:
            return None
        return datetime.datetime.fromtimestamp(seconds, self._zone).replace(tzinfo=None)
