"""Where programs for Optuna may still find the parts of a journal."""

from __future__ import annotations

from steep.storages.journal import named_locks
from steep.storages.journal.file import JournalFileBackend
from steep.storages.older import older_name_of
from steep.storages.redis import JournalRedisBackend

__all__ = [
    "JournalFileOpenLock",
    "JournalFileStorage",
    "JournalFileSymlinkLock",
    "JournalRedisStorage",
]


@older_name_of("steep.storages.journal.JournalFileBackend")
class JournalFileStorage(JournalFileBackend):
    """Keep a journal in a file; see :class:`~steep.storages.journal.JournalFileBackend`."""


@older_name_of("steep.storages.journal.JournalRedisBackend")
class JournalRedisStorage(JournalRedisBackend):
    """Keep a journal in Redis; see :class:`~steep.storages.journal.JournalRedisBackend`."""


@older_name_of("steep.storages.journal.JournalFileOpenLock")
class JournalFileOpenLock(named_locks.JournalFileOpenLock):
    """Lock a file; see :class:`~steep.storages.journal.JournalFileOpenLock`."""


@older_name_of("steep.storages.journal.JournalFileSymlinkLock")
class JournalFileSymlinkLock(named_locks.JournalFileSymlinkLock):
    """Lock a file; see :class:`~steep.storages.journal.JournalFileSymlinkLock`."""
