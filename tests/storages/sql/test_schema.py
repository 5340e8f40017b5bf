"""Databases that are new, older, newer, half made, or somebody else's."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy
from storages.sql.logs import Log, rows
from storages.sql.processes import children

from steep.events import Ask
from steep.exceptions import StorageInternalError
from steep.storages.sql import SqlBackend, schema
from steep.storages.sql.session import Session


def execute(url: str, *statements: str) -> None:
    engine = sqlalchemy.create_engine(url, poolclass=sqlalchemy.NullPool)
    with engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


def tables_of(url: str) -> set[str]:
    engine = sqlalchemy.create_engine(url, poolclass=sqlalchemy.NullPool)
    found = set(sqlalchemy.inspect(engine).get_table_names())
    engine.dispose()
    return found


# ---- versions ------------------------------------------------------------------------------------


def add_a_note(session: Session) -> None:
    session.do("ALTER TABLE steep_study ADD COLUMN note VARCHAR(9) DEFAULT 'old'")


def fill_the_note(session: Session) -> None:
    session.do("UPDATE steep_study SET note = 'new'")


def test_an_older_version_is_upgraded_step_by_step(
    empty_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = SqlBackend(empty_database)
    log = Log(old)
    old.close()
    monkeypatch.setattr(schema, "VERSION", 3)
    monkeypatch.setattr(schema, "UPGRADES", {1: add_a_note, 2: fill_the_note})
    for _ in range(2):  # the second time there is nothing to do
        new = SqlBackend(empty_database)
        assert new.studies() == {log.study_id: log.name}
        assert rows(new, "SELECT note FROM steep_study")[0][0] == "new"
        assert len(rows(new, "SELECT * FROM steep_trial")) == 0
        new.close()


def test_an_upgrade_that_was_interrupted_goes_on(
    empty_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    SqlBackend(empty_database).studies()

    def fail(session: Session) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(schema, "VERSION", 3)
    monkeypatch.setattr(schema, "UPGRADES", {1: lambda session: None, 2: fail})
    backend = SqlBackend(empty_database)
    with pytest.raises(KeyboardInterrupt):
        backend.studies()
    monkeypatch.setitem(schema.UPGRADES, 2, add_a_note)
    Log(backend)
    assert rows(backend, "SELECT note FROM steep_study")[0][0] == "old"
    backend.close()


def test_a_newer_version_is_refused(empty_database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schema, "VERSION", 7)
    newer = SqlBackend(empty_database)
    Log(newer)
    newer.close()
    monkeypatch.undo()
    with pytest.raises(StorageInternalError, match=r"version 7.*up to 1.*newer steep"):
        SqlBackend(empty_database).studies()


def test_tables_that_were_half_made_are_completed(
    empty_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(session: Session, version: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(schema, "_set_version", die)
    backend = SqlBackend(empty_database)
    with pytest.raises(KeyboardInterrupt):
        backend.studies()
    monkeypatch.undo()
    Log(backend).append(Ask(1.0))
    backend.close()


def test_processes_that_open_a_new_database_at_once_agree(empty_database: str) -> None:
    def open_it() -> None:
        SqlBackend(empty_database).studies()

    with children(*[open_it] * 4) as started:
        assert [child.join() for child in started] == [0] * 4
    backend = SqlBackend(empty_database)
    assert Log(backend).study_id == 1
    backend.close()


def test_only_tables_that_begin_with_steep_are_made(empty_database: str) -> None:
    execute(empty_database, "CREATE TABLE mine (x INTEGER)")
    backend = SqlBackend(empty_database)
    Log(backend)
    backend.close()
    made = tables_of(empty_database) - {"mine"}
    assert made == {"steep_meta", "steep_study", "steep_event", "steep_beat", "steep_snapshot"}


def test_a_database_without_views_works_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nonsense(json: Any) -> list[str]:
        return ["CREATE VIEW steep_trial AS SELECT frobnicate()) FROM nowhere"]

    messages: list[str] = []
    monkeypatch.setattr(schema, "view_statements", nonsense)
    monkeypatch.setattr(schema._logger, "warning", lambda text, *args: messages.append(text % args))
    backend = SqlBackend(f"sqlite:///{tmp_path / 'old.db'}")
    Log(backend).append(Ask(1.0))
    backend.close()
    assert len(messages) == 1
    assert "steep_trial" in messages[0]


# ---- databases of Optuna -------------------------------------------------------------------------

OPTUNA = [
    f"CREATE TABLE {name} (id INTEGER)"
    for name in ("studies", "trials", "version_info", "alembic_version")
]


def test_a_database_of_optuna_is_refused_and_not_touched(empty_database: str) -> None:
    execute(empty_database, *OPTUNA)
    before = tables_of(empty_database)
    backend = SqlBackend(empty_database)
    for _ in range(2):
        with pytest.raises(StorageInternalError, match=r"Optuna.*import_optuna\(.*Nothing"):
            backend.studies()
    backend.close()
    assert tables_of(empty_database) == before


def test_a_file_of_optuna_keeps_every_byte(tmp_path: Path) -> None:
    path = tmp_path / "optuna.db"
    execute(f"sqlite:///{path}", *OPTUNA)
    before = path.read_bytes()
    with pytest.raises(StorageInternalError, match="Optuna"):
        SqlBackend(f"sqlite:///{path}").studies()
    assert path.read_bytes() == before
    assert [entry.name for entry in tmp_path.iterdir()] == ["optuna.db"]


def test_a_database_that_is_already_ours_stays_so(empty_database: str) -> None:
    """Somebody may put Optuna's tables beside ours."""
    backend = SqlBackend(empty_database)
    log = Log(backend)
    backend.close()
    execute(empty_database, *OPTUNA)
    log.append(Ask(1.0))
    backend.close()


def test_the_logger_is_that_of_steep() -> None:
    assert isinstance(schema._logger, logging.Logger)
    assert schema._logger.name.startswith("steep")
