"""SQLite: journals, syncs, checkpoints, kills, locks and full disks."""

from __future__ import annotations

import math
import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from storages.sql.logs import Log, rows
from storages.sql.processes import children

from steep.events import Ask, Finish, SetStudyAttr
from steep.exceptions import StorageInternalError
from steep.storages.sql import SqlBackend, filesystem, link, sqlite
from steep.storages.sql.session import Session

COMPLETE = 1


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "study.db"


def open_at(path: Path, **options: Any) -> SqlBackend:
    return SqlBackend(f"sqlite:///{path}", **options)


def wal_of(path: Path) -> Path:
    return path.with_name(path.name + "-wal")


# ---- the journal ---------------------------------------------------------------------------------


def test_a_local_database_has_a_write_ahead_log(path: Path) -> None:
    backend = open_at(path)
    Log(backend)
    assert rows(backend, "PRAGMA journal_mode") == [("wal",)]
    assert rows(backend, "PRAGMA synchronous") == [(1,)]  # NORMAL: we sync ourselves
    assert rows(backend, "PRAGMA wal_autocheckpoint") == [(0,)]
    backend.close()


def test_a_database_on_a_network_has_a_journal_that_works_there(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    local = open_at(path)
    log = Log(local)
    local.close()
    monkeypatch.setattr(sqlite, "is_local", lambda path: False)
    monkeypatch.setattr(sqlite, "_sync", None)  # nothing of ours is left to do
    backend = open_at(path)
    again = Log(backend, log.study_id)
    again.append(Ask(1.0))
    again.append(Finish(0, COMPLETE, [1.0], 2.0))
    backend.settle()
    assert rows(backend, "PRAGMA journal_mode") == [("delete",)]
    assert rows(backend, "PRAGMA synchronous") == [(3,)]  # EXTRA
    assert len(again.events()) == 3
    backend.close()


MOUNTS = """\
22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/root rw
23 22 0:5 / /proc rw - proc proc rw
30 22 0:40 / /home rw,relatime shared:2 - nfs4 server:/home rw,vers=4.2
31 30 0:41 / /home/tea\\040party/local rw - xfs /dev/sdb rw
32 22 0:42 / /scratch rw - lustre mds@tcp:/scratch rw
33 22 0:43 / /strange rw - frobfs none rw
34 22 0:44 / /over rw - nfs server:/over rw
35 22 0:45 / /over rw - tmpfs tmpfs rw
"""


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        ("/srv/study.db", True),
        ("/home/me/study.db", False),
        ("/homework/study.db", True),
        ("/home/tea party/local/study.db", True),
        ("/scratch/deep/down/study.db", False),
        ("/strange/study.db", False),
        ("/over/study.db", True),  # what was mounted last counts
    ],
)
def test_network_file_systems_are_known_by_their_mounts(
    tmp_path: Path, place: str, expected: bool
) -> None:
    mounts = tmp_path / "mountinfo"
    mounts.write_text(MOUNTS)
    assert filesystem.is_local(place, str(mounts)) is expected


def test_a_system_that_does_not_list_its_mounts_counts_as_local(tmp_path: Path) -> None:
    assert filesystem.is_local("/srv/study.db", str(tmp_path / "nothing"))


# ---- syncs ---------------------------------------------------------------------------------------


