"""Studies in Redis: one list a study, and small scripts that the server runs undivided."""

from __future__ import annotations

from steep.storages.redis.backend import JournalRedisBackend, RedisBackend

__all__ = ["JournalRedisBackend", "RedisBackend"]
