"""Nothing is lost and nothing is doubled, whatever happens to a connection."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy
from storages.proxy import Proxy
from storages.servers import MYSQL, POSTGRESQL, need, unique
from storages.sql.conftest import new_database
from storages.sql.logs import Log, rows
from storages.sql.processes import children

from steep.events import Add, Ask, CreateStudy, SetStudyAttr
from steep.exceptions import DuplicatedStudyError, StorageInternalError
from steep.storages.sql import SqlBackend, link
from steep.storages.sql.dialect import Dialect
from steep.storages.sql.session import Session
from steep.storages.writer import Writer

WAITING = 4
SERVERS = {"postgresql": POSTGRESQL, "mysql": MYSQL}


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Dialect, "pauses", (0.001, 0.01))


# ---- one fault at a time -------------------------------------------------------------------------


class Faults:
    """Fail at one statement, before or after the database executes it.

    Args:
        backend: Where.
        at: The number of the statement, from 0.
        is_after: Whether the database executes it, and only the answer is lost.
    """

    def __init__(
        self, monkeypatch: pytest.MonkeyPatch, backend: SqlBackend, at: int, is_after: bool
    ) -> None:
        self.seen, self.at, self.is_after, self.is_lasting = 0, at, is_after, False
        self.error = backend._link.dialect.driver.OperationalError("cut")
        self.error.sqlite_errorcode = 5
        real_init = Session.__init__

        def init(session: Session, *args: Any) -> None:
            real_init(session, *args)
            session._cursor = _Cursor(session._cursor, self)

        monkeypatch.setattr(Session, "__init__", init)

    def step(self, execute: Callable[[], Any]) -> Any:
        is_now = self.is_lasting or self.seen == self.at
        self.seen += 1
        if is_now and not self.is_after:
            raise self.error
        result = execute()
        if is_now:
            raise self.error
        return result


class _Cursor:
    def __init__(self, cursor: Any, faults: Faults) -> None:
        self._cursor, self._faults = cursor, faults

    def execute(self, *args: Any) -> Any:
        return self._faults.step(lambda: self._cursor.execute(*args))

    def executemany(self, *args: Any) -> Any:
        return self._faults.step(lambda: self._cursor.executemany(*args))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._cursor, name)


@pytest.mark.parametrize("is_after", [False, True])
@pytest.mark.parametrize("n", [1, 3])
def test_a_fault_at_any_statement_of_an_append_changes_nothing(
    database: str, monkeypatch: pytest.MonkeyPatch, is_after: bool, n: int
) -> None:
    backend = SqlBackend(database)
    log = Log(backend)
    for at in range(20):
        faults = Faults(monkeypatch, backend, at=10_000, is_after=is_after)
        backend.close()
        backend.studies()  # opens a connection with faults
        log.append(Ask(1.0))  # others were here
        before, other = log.table.position, Log(backend, log.study_id)
        other.append(Ask(1.0))
        faults.seen, faults.at = 0, at
        assert log.append(*(Add(WAITING) for _ in range(n))) == before + 1 + n
        assert log.table.position == before + 1 + n
        was_reached = faults.seen > at
        faults.at = 10_000
        monkeypatch.undo()
        backend.close()
        positions = rows(
            backend,
            "SELECT position FROM steep_event WHERE study_id = ? ORDER BY position",
            log.study_id,
        )
        assert [p for (p,) in positions] == list(range(1, log.table.position + 1))
        if not was_reached:
            break
    else:
        raise AssertionError("An append takes fewer statements than that.")
    backend.close()


@pytest.mark.parametrize("is_after", [False, True])
def test_a_fault_at_any_statement_of_create_and_delete(
    database: str, monkeypatch: pytest.MonkeyPatch, is_after: bool
) -> None:
    backend = SqlBackend(database)
    for at in range(20):
        backend.close()
        faults = Faults(monkeypatch, backend, at=10_000, is_after=is_after)
        backend.studies()
        name = unique()
        faults.seen, faults.at = 0, at
        study_id = backend.create(CreateStudy(name, [1]), Writer())
        reached = faults.seen > at
        faults.at = 10_000
        assert [key for key, value in backend.studies().items() if value == name] == [study_id]
        with pytest.raises(DuplicatedStudyError):
            backend.create(CreateStudy(name, [1]), Writer())
        faults.seen, faults.at = 0, at
        backend.delete(study_id)
        reached = reached or faults.seen > at
        assert study_id not in backend.studies()
        monkeypatch.undo()
        if not reached:
            break
    else:
        raise AssertionError("They take fewer statements than that.")
    backend.close()


def test_what_does_not_pass_is_told_in_the_end(
    backend: SqlBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = Log(backend)
    backend.close()
    monkeypatch.setattr(link, "PATIENCE", 0.2)
    faults = Faults(monkeypatch, backend, at=0, is_after=False)
    faults.is_lasting = True
    began = time.monotonic()
    with pytest.raises(StorageInternalError, match=r"The database .*cut"):
        log.append(Ask(1.0))
    assert faults.seen > 1
    assert time.monotonic() - began < 30
    monkeypatch.undo()
    log.append(Ask(1.0))


def test_an_error_that_cannot_pass_is_told_at_once(backend: SqlBackend) -> None:
    began = time.monotonic()
    with pytest.raises(StorageInternalError, match="frobnicate"):
        rows(backend, "SELECT frobnicate FROM steep_study")
    assert time.monotonic() - began < link.PATIENCE / 2
    Log(backend)


@pytest.mark.parametrize("at", range(6))
def test_an_interrupt_leaves_a_connection_that_works(
    database: str, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    backend = SqlBackend(database)
    log = Log(backend)
    Log(backend, log.study_id).append(Ask(1.0))
    backend.close()
    faults = Faults(monkeypatch, backend, at=10_000, is_after=True)
    backend.studies()
    faults.seen, faults.at, faults.error = 0, at, KeyboardInterrupt()
    try:
        log.append(Ask(1.0))
    except KeyboardInterrupt:
        log.catch_up()
    faults.at = 10_000
    log.append(Ask(1.0))
    assert len(log.events()) == log.table.position
    backend.close()


# ---- processes -----------------------------------------------------------------------------------


def appender(url: str, study_id: int, label: str, count: int) -> Callable[[], None]:
    def work() -> None:
        backend = SqlBackend(url)
        log = Log(backend, study_id)
        for i in range(count):
            log.append(SetStudyAttr(label, i))
        backend.close()

    return work


def test_processes_append_without_gaps_and_doubles(database: str, backend: SqlBackend) -> None:
    log = Log(backend)
    count = 200 if database.startswith("sqlite") else 40
    backend.close()
    labels = ["left", "right", "middle"]
    with children(*(appender(database, log.study_id, label, count) for label in labels)) as started:
        seen = 0
        while seen < 3 * count:  # a reader beside them sees whole prefixes, in order
            log.catch_up()
            assert log.table.position - 1 >= seen
            seen = log.table.position - 1
        assert [child.join() for child in started] == [0] * 3
    events = log.events()[1:]
    assert len(events) == 3 * count
    for label in labels:
        assert [event.value for event in events if event.key == label] == list(range(count))
    positions = rows(
        backend,
        "SELECT position FROM steep_event WHERE study_id = ? ORDER BY position",
        log.study_id,
    )
    assert [position for (position,) in positions] == list(range(1, 3 * count + 2))


# ---- cuts ----------------------------------------------------------------------------------------


@pytest.fixture(params=SERVERS)
def cut_off(
    request: pytest.FixtureRequest, tmp_path: Any
) -> Iterator[tuple[Proxy, SqlBackend, SqlBackend]]:
    """A proxy, a backend behind it, and one that reaches the server as it is."""
    need(SERVERS[request.param])
    with new_database(request.param, tmp_path) as direct:
        url = sqlalchemy.make_url(direct)
        with Proxy(url.host or "127.0.0.1", url.port) as proxy:
            through = url.set(host=proxy.host, port=proxy.port)
            backend, plain = SqlBackend(through), SqlBackend(direct)
            yield proxy, backend, plain
            backend.close()
            plain.close()


CUTS = 100  # of each kind


@pytest.mark.parametrize("before", ["request", "reply"])
def test_cuts_lose_and_double_nothing(
    cut_off: tuple[Proxy, SqlBackend, SqlBackend], before: Any
) -> None:
    proxy, backend, plain = cut_off
    log = Log(backend)
    others = Log(plain, log.study_id)
    # An append takes one request to six, and every connection some more: primes meet all of them.
    proxy.cut(before=before, every=17)
    proxy.cut(before=before, every=29, after_bytes=3)
    count = 0
    while proxy.cuts < CUTS:
        assert count < 20 * CUTS
        log.append(SetStudyAttr("mine", count))
        if count % 3 == 0:
            others.append(SetStudyAttr("theirs", count))
        count += 1
    proxy.calm()
    events = plain.read(log.study_id, 0)
    found: dict[str, list[Any]] = {"mine": [], "theirs": []}
    for event in list(events)[1:]:
        found[event.key].append(event.value)
    assert found == {"mine": list(range(count)), "theirs": list(range(0, count, 3))}


def test_a_server_that_comes_back_is_waited_for(
    cut_off: tuple[Proxy, SqlBackend, SqlBackend],
) -> None:
    proxy, backend, _ = cut_off
    log = Log(backend)
    proxy.refuse()
    timer = threading.Timer(0.3, proxy.accept)
    timer.start()
    log.append(Ask(1.0))
    timer.join()
    assert len(log.events()) == 2


def test_a_connection_that_was_lost_while_idle_is_opened_anew(
    cut_off: tuple[Proxy, SqlBackend, SqlBackend],
) -> None:
    proxy, backend, _ = cut_off
    log = Log(backend)
    for call in (
        lambda: log.append(Ask(1.0)),
        log.catch_up,
        backend.studies,
        lambda: backend.beat("me"),
        backend.ages,
        lambda: backend.save_snapshot(log.study_id, 1, b"x"),
    ):
        proxy.drop()
        call()


def test_a_server_that_is_not_there_is_told_soon(
    cut_off: tuple[Proxy, SqlBackend, SqlBackend],
) -> None:
    proxy, backend, _ = cut_off
    backend._link.dialect.first_patience = 0.2
    began = time.monotonic()
    with proxy.refusing(), pytest.raises(StorageInternalError, match=str(proxy.port)):
        backend.studies()
    assert time.monotonic() - began < link.PATIENCE / 2


def test_a_lock_that_another_holds_is_waited_for(
    database: str, backend: SqlBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = Log(backend)
    other = SqlBackend(database)
    other.studies()
    session = other._link._session
    session.do(other._link.dialect.begin)
    session.do("UPDATE steep_study SET head = head WHERE id = ?", (log.study_id,))
    release = threading.Timer(0.2, lambda: session.do("ROLLBACK"))
    release.start()
    began = time.monotonic()
    log.append(Ask(1.0))
    assert time.monotonic() - began > 0.1
    release.join()
    other.close()
