"""What every journal promises: studies, positions and reading, in one process."""

from __future__ import annotations

import errno
import os
import pickle
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from storages.journal.journals import KINDS, Calls, Table, append, begin, keys, note, open_backend

from steep.events import CreateStudy, SetFormat
from steep.exceptions import DuplicatedStudyError, StorageInternalError
from steep.storages.journal import BaseJournalBackend
from steep.storages.journal.frames import Frame, frame
from steep.storages.journal.journal import DELETED, Journal
from steep.storages.writer import Writer


@pytest.fixture
def backend(kind: str, tmp_path: Path) -> Any:
    return open_backend(kind, tmp_path)


@pytest.fixture
def other(kind: str, tmp_path: Path) -> Any:
    return open_backend(kind, tmp_path)


def create(backend: Any, name: str) -> int:
    return int(backend.create(CreateStudy(name, [1]), Writer()))


# ---- studies -------------------------------------------------------------------------------------


def test_studies_are_the_same_for_all(backend: Any, other: Any) -> None:
    assert other.studies() == {}
    ids = [create(backend, "tea"), create(other, "coffee"), create(backend, "water")]
    assert (
        backend.studies()
        == other.studies()
        == dict(zip(ids, ["tea", "coffee", "water"], strict=True))
    )
    assert isinstance(backend, BaseJournalBackend)
    assert backend.keeps_log


def test_names_are_unique_and_free_again_after_deletion(backend: Any, other: Any) -> None:
    first = create(backend, "tea")
    with pytest.raises(DuplicatedStudyError, match="'tea' already"):
        create(other, "tea")
    backend.delete(first)
    assert other.studies() == {}
    second = create(other, "tea")
    assert second > first
    assert backend.studies() == {second: "tea"}


def test_an_unknown_or_deleted_study_is_a_key_error(backend: Any, other: Any) -> None:
    study_id = create(backend, "tea")
    keys(other, study_id)
    backend.delete(study_id)
    for missing in (study_id, 77):
        for act in (
            lambda missing=missing: other.read(missing, 0),
            lambda missing=missing: append(other, missing, "key"),
            lambda missing=missing: other.delete(missing),
        ):
            with pytest.raises(KeyError, match=f"no study with study_id {missing}"):
                act()
    assert append(backend, create(backend, "tea"), "key") == 2


# ---- events --------------------------------------------------------------------------------------


def test_positions_count_the_events_of_each_study(backend: Any, other: Any) -> None:
    tea, coffee = create(backend, "tea"), create(other, "coffee")
    assert append(backend, tea, "a") == 2
    assert append(other, coffee, "b") == 2
    assert append(other, tea, "c", "d") == 4
    assert append(backend, coffee, "e") == 3
    for each in (backend, other):
        assert keys(each, tea) == ["a", "c", "d"]
        assert keys(each, coffee) == ["b", "e"]


def test_reading_gives_what_stands_behind_a_position(backend: Any, other: Any) -> None:
    study_id = create(backend, "tea")
    append(backend, study_id, "a", "b")
    append(backend, study_id, "c")
    assert next(iter(other.read(study_id, 0))) == CreateStudy("tea", [1])
    # Forwards, as a follower does, and back again, as one who begins anew.
    for after in (1, 2, 3, 4, 4, 2, 0, 3, 1):
        for each in (backend, other):
            assert keys(each, study_id, after) == ["a", "b", "c"][max(after - 1, 0) :]
    append(other, study_id, "d")
    assert keys(backend, study_id, 4) == ["d"]


def test_a_study_that_nobody_read_is_read_from_its_beginning(backend: Any, other: Any) -> None:
    tea, coffee = create(backend, "tea"), create(backend, "coffee")
    with mock.patch("steep.storages.journal.journal._MOST_KEPT", 500):
        for number in range(20):
            append(backend, tea, number)
            append(backend, coffee, -number)
            keys(other, tea, number)
        assert keys(other, coffee) == keys(backend, coffee) == [str(-n) for n in range(20)]
        assert keys(other, tea) == keys(backend, tea) == [str(n) for n in range(20)]


def test_events_of_a_study_that_is_not_read_are_not_decoded(backend: Any, other: Any) -> None:
    tea, newer = create(backend, "tea"), create(backend, "newer")
    backend.append(newer, [SetFormat(99)], Writer(), Table())
    append(backend, tea, "a")
    assert keys(other, tea) == ["a"]
    with pytest.raises(StorageInternalError, match="Install a newer steep"):
        keys(other, newer)


def test_a_log_that_has_less_than_was_folded_is_noticed(backend: Any) -> None:
    study_id = create(backend, "tea")
    table = Table()
    table.position = 3
    with pytest.raises(StorageInternalError, match="has 1 events.*knows 3 of them"):
        backend.read(study_id, 3)
    with pytest.raises(StorageInternalError, match="has 2 events.*knows 3 of them"):
        backend.append(study_id, [note("a")], Writer(), table)


def test_a_record_that_came_twice_by_mistake_is_recognised(kind: str, tmp_path: Path) -> None:
    """A server's reply was lost, and the name that it refuses the second time is our own."""
    begin(kind, tmp_path)
    backend = open_backend(kind, tmp_path)
    name = "link" if kind == "directory" else "pwrite"

    def lost(number: int, made: str, real: Any, arguments: Any) -> Any:
        result = real()
        if made == name and calls.count(name) == 1:
            raise FileExistsError if kind == "directory" else TimeoutError(110, "timed out")
        return result

    calls = Calls(lost)
    backend = open_backend(kind, tmp_path, calls)
    assert append(backend, 0, "a") == 2
    assert append(backend, 0, "b") == 3
    assert keys(backend) == ["a", "b"]


