"""A server that is killed under load and started again has every event that it acknowledged."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from storages.appender import Appender, backend_of, check_nothing_lost
from storages.servers import PrivateMariaDB, PrivatePostgreSQL, PrivateRedis, PrivateServer
from storages.soak import amount

from steep.events import CreateStudy
from steep.storages.writer import Writer

SERVERS: dict[str, Callable[[], PrivateServer]] = {
    "redis": PrivateRedis,
    "postgresql": PrivatePostgreSQL,
    "mysql": PrivateMariaDB,
}
KILLS = amount(3, 20)


@pytest.mark.parametrize("kind", SERVERS)
def test_a_killed_server_has_every_acknowledged_event_once(kind: str) -> None:
    with SERVERS[kind]() as server:
        backend = backend_of(server.url)
        study_id = backend.create(CreateStudy("tea", [1]), Writer())
        with (
            Appender(server.url, study_id, "left") as left,
            Appender(server.url, study_id, "right") as right,
        ):
            appenders = [left, right]
            for _ in range(KILLS):
                for appender in appenders:
                    appender.wait_for(20)
                server.kill()
                server.start()
            for appender in appenders:
                appender.wait_for(20)
        check_nothing_lost(list(backend.read(study_id, 0)), appenders)
        backend.close()
