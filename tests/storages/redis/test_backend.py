"""The Redis backend, as long as nothing goes wrong with the server."""

from __future__ import annotations

import os
import pickle
from typing import Any

import pytest
from event_logs import logs
from hypothesis import HealthCheck, given, settings
from storages.appender import Blind
from storages.servers import REDIS, unique

from steep.events import CreateStudy, SetStudyAttr
from steep.exceptions import DuplicatedStudyError, StorageInternalError
from steep.storages.redis import JournalRedisBackend, RedisBackend
from steep.storages.redis import backend as module
from steep.storages.writer import Writer

NAMES = ["tea", "", "Grüner Tee", "茶", "{steep}", "a b\n", "\ud800"]


def attrs(*values: object) -> list[Any]:
    return [SetStudyAttr("n", value) for value in values]


def put(backend: RedisBackend, study_id: int, *values: object, writer: Writer | None = None) -> int:
    return backend.append(study_id, attrs(*values), writer or Writer(), Blind())


def everything(backend: RedisBackend, study_id: int, after: int = 0) -> list[Any]:
    events = list(backend.read(study_id, after))
    return [event.value for event in events if isinstance(event, SetStudyAttr)]


class Repeating(Writer):
    """A writer that gives chosen numbers, as a retry does."""

    def __init__(self, number: int = 1) -> None:
        super().__init__()
        self.number = number

    def take(self, count: int = 1) -> int:
        return self.number


# ---- studies -------------------------------------------------------------------------------------


def test_studies_have_any_names_and_are_listed_in_the_order_of_creation(backend, open_backend):
    writer = Writer()
    ids = [backend.create(CreateStudy(name, [1]), writer) for name in NAMES]
    assert list(backend.studies().items()) == list(zip(ids, NAMES, strict=True))
    assert open_backend().studies() == backend.studies()
    assert all(0 <= study_id < 2**31 for study_id in ids)


def test_a_name_is_given_once(backend, open_backend, study_id):
    with pytest.raises(DuplicatedStudyError, match="'tea'"):
        open_backend().create(CreateStudy("tea", [2]), Writer())
    assert backend.studies() == {study_id: "tea"}


def test_of_two_that_create_one_study_at_once_the_later_leaves_nothing(
    backend, open_backend, server, prefix
):
    other = open_backend()
    register = other._register

    def be_late(name: str, study_id: int) -> bool:
        backend.create(CreateStudy("tea", [1]), Writer())
        return register(name, study_id)

    other._register = be_late
    with pytest.raises(DuplicatedStudyError):
        other.create(CreateStudy("tea", [2]), Writer())
    assert [event.directions for event in backend.read(2, 0)] == [[1]]
    assert not list(server.scan_iter(match=f"*{prefix}:1*"))


def test_a_deleted_study_is_gone_for_all_and_its_id_is_not_given_again(
    backend, open_backend, study_id, server, prefix
):
    other = open_backend()
    put(other, study_id, "a")
    other.save_snapshot(study_id, 1, b"data")
    backend.delete(study_id)
    assert other.studies() == {}
    for call in (
        lambda: other.delete(study_id),
        lambda: other.read(study_id, 0),
        lambda: other.read(study_id, 2),
        lambda: put(other, study_id, "b"),
    ):
        with pytest.raises(KeyError, match=f"study_id {study_id}"):
            call()
    other.save_snapshot(study_id, 1, b"data")
    assert other.load_snapshot(study_id) is None
    assert backend.create(CreateStudy("tea", [1]), Writer()) > study_id
    assert not list(server.scan_iter(match=f"*{prefix}:{study_id}*"))


def test_a_server_that_lost_its_counter_gives_no_id_that_is_in_use(
    backend, study_id, server, prefix
):
    put(backend, study_id, "a")
    server.delete(f"{{{prefix}}}:id")
    assert backend.create(CreateStudy("coffee", [1]), Writer()) == study_id + 1
    assert everything(backend, study_id) == ["a"]


def test_prefixes_separate_studies(backend, open_backend, study_id, prefix):
    other = open_backend(prefix=f"{prefix}-2")
    assert other.studies() == {}
    with pytest.raises(KeyError):
        other.read(study_id, 0)


# ---- the log -------------------------------------------------------------------------------------