# ---- the order of the journal decides ------------------------------------------------------------


def creation(study_id: int, name: str, writer_id: str) -> Frame:
    text = f'{{"event":"CreateStudy","name":"{name}","directions":[1]}}'
    return frame(study_id, writer_id, 1, [text])[0]


def test_of_two_studies_of_one_name_the_first_in_the_journal_is_there() -> None:
    journal = Journal()
    for study_id, writer_id in ((0, "first"), (1, "second")):
        journal.fold(creation(study_id, "tea", writer_id), study_id)
    journal.fold(frame(1, "second", 2, ['{"event":"Ask","time":1.0}'])[0], 2)
    assert journal.ids == {"tea": 0}
    assert journal.arrival("first", 1) == (1, 0, 1)
    assert journal.arrival("second", 2) == (2, 1, 0)
    assert journal.logs[0].position == 1


def test_of_two_studies_of_one_id_the_first_in_the_journal_is_there() -> None:
    journal = Journal()
    journal.fold(creation(0, "tea", "first"), 0)
    journal.fold(creation(0, "coffee", "second"), 1)
    assert journal.ids == {"tea": 0}
    assert journal.logs[0].position == 1
    assert journal.next_id == 1


def test_what_follows_the_deletion_of_a_study_has_no_effect() -> None:
    journal = Journal()
    journal.fold(creation(0, "tea", "w"), 0)
    journal.fold(frame(0, "w", 2, [DELETED.decode()])[0], 1)
    journal.fold(frame(0, "x", 1, ['{"event":"Ask","time":1.0}'])[0], 2)
    assert journal.logs == {}
    assert journal.arrival("x", 1) == (1, 0, 0)


# ---- objects -------------------------------------------------------------------------------------


def test_a_closed_backend_opens_again(backend: Any) -> None:
    study_id = create(backend, "tea")
    backend.close()
    assert append(backend, study_id, "a") == 2
    backend.close()
    assert keys(backend, study_id) == ["a"]


def test_backends_pickle_and_leave_no_files_of_their_own(kind: str, tmp_path: Path) -> None:
    backend = KINDS[kind](tmp_path / "log")
    study_id = create(backend, "tea")
    append(pickle.loads(pickle.dumps(backend)), study_id, "a")
    assert keys(backend, study_id) == ["a"]
    assert not [path for path in tmp_path.rglob("*") if path.suffix in (".tmp", ".torn")]


# ---- heartbeats and snapshots --------------------------------------------------------------------


def test_heartbeats_age_by_the_clock_of_whoever_watches(
    backend: Any, other: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [100.0]
    monkeypatch.setattr("steep.storages.journal.beats.time.monotonic", lambda: clock[0])
    create(backend, "tea")
    assert other.ages() == {}
    backend.beat("dead")
    backend.beat("alive")
    assert other.ages() == {"dead": 0, "alive": 0}
    clock[0] += 10
    backend.beat("alive")
    assert other.ages() == {"dead": 10, "alive": 0}
    clock[0] += 5
    assert other.ages() == {"dead": 15, "alive": 5}
    assert backend.ages() == {"dead": 0, "alive": 0}  # it has not watched before
    backend.leave("dead")
    backend.leave("dead")
    assert other.ages() == {"alive": 5}


def test_the_last_snapshot_is_kept(backend: Any, other: Any) -> None:
    study_id = create(backend, "tea")
    assert other.load_snapshot(study_id) is None
    for data in (b"first", b"\0second\n"):
        backend.save_snapshot(study_id, 1, data)
        assert other.load_snapshot(study_id) == data
    backend.delete(study_id)
    assert other.load_snapshot(study_id) is None


def test_a_deleted_study_gets_no_snapshot(backend: Any, other: Any, tmp_path: Path) -> None:
    study_id = create(backend, "tea")
    other.studies()
    backend.delete(study_id)
    other.save_snapshot(study_id, 1, b"late")
    assert other.load_snapshot(study_id) is None
    assert [path.name for path in tmp_path.rglob("*") if "snapshot" in path.name] == []


def test_a_snapshot_that_cannot_be_written_does_no_harm(kind: str, tmp_path: Path) -> None:
    backend = open_backend(kind, tmp_path / "missing")
    backend.save_snapshot(0, 1, b"data")
    assert backend.load_snapshot(0) is None


def test_a_snapshot_that_fails_halfway_leaves_the_last_one(
    backend: Any, other: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    study_id = create(backend, "tea")
    backend.save_snapshot(study_id, 1, b"first")
    before = {path.name for path in tmp_path.rglob("*")}

    def refuse(fd: int) -> None:
        raise OSError(errno.EIO, "the disk is gone")

    monkeypatch.setattr(os, "fsync", refuse)
    backend.save_snapshot(study_id, 2, b"second")
    assert other.load_snapshot(study_id) == b"first"
    assert {path.name for path in tmp_path.rglob("*")} == before


def test_heartbeats_and_snapshots_are_no_records(backend: Any, other: Any) -> None:
    study_id = create(backend, "tea")
    backend.beat("w")
    backend.save_snapshot(study_id, 1, b"data")
    assert other.studies() == {study_id: "tea"}
    assert append(other, study_id, "a") == 2
