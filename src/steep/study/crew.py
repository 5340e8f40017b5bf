"""Threads that work together, for a caller who may be interrupted while it waits for them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

__all__ = ["Crew"]

_NAP = 0.1  # seconds


class Crew:
    """Do the same work in several threads.

    The threads end with the process: whoever gives up waiting is not kept from leaving.

    Args:
        size: The number of threads.
        work: What each of them does.

    Raises:
        ValueError: If there are to be none.

    Example:
        >>> done = []
        >>> crew = Crew(3, lambda: done.append(1))
        >>> crew.start()
        >>> crew.wait()
        True
        >>> done
        [1, 1, 1]
    """

    def __init__(self, size: int, work: Callable[[], None]) -> None:
        if size < 1:
            raise ValueError(f"n_jobs={size}: give the number of workers, 1 or more, or -1.")
        self._work = work
        self._errors: list[BaseException] = []
        self._changed = threading.Condition()
        self._left = size
        self._threads = [
            threading.Thread(target=self._do, name=f"steep-worker-{i}", daemon=True)
            for i in range(size)
        ]

    def start(self) -> None:
        """Let the threads begin."""
        for thread in self._threads:
            thread.start()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait for the threads that have begun.

        Args:
            timeout: Seconds to wait; None for any.

        Returns:
            Whether they have ended.
        """
        deadline = None if timeout is None else time.monotonic() + timeout
        with self._changed:
            never = sum(thread.ident is None for thread in self._threads)
            # The system may hand a signal to any thread, and the handler then waits until this one
            # wakes. So it does now and then.
            while not self._changed.wait_for(lambda: self._left == never, _NAP):
                if deadline is not None and time.monotonic() >= deadline:
                    return False
            return True

    def raise_error(self) -> None:
        """Raise what the work raised first, if it raised anything."""
        if self._errors:
            raise self._errors[0]

    def _do(self) -> None:
        try:
            self._work()
        except BaseException as error:
            self._errors.append(error)
        finally:
            with self._changed:
                self._left -= 1
                self._changed.notify_all()
