"""Whatever system call fails or is the last: nothing acknowledged is lost, nothing is doubled."""

from __future__ import annotations

import contextlib
import itertools
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from storages.journal.journals import (
    EIO,
    ENOSPC,
    ESTALE,
    Calls,
    Crash,
    append,
    begin,
    fails,
    keys,
    open_backend,
    oserror,
    try_append,
)

from steep.events import CreateStudy
from steep.exceptions import DuplicatedStudyError, StorageInternalError
from steep.storages.journal.locks import PosixLock
from steep.storages.writer import Writer

KEYS = ["one", "two", "three"]


def folders(path: Path) -> Iterator[Path]:
    for number in itertools.count():
        folder = path / str(number)
        folder.mkdir()
        yield folder


def numbers(kind: str, folder: Path, work: Callable[[Any], Any], when: str) -> list[int]:
    """The numbers of the system calls of some work that may fail so."""
    begin(kind, folder)
    calls = Calls()
    work(open_backend(kind, folder, calls))
    return [i for i, (name, _) in enumerate(calls.made) if when != "half" or name == "pwrite"]


def three_appends(backend: Any) -> dict[str, int]:
    positions = {key: try_append(backend, 0, key) for key in KEYS}
    return {key: position for key, position in positions.items() if position is not None}


def assert_free(folder: Path) -> None:
    """Neither a thread nor another process would have to wait for a lock."""
    path = folder / "study.log.lock"
    if path.exists():
        assert f":{path.stat().st_ino} " not in held_locks()  # before the thread frees it
        lock = PosixLock(str(path))
        thread = threading.Thread(target=lambda: (lock.acquire(), lock.release()), daemon=True)
        thread.start()
        thread.join(10)
        assert not thread.is_alive()


def held_locks() -> str:
    """The locks of all processes, where the system tells them."""
    path = Path("/proc/locks")
    return path.read_text() if path.exists() else ""


def check(kind: str, folder: Path, acknowledged: dict[str, int], *backends: Any) -> None:
    """All agree, and what was acknowledged stands once and where it was said to stand."""
    found = keys(open_backend(kind, folder))
    assert all(keys(backend) == found for backend in backends)
    assert len(found) == len(set(found))
    assert {key: found.index(key) + 2 for key in acknowledged} == acknowledged
    assert [key for key in KEYS if key in found] == [key for key in found if key in KEYS]


@pytest.mark.parametrize("when", ["before", "half", "after"])
@pytest.mark.parametrize("error", [EIO, ENOSPC, ESTALE])
def test_every_system_call_of_three_appends_may_fail(
    kind: str, tmp_path: Path, error: int, when: str
) -> None:
    fresh = folders(tmp_path)
    n_failed, tried = 0, numbers(kind, next(fresh), three_appends, when)
    for at in tried:
        folder = next(fresh)
        begin(kind, folder)
        backend = open_backend(kind, folder, Calls(fails(at, oserror(error), when)))
        acknowledged = three_appends(backend)
        assert_free(folder)
        n_failed += 3 - len(acknowledged)
        other = open_backend(kind, folder)
        for name, writer in (("other", other), ("again", backend)):
            acknowledged[name] = append(writer, 0, name)
        check(kind, folder, acknowledged, backend, other)
    # What a new descriptor cures is nothing that a user hears of, except a sync that failed.
    assert n_failed < len(tried) or (when == "half" and error != ESTALE)


@pytest.mark.parametrize("when", ["before", "half", "after"])
def test_a_process_may_die_at_every_system_call_of_three_appends(
    kind: str, tmp_path: Path, when: str
) -> None:
    fresh = folders(tmp_path)
    for at in numbers(kind, next(fresh), three_appends, when):
        folder = next(fresh)
        begin(kind, folder)
        acknowledged: dict[str, int] = {}
        backend = open_backend(kind, folder, Calls(fails(at, Crash(), when)))
        with contextlib.suppress(Crash):
            for key in KEYS:
                acknowledged[key] = append(backend, 0, key)
        assert len(acknowledged) < 3
        reader, other = open_backend(kind, folder), open_backend(kind, folder)
        before = keys(reader)
        assert set(acknowledged) <= set(before) <= set(KEYS)
        acknowledged["other"] = append(other, 0, "other")
        assert keys(other) == [*before, "other"]
        check(kind, folder, acknowledged, reader, other)


