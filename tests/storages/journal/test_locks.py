"""Locks: one holder at a time, free when it dies, and taken over safely."""

from __future__ import annotations

import pickle
import signal
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from storages.journal.journals import append, begin, finish, keys, open_backend, start

from steep.exceptions import StorageInternalError
from steep.storages.journal import (
    BaseJournalFileLock,
    FileBackend,
    JournalFileBackend,
    JournalFileOpenLock,
    JournalFileSymlinkLock,
)
from steep.storages.journal.locks import PosixLock

NAMED = {"open": JournalFileOpenLock, "symlink": JournalFileSymlinkLock}
ALL = {"posix": lambda path: PosixLock(f"{path}.lock"), **NAMED}

HOLD = """
import sys
from steep.storages.journal import JournalFileOpenLock, JournalFileSymlinkLock
from steep.storages.journal.locks import PosixLock
make = {"posix": lambda path: PosixLock(path + ".lock"), "open": JournalFileOpenLock}
lock = {**make, "symlink": JournalFileSymlinkLock}[sys.argv[1]](sys.argv[2])
lock.acquire()
print("held", flush=True)
sys.stdin.read()
lock.release()
"""

TRY = """
import fcntl, sys
file = open(sys.argv[1], "r+")
try:
    fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    print("free")
except OSError:
    print("held")
"""


@pytest.fixture(params=ALL)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def other_process_sees(path: Path) -> str:
    return finish(start(TRY, path))[0]


def test_the_lock_of_a_killed_holder_is_free_at_once(name: str, tmp_path: Path) -> None:
    begin("file", tmp_path)
    path = tmp_path / "study.log"
    holder = start(HOLD, name, path)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    holder.send_signal(signal.SIGKILL)
    holder.communicate()
    lock = None if name == "posix" else NAMED[name](str(path))
    began = time.monotonic()
    assert append(open_backend("file", tmp_path, lock=lock), 0, "next") == 2
    assert time.monotonic() - began < 1


def test_a_held_lock_is_waited_for(name: str, tmp_path: Path) -> None:
    path = tmp_path / "study.log"
    holder = start(HOLD, name, path)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    lock, got = ALL[name](str(path)), threading.Event()
    waiter = threading.Thread(target=lambda: (lock.acquire(), got.set(), lock.release()))
    waiter.start()
    assert not got.wait(0.1)
    finish(holder)
    assert got.wait(5)
    waiter.join()


def test_threads_take_turns(name: str, tmp_path: Path) -> None:
    assert count_together([ALL[name](str(tmp_path / "log")) for _ in range(4)]) == 4 * 25


