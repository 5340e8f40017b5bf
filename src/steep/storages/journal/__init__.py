"""Journals: studies in a file on this machine, or in a folder that several machines share."""

from __future__ import annotations

from steep.storages.journal.base import BaseJournalBackend
from steep.storages.journal.directory import DirectoryBackend
from steep.storages.journal.file import FileBackend, JournalFileBackend, repair
from steep.storages.journal.locks import BaseJournalFileLock
from steep.storages.journal.named_locks import JournalFileOpenLock, JournalFileSymlinkLock

__all__ = [
    "BaseJournalBackend",
    "BaseJournalFileLock",
    "DirectoryBackend",
    "FileBackend",
    "JournalFileBackend",
    "JournalFileOpenLock",
    "JournalFileSymlinkLock",
    "repair",
]
