"""Where studies of Optuna are kept, and whether something was made by Optuna at all."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Literal, NamedTuple

__all__ = ["Place", "first_record", "locate", "sqlite_file", "what_is"]

_MAGIC = b"SQLite format 3\x00"
_DATABASES = (".db", ".sqlite", ".sqlite3")
_TABLES = {"studies", "trials", "trial_params", "version_info"}


class Place(NamedTuple):
    """Name a database by its URL, or a journal by its path.

    Attributes:
        where: The URL or the path.
        is_database: Which of the two it is.
    """

    where: str
    is_database: bool


def locate(url_or_path: str | Path) -> Place:
    """Tell a database from a journal: by what is there, and else by the name.

    Args:
        url_or_path: A URL, or the path of a file, which need not be there.

    Example:
        >>> locate("study.log"), locate("sqlite:///study.db").is_database
        (Place(where='study.log', is_database=False), True)
    """
    text = str(url_or_path)
    if isinstance(url_or_path, str) and "://" in text:
        return Place(text, is_database=True)
    path = Path(text)
    with_content = path.is_file() and path.stat().st_size > 0
    is_database = _starts_as_sqlite(path) if with_content else path.suffix in _DATABASES
    return Place(f"sqlite:///{text}" if is_database else text, is_database)


def what_is(url_or_path: str | Path) -> Literal["optuna rdb", "optuna journal"] | None:
    """Tell whether there is something that Optuna made, to say so in a message.

    Nothing is made or changed, and nothing is raised where nothing can be read.

    Args:
        url_or_path: The URL of a database, or the path of a file.

    Returns:
        What it is, or None for everything else.

    Example:
        >>> what_is("/no/such/file") is None
        True
    """
    place = locate(url_or_path)
    if place.is_database:
        return "optuna rdb" if _tables_of(place.where) >= _TABLES else None
    return "optuna journal" if first_record(Path(place.where)) is not None else None


def sqlite_file(url: str) -> Path | None:
    """Give the file of an SQLite database.

    Args:
        url: The URL of any database.

    Returns:
        The path, or None for other databases and for those that are no plain file.
    """
    from sqlalchemy.engine import make_url

    parts = make_url(url)
    name = parts.database
    is_file = name and name != ":memory:" and not name.startswith("file:")
    return Path(name) if name and is_file and parts.get_backend_name() == "sqlite" else None


def first_record(path: Path) -> object | None:
    """Give the first record of a journal, or None if the file is none.

    Args:
        path: The path of the file.
    """
    try:
        with path.open("rb") as file:
            record = json.loads(file.readline())
    except (OSError, ValueError):
        return None
    return record if isinstance(record, dict) and {"op_code", "worker_id"} <= set(record) else None


def _starts_as_sqlite(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(_MAGIC)) == _MAGIC


def _tables_of(url: str) -> set[str]:
    try:
        import sqlalchemy as sa

        file = sqlite_file(url)
        if file is not None and not file.is_file():
            return set()  # looking must not make it
        engine = sa.create_engine(url, poolclass=sa.NullPool)
        return set(sa.inspect(engine).get_table_names())
    except Exception:  # no driver, no server, no such database: Optuna has nothing there
        return set()