@given(logs())
@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_events_come_back_as_they_were(backend, log):
    writer = Writer()
    study_id = backend.create(CreateStudy(unique(), [1]), writer)
    assert backend.append(study_id, log, writer, Blind()) == 1 + len(log)
    assert repr(list(backend.read(study_id, 1))) == repr(log)


def test_positions_count_all_events_from_1(backend, open_backend, study_id):
    other = open_backend()
    assert put(backend, study_id, "a") == 2
    assert put(other, study_id, "b", "c") == 4
    assert put(backend, study_id, "d") == 5
    assert everything(backend, study_id, after=2) == ["b", "c", "d"]
    assert everything(other, study_id, after=4) == ["d"]
    assert everything(other, study_id, after=5) == []


def test_a_batch_stays_together_however_large_it_is(backend, study_id):
    numbers = list(range(9000))
    assert put(backend, study_id, *numbers) == 9001
    assert everything(backend, study_id) == numbers


def test_a_log_is_read_in_pages_without_gaps(backend, open_backend, study_id, monkeypatch):
    monkeypatch.setattr(module, "_PAGE", 3)
    numbers = list(range(10))
    put(backend, study_id, *numbers)
    for after in range(1, 12):
        assert everything(open_backend(), study_id, after) == numbers[after - 1 :]


def test_reading_costs_one_command_and_so_does_appending(backend, study_id, monkeypatch):
    commands = []
    insist = backend._client._insist
    monkeypatch.setattr(
        backend._client, "_insist", lambda action: commands.append(action) or insist(action)
    )
    assert list(backend.read(study_id, 1)) == []
    assert len(commands) == 1
    put(backend, study_id, "a")
    assert len(commands) == 2
    assert everything(backend, study_id) == ["a"]
    assert len(commands) == 3


def test_an_append_that_is_repeated_gives_its_position_and_adds_nothing(
    backend, open_backend, study_id
):
    writer = Repeating()
    assert put(backend, study_id, "a", "b", writer=writer) == 3
    assert put(open_backend(), study_id, "c") == 4
    assert put(backend, study_id, "a", "b", writer=writer) == 3
    assert put(open_backend(), study_id, "a", "b", writer=writer) == 3
    assert everything(backend, study_id) == ["a", "b", "c"]


def test_an_event_that_arrives_after_later_ones_of_its_writer_is_refused(backend, study_id):
    writer = Repeating(5)
    put(backend, study_id, "later", writer=writer)
    writer.number = 3
    with pytest.raises(StorageInternalError, match=writer.id):
        put(backend, study_id, "too late", writer=writer)
    assert everything(backend, study_id) == ["later"]


def test_writers_that_are_long_gone_are_not_remembered(backend, study_id, server, prefix):
    writers = f"{{{prefix}:{study_id}}}:writers"
    now = server.time()[0]
    old = {f"old{i}": f"{i} {i} {now - 3601}" for i in range(990)}
    recent = {f"new{i}": f"{i} {i} {now - 3000}" for i in range(8)}
    server.hset(writers, mapping=old | recent)
    put(backend, study_id, "a")  # the thousandth, with the one that created the study
    assert server.hlen(writers) == len(recent) + 2
    assert everything(backend, study_id) == ["a"]


# ---- beside the log ------------------------------------------------------------------------------


def test_ages_are_those_of_the_servers_clock(backend, open_backend, server, prefix):
    backend.beat("left")
    server.hset(f"{{{prefix}}}:beats", "right", f"000000 {server.time()[0] - 100}")
    ages = open_backend().ages()
    assert list(ages) == ["left", "right"]
    assert 0 <= ages["left"] < 50
    assert 99 <= ages["right"] < 150
    backend.beat("right")
    backend.leave("left")
    backend.leave("nobody")
    assert list(ages := backend.ages()) == ["right"]
    assert ages["right"] < 50


def test_workers_that_are_long_gone_have_no_heartbeat(backend, server, prefix):
    beats = f"{{{prefix}}}:beats"
    now = server.time()[0]
    server.hset(beats, mapping={f"old{i}": f"000000 {now - 86500}" for i in range(99)})
    backend.beat("new")
    assert list(backend.ages()) == ["new"]


