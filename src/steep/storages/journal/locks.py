"""Locks that let one process at a time append to a file.

:class:`PosixLock` is the one to use: the kernel frees it the moment its process dies. The others
carry the names that Optuna users know; they need nothing of the file system but that a name can
be made only once.
"""

from __future__ import annotations

import contextlib
import os
import threading
import weakref
from abc import ABC, abstractmethod
from collections import deque

from steep.storages.journal.system import SYSTEM, System

__all__ = ["BaseJournalFileLock", "PosixLock"]


class BaseJournalFileLock(ABC):
    """Let one holder at a time write to a file."""

    @abstractmethod
    def acquire(self) -> bool:
        """Wait until the lock is free and take it.

        Returns:
            True.
        """

    @abstractmethod
    def release(self) -> None:
        """Give the lock back, if this thread holds it."""

    def is_held(self) -> bool:
        """Tell whether the lock, once acquired, has not been taken away since."""
        return True


class PosixLock(BaseJournalFileLock):
    """Hold a POSIX record lock on a file of its own, and a mutex among the threads.

    A process loses such a lock when *any* of its descriptors of that file is closed. So the file
    holds nothing else, and all locks of a process on one file share one descriptor. A forked
    child inherits the descriptor and not the lock, as it should be.

    Args:
        path: The file; it is made where it is missing.
        system: The system calls.
    """

    def __init__(self, path: str, system: System = SYSTEM) -> None:
        self._path = path
        self._system = system
        self._shared: _Descriptor | None = None

    def acquire(self) -> bool:
        """Wait until the lock is free and take it; see the base."""
        while True:
            shared = self._shared or self._open()
            shared.mutex.acquire()
            if not shared.is_closed:
                self._system.lock(shared.fd)
                if self._system.stat(shared.fd).st_nlink:
                    return True
            # The file was deleted: others would lock another one of the same name.
            self.release()
            self.close()

    def release(self) -> None:
        """Give the lock back, if this thread holds it; see the base."""
        shared = self._shared
        if shared is None or not shared.mutex.acquire(blocking=False):
            return  # another thread has it
        # Whoever has the mutex may unlock, held or not. That is safe to call at any point, so an
        # interrupt in the middle of `acquire` leaves nothing locked.
        try:
            if not shared.is_closed:
                self._system.unlock(shared.fd)
        except BaseException as error:
            with _registry:
                _close(shared, self._system)  # frees the lock too
            if not isinstance(error, OSError):
                raise
        finally:
            shared.mutex.release()
            try:  # noqa: SIM105 - on the way of every append
                shared.mutex.release()
            except RuntimeError:
                pass  # this thread did not hold it before

    def close(self) -> None:
        """Let go of the descriptor; the next call opens another one."""
        if self._shared is not None:
            self._finalizer()
            self._shared = None
            with _registry:
                _close_unused(self._system)

    def _open(self) -> _Descriptor:
        with _registry:
            _close_unused(self._system)
            shared = _find(self._path) or _make(self._path, self._system)
            shared.users += 1
        self._finalizer = weakref.finalize(self, _dropped.append, shared)
        self._finalizer.atexit = False
        self._shared = shared
        return shared


class _Descriptor:
    """Be the one descriptor that this process has of a lock file."""

    def __init__(self, fd: int) -> None:
        self.fd = fd
        self.users = 0
        self.is_closed = False
        # Recursive not because anybody locks twice, but because it knows which thread has it.
        self.mutex = threading.RLock()


_registry = threading.Lock()
_descriptors: dict[tuple[int, int], _Descriptor] = {}  # by device and inode
# A finalizer runs at any time, even while this thread holds the registry: it only leaves a note.
_dropped: deque[_Descriptor] = deque()


def _find(path: str) -> _Descriptor | None:
    # By name and without opening: closing what was opened here would free the lock.
    try:
        status = os.stat(path)  # noqa: PTH116 - one call, on the way to a system call
    except FileNotFoundError:
        return None
    return _descriptors.get((status.st_dev, status.st_ino))


def _make(path: str, system: System) -> _Descriptor:
    fd = system.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    status = os.fstat(fd)
    # If the file has come here in this very moment under another name, both descriptors stay.
    return _descriptors.setdefault((status.st_dev, status.st_ino), _Descriptor(fd))


def _close_unused(system: System) -> None:
    while _dropped:
        shared = _dropped.popleft()
        shared.users -= 1
        if shared.users == 0 and not shared.is_closed:
            _close(shared, system)


def _close(shared: _Descriptor, system: System) -> None:
    shared.is_closed = True
    for key in [key for key, known in _descriptors.items() if known is shared]:
        del _descriptors[key]
    with contextlib.suppress(OSError):
        system.close(shared.fd)


def _after_fork() -> None:
    """Free the mutexes that threads of the parent may have held."""
    global _registry
    _registry = threading.Lock()
    for shared in _descriptors.values():
        shared.mutex = threading.RLock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
