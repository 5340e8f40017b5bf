"""SQLite among processes, locks, full disks and other files."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from storages.sql.logs import Log, rows
from storages.sql.processes import children

from steep.events import Ask, SetStudyAttr
from steep.exceptions import StorageInternalError
from steep.storages.sql import SqlBackend, link, sqlite


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "study.db"


def open_at(path: Path, **options: Any) -> SqlBackend:
    return SqlBackend(f"sqlite:///{path}", **options)


# ---- kills and locks -----------------------------------------------------------------------------


def test_a_killed_process_loses_nothing_that_it_was_told(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "_CHECKPOINT_BYTES", 40 * 4096)  # kill checkpoints as well
    backend = open_at(path)
    log = Log(backend)
    backend.close()

    def work(number: int) -> Callable[[], None]:
        def run() -> None:
            mine = Log(open_at(path), log.study_id)
            with (tmp_path / f"told-{number}").open("w") as told:
                for i in range(100_000):
                    mine.append(SetStudyAttr(f"{number}", i))
                    told.write(f"{i}\n")
                    told.flush()

        return run

    with children(*(work(number) for number in range(6))) as started:
        for child in started:
            time.sleep(0.12)
            child.kill()
    log.append(Ask(1.0))
    events = log.events()
    assert len(events) == log.table.position
    for number in range(6):
        told = (tmp_path / f"told-{number}").read_text().splitlines()
        kept = [e.value for e in events if isinstance(e, SetStudyAttr) and e.key == f"{number}"]
        # One more may have arrived before its writer could say so.
        assert kept[: len(told)] == list(map(int, told))
        assert len(told) <= len(kept) <= len(told) + 1
        assert kept == list(range(len(kept)))
    assert rows(backend, "PRAGMA integrity_check") == [("ok",)]
    backend.close()


def test_a_lock_that_another_program_holds_is_waited_for(path: Path) -> None:
    backend = open_at(path)
    log = Log(backend)
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN EXCLUSIVE")
    release = threading.Timer(0.2, other.execute, ["COMMIT"])
    release.start()
    began = time.monotonic()
    log.append(Ask(1.0))
    assert time.monotonic() - began > 0.1
    release.join()
    other.close()
    backend.close()


def test_a_lock_that_is_never_released_is_told(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link, "PATIENCE", 0.2)
    backend = open_at(path)
    log = Log(backend)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StorageInternalError, match=r"study.db.*locked.*Another process"):
        log.append(Ask(1.0))
    log.catch_up()  # reading goes on
    other.close()
    log.append(Ask(1.0))
    assert len(log.events()) == 2
    backend.close()


def test_a_database_that_is_locked_while_it_is_opened_is_waited_for(path: Path) -> None:
    """Going over to WAL needs the database alone, and SQLite does not wait for it."""
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("CREATE TABLE mine (x)")
    other.execute("BEGIN IMMEDIATE")
    release = threading.Timer(0.2, other.close)
    release.start()
    backend = open_at(path)
    Log(backend).append(Ask(1.0))
    assert rows(backend, "PRAGMA journal_mode") == [("wal",)]
    release.join()
    backend.close()


def test_a_reader_that_stays_does_not_hold_up_writers(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "_CHECKPOINT_BYTES", 40 * 4096)
    backend = open_at(path)
    log = Log(backend)
    reader = sqlite3.connect(path, isolation_level=None)
    reader.execute("BEGIN")
    before = reader.execute("SELECT count(*) FROM steep_event").fetchall()
    for i in range(50):
        log.append(SetStudyAttr("i", i))
    assert reader.execute("SELECT count(*) FROM steep_event").fetchall() == before == [(1,)]
    reader.execute("COMMIT")
    assert reader.execute("SELECT count(*) FROM steep_event").fetchall() == [(51,)]
    reader.close()
    backend.close()


# ---- disks and files -----------------------------------------------------------------------------


def test_a_full_disk_is_told_and_loses_nothing(path: Path) -> None:
    backend = open_at(path)
    log = Log(backend)
    for i in range(10):
        log.append(SetStudyAttr("i", i))
    pages = rows(backend, "PRAGMA page_count")[0][0]
    rows(backend, f"PRAGMA max_page_count = {pages + 1}")
    for _ in range(3):
        with pytest.raises(StorageInternalError, match=r"study.db.*full.*Make room"):
            log.append(SetStudyAttr("long", "x" * 50_000))
    assert len(log.events()) == 11
    rows(backend, "PRAGMA max_page_count = 1000000")
    log.append(SetStudyAttr("long", "x" * 50_000))
    assert len(log.events()) == log.table.position == 12
    backend.close()


def test_a_directory_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(StorageInternalError, match=r"nowhere/study.db.*directory must exist"):
        open_at(tmp_path / "nowhere" / "study.db").studies()


def test_a_file_that_is_no_database_is_left_alone(path: Path) -> None:
    path.write_text("dear diary, " * 1000)
    with pytest.raises(StorageInternalError, match="study.db.*not a database"):
        open_at(path).studies()
    assert path.read_text() == "dear diary, " * 1000


def test_threads_may_take_turns(path: Path) -> None:
    backend = open_at(path)
    log = Log(backend)
    for _ in range(3):
        thread = threading.Thread(target=log.append, args=[Ask(1.0)])
        thread.start()
        thread.join()
    assert len(log.events()) == 4
    backend.close()


def test_a_child_keeps_its_results_when_the_parent_closes(path: Path, tmp_path: Path) -> None:
    """SQLite believes that what a process inherited is open still, and locks nothing anew."""
    backend = open_at(path)
    log = Log(backend)
    is_open, is_closed = tmp_path / "open", tmp_path / "closed"

    def work() -> None:
        backend.after_fork()
        log.append(Ask(1.0))
        is_open.touch()
        _wait_for(is_closed)
        for _ in range(5):
            log.append(Ask(1.0))
        backend.close()

    with children(work) as started:
        _wait_for(is_open)
        log.catch_up()
        backend.close()
        is_closed.touch()
        assert started[0].join() == 0
    assert len(log.events()) == 7
    backend.close()


def _wait_for(path: Path) -> None:
    while not path.exists():
        time.sleep(0.001)


def test_a_fork_in_the_middle_of_appends_disturbs_nobody(path: Path) -> None:
    backend = open_at(path)
    log = Log(backend)
    is_over = threading.Event()

    def append() -> None:
        while not is_over.is_set():
            log.append(Ask(1.0))

    def work() -> None:
        backend.after_fork()
        mine = Log(backend, log.study_id)
        for _ in range(10):
            mine.append(SetStudyAttr("child", 1))
        backend.close()

    thread = threading.Thread(target=append)
    thread.start()
    try:
        for _ in range(5):
            with children(work) as started:
                assert started[0].join() == 0
    finally:
        is_over.set()
        thread.join()
    log.catch_up()
    events = log.events()
    assert sum(isinstance(event, SetStudyAttr) for event in events) == 50
    assert len(events) == log.table.position
    assert rows(backend, "PRAGMA integrity_check") == [("ok",)]
    backend.close()
