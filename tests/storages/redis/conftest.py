"""What the tests of the Redis backend share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from storages.servers import REDIS, need, unique, unsafe_redis

from steep.events import CreateStudy
from steep.storages.redis import RedisBackend
from steep.storages.writer import Writer

Open = Callable[..., RedisBackend]


@pytest.fixture
def unsafe() -> Iterator[None]:
    """Be silent about a server that keeps nothing on disk, as the shared one does not."""
    with unsafe_redis():
        yield


@pytest.fixture
def server(unsafe: None) -> Iterator[Any]:
    """Give redis-py's client of the shared server."""
    need(REDIS)
    import redis

    with redis.Redis.from_url(REDIS) as client:
        yield client


@pytest.fixture
def prefix(server: Any) -> Iterator[str]:
    """Give a prefix that nobody else uses, and delete its keys afterwards."""
    name = unique()
    yield name
    for key in server.scan_iter(match=f"*{name}*"):
        server.delete(key)


@pytest.fixture
def open_backend(prefix: str) -> Iterator[Open]:
    """Open backends, as several processes would, and close them afterwards."""
    opened = []

    def open_one(url: str = REDIS, **options: Any) -> RedisBackend:
        backend = RedisBackend(url, **{"prefix": prefix, **options})
        opened.append(backend)
        return backend

    yield open_one
    for backend in opened:
        backend.close()


@pytest.fixture
def backend(open_backend: Open) -> RedisBackend:
    """Give a backend without studies."""
    return open_backend()


@pytest.fixture
def study_id(backend: RedisBackend) -> int:
    """Give the id of a study whose log has one event."""
    return backend.create(CreateStudy("tea", [1]), Writer())
