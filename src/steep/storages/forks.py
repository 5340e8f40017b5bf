"""What happens to storages and their connections when a process forks.

First every storage comes to rest, then every connection: a thread that appends holds the lock of
its storage and waits for that of the connection. Whatever else threads hold while they wait for
something else (a sampler may run a study of its own), a fork waits for nothing for long while it
holds something: it lets go of everything and begins again with what was in its way.
"""

from __future__ import annotations

import os
import threading
import weakref
from typing import Protocol

__all__ = ["CONNECTION", "STORAGE", "Forking", "guard"]

STORAGE, CONNECTION = 0, 1
"""What comes to rest first, and what then."""


class Forking(Protocol):
    """Have something that must not be in use, or not even open, when the process forks."""

    def before_fork(self, patience: float) -> bool:
        """Come to rest, so that no other thread uses it until :meth:`forked`; raise nothing.

        Args:
            patience: Seconds to wait for other threads; -1 for as long as it takes.

        Returns:
            Whether it rests; if not, it is as it was.
        """
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
_resting: dict[int, Forking] = {}  # by id, in the order in which they came to rest
_forking = threading.Lock()
_PATIENCE = 0.1
"""Seconds to wait for one thing while others rest already."""


def guard(target: Forking, level: int) -> None:
    """Tell something of every fork, as long as it lives.

    Args:
        target: What is told.
        level: :data:`STORAGE` or :data:`CONNECTION`.
    """
    key = (level, id(target))
    _guarded[key] = weakref.ref(target, lambda _: _guarded.pop(key, None))


def _in_order() -> list[Forking]:
    found = (reference() for _, reference in sorted(_guarded.copy().items(), key=_key))
    return [target for target in found if target is not None]


def _key(item: tuple[tuple[int, int], weakref.ref[Forking]]) -> tuple[int, int]:
    return item[0]


def _before() -> None:
    _forking.acquire()
    blocked = _rest_all(None)
    while blocked is not None:
        _go_on(is_child=False)
        blocked = _rest_all(blocked)


def _rest_all(first: Forking | None) -> Forking | None:
    """Let everything rest, and what was in the way before anything else.

    Returns:
        What is in the way now, or None if everything rests.
    """
    if first is not None:
        _rest(first, -1)
    # Others may make new ones as long as not all of them rest.
    while left := [target for target in _in_order() if id(target) not in _resting]:
        for target in left:
            if not _rest(target, _PATIENCE):
                return target
    return None


def _rest(target: Forking, patience: float) -> bool:
    rests = target.before_fork(patience)
    if rests:
        _resting[id(target)] = target
    return rests


def _go_on(is_child: bool) -> None:
    while _resting:
        _, target = _resting.popitem()
        target.forked(is_child)


def _after(is_child: bool) -> None:
    try:
        _go_on(is_child)
    finally:
        _forking.release()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=_before,
        after_in_parent=lambda: _after(False),
        after_in_child=lambda: _after(True),
    )
