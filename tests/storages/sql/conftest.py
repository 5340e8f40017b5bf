"""The databases that the tests of this folder run on."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy
from storages.servers import MYSQL, POSTGRESQL, need, unique

from steep.storages.sql import SqlBackend

KINDS = ("sqlite", "postgresql", "mysql")
SERVERS = {"postgresql": POSTGRESQL, "mysql": MYSQL}


@contextlib.contextmanager
def new_database(kind: str, directory: Path) -> Iterator[str]:
    """Give the URL of an empty database that is gone afterwards."""
    if kind == "sqlite":
        yield f"sqlite:///{directory / unique('study')}.db"
        return
    need(SERVERS[kind])
    url = sqlalchemy.make_url(SERVERS[kind])
    engine = sqlalchemy.create_engine(
        url, poolclass=sqlalchemy.NullPool, isolation_level="AUTOCOMMIT"
    )
    name = unique("steep").replace("-", "_")
    with engine.connect() as admin:
        admin.exec_driver_sql(f"CREATE SCHEMA {name}")  # what MySQL calls a database
    if kind == "postgresql":
        own = url.update_query_dict({"options": f"-csearch_path={name}"})
    else:
        own = url.set(database=name)
        if url.drivername.endswith("+pymysql"):
            # Reading the certificates of the system takes 0.03 s for each connection.
            own = own.update_query_dict({"ssl_disabled": "true"})
    try:
        yield own.render_as_string(hide_password=False)
    finally:
        cascade = " CASCADE" if kind == "postgresql" else ""
        with engine.connect() as admin:
            admin.exec_driver_sql(f"DROP SCHEMA {name}{cascade}")


@pytest.fixture(scope="session", params=KINDS)
def database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory):
    """The URL of a database of each kind; its studies are those of all tests."""
    with new_database(request.param, tmp_path_factory.mktemp("sql")) as url:
        yield url


@pytest.fixture(params=KINDS)
def empty_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database of each kind in which there is nothing yet."""
    with new_database(request.param, tmp_path) as url:
        yield url


@pytest.fixture(scope="session")
def shared_backend(database: str) -> Iterator[SqlBackend]:
    """One backend for all examples of a property test."""
    backend = SqlBackend(database)
    yield backend
    backend.close()


@pytest.fixture
def backend(database: str) -> Iterator[SqlBackend]:
    backend = SqlBackend(database)
    yield backend
    backend.close()


@pytest.fixture
def other(database: str) -> Iterator[SqlBackend]:
    """Another process, as far as the database can tell."""
    other = SqlBackend(database)
    yield other
    other.close()
