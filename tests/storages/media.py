"""Places for studies, one for each kind of storage: what the contract and its kin run on.

A medium can be opened several times, by as many storages that share what is kept there, and leaves
nothing behind. A new backend joins every suite with one line in ``MEDIA``.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from storages import servers

import steep
from steep.storages import InMemoryStorage, JournalStorage, RDBStorage, Storage

__all__ = ["MEDIA", "SHARED", "Medium"]


class Medium:
    """One place.

    Attributes:
        url: Where it is; "" in memory.
    """

    def __init__(self, url: str, open_storage: Callable[..., Storage]) -> None:
        self.url = url
        self._open = open_storage
        self._opened: list[Storage] = []

    def open(self, **options: Any) -> Storage:
        """Open it as another process would, with options such as ``heartbeat_interval``."""
        storage = self._open(**options)
        self._opened.append(storage)
        return storage

    def close(self) -> None:
        for storage in self._opened:
            storage.close()


@contextlib.contextmanager
def _memory(folder: Path) -> Iterator[Medium]:
    yield Medium("", InMemoryStorage)


def _at(url: str) -> Medium:
    if url.startswith(("sqlite", "postgresql", "mysql")):
        return Medium(url, lambda **options: RDBStorage(url, **options))
    backend: Any = {
        "file": steep.storages.FileBackend,
        "directory": steep.storages.DirectoryBackend,
    }[url.partition(":")[0]]
    path = url.partition(":")[2]
    return Medium(url, lambda **options: JournalStorage(backend(path), **options))


@contextlib.contextmanager
def _closing(url: str) -> Iterator[Medium]:
    medium = _at(url)
    try:
        yield medium
    finally:
        medium.close()


def _file(folder: Path) -> contextlib.AbstractContextManager[Medium]:
    return _closing(f"file:{folder / 'study.log'}")


def _directory(folder: Path) -> contextlib.AbstractContextManager[Medium]:
    return _closing(f"directory:{folder / 'studies'}")


def _sqlite(folder: Path) -> contextlib.AbstractContextManager[Medium]:
    return _closing(f"sqlite:///{folder / 'study.db'}")


@contextlib.contextmanager
def _postgresql(folder: Path) -> Iterator[Medium]:
    servers.need(servers.POSTGRESQL)
    schema = servers.unique("steep").replace("-", "_")
    with _sql(servers.POSTGRESQL, f"CREATE SCHEMA {schema}", f"DROP SCHEMA {schema} CASCADE"):
        mark = "&" if "?" in servers.POSTGRESQL else "?"
        with _closing(f"{servers.POSTGRESQL}{mark}options=-csearch_path%3D{schema}") as medium:
            yield medium


@contextlib.contextmanager
def _mysql(folder: Path) -> Iterator[Medium]:
    servers.need(servers.MYSQL)
    database = servers.unique("steep").replace("-", "_")
    url = f"{servers.MYSQL.rpartition('/')[0]}/{database}"
    with (
        _sql(servers.MYSQL, f"CREATE DATABASE {database}", f"DROP DATABASE {database}"),
        _closing(url) as medium,
    ):
        yield medium


@contextlib.contextmanager
def _sql(url: str, before: str, after: str) -> Iterator[None]:
    import sqlalchemy

    engine = sqlalchemy.create_engine(
        url, isolation_level="AUTOCOMMIT", poolclass=sqlalchemy.NullPool
    )

    def run(statement: str) -> None:
        with engine.connect() as connection:
            connection.execute(sqlalchemy.text(statement))

    run(before)
    try:
        yield
    finally:
        run(after)


@contextlib.contextmanager
def _redis(folder: Path) -> Iterator[Medium]:
    import warnings

    import redis

    servers.need(servers.REDIS)
    prefix = servers.unique("steep")

    def open_storage(**options: Any) -> Storage:
        return JournalStorage(steep.storages.RedisBackend(servers.REDIS, prefix=prefix), **options)

    medium = Medium(servers.REDIS, open_storage)
    with warnings.catch_warnings():
        # The server of this machine keeps nothing on disk, and its storage says so.
        warnings.filterwarnings("ignore", message=".*may lose studies")
        try:
            yield medium
        finally:
            medium.close()
            with redis.Redis.from_url(servers.REDIS) as client:
                keys = [*client.scan_iter(f"{prefix}*"), *client.scan_iter(f"{{{prefix}*")]
                if keys:
                    client.delete(*keys)


SHARED: dict[str, Callable[[Path], contextlib.AbstractContextManager[Medium]]] = {
    "file": _file,
    "directory": _directory,
    "sqlite": _sqlite,
    "postgresql": _postgresql,
    "mysql": _mysql,
    "redis": _redis,
}
"""Media that several processes can open at once."""

MEDIA = {"memory": _memory, **SHARED}
"""All of them."""
