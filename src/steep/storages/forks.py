"""What happens to storages and their connections when a process forks.

First every storage comes to rest, then every connection, always in this order: a thread that
appends holds the lock of its storage and waits for that of the connection.
"""

from __future__ import annotations

import os
import threading
import weakref
from collections.abc import Iterator
from typing import Protocol

from steep import logging

__all__ = ["CONNECTION", "STORAGE", "Forking", "guard"]

_logger = logging.get_logger(__name__)

STORAGE, CONNECTION = 0, 1
"""What comes to rest first, and what then."""


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


# Setting an entry and listing them all are single steps for the interpreter, so no lock is needed
# that a thread might ask for while it holds one of those below.
_guarded: dict[tuple[int, int], weakref.ref[Forking]] = {}
_resting: list[Forking] = []
_forking = threading.Lock()


def guard(target: Forking, level: int) -> None:
    """Tell something of every fork, as long as it lives.

    Args:
        target: What is told.
        level: :data:`STORAGE` or :data:`CONNECTION`.
    """
    key = (level, id(target))
    _guarded[key] = weakref.ref(target, lambda _: _guarded.pop(key, None))


def _in_order() -> Iterator[Forking]:
    for _, reference in sorted(_guarded.copy().items(), key=lambda item: item[0]):
        target = reference()
        if target is not None:
            yield target


def _before() -> None:
    _forking.acquire()
    for target in _in_order():
        try:
            target.before_fork()
        except Exception as error:
            _logger.warning(f"A storage could not be made ready for a fork: {error!r}")
        else:
            _resting.append(target)


def _after(is_child: bool) -> None:
    while _resting:
        _resting.pop().forked(is_child)
    _forking.release()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=_before,
        after_in_parent=lambda: _after(False),
        after_in_child=lambda: _after(True),
    )
