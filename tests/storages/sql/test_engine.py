"""From a URL to an engine: what is said when something is wrong with it."""

from __future__ import annotations

import builtins
import pickle
import re
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy
from storages.servers import free_port
from storages.sql.logs import Log

from steep.events import Ask
from steep.exceptions import StorageInternalError
from steep.storages.sql import SqlBackend, link


@pytest.fixture
def without(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Give a function that makes a package impossible to import."""
    real_import = builtins.__import__

    def hide(package: str) -> None:
        def fake_import(name: str, *args: Any, **kwargs: Any) -> Any:
            if name.partition(".")[0] == package:
                raise ModuleNotFoundError(f"No module named {package!r}", name=package)
            return real_import(name, *args, **kwargs)

        monkeypatch.setattr(builtins, "__import__", fake_import)

    return hide


@pytest.mark.parametrize(
    ("url", "package", "install"),
    [
        ("postgresql+psycopg://host/db", "psycopg", "steep[postgresql]"),
        ("mysql+pymysql://host/db", "pymysql", "steep[mysql]"),
        ("mariadb+pymysql://host/db", "pymysql", "steep[mysql]"),
        ("postgresql+psycopg://host/db", "sqlalchemy", "steep[postgresql]"),
        ("mysql+pymysql://host/db", "sqlalchemy", "steep[mysql]"),
        ("sqlite:///study.db", "sqlalchemy", "steep"),
    ],
)
def test_a_missing_package_comes_with_the_command_that_installs_it(
    without: Any, url: str, package: str, install: str
) -> None:
    without(package)
    with pytest.raises(ImportError, match=rf'(?i){package}.*pip install "{re.escape(install)}"'):
        SqlBackend(url)


@pytest.mark.parametrize(
    "url",
    ["study.db", "oracle://host/db", "postgresql+nonsense://host/db", "frob://host", ""],
)
def test_what_is_no_url_is_answered_with_urls(url: str) -> None:
    with pytest.raises(ValueError, match=r"SqlBackend\(.*sqlite:///study.db"):
        SqlBackend(url)


@pytest.mark.parametrize("interval", [-1, float("nan")])
def test_an_interval_is_a_number_of_seconds(interval: float) -> None:
    with pytest.raises(ValueError, match="sync_interval"):
        SqlBackend("sqlite://", sync_interval=interval)


def test_a_url_of_sqlalchemy_will_do(tmp_path: Path) -> None:
    url = sqlalchemy.URL.create("sqlite", database=str(tmp_path / "study.db"))
    backend = SqlBackend(url)
    Log(backend)
    backend.close()


def test_what_the_user_says_to_sqlalchemy_is_heard(tmp_path: Path) -> None:
    backend = SqlBackend(
        f"sqlite:///{tmp_path / 'study.db'}",
        {"poolclass": sqlalchemy.NullPool, "connect_args": {"cached_statements": 7}},
    )
    Log(backend).append(Ask(1.0))
    assert isinstance(backend._link.engine.pool, sqlalchemy.NullPool)
    backend.close()


def test_a_password_is_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link, "PATIENCE", 0.0)
    for url in (
        f"postgresql+psycopg://tea:secret@127.0.0.1:{free_port()}/db",
        f"mysql+pymysql://tea:secret@127.0.0.1:{free_port()}/db",
        f"postgresql+psycopg://127.0.0.1:{free_port()}/db?user=tea&password=secret",
    ):
        backend = SqlBackend(url)
        backend._link.dialect.first_patience = 0.0
        with pytest.raises(StorageInternalError, match="127.0.0.1") as caught:
            backend.studies()
        assert "secret" not in str(caught.value) + repr(backend)
        again = pickle.loads(pickle.dumps(backend))
        assert again._link.engine.url == sqlalchemy.make_url(url)


# ---- in memory -----------------------------------------------------------------------------------


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:"])
def test_a_database_in_memory_lives_as_long_as_its_backend(url: str) -> None:
    backend, other = SqlBackend(url), SqlBackend(url)
    log = Log(backend)
    log.append(Ask(1.0))
    backend.close()
    backend.after_fork()
    log.append(Ask(1.0))
    assert len(log.events()) == 3
    assert other.studies() == {}


def test_a_database_in_memory_is_not_pickled() -> None:
    with pytest.raises(TypeError, match="memory of this process.*sqlite:///study.db"):
        pickle.dumps(SqlBackend("sqlite://"))
