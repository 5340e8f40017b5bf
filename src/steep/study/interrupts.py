"""Ctrl-C between objectives: it waits until the trial is asked for, or told, as a whole.

An exception in the middle of ``tell`` would lose a result that is there, and one in the middle of
``ask`` would leave a trial that nobody runs. So in the main thread Ctrl-C raises at once only where
the user's own code runs, and a second one anywhere.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

__all__ = ["Shield"]


class Shield:
    """Hold Ctrl-C back.

    Attributes:
        is_down: Whether Ctrl-C raises at once.

    Example:
        >>> shield = Shield()
        >>> with shield.held():
        ...     shield.is_down = True
        ...     shield.check()  # raises KeyboardInterrupt if Ctrl-C came before
    """

    __slots__ = ("_has_come", "is_down")

    def __init__(self) -> None:
        self.is_down = False
        self._has_come = False

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold it where Ctrl-C comes to this thread, and nobody else handles it."""
        import signal  # it makes enumerations of all signals

        is_main = threading.current_thread() is threading.main_thread()
        if not is_main or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
            yield
            return
        signal.signal(signal.SIGINT, self._handle)
        try:
            yield
            self.check()
        finally:
            if signal.getsignal(signal.SIGINT) == self._handle:
                signal.signal(signal.SIGINT, signal.default_int_handler)

    def check(self) -> None:
        """Raise what was held back.

        Raises:
            KeyboardInterrupt: If Ctrl-C has come.
        """
        if self._has_come:
            self._has_come = False
            raise KeyboardInterrupt

    def _handle(self, signum: int, frame: FrameType | None) -> None:
        if self.is_down or self._has_come:
            self._has_come = False
            raise KeyboardInterrupt
        self._has_come = True
