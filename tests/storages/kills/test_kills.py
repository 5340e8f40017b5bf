"""Workers that are killed at any moment lose nothing, double nothing, and leave nothing behind."""

from __future__ import annotations

import random
import time
from pathlib import Path
from typing import Any

import pytest
from storages.kills.checks import check_acknowledged, check_history
from storages.kills.herd import Herd, Worker, wait_until
from storages.kills.work import seen, value_of
from storages.media import SHARED, Medium
from storages.soak import FACTOR, amount

import steep
from steep.storages import RetryHeartbeatStaleTrialCallback
from steep.table import Table
from steep.trial import TrialState

N_WORKERS = 8
INTERVAL, GRACE = 0.2, 1.5
MAX_RETRY = 3
FEWEST, LONGEST = 80, 50.0  # kills, and seconds of them
COMPLETE, RUNNING, WAITING = TrialState.COMPLETE, TrialState.RUNNING, TrialState.WAITING
RANDOM = steep.samplers.RandomSampler(seed=0)
WATCHED: dict[str, Any] = {"heartbeat_interval": INTERVAL, "grace_period": GRACE}


@pytest.fixture(autouse=True)
def _quiet() -> Any:
    before = steep.logging.get_verbosity()
    steep.logging.set_verbosity(steep.logging.ERROR)
    yield
    steep.logging.set_verbosity(before)


def create(medium: Medium, n_enqueued: int, **options: Any) -> tuple[steep.Study, list[float]]:
    """Create a study with some trials lined up, and give their parameters."""
    study = steep.create_study(
        study_name="tea", storage=medium.open(**options), sampler=RANDOM, pruner=nop()
    )
    enqueued = [(i + 0.5) / n_enqueued for i in range(n_enqueued)]
    study.add_trials(
        steep.create_trial(state=WAITING, system_attrs={"fixed_params": {"x": x}}) for x in enqueued
    )
    return study, enqueued


def nop() -> Any:
    return steep.pruners.NopPruner()


def load(medium: Medium, **options: Any) -> steep.Study:
    """Load the study as another process would."""
    return steep.load_study(
        study_name="tea", storage=medium.open(**options), sampler=RANDOM, pruner=nop()
    )


@pytest.mark.parametrize("kind", ["sqlite", "file"])
def test_kills_lose_nothing_and_double_nothing(
    kind: str, tmp_path: Path, record_property: Any
) -> None:
    n_kills = amount(120, 500)
    options = {
        **WATCHED,
        "failed_trial_callback": RetryHeartbeatStaleTrialCallback(max_retry=MAX_RETRY),
    }
    with SHARED[kind](tmp_path) as medium, Herd(tmp_path / "herd") as herd:
        study, enqueued = create(medium, n_enqueued=16 * n_kills)
        template = medium.open(**options)
        old = load(medium)
        began = time.monotonic()
        n_kills = _kill_and_replace(herd, template, n_kills, old)
        seconds = time.monotonic() - began
        _check_leftovers(load(medium, **options))
        assert herd.complaints() == ""

        fresh = load(medium)
        n_acknowledged = check_acknowledged(fresh, herd)
        history = check_history(fresh, herd, enqueued)
        lateness = _check_reaped_in_time(herd, history.reaped_at)
        _check_readers([fresh, old, study], herd, template)
        shares = sum(n < len(enqueued) for n in history.starts) / len(history.starts)
        figures = {
            "kills": n_kills,
            "seconds": round(seconds, 1),
            "trials": fresh._storage.table(fresh._study_id).n,
            "acknowledged": n_acknowledged,
            "enqueued": round(shares, 2),
            "reaped": len(history.reaped_at),
            "retries": len(history.retries),
            "lost": len(herd.said("L")),
            "reaped after at most": round(lateness, 2),
        }
        record_property("figures", figures)
        if FACTOR:
            print(kind, figures)


