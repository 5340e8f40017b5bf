"""The file: torn tails, damage, syncing, and what it refuses to open."""

from __future__ import annotations

import contextlib
import itertools
import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zlib import crc32

import pytest
from storages.journal.journals import (
    EIO,
    Calls,
    Crash,
    Table,
    append,
    begin,
    fails,
    keys,
    open_backend,
    oserror,
)

from steep.events import Ask, CreateStudy
from steep.exceptions import StorageInternalError
from steep.storages.journal import FileBackend, JournalFileBackend, JournalFileOpenLock, repair
from steep.storages.writer import Writer

KEYS = ["one", "two", "three"]
FIRST_BYTES = {
    b'{"op_code":0,"worker_id":"w"}\n': (ValueError, r"of Optuna.*import_optuna\(source, target\)"),
    b"SQLite format 3\x00": (ValueError, "SQLite database"),
    b"Dear diary,\n": (ValueError, "is no log of steep"),
    b"steep log 2\n": (StorageInternalError, "Install a newer steep"),
}


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """A log of three notes."""
    begin("file", tmp_path)
    backend = open_backend("file", tmp_path)
    for key in KEYS:
        append(backend, 0, key)
    backend.close()
    return tmp_path / "study.log"


def opened(log: Path, calls: Calls | None = None, **arguments: Any) -> Any:
    return open_backend("file", log.parent, calls, **arguments)


def torn(log: Path) -> bytes:
    return Path(f"{log}.torn").read_bytes()


def test_a_log_is_text_of_one_record_a_line(log: Path) -> None:
    header, *records = log.read_text("ascii").splitlines()
    assert header == "steep log 1"
    assert [line.split('"event":')[1].split(",")[0] for line in records] == [
        '"CreateStudy"',
        *3 * ['"SetStudyAttr"'],
    ]


# ---- torn tails ----------------------------------------------------------------------------------


def test_a_log_torn_at_any_byte_of_its_last_record_goes_on(log: Path) -> None:
    whole = log.read_bytes()
    last = whole.rindex(b"\n", 0, -1) + 1
    for end in range(last + 1, len(whole)):
        log.write_bytes(whole[:end])
        reader, writer = opened(log), opened(log)
        assert keys(reader) == ["one", "two"]
        assert append(writer, 0, "four") == 4
        assert keys(reader) == keys(writer) == keys(opened(log)) == ["one", "two", "four"]
        assert whole[last:end] + b"\n" in torn(log)
        assert f"{end - last} bytes cut off at byte {last} of {log}\n".encode() in torn(log)
        Path(f"{log}.torn").unlink()


def test_a_torn_tail_of_zeros_is_cut_off_too(log: Path) -> None:
    whole = log.read_bytes()
    for tail in (b"\0" * 4096, whole[-60:-30] + b"\0" * 100 + b"\n"):
        log.write_bytes(whole + tail)
        assert keys(opened(log)) == KEYS
        append(opened(log), 0, "four")
        assert keys(opened(log)) == [*KEYS, "four"]
        assert torn(log).endswith(tail + b"\n")


def test_a_header_torn_at_any_byte_is_made_anew(tmp_path: Path) -> None:
    log = tmp_path / "study.log"
    for end in range(len("steep log 1\n")):
        log.write_bytes(b"steep log 1\n"[:end])
        assert opened(log).studies() == {}
        assert begin("file", tmp_path) == 0
        assert opened(log).studies() == {0: "tea"}


def test_a_power_cut_loses_nothing_that_was_synced(log: Path) -> None:
    """The disk keeps all that was written before the last sync, and any part of the rest."""
    whole = log.read_bytes()
    for at in itertools.count():
        log.write_bytes(whole)
        acknowledged, synced = append_until_power_cut(log, at)
        if len(acknowledged) == 3:
            break
        written = log.read_bytes()
        for end in range(synced, len(written) + 1, 7):
            log.write_bytes(written[:end])
            assert {*KEYS, *acknowledged} <= set(keys(opened(log)))
    assert at > 20


def append_until_power_cut(log: Path, at: int) -> tuple[list[str], int]:
    """What was acknowledged before a system call, and how much of the file was synced by then."""
    synced, acknowledged = log.stat().st_size, []

    def power_cut(number: int, name: str, real: Callable[[], Any], arguments: Any) -> Any:
        nonlocal synced
        if number == at:
            raise Crash
        if name == "sync":
            synced = log.stat().st_size
        return real()

    backend = opened(log, Calls(power_cut))
    with contextlib.suppress(Crash):
        for key in ("four", "five", "six"):
            append(backend, 0, key)
            acknowledged.append(key)
    return acknowledged, synced


