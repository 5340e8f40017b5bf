"""The system calls of journals, in one object, so that tests can let each of them fail.

Also the errors that they become: what failed, on which file, and what to do about it.
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable
from typing import Any

from steep.exceptions import StorageInternalError

__all__ = ["PASSING", "SYSTEM", "System", "failed", "require_posix"]

PASSING = frozenset({errno.EINTR, errno.EAGAIN, errno.ESTALE})
"""Errors that a fresh descriptor cures: what was meant is tried once more."""

_HINTS = {
    errno.ENOSPC: "The disk is full. What was recorded before is safe; free some space and go on.",
    errno.EDQUOT: "The quota is used up. What was recorded before is safe; free some space.",
    errno.EACCES: "Make the file and its folder writable for this user.",
    errno.EPERM: "Make the file and its folder writable; the file system must know hard links.",
    errno.EROFS: "The file system is mounted for reading only; put the log elsewhere.",
    errno.ENOENT: "Make the folder first, or correct the path.",
    errno.EISDIR: "The path is a folder: use DirectoryBackend(path) for a log in a folder.",
    errno.ENOTDIR: "The path is a file: use FileBackend(path) for a log in one file.",
    errno.ENOLCK: "The file system has no locks; use DirectoryBackend(path), which needs none.",
    errno.EOPNOTSUPP: "The file system cannot do this; put the log on another one.",
    errno.EIO: "The disk or the network reported an error; see the log of the system.",
}


if sys.platform == "win32":  # for the import alone; see require_posix

    def _lock(fd: int) -> None:
        raise OSError(errno.ENOLCK, "there are no POSIX locks on this system")

    _unlock = _lock
else:
    import fcntl

    def _lock(fd: int) -> None:
        fcntl.lockf(fd, fcntl.LOCK_EX)

    def _unlock(fd: int) -> None:
        fcntl.lockf(fd, fcntl.LOCK_UN)


def _size(fd: int) -> int:
    return os.lseek(fd, 0, os.SEEK_END)  # four times as quick as fstat


def _exists(path: str) -> bool:
    return os.access(path, os.F_OK)


def _missing(*_: Any) -> Any:
    raise OSError(errno.ENOSYS, "this system call is missing here")


def _call(name: str, otherwise: Callable[..., Any] = _missing) -> Any:
    return staticmethod(getattr(os, name, otherwise))


class System:
    """Call the operating system. Tests put objects in its place that fail."""

    open = staticmethod(os.open)
    close = staticmethod(os.close)
    stat = staticmethod(os.fstat)
    size = staticmethod(_size)
    pread = _call("pread")
    pwrite = _call("pwrite")
    truncate = staticmethod(os.ftruncate)
    sync = _call("fdatasync", os.fsync)
    link = staticmethod(os.link)
    unlink = staticmethod(os.unlink)
    rename = staticmethod(os.replace)
    mkdir = staticmethod(os.mkdir)
    listdir = staticmethod(os.listdir)
    exists = staticmethod(_exists)
    lock = staticmethod(_lock)
    unlock = staticmethod(_unlock)


SYSTEM = System()


def failed(doing: str, path: str, error: OSError) -> StorageInternalError:
    """Make the error of a system call that failed for good.

    Args:
        doing: What was tried, such as ``"Appending to"``.
        path: The file.
        error: What the system said.
    """
    hint = _HINTS.get(error.errno or 0, "")
    return StorageInternalError(
        f"{doing} {path!r} failed: {error.strerror or error}. {hint}".strip()
    )


def require_posix(name: str) -> None:
    """Refuse systems without POSIX files.

    Args:
        name: What needs them.

    Raises:
        StorageInternalError: On Windows.
    """
    if sys.platform == "win32":
        raise StorageInternalError(
            f"{name} needs the files and locks of Linux, macOS or another POSIX system, which "
            'this one does not have. Use a database instead, such as storage="sqlite:///study.db".'
        )
