"""Journals: studies in a file on this machine, or in a folder that several machines share."""

from __future__ import annotations

from steep.storages.journal.base import BaseJournalBackend
from steep.storages.journal.directory import DirectoryBackend
from steep.storages.journal.file import FileBackend, JournalFileBackend
from steep.storages.journal.locks import BaseJournalFileLock
from steep.storages.journal.named_locks import JournalFileOpenLock, JournalFileSymlinkLock
from steep.storages.journal.older import JournalFileStorage, JournalRedisStorage
from steep.storages.journal.repair import repair
from steep.storages.named import JournalStorage
from steep.storages.redis import JournalRedisBackend

__all__ = [
    "BaseJournalBackend",
    "BaseJournalFileLock",
    "BaseJournalLogStorage",
    "DirectoryBackend",
    "FileBackend",
    "JournalFileBackend",
    "JournalFileOpenLock",
    "JournalFileStorage",
    "JournalFileSymlinkLock",
    "JournalRedisBackend",
    "JournalRedisStorage",
    "JournalStorage",
    "repair",
]

BaseJournalLogStorage = BaseJournalBackend
"""The older name."""