# ---- damage --------------------------------------------------------------------------------------


def test_a_changed_byte_before_good_records_is_refused_and_left_as_it_is(log: Path) -> None:
    whole = log.read_bytes()
    lines = whole.splitlines(keepends=True)
    begins, ends = len(b"".join(lines[:2])), len(b"".join(lines[:3]))
    for at in range(begins, ends):  # its line break too
        damaged = whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :]
        log.write_bytes(damaged)
        message = f"damaged at byte {begins} and has good records from byte {ends} on"
        with pytest.raises(StorageInternalError, match=message):
            append(opened(log), 0, "four")
        assert log.read_bytes() == damaged
    with pytest.raises(StorageInternalError, match=message):
        keys(opened(log))
    assert not Path(f"{log}.torn").exists()


def test_repair_keeps_what_stands_before_the_damage_and_moves_the_rest(log: Path) -> None:
    lines = log.read_bytes().splitlines(keepends=True)
    lines[3] = lines[3].replace(b"two", b"owt")
    log.write_bytes(b"".join(lines))
    assert repair(log) == len(lines[3] + lines[4])
    assert log.read_bytes() == b"".join(lines[:3])
    assert torn(log).endswith(lines[3] + lines[4] + b"\n")
    assert repair(log) == 0
    assert append(opened(log), 0, "again") == 3


def test_a_reader_waits_while_a_torn_tail_is_written_over(log: Path) -> None:
    """It saw the old tail and the new records behind it, which never were there together."""
    whole = log.read_bytes()
    log.write_bytes(whole + b"torn" + whole.splitlines(keepends=True)[-1])

    def heal(number: int, name: str, real: Callable[[], Any], arguments: Any) -> Any:
        result = real()
        if name == "pread" and result.startswith(b"torn"):
            log.write_bytes(whole)
        return result

    assert keys(opened(log, Calls(heal))) == KEYS
    assert log.read_bytes() == whole


def test_a_log_that_was_cut_while_in_use_is_noticed(log: Path) -> None:
    backend = opened(log)
    assert keys(backend) == KEYS
    log.write_bytes(b"".join(log.read_bytes().splitlines(keepends=True)[:3]))
    with pytest.raises(StorageInternalError, match="is shorter than what was read"):
        backend.read(0, 4)
    with pytest.raises(StorageInternalError, match="has 2 events.*knows 4 of them"):
        backend.read(0, 4)


def test_a_log_that_was_deleted_while_in_use_is_noticed(log: Path) -> None:
    backend = opened(log)
    append(backend, 0, "four")
    log.unlink()
    with pytest.raises(StorageInternalError, match="deleted or replaced while it was in use"):
        append(backend, 0, "five")


@pytest.mark.parametrize("first", FIRST_BYTES, ids=repr)
def test_what_is_no_log_of_this_format_is_refused_and_not_touched(
    tmp_path: Path, first: bytes
) -> None:
    error, message = FIRST_BYTES[first]
    path = tmp_path / "study.log"
    path.write_bytes(first)
    with pytest.raises(error, match=message):
        opened(path).studies()
    with pytest.raises(error, match=message):
        begin("file", tmp_path)
    assert path.read_bytes() == first


def test_a_record_of_a_newer_kind_is_refused(log: Path) -> None:
    body = b'{"study":0,"note":"new"}'
    with log.open("ab") as file:
        file.write(b"%08x %b\n" % (crc32(body), body))
    with pytest.raises(StorageInternalError, match=r"does not know.*Install a newer steep"):
        opened(log).studies()


def test_paths_that_cannot_be_are_explained(tmp_path: Path) -> None:
    writer = Writer()
    with pytest.raises(StorageInternalError, match=r"use DirectoryBackend\(path\)"):
        FileBackend(tmp_path).create(CreateStudy("tea", [1]), writer)
    with pytest.raises(StorageInternalError, match="Make the folder first"):
        FileBackend(tmp_path / "no" / "study.log").create(CreateStudy("tea", [1]), writer)
    with pytest.raises(ValueError, match="sync_interval=-1"):
        FileBackend("study.log", sync_interval=-1)


# ---- syncing -------------------------------------------------------------------------------------


def test_what_a_failed_sync_may_have_lost_is_written_anew_before_the_next_one(log: Path) -> None:
    calls = Calls()
    backend = opened(log, calls)
    append(backend, 0, "four")
    known = log.stat().st_size
    calls.fault = no_sync
    with pytest.raises(StorageInternalError, match="did not confirm them"):
        append(backend, 0, "five")
    calls.fault = None
    calls.made.clear()
    backend.settle()
    names = [name for name, _ in calls.made]
    assert names.index("open") < names.index("pwrite") < names.index("sync")
    (rewritten,) = [arguments for name, arguments in calls.made if name == "pwrite"]
    assert rewritten[1:] == (log.read_bytes()[known:], known)
    assert append(backend, 0, "six") == 7
    assert keys(opened(log)) == [*KEYS, "four", "five", "six"]


