"""A fork while other threads are in the middle of something: nobody waits for ever."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from storages.media import MEDIA, Medium
from storages.sql.processes import Child

import steep
from steep.storages import InMemoryStorage, Storage

RANDOM = steep.samplers.RandomSampler(seed=0)

pytestmark = [
    pytest.mark.skipif("not hasattr(__import__('os'), 'fork')", reason="there is no fork here"),
    pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning"),  # there are threads: yes
]


class Watched:
    """Be the lock of a storage, and say when the main thread asks for it.

    Attributes:
        wanted: Set when that thread asks.
    """

    def __init__(self, storage: Any) -> None:
        self._lock = storage._lock
        self._watched = threading.main_thread().ident
        self.wanted = threading.Event()
        storage._lock = self

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        if threading.get_ident() == self._watched:
            self.wanted.set()
        return bool(self._lock.acquire(blocking, timeout))

    def release(self) -> None:
        self._lock.release()

    def __enter__(self) -> bool:
        return self.acquire()

    def __exit__(self, *_: object) -> None:
        self.release()


@contextlib.contextmanager
def running(work: Callable[[], None]) -> Iterator[None]:
    """Do something in another thread meanwhile, and let it come to its end."""
    problems: list[BaseException] = []

    def run() -> None:
        try:
            work()
        except BaseException as error:
            problems.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        thread.join()
    assert problems == []


def tell_one(study: steep.Study, value: float) -> None:
    trial = study.ask()
    trial.suggest_float("x", 0, 1)
    study.tell(trial, value)


def end_well(child: Child) -> None:
    try:
        assert child.join() == 0
    finally:
        child.kill()


def create(medium: Medium) -> steep.Study:
    return steep.create_study(study_name="tea", storage=medium.open(), sampler=RANDOM)


@pytest.mark.parametrize("kind", MEDIA)
def test_a_child_has_the_lock_that_a_thread_of_its_parent_held(kind: str, tmp_path: Path) -> None:
    with MEDIA[kind](tmp_path) as medium:
        study = create(medium)
        storage: Any = study._storage
        held = threading.Event()
        lock = Watched(storage)

        def hold() -> None:
            with lock:
                held.set()
                lock.wanted.wait()  # the fork has begun, and has to wait for what follows
                tell_one(study, 1.0)

        def work() -> None:
            seen = [trial.value for trial in study.trials]
            assert seen == [1.0], f"the child sees {seen}"
            tell_one(study, 2.0)
            assert [trial.value for trial in study.trials] == [1.0, 2.0]
            storage.close()

        with running(hold):
            held.wait()
            try:
                child = Child(work)
            finally:
                lock.wanted.set()  # where a fork asks for nothing, the thread goes on
        end_well(child)
        tell_one(study, 3.0)
        shared = [2.0] if kind != "memory" else []
        assert [trial.value for trial in study.trials] == [1.0, *shared, 3.0]


def test_a_storage_that_a_thread_makes_while_a_fork_waits_rests_as_well() -> None:
    lock = Watched(first := InMemoryStorage())
    held = threading.Event()
    made: list[Storage] = []
    late_locks: list[Watched] = []

    def hold() -> None:
        with lock:
            held.set()
            lock.wanted.wait()
            made.append(InMemoryStorage())
            late_locks.append(late := Watched(made[0]))
            late._lock.acquire()
        late.wanted.wait()  # the fork waits for this storage too
        late.release()

    with running(hold):
        held.wait()
        try:
            child = Child(lambda: tell_one(steep.create_study(storage=made[0]), 1.0))
        finally:
            late_locks[0].wanted.set()
    end_well(child)
    assert first is not made[0]


def test_a_fork_does_not_wait_for_a_thread_that_waits_for_the_fork() -> None:
    """A sampler that runs a study of its own holds the lock of one and asks for that of another."""
    inner, outer = sorted((InMemoryStorage(), InMemoryStorage()), key=id)
    lock = Watched(outer)  # the fork has the lock of `inner` when it asks for this one
    study = steep.create_study(storage=inner, sampler=RANDOM)
    held = threading.Event()

    def search() -> None:
        with lock:
            held.set()
            lock.wanted.wait()
            tell_one(study, 1.0)

    with running(search):
        held.wait()
        child = Child(lambda: tell_one(study, 2.0))
    end_well(child)
    assert [trial.value for trial in study.trials] == [1.0]
