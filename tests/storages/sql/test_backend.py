"""What every SQL database promises as a backend, on each of them."""

from __future__ import annotations

import os
import pickle
import threading
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from storages.servers import unique
from storages.sql.logs import Log, rows, storable_logs

from steep.events import (
    Add,
    Ask,
    Changes,
    Claim,
    CreateStudy,
    Event,
    Finish,
    Reap,
    SetStudyAttr,
    Update,
)
from steep.exceptions import DuplicatedStudyError, StorageInternalError
from steep.storages.sql import SqlBackend
from steep.storages.sql import backend as module
from steep.storages.writer import Writer
from steep.table import Table

WAITING = 4


# ---- studies -------------------------------------------------------------------------------------


def test_names_are_compared_to_the_last_character(backend: SqlBackend) -> None:
    base = unique("tea")
    names = [base, base.upper(), f"{base} ", f" {base}", f"{base}é", f"{base}e\u0301", f"{base}🍵"]
    names += [f"{base}ß", f"{base}ss", f"{base}'\"\\%?:", base * 100]
    ids = [backend.create(CreateStudy(name, [1]), Writer()) for name in names]
    studies = backend.studies()
    assert [studies[study_id] for study_id in ids] == names
    for name in names:
        with pytest.raises(DuplicatedStudyError, match="already"):
            backend.create(CreateStudy(name, [1]), Writer())
    for study_id in ids:
        backend.delete(study_id)


@pytest.mark.parametrize("name", ["nul\0", "half \ud800"])
def test_a_name_that_databases_cannot_hold_is_refused(backend: SqlBackend, name: str) -> None:
    with pytest.raises(ValueError, match="choose another name"):
        backend.create(CreateStudy(name, [1]), Writer())


def test_an_id_is_never_used_again_and_a_name_may_be(backend: SqlBackend) -> None:
    name, ids = unique(), []
    for _ in range(3):
        ids.append(backend.create(CreateStudy(name, [1]), Writer()))
        backend.delete(ids[-1])
    assert ids == sorted(set(ids))
    assert all(0 < study_id < 2**31 for study_id in ids)
    assert name not in backend.studies().values()


def test_a_deleted_study_leaves_no_rows(backend: SqlBackend) -> None:
    log = Log(backend)
    log.append(Ask(1.0))
    backend.save_snapshot(log.study_id, 2, b"snapshot")
    backend.delete(log.study_id)
    for table in ("steep_event", "steep_snapshot"):
        assert not rows(backend, f"SELECT 1 FROM {table} WHERE study_id = ?", log.study_id)
    assert backend.load_snapshot(log.study_id) is None


def test_a_deleted_study_gets_no_snapshot(backend: SqlBackend) -> None:
    log = Log(backend)
    backend.delete(log.study_id)
    backend.save_snapshot(log.study_id, 1, b"late")
    assert not rows(backend, "SELECT 1 FROM steep_snapshot WHERE study_id = ?", log.study_id)


def test_a_study_that_is_being_deleted_gets_no_snapshot(
    backend: SqlBackend, other: SqlBackend
) -> None:
    log = Log(backend)
    other.studies()  # connects
    session: Any = other._link._session
    session.do(other._link.dialect.begin)
    for table, column in (("study", "id"), ("event", "study_id"), ("snapshot", "study_id")):
        session.do(f"DELETE FROM steep_{table} WHERE {column} = ?", (log.study_id,))
    saver = threading.Thread(target=backend.save_snapshot, args=(log.study_id, 1, b"late"))
    saver.start()
    saver.join(0.2)  # it waits for the end of the transaction
    session.do("COMMIT")
    saver.join()
    assert not rows(backend, "SELECT 1 FROM steep_snapshot WHERE study_id = ?", log.study_id)


def test_appends_need_not_wait_for_a_snapshot_in_postgresql(
    backend: SqlBackend, other: SqlBackend
) -> None:
    if backend._link.engine.dialect.name != "postgresql":
        pytest.skip("a lock that lets appends go on is known to PostgreSQL only")
    log = Log(backend)
    other.studies()
    session: Any = other._link._session
    session.do(other._link.dialect.begin)
    session.rows(
        f"SELECT id FROM steep_study WHERE id = ?{other._link.dialect.keep_row}", (log.study_id,)
    )
    log.append(Ask(1.0))
    session.do("ROLLBACK")


def test_a_study_that_is_not_there_is_named(backend: SqlBackend) -> None:
    for call in (
        lambda: backend.read(2**31 - 1, 0),
        lambda: backend.append(2**31 - 1, [Ask(1.0)], Writer(), Table()),
        lambda: backend.append(2**31 - 1, [Ask(1.0)] * 2, Writer(), Table()),
        lambda: backend.delete(2**31 - 1),
    ):
        with pytest.raises(KeyError, match="study_id 2147483647"):
            call()
    Log(backend).append(Ask(1.0))  # and the connection is in order


# ---- the log -------------------------------------------------------------------------------------


@settings(max_examples=8, phases=[Phase.explicit, Phase.generate])
@given(log=storable_logs)
def test_events_come_back_as_they_were(shared_backend: SqlBackend, log: list[Event]) -> None:
    kept = Log(shared_backend, directions=log[0].directions)
    for event in log[1:]:
        kept.append(event)
    assert repr(kept.events()[1:]) == repr(log[1:])


def test_long_events_are_kept(backend: SqlBackend) -> None:
    log = Log(backend)
    text = "tea 🍵 " * 300_000
    log.append(SetStudyAttr("long", text))
    assert log.events()[1].value == text


