"""Storages keep studies: the log of events, behind the interface that tools know.

| storage | for |
|---|---|
| :class:`InMemoryStorage` | one process; the default |
| :class:`RDBStorage` | SQLite on one machine; PostgreSQL or MySQL for many |
| :class:`JournalStorage` | a log file, a shared directory, or Redis |

``storage="sqlite:///study.db"`` and the other forms that :func:`get_storage` knows make one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from steep.lazy import lazy_names
from steep.storages.backend import Backend, MemoryBackend
from steep.storages.leases import fail_stale_trials
from steep.storages.named import InMemoryStorage, JournalStorage, RDBStorage, get_storage
from steep.storages.retry import RetryFailedTrialCallback, RetryHeartbeatStaleTrialCallback
from steep.storages.storage import FrozenStudy, Storage, event_of

if TYPE_CHECKING:
    from steep.storages import journal
    from steep.storages.journal import (
        BaseJournalLogStorage,
        DirectoryBackend,
        FileBackend,
    )
    from steep.storages.journal.older import (
        JournalFileOpenLock,
        JournalFileStorage,
        JournalFileSymlinkLock,
        JournalRedisStorage,
    )
    from steep.storages.optuna import export_optuna, import_optuna
    from steep.storages.redis import RedisBackend
    from steep.storages.sql import SqlBackend

__all__ = [
    "Backend",
    "BaseJournalLogStorage",
    "BaseStorage",
    "DirectoryBackend",
    "FileBackend",
    "FrozenStudy",
    "InMemoryStorage",
    "JournalFileOpenLock",
    "JournalFileStorage",
    "JournalFileSymlinkLock",
    "JournalRedisStorage",
    "JournalStorage",
    "MemoryBackend",
    "RDBStorage",
    "RedisBackend",
    "RetryFailedTrialCallback",
    "RetryHeartbeatStaleTrialCallback",
    "SqlBackend",
    "Storage",
    "event_of",
    "export_optuna",
    "fail_stale_trials",
    "get_storage",
    "import_optuna",
    "journal",
]

BaseStorage = Storage
"""The name by which tools know the interface; every storage of steep is one."""

__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "BaseJournalLogStorage": "journal",
        "DirectoryBackend": "journal",
        "FileBackend": "journal",
        "JournalFileOpenLock": "journal.older",
        "JournalFileStorage": "journal.older",
        "JournalFileSymlinkLock": "journal.older",
        "JournalRedisStorage": "journal.older",
        "RedisBackend": "redis",
        "SqlBackend": "sql",
        "export_optuna": "optuna",
        "import_optuna": "optuna",
        "journal": None,
    },
)
