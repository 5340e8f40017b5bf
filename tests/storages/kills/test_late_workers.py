"""A worker that stood still for too long: it hears of it, records nothing, and goes on."""

from __future__ import annotations

import os
import pickle
import signal
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from storages.kills.herd import Herd, wait_until
from storages.kills.work import REFUSED
from storages.media import SHARED, Medium

import steep
from steep.storages import RetryHeartbeatStaleTrialCallback, Storage
from steep.table import Table
from steep.trial import TrialState

COMPLETE, FAIL = TrialState.COMPLETE, TrialState.FAIL
RUNNING, WAITING = TrialState.RUNNING, TrialState.WAITING
RANDOM = steep.samplers.RandomSampler(seed=0)
LONG = 1000.0  # seconds in which no test ends


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[Medium]:
    with SHARED["sqlite"](tmp_path) as medium:
        yield medium


@pytest.fixture(params=SHARED)
def medium(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Medium]:
    with SHARED[request.param](tmp_path) as medium:
        yield medium


def create(medium: Medium, name: str = "tea", **options: Any) -> steep.Study:
    return steep.create_study(study_name=name, storage=medium.open(**options), sampler=RANDOM)


def load(medium: Medium, name: str = "tea", **options: Any) -> steep.Study:
    return steep.load_study(study_name=name, storage=medium.open(**options), sampler=RANDOM)


def fall_silent(storage: Storage) -> None:
    """Let a storage send no more heartbeats, as if its process stood still."""
    storage._next_beat = time.monotonic() + LONG


def trial_id(study: steep.Study, number: int) -> int:
    return study._storage.trial_id_of(study._study_id, number)


def reap_until(study: steep.Study, numbers: list[int]) -> None:
    reaped: list[int] = []

    def is_reaped() -> bool:
        reaped.extend(study._storage.reap(study._study_id))
        return reaped == numbers

    wait_until(is_reaped, f"{numbers} are reaped", seconds=20)


# ---- stopped processes ---------------------------------------------------------------------------


@pytest.mark.parametrize("work", ["stand_still_in_optimize", "stand_still_with_ask_and_tell"])
@pytest.mark.parametrize("kind", ["sqlite", "file"])
def test_a_stopped_worker_hears_that_its_trial_is_gone_and_goes_on(
    kind: str, work: str, tmp_path: Path
) -> None:
    options: dict[str, Any] = {"heartbeat_interval": 0.1, "grace_period": 0.6}
    options["failed_trial_callback"] = RetryHeartbeatStaleTrialCallback()
    gate = tmp_path / "gate"
    with SHARED[kind](tmp_path) as medium, Herd(tmp_path / "herd") as herd:
        study = create(medium)
        reaper = load(medium, **options)
        worker = herd.start(medium.open(**options), "tea", work, gate=str(gate))
        worker.wait_for("A 0")
        wait_until(lambda: study.trials[0].params, "others see the parameters")
        worker.signal(signal.SIGSTOP)
        reap_until(reaper, [0])
        gate.touch()
        worker.signal(signal.SIGCONT)
        worker.wait()
        assert herd.complaints() == ""
        assert worker.said("P") == [["0", "True"], ["1", "False"]]
        warned = [" ".join(words) for words in worker.said("W")]
        assert all(REFUSED in text for text in warned)
        assert any("not recorded" in text and "should_prune" not in text for text in warned)
        lost, retry = study.trials
        assert (lost.state, lost.value) == (FAIL, None)
        assert retry.state == COMPLETE
        assert retry.params == lost.params


# ---- leases --------------------------------------------------------------------------------------


@pytest.mark.parametrize("is_flushed", [False, True])
def test_a_result_under_a_lost_lease_does_not_end_the_trial_of_another(
    is_flushed: bool, sqlite: Medium
) -> None:
    one, other = create(sqlite), load(sqlite)
    late = one.ask()
    other._storage.set_trial_state_values(trial_id(other, 0), WAITING)
    now = other.ask()
    assert now.number == late.number
    late.suggest_float("x", 0, 1)
    if is_flushed:
        one.flush()
    with pytest.warns(UserWarning, match=REFUSED):
        one.tell(late, 1.0)
    assert other.tell(now, 2.0).value == 2.0
    assert [t.value for t in one.trials] == [2.0]


def test_a_worker_whose_trial_waits_again_goes_on(sqlite: Medium) -> None:
    one, other = create(sqlite), load(sqlite)
    released = []

    def objective(trial: Any) -> float:
        if not released:
            released.append(trial.number)
            other._storage.set_trial_state_values(trial_id(other, 0), WAITING)
            trial.suggest_float("x", 0, 1)
            one.flush()
        return 1.0

    with pytest.warns(UserWarning, match=REFUSED):
        one.optimize(objective, n_trials=2)
    assert [t.state for t in one.trials] == [COMPLETE]


