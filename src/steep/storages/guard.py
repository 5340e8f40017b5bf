"""One call at a time: a backend for the threads of a process.

The storage's own lock cannot serve, since heartbeats must go on while a sampler, which holds that
lock, thinks for a minute.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from steep.events import Event
from steep.storages.backend import Backend

__all__ = ["Guard"]

_CALLS = (
    "create",
    "delete",
    "studies",
    "append",
    "settle",
    "beat",
    "leave",
    "ages",
    "save_snapshot",
    "load_snapshot",
    "close",
)


class Guard:
    """Let one thread at a time call a backend.

    Args:
        backend: The backend.
    """

    keeps_log = True

    def __init__(self, backend: Backend) -> None:
        self.backend = backend
        self._open_calls()

    def _open_calls(self) -> None:
        lock = threading.Lock()
        for name in _CALLS:
            setattr(self, name, _guarded(lock, getattr(self.backend, name)))
        self.read = _guarded(lock, self._read)

    def _read(self, study_id: int, after: int) -> list[Event]:
        return list(self.backend.read(study_id, after))

    def after_fork(self) -> None:
        """Let go of what belongs to the parent, its lock included."""
        self._open_calls()
        self.backend.after_fork()

    def __getstate__(self) -> Backend:
        return self.backend

    def __setstate__(self, backend: Backend) -> None:
        self.backend = backend
        self._open_calls()


def _guarded(lock: threading.Lock, call: Callable[..., Any]) -> Callable[..., Any]:
    def guarded(*args: Any) -> Any:
        with lock:
            return call(*args)

    return guarded
