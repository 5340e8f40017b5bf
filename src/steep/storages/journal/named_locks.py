"""Locks made of names that exist only once, for file systems without POSIX locks.

The lock is a sequence of numbered files in a folder. The one with the highest number is the state
of the lock: held, or free once a file of that number ending in ``.free`` stands beside it. Who
wants the lock makes the next number, which only one can do. A lock that a dead process holds is
taken over in the same way, so two who find it stale at the same time never both get it, and the
late release of a former holder concerns a number that has passed.

A lock of a process on the same machine that is gone is taken over at once, and any other one when
it has not changed for the grace period, on the clock of the one who waits.
"""

from __future__ import annotations

import contextlib
import os
import random
import time
from abc import abstractmethod
from pathlib import Path
from typing import Any

from steep.storages.journal.locks import BaseJournalFileLock
from steep.storages.journal.owners import is_gone, me
from steep.storages.journal.system import failed

__all__ = ["JournalFileOpenLock", "JournalFileSymlinkLock"]

_DIGITS = 12
_FREE = ".free"
_KEPT = 16  # a listing may miss a number that is made meanwhile, but not so many
_LONGEST_PAUSE = 0.05


class _NamedLock(BaseJournalFileLock):
    def __init__(self, filepath: str, grace_period: int | None = 30) -> None:
        if grace_period is not None and grace_period <= 0:
            raise ValueError(
                f"{type(self).__name__}({filepath!r}, grace_period={grace_period!r}): give more "
                "than 0 seconds, or None to take a lock only from processes known to be gone."
            )
        self._folder = Path(f"{os.fspath(filepath)}.locks")
        self._grace = float("inf") if grace_period is None else grace_period
        self._arguments = (filepath, grace_period)
        self._mine: int | None = None

    @abstractmethod
    def _make(self, path: Path, owner: str) -> None:
        """Make a name that must not exist."""

    @abstractmethod
    def _owner(self, path: Path) -> str:
        """Read who made a name."""

    def acquire(self) -> bool:
        """Wait until the lock is free and take it; see the base."""
        try:
            self._folder.mkdir(exist_ok=True)
            self._wait()
        except OSError as error:
            raise failed("Locking", str(self._folder), error) from error
        return True

    def _wait(self) -> None:
        pause, seen, since = 0.001, -1, time.monotonic()
        while True:
            number, is_free = self._latest()
            if number != seen:
                seen, since = number, time.monotonic()
            if is_free or self._is_stale(number, since):
                if self._take(number + 1):
                    return
            else:
                time.sleep(pause * random.random())
                pause = min(2 * pause, _LONGEST_PAUSE)

    def _latest(self) -> tuple[int, bool]:
        names = {path.name for path in self._folder.iterdir()}
        numbers = [int(name) for name in names if name.isdigit()]
        number = max(numbers, default=0)
        return number, not numbers or self._name(number).name + _FREE in names

    def _is_stale(self, number: int, since: float) -> bool:
        if time.monotonic() - since > self._grace:
            return True
        try:
            return is_gone(self._owner(self._name(number)))
        except OSError:
            return False  # it is being made, or it has passed

    def _take(self, number: int) -> bool:
        try:
            self._make(self._name(number), me())
        except FileExistsError:
            return False
        if self._latest()[0] != number:  # a number that had passed long ago
            self._name(number).unlink()
            return False
        self._mine = number
        self._clean(number - _KEPT)
        return True

    def _clean(self, last: int) -> None:
        for path in list(self._folder.iterdir()):
            if path.stem.isdigit() and int(path.stem) <= last:
                path.unlink(missing_ok=True)

    def release(self) -> None:
        """Give the lock back; see the base."""
        if self._mine is not None:
            with contextlib.suppress(FileExistsError):
                self._make(self._name(self._mine, _FREE), "")
            self._mine = None

    def is_held(self) -> bool:
        """Tell whether nobody has taken the lock over; see the base."""
        return self._mine is not None and self._latest()[0] == self._mine

    def _name(self, number: int, ending: str = "") -> Path:
        return self._folder / f"{number:0{_DIGITS}d}{ending}"

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), self._arguments


class JournalFileOpenLock(_NamedLock):
    """Lock by files that can be made only once, for NFS 3 and later.

    A file of POSIX systems needs no such lock: leave ``lock_obj`` out where
    :class:`~steep.storages.journal.JournalFileBackend` is on a local disk, and use
    :class:`~steep.storages.journal.DirectoryBackend` on a network file system. All processes
    must use the same kind of lock.

    Args:
        filepath: The file that the lock protects.
        grace_period: Seconds after which a lock that does not change is taken over. None: never,
            unless its process is known to be gone.

    Raises:
        ValueError: If the grace period is not positive.

    Example:
        >>> import tempfile
        >>> lock = JournalFileOpenLock(tempfile.mkdtemp() + "/study.log")
        >>> lock.acquire()
        True
        >>> lock.release()
    """

    def _make(self, path: Path, owner: str) -> None:
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
        try:
            os.write(fd, owner.encode())
        finally:
            os.close(fd)

    def _owner(self, path: Path) -> str:
        return path.read_text()


class JournalFileSymlinkLock(_NamedLock):
    """Lock by symbolic links, for NFS 2 and later.

    See :class:`JournalFileOpenLock` for what to use instead.

    Args:
        filepath: The file that the lock protects.
        grace_period: Seconds after which a lock that does not change is taken over. None: never,
            unless its process is known to be gone.

    Raises:
        ValueError: If the grace period is not positive.

    Example:
        >>> JournalFileSymlinkLock("study.log", grace_period=0)
        Traceback (most recent call last):
        ...
        ValueError: JournalFileSymlinkLock('study.log', grace_period=0): give more ...
    """

    def _make(self, path: Path, owner: str) -> None:
        path.symlink_to(owner or "free")

    def _owner(self, path: Path) -> str:
        return str(path.readlink())
