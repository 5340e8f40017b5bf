"""SQLite: journals, syncs and checkpoints."""

from __future__ import annotations

import math
import sqlite3
import time
from pathlib import Path
from typing import Any

import pytest
from storages.sql.logs import Log, rows

from steep.events import Ask, Finish, SetStudyAttr
from steep.exceptions import StorageInternalError
from steep.storages.sql import SqlBackend, filesystem, sqlite
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