@pytest.fixture
def syncs(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The files that have been synced."""
    done: list[Path] = []
    real = sqlite._sync
    monkeypatch.setattr(sqlite, "_sync", lambda path: (done.append(path), real(path)))
    return done


def test_every_result_is_synced_if_so_wanted(path: Path, syncs: list[Path]) -> None:
    backend = open_at(path, sync_interval=0)
    log = Log(backend)
    assert syncs == [wal_of(path)]
    log.append(Ask(1.0))  # no result
    assert len(syncs) == 1
    log.append(Finish(0, COMPLETE, [1.0], 2.0))
    assert len(syncs) == 2
    backend.settle()  # nothing to do
    backend.beat("me")
    assert len(syncs) == 2
    backend.close()


def test_results_that_come_quickly_wait_for_the_next_sync(path: Path, syncs: list[Path]) -> None:
    backend = open_at(path, sync_interval=3600)
    log = Log(backend)
    assert len(syncs) == 1  # the first
    for i in range(10):
        log.append(SetStudyAttr("i", i))
    assert len(syncs) == 1
    backend.settle()
    assert len(syncs) == 2
    backend.settle()
    assert len(syncs) == 2
    backend.close()


def test_a_result_that_comes_late_enough_is_synced_at_once(path: Path, syncs: list[Path]) -> None:
    backend = open_at(path, sync_interval=0.05)
    log = Log(backend)
    time.sleep(0.06)
    log.append(SetStudyAttr("i", 1))
    assert len(syncs) == 2
    backend.close()


def test_closing_syncs(path: Path, syncs: list[Path]) -> None:
    backend = open_at(path, sync_interval=math.inf)
    Log(backend).append(Ask(1.0))
    before = len(syncs)
    backend.close()
    assert len(syncs) == before + 1


def test_a_sync_that_fails_is_told_and_loses_nothing(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(descriptor: int) -> None:
        raise OSError(5, "Input/output error")

    backend = open_at(path, sync_interval=0)
    log = Log(backend)
    monkeypatch.setattr(sqlite, "_flush", fail)
    with pytest.raises(StorageInternalError, match=r"study.db-wal.*disk.*Input/output"):
        log.append(SetStudyAttr("i", 1))
    monkeypatch.undo()
    log.catch_up()
    log.append(SetStudyAttr("i", 2))
    assert [event.value for event in log.events()[1:]] == [1, 2]
    backend.close()


# ---- checkpoints ---------------------------------------------------------------------------------


def test_no_process_can_commit_while_the_log_is_copied_back(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is what keeps the WAL-reset bug of SQLite up to 3.51.2 away."""
    seen: list[str] = []
    real = Session.rows

    def watch(session: Session, sql: str, args: Any = ()) -> list[Any]:
        if "wal_checkpoint" in sql:
            with sqlite3.connect(path, timeout=0) as stranger:
                try:
                    stranger.execute("BEGIN IMMEDIATE")
                except sqlite3.OperationalError as error:
                    seen.append(str(error))
            stranger.close()
            result = real(session, sql, args)
            seen.append(str(result))
            return result
        return real(session, sql, args)

    monkeypatch.setattr(Session, "rows", watch)
    monkeypatch.setattr(sqlite, "_CHECKPOINT_BYTES", 40 * 4096)
    backend = open_at(path)
    log = Log(backend)
    for i in range(20):
        log.append(SetStudyAttr("i", i))
    assert seen[0] == "database is locked"
    busy, frames, copied = eval(seen[1])[0]
    assert (busy, frames) == (0, copied)
    assert frames > 10
    assert len(log.events()) == 21
    backend.close()


def test_the_write_ahead_log_does_not_grow_without_end(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "_CHECKPOINT_BYTES", 40 * 4096)
    left, right = open_at(path), open_at(path)
    log = Log(left)
    other = Log(right, log.study_id)
    for i in range(150):
        log.append(SetStudyAttr("i", i))
        other.append(SetStudyAttr("j", i))
    assert wal_of(path).stat().st_size < 150 * 4096
    assert len(other.events()) == 301
    left.close()
    right.close()


def test_a_log_that_others_left_long_is_copied_back(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = open_at(path)
    log = Log(first)
    for i in range(30):
        log.append(SetStudyAttr("i", i))
    monkeypatch.setattr(sqlite, "_CHECKPOINT_BYTES", 40 * 4096)
    copied: list[Any] = []
    real = sqlite.Sqlite._checkpoint
    monkeypatch.setattr(
        sqlite.Sqlite, "_checkpoint", lambda *args: (copied.append(1), real(*args))[1]
    )
    late = open_at(path)
    Log(late, log.study_id).append(Ask(1.0))
    assert copied == [1]
    first.close()
    late.close()


def test_a_checkpoint_that_cannot_be_done_now_is_left_for_later(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: Any) -> None:
        raise sqlite3.OperationalError("database is locked")

    monkeypatch.setattr(sqlite, "_CHECKPOINT_BYTES", 1)
    monkeypatch.setattr(sqlite.Sqlite, "_checkpoint", fail)
    backend = open_at(path)
    log = Log(backend)
    log.append(Ask(1.0))
    assert len(log.events()) == 2
    backend.close()


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
