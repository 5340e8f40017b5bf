"""From a URL to SQLAlchemy's engine and our dialect."""

from __future__ import annotations

from typing import Any

from steep.storages.sql.dialect import Dialect
from steep.storages.sql.mysql import MySql
from steep.storages.sql.postgresql import PostgreSql
from steep.storages.sql.sqlite import Sqlite

__all__ = ["is_in_memory", "open_engine", "parse"]

_DIALECTS: dict[str, type[Dialect]] = {
    "sqlite": Sqlite,
    "postgresql": PostgreSql,
    "mysql": MySql,
    "mariadb": MySql,
}
_EXAMPLES = (
    "'sqlite:///study.db', 'postgresql+psycopg://user:password@host/database' or "
    "'mysql+pymysql://user:password@host/database'"
)


def parse(url: Any) -> Any:
    """Read a URL.

    Args:
        url: A URL as text or as SQLAlchemy's object.

    Returns:
        SQLAlchemy's object.

    Raises:
        ImportError: If SQLAlchemy is missing.
        ValueError: If it is no URL, or that of another kind of database.
    """
    try:
        from sqlalchemy import engine, exc
    except ImportError as error:
        kind = str(url).partition(":")[0].partition("+")[0]
        raise _missing("SQLAlchemy", kind) from error
    try:
        parsed = engine.make_url(url)
    except exc.ArgumentError as error:
        raise ValueError(f"SqlBackend({url!r}): this is no URL; give {_EXAMPLES}.") from error
    if parsed.get_backend_name() not in _DIALECTS:
        raise ValueError(
            f"SqlBackend({str(parsed)!r}): steep does not know the database "
            f"{parsed.drivername!r}; give {_EXAMPLES}."
        )
    return parsed


def _missing(package: str, kind: str) -> ImportError:
    extra = _DIALECTS[kind].extra if kind in _DIALECTS else ""
    what = f"steep[{extra}]" if extra else "steep"
    return ImportError(
        f"A storage in {kind} needs the package {package}, which is not installed. "
        f'Install what steep needs for it: pip install "{what}".'
    )


def is_in_memory(url: Any) -> bool:
    """Tell whether a database lives in the memory of this process.

    Args:
        url: What :func:`parse` gave.
    """
    if url.get_backend_name() != "sqlite":
        return False
    database = url.database or ":memory:"
    return ":memory:" in database or url.query.get("mode") == "memory"


def open_engine(
    url: str, engine_kwargs: dict[str, Any], sync_interval: float
) -> tuple[Any, Dialect]:
    """Make the engine of a database, without connecting to it.

    Args:
        url: Where the database is.
        engine_kwargs: More for ``create_engine``.
        sync_interval: See :class:`~steep.storages.sql.sqlite.Sqlite`.

    Returns:
        The engine, whose connections commit each statement by itself, and the dialect.

    Raises:
        ImportError: If SQLAlchemy or the driver is missing.
        ValueError: If it is no URL of a database that steep knows.
    """
    parsed = parse(url)
    driver = _driver_of(parsed)
    dialect = _DIALECTS[parsed.get_backend_name()](driver, sync_interval)
    from sqlalchemy import create_engine

    given = dict(engine_kwargs)
    ours = {key: v for key, v in dialect.connect_args().items() if key not in parsed.query}
    connect_args = {**ours, **given.pop("connect_args", {})}
    given["isolation_level"] = "AUTOCOMMIT"  # our transactions begin where we say so
    return create_engine(parsed, connect_args=connect_args, **given), dialect


def _driver_of(url: Any) -> Any:
    from sqlalchemy import exc

    try:
        return url.get_dialect().import_dbapi()
    except exc.NoSuchModuleError as error:
        raise ValueError(
            f"SqlBackend({str(url)!r}): SQLAlchemy knows no driver {url.drivername!r}; "
            f"give {_EXAMPLES}."
        ) from error
    except ImportError as error:
        raise _missing(str(error.name or error), url.get_backend_name()) from error
