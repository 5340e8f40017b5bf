"""Storages keep studies: the log of events, behind the interface that tools know."""

from __future__ import annotations

from steep.storages.backend import Backend, MemoryBackend
from steep.storages.leases import fail_stale_trials
from steep.storages.retry import RetryHeartbeatStaleTrialCallback
from steep.storages.storage import FrozenStudy, Storage, event_of

__all__ = [
    "Backend",
    "BaseStorage",
    "FrozenStudy",
    "InMemoryStorage",
    "MemoryBackend",
    "RetryHeartbeatStaleTrialCallback",
    "Storage",
    "event_of",
    "fail_stale_trials",
    "get_storage",
]

BaseStorage = Storage
"""The name by which tools know the interface; every storage of steep is one."""


class InMemoryStorage(Storage):
    """Keep studies in the memory of this process.

    Example:
        >>> import steep
        >>> storage = InMemoryStorage()
        >>> study = steep.create_study(study_name="tea", storage=storage)
        >>> steep.get_all_study_names(storage)
        ['tea']
    """

    def __init__(self) -> None:
        super().__init__(MemoryBackend())


def get_storage(storage: str | Storage | None) -> Storage:
    """Give the storage that an argument ``storage=`` stands for.

    Args:
        storage: A storage, or None for a new one in memory.

    Returns:
        The storage.

    Raises:
        TypeError: If it is neither.
        ValueError: If it is a URL: storages outside the memory are not part of this version.
    """
    if storage is None:
        return InMemoryStorage()
    if isinstance(storage, Storage):
        return storage
    if isinstance(storage, str):
        raise ValueError(
            f"storage={storage!r}: this version of steep keeps studies in memory only; "
            "leave the argument out, or give a steep.storages.InMemoryStorage()."
        )
    raise TypeError(
        f"storage={storage!r} is a {type(storage).__name__}; give a steep.storages.Storage."
    )