def count_together(locks: list[Any], n: int = 25) -> int:
    """Count with one lock a thread, in a way that loses counts where two hold it at once."""
    total = [0]

    def work(lock: Any) -> None:
        for _ in range(n):
            lock.acquire()
            try:
                assert lock.is_held()
                seen = total[0]
                time.sleep(0)
                total[0] = seen + 1
            finally:
                lock.release()

    threads = [threading.Thread(target=work, args=(lock,)) for lock in locks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return total[0]


# ---- the lock of the kernel ----------------------------------------------------------------------


def test_closing_one_backend_does_not_free_the_lock_of_another(tmp_path: Path) -> None:
    begin("file", tmp_path)
    path = tmp_path / "study.log.lock"
    one, two = (open_backend("file", tmp_path) for _ in range(2))
    append(one, 0, "a")
    append(two, 0, "b")
    one._lock.acquire()
    two.close()
    del two
    PosixLock(str(path)).close()
    (tmp_path / "link").symlink_to(path)
    PosixLock(str(tmp_path / "link")).release()
    assert other_process_sees(path) == "held"
    one._lock.release()
    assert other_process_sees(path) == "free"


def test_descriptors_of_locks_that_are_gone_are_closed(tmp_path: Path) -> None:
    descriptors = Path("/proc/self/fd")
    if not descriptors.exists():
        pytest.skip("the system does not list descriptors")
    for number in range(3):
        PosixLock(str(tmp_path / str(number))).acquire()
    PosixLock(str(tmp_path / "last")).acquire()
    before = len(list(descriptors.iterdir()))
    for number in range(20):
        lock = PosixLock(str(tmp_path / str(number)))
        lock.acquire()
        lock.release()
    assert len(list(descriptors.iterdir())) <= before + 1


def test_all_locks_on_one_file_share_one_descriptor(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    locks = [PosixLock(str(path)) for _ in range(5)]
    for lock in locks:
        lock.acquire()
        lock.release()
    assert len({lock._shared.fd for lock in locks}) == 1
    opened = [fd for fd in Path("/proc/self/fd").glob("*") if fd.resolve() == path]
    assert len(opened) == 1 or not Path("/proc/self/fd").exists()


def test_a_lock_file_that_was_deleted_is_made_anew(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    lock = PosixLock(str(path))
    lock.acquire()
    lock.release()
    path.unlink()
    lock.acquire()
    assert other_process_sees(path) == "held"
    lock.release()


def test_a_release_without_the_lock_does_nothing(tmp_path: Path) -> None:
    one, two = (PosixLock(str(tmp_path / "lock")) for _ in range(2))
    one.release()
    one.acquire()
    thread = threading.Thread(target=two.release)
    thread.start()
    thread.join()
    assert other_process_sees(tmp_path / "lock") == "held"
    one.release()
    one.release()


FORK = """
import os, sys, threading, time
sys.path.insert(0, sys.argv[3])
from pathlib import Path
from storages.journal.journals import append, keys, open_backend
backend = open_backend(sys.argv[1], Path(sys.argv[2]))
append(backend, 0, "parent")
other = open_backend(sys.argv[1], Path(sys.argv[2]))
entered = threading.Event()
follow = other._follow_to_the_end
other._follow_to_the_end = lambda: (entered.set(), time.sleep(0.2), follow())
thread = threading.Thread(target=append, args=(other, 0, "thread"))
thread.start()
entered.wait()
child = os.fork()
if child == 0:
    backend.after_fork()
    append(backend, 0, "child")
    os._exit(0)
append(backend, 0, "parent again")
thread.join()
assert os.waitpid(child, 0)[1] == 0
append(backend, 0, "parent last")
"""


def test_a_child_forked_while_a_thread_appends_begins_anew(kind: str, tmp_path: Path) -> None:
    begin(kind, tmp_path)
    finish(start(FORK, kind, tmp_path, Path(__file__).parents[2]))
    found = keys(open_backend(kind, tmp_path))
    assert sorted(found) == ["child", "parent", "parent again", "parent last", "thread"]
    assert found[-1] == "parent last"
    if kind == "file":
        assert found[1] == "thread"  # which held the lock


# ---- locks by names ------------------------------------------------------------------------------


@pytest.fixture(params=NAMED)
def named(request: pytest.FixtureRequest) -> Any:
    return NAMED[request.param]


def test_a_lock_object_serves_a_backend(named: Any, tmp_path: Path) -> None:
    path = str(tmp_path / "study.log")
    begin("file", tmp_path)
    backend = JournalFileBackend(path, lock_obj=named(path))
    assert isinstance(backend, FileBackend)
    assert isinstance(named(path), BaseJournalFileLock)
    assert append(backend, 0, "a") == 2
    assert append(JournalFileBackend(path, named(path)), 0, "b") == 3
    assert keys(backend) == ["a", "b"]


@pytest.mark.parametrize("grace_period", [0, -1])
def test_a_grace_period_is_positive_or_none(named: Any, grace_period: int) -> None:
    with pytest.raises(ValueError, match=f"grace_period={grace_period}.*more than 0 seconds"):
        named("study.log", grace_period)
    assert pickle.loads(pickle.dumps(named("study.log", None)))._grace == float("inf")


def test_a_stale_lock_is_taken_over_by_exactly_one(named: Any, tmp_path: Path) -> None:
    path = str(tmp_path / "log")
    for _ in range(5):
        stale = named(path)
        stale._make = lambda name, owner, real=stale._make: real(name, "another host-1")
        stale.acquire()  # and never released
        locks = [named(path, grace_period=0.05) for _ in range(4)]
        assert count_together(locks, n=5) == 20
        assert not stale.is_held()


def test_the_late_release_of_a_former_holder_does_no_harm(named: Any, tmp_path: Path) -> None:
    path = str(tmp_path / "log")
    late, quick = named(path), named(path, grace_period=0.01)
    late.acquire()
    quick.acquire()
    late.release()
    assert quick.is_held()
    third = named(path)
    taken = threading.Thread(target=third.acquire)
    taken.start()
    taken.join(0.1)
    assert taken.is_alive()
    quick.release()
    taken.join()
    assert third.is_held()


def test_who_lost_the_lock_writes_nothing(named: Any, tmp_path: Path) -> None:
    begin("file", tmp_path)
    path = str(tmp_path / "study.log")
    lock, quick = named(path), named(path, grace_period=0.01)
    backend = open_backend("file", tmp_path, lock=lock)
    real = backend._follow_to_the_end
    backend._follow_to_the_end = lambda: (quick.acquire(), real())
    with pytest.raises(StorageInternalError, match="has taken the lock over.*try again"):
        append(backend, 0, "late")
    quick.release()
    backend._follow_to_the_end = real
    assert append(backend, 0, "again") == 2
    assert keys(backend) == ["again"]


def test_who_slept_while_the_lock_went_on_does_not_take_a_number_that_has_passed(
    named: Any, tmp_path: Path
) -> None:
    busy, sleepy = named(str(tmp_path / "log")), named(str(tmp_path / "log"))
    for _ in range(40):
        busy.acquire()
        busy.release()
    busy.acquire()
    assert not sleepy._take(3)
    assert busy.is_held()
    assert not (tmp_path / "log.locks" / f"{3:012d}").exists()
    busy.release()
    sleepy.acquire()
    assert sleepy.is_held()


def test_few_files_are_left_of_many_turns(named: Any, tmp_path: Path) -> None:
    lock = named(str(tmp_path / "log"))
    for _ in range(50):
        lock.acquire()
        lock.release()
    assert len(list((tmp_path / "log.locks").iterdir())) < 40