@pytest.mark.parametrize("when", ["before", "after"])
def test_an_interrupt_may_come_at_every_system_call(kind: str, tmp_path: Path, when: str) -> None:
    fresh = folders(tmp_path)
    for at in numbers(kind, next(fresh), three_appends, when):
        folder = next(fresh)
        begin(kind, folder)
        backend = open_backend(kind, folder, Calls(fails(at, KeyboardInterrupt(), when)))
        acknowledged: dict[str, int] = {}
        for key in KEYS:
            try:
                acknowledged[key] = append(backend, 0, key)
            except KeyboardInterrupt:
                assert_free(folder)
        assert len(acknowledged) == 2
        acknowledged["again"] = append(backend, 0, "again")
        check(kind, folder, acknowledged, backend)


@pytest.mark.parametrize("error", [oserror(EIO), oserror(ENOSPC), Crash()], ids=repr)
@pytest.mark.parametrize("when", ["before", "half", "after"])
def test_every_system_call_of_the_first_create_may_fail(
    kind: str, tmp_path: Path, error: BaseException, when: str
) -> None:
    fresh, calls = folders(tmp_path), Calls()
    open_backend(kind, next(fresh), calls).create(CreateStudy("tea", [1]), Writer())
    for at, (name, _) in enumerate(calls.made):
        if when == "half" and name != "pwrite":
            continue
        folder = next(fresh)
        backend = open_backend(kind, folder, Calls(fails(at, error, when)))
        created = None
        with contextlib.suppress(StorageInternalError, Crash):
            created = backend.create(CreateStudy("tea", [1]), Writer())
        other = open_backend(kind, folder)
        assert created is None or other.studies() == {created: "tea"}
        with contextlib.suppress(DuplicatedStudyError):
            other.create(CreateStudy("tea", [1]), Writer())
        assert list(other.studies().values()) == ["tea"]
        study_id = next(iter(other.studies()))
        acknowledged = {"one": append(other, study_id, "one")}
        check(kind, folder, acknowledged, other)


def test_a_full_disk_is_reported_and_the_log_stays_as_it_was(kind: str, tmp_path: Path) -> None:
    def full(number: int, name: str, real: Callable[[], Any], arguments: Any) -> Any:
        if name == "pwrite":
            fails(number, oserror(ENOSPC), "half")(number, name, real, arguments)
        return real()

    begin(kind, tmp_path)
    calls = Calls(full)
    backend = open_backend(kind, tmp_path, calls)
    files = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    for _ in range(2):
        with pytest.raises(StorageInternalError, match="The disk is full"):
            append(backend, 0, "lost")
    assert files == {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    calls.fault = None
    assert append(backend, 0, "kept") == 2
    check(kind, tmp_path, {"kept": 2}, backend)


def test_short_writes_and_signals_are_completed(kind: str, tmp_path: Path) -> None:
    def short(number: int, name: str, real: Callable[[], Any], arguments: Any) -> Any:
        if name != "pwrite":
            return real()
        if number % 3 == 0:
            raise InterruptedError
        fd, data, offset = arguments
        return Calls().pwrite(fd, data[:7], offset)

    begin(kind, tmp_path)
    backend = open_backend(kind, tmp_path, Calls(short))
    assert three_appends(backend) == {"one": 2, "two": 3, "three": 4}
    check(kind, tmp_path, {"one": 2, "two": 3, "three": 4}, backend)


def test_short_reads_are_completed(kind: str, tmp_path: Path) -> None:
    def short(number: int, name: str, real: Callable[[], Any], arguments: Any) -> Any:
        if name != "pread":
            return real()
        fd, count, offset = arguments
        return Calls().pread(fd, min(count, 7), offset)

    begin(kind, tmp_path)
    three_appends(open_backend(kind, tmp_path))
    assert keys(open_backend(kind, tmp_path, Calls(short))) == KEYS


def test_a_result_whose_sync_failed_is_no_success(kind: str, tmp_path: Path) -> None:
    begin(kind, tmp_path)
    calls = Calls()
    backend = open_backend(kind, tmp_path, calls)
    append(backend, 0, "one")
    # The last sync of an append is the one that makes the result durable.
    before = len(calls.made)
    append(backend, 0, "two")
    last = max(i for i, (name, _) in enumerate(calls.made) if name == "sync") - before
    calls.fault = fails(len(calls.made) + last, oserror(EIO), "before")
    with pytest.raises(StorageInternalError, match="a power cut may undo them"):
        append(backend, 0, "three")
    assert append(backend, 0, "four") == 5
    assert keys(backend) == ["one", "two", "three", "four"]
    check(kind, tmp_path, {"four": 5}, backend)
