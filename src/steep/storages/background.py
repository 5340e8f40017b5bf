"""The thread that does for a shared log what cannot wait for the next call.

It sleeps while nothing happens, is a daemon, and lives no longer than its storage. What fails is
logged once: the next call of the user meets the same trouble and raises it there. Meanwhile the
thread tries again, at growing intervals.
"""

from __future__ import annotations

import atexit
import threading
import weakref
from typing import Protocol

from steep import logging

__all__ = ["Background", "Ticking"]

_logger = logging.get_logger(__name__)
_LONGEST_PAUSE = 10.0
"""Seconds between two tries at most, while they fail."""


class Ticking(Protocol):
    """Have something to do every now and then."""

    def tick(self) -> bool:
        """Do what is due, and tell whether there will be more without another wake."""
        ...

    def close(self) -> None:
        """Finish everything; called when the interpreter ends."""
        ...


class Background:
    """Tick for a storage, from the first wake on.

    Args:
        target: What ticks. It is not kept alive.
        interval: Seconds between two ticks.
    """

    def __init__(self, target: Ticking, interval: float) -> None:
        self._target = weakref.ref(target, lambda _: self._awake.set())
        self._interval = interval
        self._thread: threading.Thread | None = None
        self._awake = threading.Event()

    def wake(self) -> None:
        """Tick after an interval, and then as long as there is something to do."""
        if not self._awake.is_set():
            self._awake.set()
            if self._thread is None:
                self._start()

    def rest(self) -> None:
        """Tick no more until the next wake."""
        self._awake.clear()

    def _start(self) -> None:
        target = self._target()
        assert target is not None, "the target itself wakes"
        _started.add(target)
        self._thread = threading.Thread(target=self._run, name="steep-storage", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        pause = threading.Event()  # never set; waiting for it is a sleep
        failures: list[str] = []
        while True:
            self._awake.wait()
            pause.wait(min(self._interval * 2 ** min(len(failures), 10), _LONGEST_PAUSE))
            target = self._target()
            if target is None:
                return
            if self._awake.is_set() and not self._is_done(target, failures):
                self._awake.set()
            del target

    def _is_done(self, target: Ticking, failures: list[str]) -> bool:
        """Tick once, and tell whether there is nothing more to do until the next wake."""
        self._awake.clear()
        try:
            has_more = target.tick()
        except Exception as error:
            problem = repr(error)
            if problem not in failures:
                _logger.warning(f"The background thread of a storage met a problem: {problem}")
            failures.append(problem)
            return False
        failures.clear()
        return not has_more


_started: weakref.WeakSet[Ticking] = weakref.WeakSet()


def _close_all() -> None:
    for target in list(_started):
        try:
            target.close()
        except Exception as error:
            _logger.warning(f"Closing a storage met a problem: {error!r}")


atexit.register(_close_all)
