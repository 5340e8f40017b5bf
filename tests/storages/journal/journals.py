"""What the tests of journals share: backends whose system calls fail, tear or are counted."""

from __future__ import annotations

import contextlib
import errno
import os
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from steep.events import CreateStudy, Event, SetStudyAttr
from steep.exceptions import StorageInternalError
from steep.storages.journal import DirectoryBackend, FileBackend
from steep.storages.journal.system import SYSTEM
from steep.storages.writer import Writer

KINDS = {"file": FileBackend, "directory": DirectoryBackend}


class Crash(BaseException):
    """The process is gone: no cleaning up takes effect any more."""


class Table:
    """What a log folds to, as far as a backend cares."""

    def __init__(self) -> None:
        self.position = 0

    def follow(self, events: Iterable[Event]) -> None:
        self.position += len(list(events))


class Calls:
    """Make system calls, note them, and let a fault change one of them.

    Syncing is only noted, so that tests are quick; what a power cut leaves is for them to say.
    """

    def __init__(self, fault: Callable[[int, str, Callable[[], Any], Any], Any] | None = None):
        self.made: list[tuple[str, Any]] = []
        self.fault = fault
        self.is_dead = False

    def __getattr__(self, name: str) -> Callable[..., Any]:
        real = (lambda fd: None) if name == "sync" else getattr(SYSTEM, name)

        def call(*arguments: Any) -> Any:
            if self.is_dead:
                raise Crash(name)
            number = len(self.made)
            self.made.append((name, arguments))
            if self.fault is None:
                return real(*arguments)
            try:
                return self.fault(number, name, lambda: real(*arguments), arguments)
            except Crash:
                self.is_dead = True
                raise

        return call

    def count(self, name: str) -> int:
        return sum(made == name for made, _ in self.made)


def fails(at: int | None, error: BaseException, when: str) -> Callable[..., Any]:
    """Let one call fail before or after its effect or, if it writes, in the middle."""

    def fault(number: int, name: str, real: Callable[[], Any], arguments: Any) -> Any:
        if number != at:
            return real()
        if when == "half" and name == "pwrite":
            fd, data, offset = arguments
            os.pwrite(fd, data[: len(data) // 2], offset)
        elif when == "after":
            with contextlib.suppress(OSError):
                real()
        raise error

    return fault


def oserror(number: int) -> OSError:
    return OSError(number, os.strerror(number))


def open_backend(kind: str, path: Path, calls: Calls | None = None, **arguments: Any) -> Any:
    """Open a journal of the kind, quick by default, as its own process would."""
    place = path / "study.log" if kind == "file" else path / "study.d"
    base = KINDS[kind]
    cls = type(base.__name__, (base,), {"system": calls or Calls()})
    return cls(place, **({"sync_interval": 0} | arguments))


def begin(kind: str, path: Path, name: str = "tea") -> int:
    """Make a study with a backend of its own."""
    backend = open_backend(kind, path)
    study_id = backend.create(CreateStudy(name, [1]), Writer())
    backend.close()
    return int(study_id)


def note(key: object) -> SetStudyAttr:
    """An event that says which one it is, and counts as a result."""
    return SetStudyAttr(str(key), 0)


def append(backend: Any, study_id: int, *keys: object, writer: Writer | None = None) -> int:
    position = backend.append(study_id, [note(key) for key in keys], writer or Writer(), Table())
    return int(position)


def keys(backend: Any, study_id: int = 0, after: int = 0) -> list[str]:
    """The keys of the notes in a log, in order."""
    events = list(backend.read(study_id, after))
    return [event.key for event in events if isinstance(event, SetStudyAttr)]


def try_append(backend: Any, study_id: int, key: object) -> int | None:
    """The position, or None if the backend said that it failed."""
    try:
        return append(backend, study_id, key)
    except StorageInternalError:
        return None


def start(script: str, *arguments: object) -> subprocess.Popen[str]:
    """Start a process that runs a script."""
    command = [sys.executable, "-c", script, *map(str, arguments)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def finish(process: subprocess.Popen[str]) -> list[str]:
    """Wait for a process, and give the lines that it printed."""
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    return output.splitlines()


EIO, ENOSPC, ESTALE = errno.EIO, errno.ENOSPC, errno.ESTALE