def test_a_worker_that_tells_a_deleted_trial_gets_a_warning(medium: Medium) -> None:
    one, other = create(medium), load(medium)
    trial = one.ask()
    trial.suggest_float("x", 0, 1)
    other.delete_trial(0)
    with pytest.warns(UserWarning, match=REFUSED):
        told = one.tell(trial, 1.0)
    assert told.state == FAIL
    assert trial.user_attrs == {}
    assert one.trials == []


def test_trials_that_were_listed_stay_as_they_were_when_another_process_deletes_them(
    sqlite: Medium,
) -> None:
    one, other = create(sqlite), load(sqlite)
    one.optimize(lambda trial: trial.suggest_float("x", 0, 1), n_trials=2)
    listed, before = other.trials, [trial.value for trial in one.trials]
    one.delete_trial(0)
    assert [trial.number for trial in other.trials] == [1]
    assert [trial.value for trial in listed] == before
    assert [trial.params["x"] for trial in listed] == before


def test_two_processes_that_reap_at_once_reap_each_trial_once(sqlite: Medium) -> None:
    lost = create(sqlite, heartbeat_interval=LONG, grace_period=LONG)
    for _ in range(3):
        lost.ask()
    options = {"heartbeat_interval": LONG, "grace_period": 1e-3}
    options["failed_trial_callback"] = RetryHeartbeatStaleTrialCallback()
    one, other = load(sqlite, **options), load(sqlite, **options)
    assert one._storage.stale_numbers(one._study_id) == []  # seen for the first time
    assert other._storage.stale_numbers(other._study_id) == []
    time.sleep(0.01)
    reaped: dict[str, list[int]] = {"other": []}
    append = one._storage.append

    def append_later(study_id: int, event: Any) -> Any:
        if not reaped["other"]:  # in the very moment
            reaped["other"] = other._storage.reap(study_id)
        return append(study_id, event)

    one._storage.append = append_later  # type: ignore[method-assign]
    reaped["one"] = one._storage.reap(one._study_id)
    assert reaped == {"one": [], "other": [0, 1, 2]}
    assert [t.state for t in one.trials] == [FAIL] * 3 + [WAITING] * 3


# ---- heartbeats ----------------------------------------------------------------------------------


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


# ---- other processes -----------------------------------------------------------------------------