def test_the_last_snapshot_is_kept(backend, open_backend, study_id):
    other, data = open_backend(), bytes(range(256))
    assert backend.load_snapshot(study_id) is None
    put(backend, study_id, *range(10))
    other.save_snapshot(study_id, 5, b"five")
    backend.save_snapshot(study_id, 9, data)
    assert other.load_snapshot(study_id) == data


# ---- what went wrong -----------------------------------------------------------------------------


def test_a_reader_is_told_when_the_server_has_lost_what_it_had_read(
    backend, open_backend, study_id, server, prefix
):
    log = f"{{{prefix}:{study_id}}}:log"
    put(backend, study_id, "a", "b")
    other = open_backend()
    assert everything(other, study_id) == ["a", "b"]
    server.rpop(log)
    for call in (lambda: backend.read(study_id, 3), lambda: put(backend, study_id, "c")):
        with pytest.raises(StorageInternalError, match="has lost events of study"):
            call()
    assert put(open_backend(), study_id, "another b") == 3
    with pytest.raises(StorageInternalError, match="has lost events of study"):
        other.read(study_id, 3)
    fresh = open_backend()
    assert everything(fresh, study_id) == ["a", "another b"]


def test_a_line_that_is_no_event_is_named(backend, study_id, server, prefix):
    server.rpush(f"{{{prefix}:{study_id}}}:log", "garbage")
    with pytest.raises(StorageInternalError, match=r"Line 2 of the list .*:log .*'garbage'"):
        list(backend.read(study_id, 1))


def test_a_key_of_another_program_is_named_by_the_server(backend, server, prefix):
    server.set(f"{{{prefix}}}:studies", "mine")
    with pytest.raises(StorageInternalError, match="choose another prefix"):
        backend.studies()


# ---- processes -----------------------------------------------------------------------------------


def test_a_backend_is_pickled_as_its_arguments_and_opens_anew(backend, study_id):
    copy = pickle.loads(pickle.dumps(backend))
    put(copy, study_id, "a")
    assert everything(backend, study_id) == ["a"]
    copy.close()
    journal = pickle.loads(pickle.dumps(JournalRedisBackend("redis://host", True, "p")))
    assert type(journal) is JournalRedisBackend
    assert journal.__getstate__() == {
        "url": "redis://host",
        "prefix": "p",
        "use_cluster": True,
        "patience": 30.0,
    }


def test_a_closed_backend_opens_again(backend, study_id):
    backend.close()
    backend.close()
    put(backend, study_id, "a")
    assert everything(backend, study_id) == ["a"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")  # threads of whoever runs tests
def test_parent_and_child_go_on_side_by_side_after_a_fork(backend, study_id):
    put(backend, study_id, "before")
    child = os.fork()
    if child == 0:
        code = 1
        try:
            backend.after_fork()
            for _ in range(50):
                put(backend, study_id, "child")
            backend.close()
            code = 0
        finally:
            os._exit(code)
    for _ in range(50):
        put(backend, study_id, "parent")
    assert os.waitpid(child, 0)[1] == 0
    found = everything(backend, study_id)
    assert sorted(found) == ["before", *["child"] * 50, *["parent"] * 50]


# ---- arguments -----------------------------------------------------------------------------------


def test_optunas_name_stands_for_the_same_studies(open_backend, prefix, study_id):
    journal = JournalRedisBackend(REDIS, prefix=prefix)
    assert journal.studies() == {study_id: "tea"}
    journal.close()
    assert JournalRedisBackend(REDIS)._prefix == RedisBackend(REDIS)._prefix == "steep"


@pytest.mark.parametrize("url", ["localhost:6379", "http://user:secret@host", 6379, ""])
def test_what_is_no_url_is_refused_with_an_example(url):
    with pytest.raises(ValueError, match="redis://localhost:6379/0") as refused:
        RedisBackend(url)
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("prefix", ["", "a{b}", None])
def test_what_is_no_prefix_is_refused(prefix):
    with pytest.raises(ValueError, match="without braces"):
        RedisBackend("redis://localhost", prefix=prefix)


def test_passwords_are_not_shown():
    for url in (
        "redis://user:secret@host:6379/0",
        "redis://:secret@host",
        "redis://:se@cret@host",
        "unix://user@/path?db=0&password=secret",
    ):
        assert "cret" not in repr(RedisBackend(url))
