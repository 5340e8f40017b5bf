"""Children of the test process: they start at once, since everything is imported already."""

from __future__ import annotations

import contextlib
import os
import signal
import time
import traceback
from collections.abc import Callable, Iterator

__all__ = ["Child", "children"]


class Child:
    """Run a function in a forked process.

    Args:
        work: The function. It must make its own backends.
    """

    def __init__(self, work: Callable[[], None]) -> None:
        self.pid = os.fork()
        if not self.pid:
            code = 1
            try:
                work()
                code = 0
            except BaseException:
                traceback.print_exc()
            finally:
                os._exit(code)

    def join(self, seconds: float = 60.0) -> int:
        """Wait for the end; give the exit code, negative for a signal."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.pid = 0
                return os.waitstatus_to_exitcode(status)
            time.sleep(0.002)
        raise AssertionError(f"A child has not ended after {seconds} s.")

    def kill(self) -> None:
        """Send SIGKILL and wait for the end."""
        if self.pid:
            os.kill(self.pid, signal.SIGKILL)
            self.join()


@contextlib.contextmanager
def children(*works: Callable[[], None]) -> Iterator[list[Child]]:
    """Start a process for each function; kill those that are left at the end."""
    started = [Child(work) for work in works]
    try:
        yield started
    finally:
        for child in started:
            child.kill()
