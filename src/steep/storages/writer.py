"""Who writes to a log: an id that no other process has, and a number for each event.

A backend that loses its connection cannot know whether its append arrived. It appends again under
the same number, and the log recognises what it has already.
"""

from __future__ import annotations

import os
import threading

__all__ = ["Writer"]


class Writer:
    """Name one process that writes, and number its events.

    Example:
        >>> writer = Writer()
        >>> writer.take(), writer.take(3), writer.take()
        (1, 2, 5)
    """

    def __init__(self) -> None:
        self.id = os.urandom(16).hex()
        self._taken = 0
        self._lock = threading.Lock()

    def take(self, count: int = 1) -> int:
        """Take the numbers of the next events.

        Args:
            count: How many events there are.

        Returns:
            The number of the first.
        """
        with self._lock:
            first = self._taken + 1
            self._taken += count
            return first