def _kill_and_replace(herd: Herd, template: Any, n_kills: int, reader: steep.Study) -> int:
    """Kill one worker after the other at any moment, and all of them in the end.

    Returns:
        The number of kills; fewer than wanted on a machine that is slow today.
    """
    dice = random.Random(0)

    def start() -> Worker:
        return herd.start(template, "tea", "run_until_killed", seconds=0.02)

    alive = [start() for _ in range(N_WORKERS)]
    for worker in alive:  # all are at work
        worker.wait_for("T")
    limit = time.monotonic() + (LONGEST if not FACTOR else 1e9)
    for kill in range(n_kills - N_WORKERS):
        if kill >= FEWEST and time.monotonic() > limit:
            break
        time.sleep(dice.uniform(0.0, 0.12))
        index = dice.randrange(N_WORKERS)
        alive[index].kill()
        alive[index] = start()
        if kill % 20 == 0:
            _check_at_equal_positions(reader)
    for worker in alive:
        worker.wait_for("A")
    for worker in alive:
        worker.kill()
    wait_until(lambda: not any(w.is_alive() for w in herd.workers), "the end of all workers")
    return sum(worker.killed_at is not None for worker in herd.workers)


def _check_at_equal_positions(reader: steep.Study) -> None:
    """Check that an old reader and a fold from the beginning see the same at one position."""
    table = reader._storage.synced(reader._study_id)
    fresh = Table()
    fresh.follow(reader._storage.read_log(reader._study_id)[: table.position])
    assert fresh.position == table.position
    assert fresh.state.tolist() == table.state.tolist()
    assert repr(fresh.values.tolist()) == repr(table.values.tolist())
    assert fresh.owners == table.owners


def _check_leftovers(reaper: steep.Study) -> None:
    """Check that one process which looks for them leaves no lost trial."""

    def is_clean() -> bool:
        steep.storages.fail_stale_trials(reaper)
        return not reaper.get_trials(states=(RUNNING,))

    began = time.monotonic()
    wait_until(is_clean, "no trial outlives the grace period")
    assert time.monotonic() - began < GRACE + 30  # it is a busy machine


def _check_reaped_in_time(herd: Herd, reaped_at: dict[int, float]) -> float:
    """Check that lost trials are found soon; give the longest time."""
    killed_at = {int(n): w.killed_at for w in herd.workers for (n,) in w.said("A")}
    late = [at - (killed_at[n] or at) for n, at in reaped_at.items() if n in killed_at]
    assert max(late) < GRACE + 30
    return max(late)


def _check_readers(studies: list[steep.Study], herd: Herd, template: Any) -> None:
    """Check that old and new readers, here and in another process, see the same."""
    other = herd.start(template, "tea", "digest")
    other.wait()
    tables = [study._storage.synced(study._study_id) for study in studies]
    found = {(table.position, seen(study)) for table, study in zip(tables, studies, strict=True)}
    found |= {(int(position), digest) for position, digest in other.said("D")}
    assert len(found) == 1


# ---- claims --------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", SHARED)
def test_eight_processes_that_pop_lined_up_trials_claim_each_once(
    kind: str, tmp_path: Path
) -> None:
    n_trials = 300
    with SHARED[kind](tmp_path) as medium, Herd(tmp_path / "herd") as herd:
        study, enqueued = create(medium, n_trials)
        template = medium.open()
        workers = [
            herd.start(template, "tea", "optimize", total_trials=n_trials) for _ in range(N_WORKERS)
        ]
        for worker in workers:
            worker.wait()
        assert herd.complaints() == ""
        assert sorted(int(number) for (number,) in herd.said("A")) == list(range(n_trials))
        assert check_acknowledged(study, herd) == n_trials
        check_history(study, herd, enqueued)
        assert [trial.value for trial in study.trials] == [value_of(x) for x in enqueued]


def test_a_total_of_trials_is_exact_although_a_worker_is_killed(tmp_path: Path) -> None:
    total, gate = 30, tmp_path / "gate"
    options = {"heartbeat_interval": 0.1, "grace_period": 0.7}
    with SHARED["sqlite"](tmp_path) as medium, Herd(tmp_path / "herd") as herd:
        study, _ = create(medium, 0)
        template = medium.open(**options)
        arguments = {"total_trials": total, "gate": str(gate), "held_from": 6}
        workers = [herd.start(template, "tea", "optimize_held", **arguments) for _ in range(4)]
        wait_until(lambda: len(study.get_trials(states=(RUNNING,))) == 4, "all wait in a trial")
        workers[0].kill()
        wait_until(lambda: study._synced_table().reaped, "the lost trial is failed")
        gate.touch()
        for worker in workers[1:]:
            worker.wait()
        assert herd.complaints() == ""
        states = [trial.state for trial in study.trials]
        assert states.count(COMPLETE) == total
        assert len(states) == total + 1  # the lost one does not count