def test_events_of_one_append_stand_together(backend: SqlBackend, other: SqlBackend) -> None:
    log = Log(backend)
    behind = Log(other, log.study_id)
    log.append(Ask(1.0))
    assert behind.append(*(Add(WAITING) for _ in range(50))) == 52
    assert behind.table.n == 51
    assert [type(event) for event in log.events()[1:]] == [Ask] + [Add] * 50


def test_a_log_is_read_from_any_position(
    backend: SqlBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = Log(backend)
    log.append(*(Add(WAITING, start=float(i)) for i in range(10)))
    for page in (3, 11, 5_000):
        monkeypatch.setattr(module, "_PAGE", page)
        assert [len(list(backend.read(log.study_id, after))) for after in (0, 5, 10, 11)] == [
            11,
            6,
            1,
            0,
        ]
        assert [event.start for event in backend.read(log.study_id, 4)] == list(range(3, 10))


def test_who_is_behind_follows_before_it_appends(
    backend: SqlBackend, other: SqlBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_PAGE", 2)
    left = Log(backend)
    right = Log(other, left.study_id)
    for _ in range(5):
        left.append(Ask(1.0))
    right.append(Ask(2.0))
    left.catch_up()
    for log in (left, right):
        assert (log.table.position, log.table.n) == (7, 6)


def test_effects_stand_beside_the_events(backend: SqlBackend, other: SqlBackend) -> None:
    left = Log(backend)
    right = Log(other, left.study_id)
    left.append(Add(WAITING))
    right.append(Ask(1.0))  # takes trial 0
    left.append(Ask(1.0))  # makes trial 1
    right.append(Claim(0, 1.0))  # comes too late
    left.append(Reap(0, 1, 2.0, Add(WAITING)))  # ends 0, makes 2
    right.append(Update(0, Changes(user_attrs={"a": 1})))  # comes too late
    right.append(Finish(1, 1, [0.5], 3.0))
    effects = rows(
        backend,
        "SELECT kind, number, created FROM steep_event WHERE study_id = ? ORDER BY position",
        left.study_id,
    )
    assert [tuple(effect) for effect in effects] == [
        ("CreateStudy", None, None),
        ("Add", 0, 0),
        ("Ask", 0, None),
        ("Ask", 1, 1),
        ("Claim", None, None),
        ("Reap", 0, 2),
        ("Update", None, None),
        ("Finish", 1, None),
    ]


def test_a_database_that_was_set_back_is_noticed(backend: SqlBackend) -> None:
    log = Log(backend)
    log.append(Ask(1.0))
    log.table.position += 5
    with pytest.raises(StorageInternalError, match="set back"):
        backend.read(log.study_id, log.table.position)
    with pytest.raises(StorageInternalError, match="set back"):
        log.append(Ask(1.0))


# ---- beats and snapshots -------------------------------------------------------------------------


def test_beats_age_by_the_clock_of_the_database(backend: SqlBackend, other: SqlBackend) -> None:
    alive, gone = unique(), unique()
    for writer in (alive, gone):
        backend.beat(writer)
    before = other.ages()[alive]
    assert 0 <= before < 60
    assert other.ages()[alive] >= before
    backend.leave(gone)
    assert gone not in other.ages()
    rows_before = len(rows(backend, "SELECT 1 FROM steep_beat WHERE writer = ?", alive))
    backend.beat(alive)
    assert (
        rows_before == len(rows(backend, "SELECT 1 FROM steep_beat WHERE writer = ?", alive)) == 1
    )
    backend.leave(alive)


@pytest.mark.parametrize("size", [0, 1, 9 << 20])
def test_the_last_snapshot_is_kept(backend: SqlBackend, other: SqlBackend, size: int) -> None:
    study_id = Log(backend).study_id
    assert backend.load_snapshot(study_id) is None
    backend.save_snapshot(study_id, 1, os.urandom(5 << 20))
    data = os.urandom(size)
    backend.save_snapshot(study_id, 2, data)
    assert other.load_snapshot(study_id) == data


# ---- the connection ------------------------------------------------------------------------------


def test_a_closed_backend_opens_again(backend: SqlBackend) -> None:
    log = Log(backend)
    for _ in range(3):
        backend.close()
        log.append(Ask(1.0))
    backend.close()
    backend.close()
    assert len(log.events()) == 4


def test_a_pickled_backend_goes_on_in_another_process(backend: SqlBackend) -> None:
    log = Log(backend)
    again: SqlBackend = pickle.loads(pickle.dumps(backend))
    Log(again, log.study_id).append(Ask(1.0))
    assert len(log.events()) == 2
    again.close()


def test_a_forked_process_opens_its_own_connection(backend: SqlBackend) -> None:
    log = Log(backend)
    child = os.fork()
    if not child:
        try:
            backend.after_fork()
            forked = Log(backend, log.study_id)
            for _ in range(20):
                forked.append(Ask(1.0))
            backend.close()
            os._exit(0)
        finally:
            os._exit(1)
    for _ in range(20):
        log.append(Ask(2.0))
    assert os.waitpid(child, 0)[1] == 0
    assert len(log.events()) == 41
    assert sorted(event.time for event in log.events()[1:]) == [1.0] * 20 + [2.0] * 20


def test_rows_that_somebody_deleted_are_noticed(backend: SqlBackend, other: SqlBackend) -> None:
    log = Log(backend)
    behind = Log(other, log.study_id)
    log.append(Ask(1.0))
    log.append(Ask(1.0))
    backend._link.retry(
        lambda session, again: session.do(
            "DELETE FROM steep_event WHERE study_id = ? AND position > 1", (log.study_id,)
        )
    )
    for call in (behind.catch_up, lambda: behind.append(Ask(1.0))):
        with pytest.raises(StorageInternalError, match="behind position 1 .*not in the database"):
            call()