def no_sync(number: int, name: str, real: Callable[[], Any], arguments: Any) -> Any:
    if name == "sync":
        raise oserror(EIO)
    return real()


def test_a_sync_that_failed_is_not_called_again_on_that_descriptor(log: Path) -> None:
    calls = Calls()
    backend = opened(log, calls)
    append(backend, 0, "four")
    calls.fault = no_sync
    with pytest.raises(StorageInternalError):
        append(backend, 0, "five")
    assert [name for name, _ in calls.made][-2:] == ["sync", "close"]
    assert calls.made[-2][1] == calls.made[-1][1]


def test_results_are_synced_at_once_and_then_by_the_interval(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin(kind, tmp_path)
    clock, calls = [100.0], Calls()
    monkeypatch.setattr("steep.storages.journal.base.time.monotonic", lambda: clock[0])
    backend = open_backend(kind, tmp_path, calls, sync_interval=0.1)
    # A record of a directory is synced before it has a name, whatever it is.
    n_of_every_record = 1 if kind == "directory" else 0

    def n_syncs(act: Callable[[], object]) -> int:
        before, n_written = calls.count("sync"), calls.count("pwrite")
        act()
        n_written = calls.count("pwrite") - n_written
        return calls.count("sync") - before - n_of_every_record * n_written

    def ask() -> None:
        backend.append(0, [Ask(1.0)], Writer(), Table())

    def tell() -> None:
        append(backend, 0, "key")

    assert n_syncs(ask) == 0
    assert n_syncs(tell) == 2  # the folder too, once
    assert n_syncs(tell) == 0
    clock[0] += 0.11
    assert n_syncs(ask) == 1  # the result before it waited
    assert n_syncs(ask) == 0
    assert n_syncs(backend.settle) == 1
    assert n_syncs(backend.settle) == 0
    clock[0] += 0.11
    assert n_syncs(ask) == 0
    assert n_syncs(tell) == 1


# ---- objects -------------------------------------------------------------------------------------


def test_a_relative_path_stays_where_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    backend = FileBackend("study.log")
    (tmp_path / "elsewhere").mkdir()
    os.chdir("elsewhere")
    backend.create(CreateStudy("tea", [1]), Writer())
    assert (tmp_path / "study.log").exists()


def test_a_backend_pickles_as_its_arguments(log: Path) -> None:
    backend = FileBackend(log, sync_interval=3, lock=JournalFileOpenLock(str(log), 7))
    copy = pickle.loads(pickle.dumps(backend))
    assert (copy.path, copy.sync_interval, copy._lock._grace) == (str(log), 3, 7)
    users = pickle.loads(pickle.dumps(JournalFileBackend(str(log))))
    assert type(users) is JournalFileBackend
    assert keys(users) == KEYS


def test_a_log_that_may_only_be_read_is_read(log: Path) -> None:
    def read_only(number: int, name: str, real: Callable[[], Any], arguments: Any) -> Any:
        if name == "open" and arguments[1] & os.O_RDWR and str(arguments[0]) == str(log):
            raise PermissionError(13, "Permission denied")
        return real()

    backend = opened(log, Calls(read_only))
    assert keys(backend) == KEYS
    with pytest.raises(StorageInternalError, match="Make the file and its folder writable"):
        append(backend, 0, "four")
    assert keys(backend) == KEYS


def test_records_longer_than_a_read_are_read(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("steep.storages.journal.file._CHUNK", 16)
    append(opened(log), 0, "four", "five")
    backend = opened(log)
    assert keys(backend) == keys(backend) == [*KEYS, "four", "five"]


def test_events_appended_together_are_there_all_or_none(log: Path) -> None:
    whole = log.read_bytes()
    append(opened(log), 0, "four", "five")
    both = log.read_bytes()
    for end in range(len(whole) + 1, len(both)):
        log.write_bytes(both[:end])
        assert keys(opened(log)) == KEYS
    log.write_bytes(whole)

    def half(number: int, name: str, real: Callable[[], Any], arguments: Any) -> Any:
        at = number if name == "pwrite" else None
        return fails(at, oserror(EIO), "half")(number, name, real, arguments)

    with pytest.raises(StorageInternalError):
        append(opened(log, Calls(half)), 0, "four", "five")
    assert log.read_bytes() == whole
