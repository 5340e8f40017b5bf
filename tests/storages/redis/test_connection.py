"""What the Redis backend does when the connection is lost, or the server away or unwilling."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from storages.appender import Appender, Blind, check_nothing_lost
from storages.proxy import Proxy
from storages.servers import PrivateRedis, free_port

from steep.events import CreateStudy, SetStudyAttr
from steep.exceptions import DuplicatedStudyError, StorageInternalError
from steep.storages.redis import RedisBackend
from steep.storages.redis.client import hide_password
from steep.storages.writer import Writer


@pytest.fixture(scope="module")
def own_server() -> Iterator[PrivateRedis]:
    """A server of this module's own, which keeps everything on disk."""
    with PrivateRedis() as private:
        yield private


@pytest.fixture
def direct(own_server: PrivateRedis) -> Iterator[RedisBackend]:
    """A backend whose connection stands, on a server without studies."""
    backend = RedisBackend(own_server.url)
    backend._client.call("flushall")
    yield backend
    backend.close()


@pytest.fixture
def study_id(direct: RedisBackend) -> int:
    return direct.create(CreateStudy("tea", [1]), Writer())


@pytest.fixture
def proxy(own_server: PrivateRedis) -> Iterator[Proxy]:
    with Proxy("127.0.0.1", own_server.port) as proxy:
        yield proxy


@pytest.fixture
def cut_off(proxy: Proxy) -> Iterator[RedisBackend]:
    """A backend behind the proxy, not connected yet."""
    backend = RedisBackend(f"redis://{proxy.host}:{proxy.port}?socket_timeout=0.3")
    yield backend
    backend.close()


def put(backend: RedisBackend, study_id: int, value: object, writer: Writer) -> int:
    return backend.append(study_id, [SetStudyAttr("n", value)], writer, Blind())


def everything(backend: RedisBackend, study_id: int) -> list[Any]:
    events = list(backend.read(study_id, 0))
    return [event.value for event in events if isinstance(event, SetStudyAttr)]


# ---- lost connections ----------------------------------------------------------------------------


def test_a_hundred_cuts_lose_no_event_and_double_none(direct, study_id, proxy, cut_off):
    for first, rule in enumerate(
        [{"before": "request"}, {"before": "reply"}, {"before": "reply", "after_bytes": 1}], 1
    ):
        proxy.cut(**rule, every=6, first=first, matching=b"EVALSHA")
    writer = Writer()
    positions = []
    while proxy.cuts < 100:
        positions.append(put(cut_off, study_id, len(positions), writer))
    proxy.calm()
    assert everything(direct, study_id) == list(range(len(positions)))
    assert positions == list(range(2, len(positions) + 2))


def test_cuts_under_two_writers_lose_no_event_and_double_none(direct, study_id, proxy):
    proxy.cut(before="reply", every=7, matching=b"EVALSHA")
    proxy.cut(before="request", every=11, matching=b"EVALSHA")
    url = f"redis://{proxy.host}:{proxy.port}"
    with (
        Appender(url, study_id, "left") as left,
        Appender(url, study_id, "right") as right,
    ):
        left.wait_for(60)
        right.wait_for(60)
    assert proxy.cuts > 10
    check_nothing_lost(list(direct.read(study_id, 0)), [left, right])


def live(backend: RedisBackend) -> object:
    """Let two studies go through everything, and give what is seen at the end."""
    writer = Writer()
    study_id = backend.create(CreateStudy("coffee", [1]), writer)
    with pytest.raises(DuplicatedStudyError):
        backend.create(CreateStudy("coffee", [2]), writer)
    position = put(backend, study_id, "a", writer)
    backend.save_snapshot(study_id, position, b"data")
    backend.beat("me")
    gone = backend.create(CreateStudy("gone", [1]), writer)
    backend.delete(gone)
    seen = everything(backend, study_id), backend.load_snapshot(study_id), list(backend.ages())
    backend.leave("me")
    return position, seen, list(backend.studies().values()), list(backend.ages())


OUTCOME = (2, (["a"], b"data", ["me"]), ["coffee"], [])


@pytest.mark.parametrize(
    ("before", "after_bytes"), [("request", 0), ("request", 9), ("reply", 0), ("reply", 2)]
)
def test_whichever_request_is_lost_the_outcome_is_the_same(
    direct, study_id, proxy, cut_off, before, after_bytes
):
    lost = 0
    while proxy.cuts == lost:
        lost += 1
        direct._client.call("flushall")
        cut_off.close()
        proxy.calm()
        proxy.cut(before=before, after_bytes=after_bytes, first=lost, times=1)
        assert live(cut_off) == OUTCOME, f"request {lost} was lost"
    assert lost > 15