def in_child(work: Callable[[], None]) -> None:
    """Do something in a forked child process, and wait for it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # forking beside threads
        pid = os.fork()
    if not pid:
        code = 1
        try:
            work()
            code = 0
        finally:
            os._exit(code)
    assert os.waitpid(pid, 0)[1] == 0


@pytest.mark.parametrize("suggests", ["before", "after"])
def test_a_forked_child_may_finish_a_trial_of_its_parent(medium: Medium, suggests: str) -> None:
    study = create(medium)
    trial = study.ask()
    trial.set_user_attr("k", 1)
    if suggests == "before":
        trial.suggest_float("x", 0, 1)

    def finish() -> None:
        trial.set_user_attr("k", 2)
        study.tell(trial, trial.suggest_float("x", 0, 1))

    in_child(finish)
    (told,) = load(medium).trials
    assert told.value == told.params["x"]
    assert told.user_attrs == {"k": 2}


def test_a_pickled_trial_may_be_finished_elsewhere(medium: Medium) -> None:
    study = create(medium)
    trial = study.ask()
    trial.set_user_attr("k", 1)
    x = trial.suggest_float("x", 0, 1)
    other = pickle.loads(pickle.dumps(trial))
    assert other.suggest_float("x", 0, 1) == x
    y = other.suggest_float("y", 0, 1)
    other.report(0.5, 3)
    other.study.tell(other, 2.0)
    (told,) = study.trials
    assert told.params == {"x": x, "y": y}
    assert told.user_attrs == {"k": 1}
    assert told.intermediate_values == {3: 0.5}


def test_a_fork_in_the_middle_of_a_fold_gives_the_child_a_whole_table(
    sqlite: Medium, monkeypatch: pytest.MonkeyPatch
) -> None:
    study, other = create(sqlite), load(sqlite)
    study.optimize(lambda trial: trial.suggest_float("x", 0, 1), n_trials=2)
    is_folding, finish = threading.Event(), Table._finish

    def slow_finish(table: Table, event: Any) -> bool:
        is_folding.set()
        time.sleep(0.2)
        return finish(table, event)

    monkeypatch.setattr("steep.table.fold._FOLDS", _with_finish(slow_finish))
    thread = threading.Thread(target=lambda: other._storage.sync(other._study_id))
    thread.start()
    assert is_folding.wait(20)

    def check() -> None:
        trials = other.trials
        assert [t.state for t in trials] == [COMPLETE] * 2
        assert [t.value for t in trials] == [t.params["x"] for t in trials]

    in_child(check)
    thread.join()


def _with_finish(finish: Callable[[Table, Any], bool]) -> dict[type[Any], Any]:
    from steep.events import Finish
    from steep.table import fold

    return {**fold._FOLDS, Finish: finish}


# ---- what fails ----------------------------------------------------------------------------------


def fail_appends(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    def append(*_: Any) -> int:
        raise steep.exceptions.StorageInternalError("no space")

    monkeypatch.setattr(storage._backend, "append", append)


def test_a_trial_that_could_not_be_told_can_be_told_again_with_all_it_has(
    sqlite: Medium, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = create(sqlite)
    trial = study.ask()
    x = trial.suggest_float("x", 0, 1)
    trial.report(0.5, 1)
    trial.set_user_attr("k", 1)
    study.flush()
    y = trial.suggest_float("y", 0, 1)
    trial.set_user_attr("k", 2)
    trial.report(0.25, 2)
    with monkeypatch.context() as patch:
        fail_appends(study._storage, patch)
        for fails in (study.flush, lambda: study.tell(trial, 1.0)):
            with pytest.raises(steep.exceptions.StorageInternalError):
                fails()
        trial.set_user_attr("k", 3)
        z = trial.suggest_float("z", 0, 1)
    told = study.tell(trial, 1.0)
    assert told.params == {"x": x, "y": y, "z": z}
    assert told.user_attrs == {"k": 3}
    assert told.intermediate_values == {1: 0.5, 2: 0.25}
    assert load(sqlite).trials == [told]


def lose_answers(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    append = storage._backend.append

    def arrive(*arguments: Any) -> int:
        append(*arguments)
        raise steep.exceptions.StorageInternalError("the connection was lost for too long")

    monkeypatch.setattr(storage._backend, "append", arrive)


def tell_in_vain(study: steep.Study, monkeypatch: pytest.MonkeyPatch) -> steep.trial.Trial:
    """Tell a trial with 1.0, which arrives although the call fails."""
    trial = study.ask()
    trial.suggest_float("x", 0, 1)
    trial.report(0.5, 1)
    with monkeypatch.context() as patch:
        lose_answers(study._storage, patch)
        with pytest.raises(steep.exceptions.StorageInternalError):
            study.tell(trial, 1.0)
    return trial


def test_a_result_that_arrived_although_its_call_failed_may_be_told_again(
    medium: Medium, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = create(medium)
    trial = tell_in_vain(study, monkeypatch)
    told = study.tell(trial, 1.0)  # without a warning
    assert told.value == 1.0
    assert told.intermediate_values == {1: 0.5}
    assert load(medium).trials == study.trials == [told]


@pytest.mark.parametrize("differs", ["value", "attribute", "deleted"])
def test_what_differs_from_the_result_that_arrived_is_not_recorded(
    sqlite: Medium, monkeypatch: pytest.MonkeyPatch, differs: str
) -> None:
    study = create(sqlite)
    trial = tell_in_vain(study, monkeypatch)
    if differs == "attribute":
        trial.set_user_attr("k", 1)
    if differs == "deleted":
        load(sqlite).delete_trial(trial.number)
    with pytest.warns(UserWarning, match="is not recorded"):
        study.tell(trial, 2.0 if differs == "value" else 1.0)
    values = [trial.value for trial in load(sqlite).trials]
    assert values == ([] if differs == "deleted" else [1.0])


def test_a_snapshot_that_cannot_be_saved_is_done_without(
    sqlite: Medium, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("steep.storages.core._FIRST_SNAPSHOT", 5)
    study = create(sqlite)

    def save(*_: Any) -> None:
        raise steep.exceptions.StorageInternalError("no space")

    monkeypatch.setattr(study._storage._backend, "save_snapshot", save)
    study.optimize(lambda trial: trial.suggest_float("x", 0, 1), n_trials=10)
    assert len(load(sqlite).get_trials(states=(COMPLETE,))) == 10


def test_a_study_that_another_process_deletes_stops_nobody_from_closing(medium: Medium) -> None:
    storage = medium.open()
    tea = steep.create_study(study_name="tea", storage=storage, sampler=RANDOM)
    milk = steep.create_study(study_name="milk", storage=storage, sampler=RANDOM)
    for study in (tea, milk):
        study.ask().suggest_float("x", 0, 1)
    steep.delete_study(study_name="tea", storage=medium.open())
    storage.close()
    (kept,) = load(medium, "milk").trials
    assert list(kept.params) == ["x"]
