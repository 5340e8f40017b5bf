"""Who is heard of is not reaped, and who is not is, whatever clocks do."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from storages.kills.herd import wait_until
from storages.kills.studies import LONG, RANDOM, create, fall_silent, load, reap_until
from storages.media import Medium

import steep
from steep.trial import TrialState

FAIL, RUNNING = TrialState.FAIL, TrialState.RUNNING


def test_a_sampler_that_thinks_for_long_does_not_stop_the_heartbeat(sqlite: Medium) -> None:
    study = create(sqlite, heartbeat_interval=0.05)
    reaper = load(sqlite, heartbeat_interval=LONG, grace_period=LONG)
    study.ask()
    writer_id = study._storage._writer.id
    with study._storage.steady():
        for _ in range(4):  # one beat might have been under way
            reaper._storage._backend.ages()  # a beat after this one is of age 0 when it is seen
            wait_until(
                lambda: reaper._storage._backend.ages()[writer_id] == 0, "another beat", seconds=20
            )


def test_every_study_of_a_storage_is_watched(sqlite: Medium) -> None:
    options: dict[str, Any] = {"heartbeat_interval": 0.05, "grace_period": 0.3}
    lost = [create(sqlite, name, **options) for name in ("tea", "coffee")]
    watcher = sqlite.open(**options)
    watched = [
        steep.load_study(study_name=name, storage=watcher, sampler=RANDOM)
        for name in ("tea", "coffee")
    ]
    for study in lost:
        study.ask()
        fall_silent(study._storage)
    create_trial = steep.create_study(study_name="own", storage=watcher, sampler=RANDOM)
    create_trial.ask()  # from now on the background watches
    wait_until(
        lambda: all(watcher.table(s._study_id).state_of(0) == FAIL for s in watched),
        "both lost trials are failed",
        seconds=20,
    )


def test_owners_without_a_heartbeat_become_stale_in_every_study(sqlite: Medium) -> None:
    ids = []
    for name in ("tea", "coffee"):
        study = create(sqlite, name, heartbeat_interval=LONG)
        study.ask()
        study._storage._backend.leave(study._storage._writer.id)
        ids.append(study._study_id)
    reaper = sqlite.open(heartbeat_interval=LONG, grace_period=0.05)
    for study_id in ids:
        assert reaper.reap(study_id) == []
    time.sleep(0.06)
    assert [reaper.reap(study_id) for study_id in ids] == [[0], [0]]


def test_a_process_does_not_reap_its_own_trials(medium: Medium) -> None:
    options = {"heartbeat_interval": LONG, "grace_period": 0.05}
    one, other = create(medium, **options), load(medium, **options)
    one._storage.ask(one._study_id)
    other._storage.ask(other._study_id)
    one._storage._backend.ages()
    time.sleep(0.06)
    other._storage.record_heartbeat(0)
    assert one._storage.reap(one._study_id) == []


@pytest.mark.parametrize("hours", [-3, 3])
def test_a_wall_clock_that_jumps_makes_no_living_trial_stale(
    medium: Medium, hours: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = {"heartbeat_interval": LONG, "grace_period": 600.0}
    with _wall_clock(monkeypatch) as jump:
        one, other = create(medium, **options), load(medium, **options)
        one.ask()
        assert other._storage.reap(other._study_id) == []
        jump(hours * 3600.0)
        assert other._storage.reap(other._study_id) == []
        one.ask()
        assert load(medium, **options)._storage.reap(one._study_id) == []
        assert [t.state for t in other.trials] == [RUNNING] * 2


@pytest.mark.parametrize("hours", [-3, 3])
def test_a_wall_clock_that_jumps_keeps_no_lost_trial_alive(
    medium: Medium, hours: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    with _wall_clock(monkeypatch) as jump:
        one = create(medium, heartbeat_interval=0.1)
        one.ask()
        fall_silent(one._storage)
        jump(hours * 3600.0)
        reap_until(load(medium, heartbeat_interval=0.1, grace_period=0.3), [0])


class _wall_clock:  # noqa: N801 - reads like a verb here
    """Set the wall clock of this host: Python's, and SQLite's."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._monkeypatch = monkeypatch
        self._offset = 0.0
        self._time = time.time

    def __enter__(self) -> Callable[[float], None]:
        import sqlalchemy

        self._monkeypatch.setattr(time, "time", lambda: self._time() + self._offset)
        sqlalchemy.event.listen(sqlalchemy.pool.Pool, "connect", self._connected)
        return self._jump

    def __exit__(self, *exception: object) -> None:
        import sqlalchemy

        sqlalchemy.event.remove(sqlalchemy.pool.Pool, "connect", self._connected)

    def _jump(self, seconds: float) -> None:
        self._offset = seconds

    def _connected(self, connection: Any, _: Any) -> None:
        if hasattr(connection, "create_function"):
            connection.create_function("julianday", 1, self._julian_day)

    def _julian_day(self, _: Any) -> float:
        return (self._time() + self._offset) / 86400 + 2440587.5