def test_an_answer_that_does_not_come_is_not_waited_for_too_long(direct, study_id, proxy, cut_off):
    proxy.cut(before="reply", times=2, how="stall", matching=b"EVALSHA")
    assert put(cut_off, study_id, "a", Writer()) == 2
    assert proxy.cuts == 2
    assert everything(direct, study_id) == ["a"]


def test_a_reset_connection_is_made_again(direct, study_id, proxy, cut_off):
    proxy.cut(before="reply", times=1, how="reset", matching=b"EVALSHA")
    put(cut_off, study_id, "a", Writer())
    assert everything(direct, study_id) == ["a"]


def test_an_interrupted_call_does_not_leave_its_answer_to_the_next(direct, study_id):
    def interrupted(client: Any) -> None:
        client.connection.send_command("PING")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        direct._client._insist(interrupted)
    assert everything(direct, study_id) == []


def test_a_server_that_is_away_for_a_while_is_waited_for(direct, study_id, proxy, cut_off):
    writer = Writer()
    put(cut_off, study_id, "a", writer)
    proxy.refuse()
    timer = threading.Timer(0.3, proxy.accept)
    timer.start()
    put(cut_off, study_id, "b", writer)
    timer.join()
    assert everything(direct, study_id) == ["a", "b"]


def test_a_server_that_stays_away_is_an_error_with_its_url_but_not_its_password():
    backend = RedisBackend(f"redis://user:secret@127.0.0.1:{free_port()}/0", patience=0.1)
    with pytest.raises(StorageInternalError) as failed:
        backend.studies()
    assert "redis://user:***@127.0.0.1" in str(failed.value)
    assert "within 0.1 s" in str(failed.value)
    assert "secret" not in str(failed.value)
    assert failed.value.__cause__ is not None


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("redis://host:1/0", "redis://host:1/0"),
        ("redis://u:p@host", "redis://u:***@host"),
        ("redis://:p@host", "redis://:***@host"),
        ("redis://u@host", "redis://u@host"),
        ("redis://u:p@q/r@host/0", "redis://u:***@host/0"),
        ("unix://u@/s?db=1&password=p", "unix://u@/s?db=1&password=***"),
    ],
)
def test_a_password_is_hidden_and_the_rest_shown(url, shown):
    assert hide_password(url) == shown


# ---- a server that is not ready ------------------------------------------------------------------


def test_a_server_that_has_forgotten_the_scripts_gets_them_again(direct, study_id):
    writer = Writer()
    put(direct, study_id, "a", writer)
    direct._client.call("script_flush")
    put(direct, study_id, "b", writer)
    assert everything(direct, study_id) == ["a", "b"]


def test_a_replica_that_becomes_the_master_is_waited_for(direct, study_id, own_server):
    import redis

    with redis.Redis.from_url(own_server.url) as admin:
        admin.replicaof("127.0.0.1", free_port())
        timer = threading.Timer(0.2, admin.replicaof, ["NO", "ONE"])
        timer.start()
        put(direct, study_id, "a", Writer())
        timer.join()
    assert everything(direct, study_id) == ["a"]


def test_a_server_that_loads_its_data_is_waited_for():
    """A killed server reads its log again, here for about half a second, and answers LOADING."""
    slow = "--loading-process-events-interval-bytes", "1024"
    with PrivateRedis(*slow) as server:
        backend = RedisBackend(server.url)
        study_id, writer = backend.create(CreateStudy("tea", [1]), Writer()), Writer()
        for number in range(100):
            put(backend, study_id, number, writer)
        server.kill()
        server.options += ["--key-load-delay", "2000"]
        server.start(until="loading")
        put(backend, study_id, 100, writer)
        assert everything(backend, study_id) == list(range(101))
        backend.close()


@pytest.mark.parametrize(
    ("setting", "value", "advice"),
    [
        ("maxmemory", "1", "Give the server more memory"),
        ("requirepass", "secret", "Give user and password in the URL"),
    ],
)
def test_what_does_not_pass_is_an_error_with_advice_at_once(setting, value, advice):
    with PrivateRedis() as server, contextlib.closing(RedisBackend(server.url)) as backend:
        server.set(setting, value)
        with pytest.raises(StorageInternalError, match=advice) as refused:
            backend.create(CreateStudy("tea", [1]), Writer())
        assert server.url in str(refused.value)


# ---- a cluster -----------------------------------------------------------------------------------


def test_a_cluster_takes_every_command():
    """One node with all slots tells keys of two slots in one command as well as many nodes do."""
    options = ["--cluster-enabled", "yes", "--cluster-port", str(free_port())]
    with PrivateRedis(*options) as server:
        import redis

        with redis.Redis.from_url(server.url) as admin:
            admin.execute_command("CLUSTER", "ADDSLOTSRANGE", 0, 16383)
        with contextlib.closing(RedisBackend(server.url, use_cluster=True)) as backend:
            assert live(backend) == OUTCOME
