"""A worker that stood still for too long: it hears of it, records nothing, and goes on."""

from __future__ import annotations

import signal
import time
from pathlib import Path
from typing import Any

import pytest
from storages.kills.herd import Herd, wait_until
from storages.kills.studies import LONG, create, load, reap_until, trial_id
from storages.kills.work import REFUSED
from storages.media import SHARED, Medium

from steep.storages import RetryHeartbeatStaleTrialCallback
from steep.trial import TrialState

COMPLETE, FAIL = TrialState.COMPLETE, TrialState.FAIL
WAITING = TrialState.WAITING


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
