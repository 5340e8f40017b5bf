"""Places where Optuna keeps studies, on a disk and on servers; tests clean up behind them."""

from __future__ import annotations

import functools
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import optuna
import pytest
import sqlalchemy as sa
from optuna_studies import make_studies, optuna_storage, studies_of
from storages import servers

SERVERS = {"postgresql": servers.POSTGRESQL, "mysql": servers.MYSQL}
LOCAL = ["sqlite", "journal"]
Database = Callable[[str, str], str]


class Made(NamedTuple):
    """A place that Optuna filled, and all that it says of it."""

    kind: str
    place: str
    studies: list[dict[str, Any]]


def local_place(kind: str, folder: Path) -> str:
    """Return a URL or path where nothing is yet."""
    name = uuid.uuid4().hex[:12]
    return f"sqlite:///{folder / name}.db" if kind == "sqlite" else str(folder / f"{name}.log")


@contextmanager
def new_database(kind: str) -> Iterator[str]:
    """Make a database on a server, and drop it afterwards."""
    server, name = SERVERS[kind], f"steep_{uuid.uuid4().hex[:12]}"
    servers.need(server)
    engine = sa.create_engine(server, poolclass=sa.NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    yield sa.make_url(server).set(database=name).render_as_string(hide_password=False)
    with engine.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE {name}")


def empty(kind: str, url: str) -> None:
    """Drop everything in a database."""
    engine = sa.create_engine(url, poolclass=sa.NullPool, isolation_level="AUTOCOMMIT")
    what = "SCHEMA public CASCADE" if kind == "postgresql" else f"DATABASE {engine.url.database}"
    with engine.connect() as connection:
        for statement in (f"DROP {what}", f"CREATE {what.removesuffix(' CASCADE')}"):
            connection.exec_driver_sql(statement)


@pytest.fixture(autouse=True)
def quiet_optuna() -> Iterator[None]:
    """Let Optuna log errors only, and as before to the tests of other folders."""
    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    yield
    optuna.logging.set_verbosity(before)


@pytest.fixture(scope="session")
def database() -> Iterator[Database]:
    """Return a function that gives the URL of a database by the kind of server and its use."""
    with ExitStack() as dropped:

        @functools.cache
        def url_of(kind: str, use: str) -> str:
            return dropped.enter_context(new_database(kind))

        yield url_of


@contextmanager
def fresh(kind: str, database: Database, folder: Path) -> Iterator[str]:
    """Give a place of a kind, with nothing in it."""
    if kind in LOCAL:
        yield local_place(kind, folder)
        return
    url = database(kind, "fresh")
    yield url
    empty(kind, url)


@pytest.fixture(scope="session", params=[*LOCAL, *SERVERS])
def made(
    request: pytest.FixtureRequest, database: Database, tmp_path_factory: pytest.TempPathFactory
) -> Made:
    """Return a place of each kind that Optuna filled; it is only to be read."""
    kind = request.param
    where = (
        local_place(kind, tmp_path_factory.mktemp("made"))
        if kind in LOCAL
        else database(kind, "made")
    )
    with optuna_storage(where) as storage:
        make_studies(storage)
        return Made(kind, where, studies_of(storage))


@pytest.fixture
def target(made: Made, database: Database, tmp_path: Path) -> Iterator[str]:
    """Return an empty place of the same kind as `made`."""
    with fresh(made.kind, database, tmp_path) as where:
        yield where


@pytest.fixture(params=[*LOCAL, *SERVERS])
def place(request: pytest.FixtureRequest, database: Database, tmp_path: Path) -> Iterator[str]:
    """Return an empty place of each kind."""
    with fresh(request.param, database, tmp_path) as where:
        yield where


@pytest.fixture(params=LOCAL)
def local(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return an empty place of each kind that needs no server."""
    return local_place(request.param, tmp_path)
