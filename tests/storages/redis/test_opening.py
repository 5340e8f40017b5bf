"""What the Redis backend says when it opens a server."""

from __future__ import annotations

import contextlib
import sys
import warnings
from collections.abc import Iterator

import pytest
from storages.servers import REDIS, PrivateRedis, need, unique

from steep.events import CreateStudy
from steep.storages.redis import RedisBackend, opening
from steep.storages.writer import Writer


@pytest.fixture(autouse=True)
def nothing_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let each test begin as a new process does."""
    monkeypatch.setattr(opening, "_seen", set())


def said(url: str, prefix: str = "steep") -> list[str]:
    """Open a server, and give the warnings."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with contextlib.closing(RedisBackend(url, prefix=prefix)) as backend:
            backend.studies()
    assert all(warning.category is UserWarning for warning in caught)
    return [str(warning.message) for warning in caught]


def test_a_server_that_keeps_nothing_on_disk_is_warned_about_once_for_its_url():
    with PrivateRedis("--appendonly", "no") as server:
        url = server.url.replace("redis://", "redis://:secret@")
        server.set("requirepass", "secret")
        (warning,) = said(url)
        assert said(url) == []
    assert "'appendonly yes'" in warning
    assert "'maxmemory-policy noeviction'" in warning
    assert "redis://:***@127.0.0.1" in warning
    assert "secret" not in warning


@pytest.mark.parametrize(
    ("options", "is_unsafe"),
    [
        (["--maxmemory", "1gb", "--maxmemory-policy", "allkeys-lru"], True),
        (["--maxmemory", "1gb", "--maxmemory-policy", "volatile-lru"], False),
        (["--maxmemory", "1gb"], False),
        (["--maxmemory-policy", "allkeys-lru"], False),  # without a limit nothing is evicted
    ],
)
def test_a_server_that_evicts_keys_is_warned_about(options, is_unsafe):
    with PrivateRedis(*options) as server:
        warning = "".join(said(server.url))
    assert ("it throws keys away" in warning) == is_unsafe


def test_a_server_that_tells_nothing_is_used_without_a_word():
    with PrivateRedis("--rename-command", "INFO", "") as server:
        assert said(server.url) == []


@pytest.fixture
def prefix(unsafe: None) -> Iterator[str]:
    need(REDIS)
    import redis

    name = unique()
    yield name
    with redis.Redis.from_url(REDIS) as client:
        for key in client.scan_iter(match=f"*{name}*"):
            client.delete(key)


def test_a_journal_of_optunas_is_not_mistaken_for_ours(prefix):
    import redis

    opening._seen.add(("persistence", REDIS))
    with redis.Redis.from_url(REDIS) as client:
        client.set(f"{prefix}:log_number", 0)
        client.set(f"{prefix}:log:0", "{}")
    (warning,) = said(REDIS, prefix)
    assert "import_optuna" in warning
    assert f"{prefix}:log:*" in warning
    assert said(REDIS, prefix) == []


def test_where_studies_of_ours_are_as_well_optunas_are_not_mentioned(prefix):
    import redis

    opening._seen.add(("persistence", REDIS))
    with redis.Redis.from_url(REDIS) as client:
        client.set(f"{prefix}:log_number", 0)
    opening._seen.add(("optuna", REDIS, prefix))
    with contextlib.closing(RedisBackend(REDIS, prefix=prefix)) as backend:
        backend.create(CreateStudy("tea", [1]), Writer())
    opening._seen.discard(("optuna", REDIS, prefix))
    assert said(REDIS, prefix) == []


def test_these_are_the_keys_that_optuna_writes(prefix):
    optuna = pytest.importorskip("optuna")
    import redis

    with pytest.warns(optuna.exceptions.ExperimentalWarning):
        journal = optuna.storages.journal.JournalRedisBackend(REDIS, prefix=prefix)
    storage = optuna.storages.JournalStorage(journal)
    storage.create_new_study([optuna.study.StudyDirection.MINIMIZE], "tea")
    with redis.Redis.from_url(REDIS) as client:
        assert client.exists(f"{prefix}:log_number", f"{prefix}:log:0") == 2


def test_without_the_package_the_error_says_how_to_install_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "redis", None)
    with pytest.raises(ImportError, match=r"pip install 'steep\[redis\]'"):
        RedisBackend("redis://localhost").studies()
