"""What happens to connections when a process forks."""

from __future__ import annotations

import os
import threading
import weakref
from typing import Protocol

__all__ = ["Forking", "guard"]


class Forking(Protocol):
    """Have something that must not be in use, or not even open, when the process forks."""

    def before_fork(self) -> None:
        """Make ready for a fork."""
        ...

    def forked(self, is_child: bool) -> None:
        """Go on after it.

        Args:
            is_child: Whether this is the new process.
        """
        ...


_guarded: weakref.WeakSet[Forking] = weakref.WeakSet()
_waiting: list[Forking] = []
_registering = threading.Lock()


def guard(target: Forking) -> None:
    """Tell something of every fork, as long as it lives.

    Args:
        target: What is told.
    """
    with _registering:
        _guarded.add(target)


def _before() -> None:
    _registering.acquire()
    _waiting.extend(_guarded)
    for target in _waiting:
        target.before_fork()


def _after(is_child: bool) -> None:
    while _waiting:
        _waiting.pop().forked(is_child)
    _registering.release()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=_before,
        after_in_parent=lambda: _after(False),
        after_in_child=lambda: _after(True),
    )
