"""What is looked at when a Redis server is opened: whether it keeps what it is given.

Each warning is given once for a URL in a process.
"""

from __future__ import annotations

import warnings
from typing import Any

from steep.storages.redis.client import hide_password

__all__ = ["look_for_optuna", "look_for_persistence"]

_seen: set[tuple[str, ...]] = set()


def look_for_persistence(client: Any, url: str) -> None:
    """Warn of a server that would lose studies.

    Args:
        client: redis-py's client.
        url: The URL of the server.
    """
    if ("persistence", url) in _seen:
        return
    persistence, memory = _info(client, "persistence"), _info(client, "memory")
    _seen.add(("persistence", url))
    reasons = []
    if persistence.get("aof_enabled") == 0:
        reasons.append("it keeps at most a snapshot now and then on its disk")
    if memory.get("maxmemory") and str(memory.get("maxmemory_policy")).startswith("allkeys"):
        reasons.append("it throws keys away when its memory is full")
    if reasons:
        _warn(
            f"{hide_password(url)} may lose studies: {', and '.join(reasons)}. "
            "Put the lines 'appendonly yes' and 'maxmemory-policy noeviction' into its redis.conf "
            "(with 'appendfsync always', no power cut loses a result)."
        )


def look_for_optuna(client: Any, url: str, prefix: str, own_key: str) -> None:
    """Warn of a journal of Optuna's that somebody may expect to be read.

    Args:
        client: redis-py's client.
        url: The URL of the server.
        prefix: The prefix of Optuna's keys.
        own_key: A key of ours; where it is, nobody mistakes the one for the other.
    """
    if ("optuna", url, prefix) in _seen:
        return
    is_there = client.exists(f"{prefix}:log_number") and not client.exists(own_key)
    _seen.add(("optuna", url, prefix))
    if is_there:
        _warn(
            f"{hide_password(url)} has a journal of Optuna's ({prefix}:log:*), which steep leaves "
            "alone. To go on with its studies, copy each to a file with Optuna, "
            "optuna.copy_study(from_study_name=..., from_storage=JournalStorage("
            "JournalRedisBackend(...)), to_storage='sqlite:///optuna.db'), and then call "
            f"steep.storages.import_optuna('sqlite:///optuna.db', {hide_password(url)!r})."
        )


def _info(client: Any, section: str) -> dict[str, Any]:
    import redis

    try:
        return dict(client.info(section))
    except redis.exceptions.ResponseError:  # not allowed here: then nothing can be said
        return {}


def _warn(text: str) -> None:
    warnings.warn(text, UserWarning, stacklevel=2)
