"""Children of this process: supervised, replaced, killed in time, each with what is its own."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import steep
from steep.executors import ProcessExecutor
from steep.executors.resources import environment, n_available, n_cores
from steep.trial import TrialState

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def new_study(**how: Any) -> steep.Study:
    return steep.create_study(sampler=steep.samplers.RandomSampler(seed=3), **how)


def test_a_child_runs_many_trials() -> None:
    study = new_study()
    study.optimize(lambda trial: float(os.getpid()), n_trials=3, executor="process", n_jobs=1)
    pids = {trial.value for trial in study.trials}
    assert len(pids) == 1
    assert os.getpid() not in pids


def test_a_child_that_dies_fails_its_trial_and_is_replaced() -> None:
    def objective(trial: Any) -> float:
        if trial.number % 2:
            os.kill(os.getpid(), 9)
        return 1.0

    study = new_study()
    study.optimize(objective, n_trials=4, n_jobs=1, executor="process")
    assert [t.state.name for t in study.trials] == ["COMPLETE", "FAIL"] * 2
    assert "exit code is -9" in study.trials[1].system_attrs["failure"]


def test_a_trial_that_takes_too_long_is_killed_and_says_why() -> None:
    def objective(trial: Any) -> float:
        time.sleep(600)
        return 1.0

    study = new_study()
    study.optimize(objective, n_trials=1, n_jobs=1, executor="process", trial_timeout=0.5)
    assert study.trials[0].state == TrialState.FAIL
    assert "trial_timeout=0.5" in study.trials[0].system_attrs["failure"]


def test_what_another_process_cannot_do_is_said() -> None:
    study = new_study()
    with pytest.raises(RuntimeError, match="Trial.study was read in another process"):
        study.optimize(lambda t: t.study.best_value, n_trials=1, n_jobs=1, executor="process")


def test_gpus_that_were_assigned_are_shared_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "3,5,7")
    assert n_available({"gpu": 1}) == 3
    assert [environment({"gpu": 1}, i, 3)["CUDA_VISIBLE_DEVICES"] for i in range(3)] == [*"357"]
    assert n_available({"gpu": 2}) == 1
    assert environment({"gpu": 2}, 0, 1)["CUDA_VISIBLE_DEVICES"] == "3,5"
    assert environment({"gpu": 0.5}, 1, 6)["CUDA_VISIBLE_DEVICES"] == "3"
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    with pytest.raises(ValueError, match="0 GPUs"):
        n_available({"gpu": 1})


def test_cores_are_shared_out_unless_the_user_has(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    assert environment({"cpu": 3}, 0, 1)["OMP_NUM_THREADS"] == "3"
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    assert environment({"cpu": 3}, 0, 1)["OMP_NUM_THREADS"] == "7"


def meeting(folder: Path, names: tuple[str, ...]) -> Any:
    """Make an objective of two trials that run at the same time; it notes some variables."""

    def objective(trial: Any) -> float:
        (folder / str(trial.number)).touch()
        deadline = time.monotonic() + 60
        while len(list(folder.iterdir())) < 2 and time.monotonic() < deadline:
            time.sleep(0.005)
        for name in names:
            trial.set_user_attr(name, os.environ.get(name))
        return 0.0

    return objective


def test_each_child_sees_a_gpu_of_its_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "GPU-3a,GPU-5b")  # as Slurm or Ray assigned them
    study, name = new_study(), "CUDA_VISIBLE_DEVICES"
    objective = meeting(tmp_path, (name,))
    study.optimize(objective, n_trials=2, n_jobs=-1, executor="process", resources={"gpu": 1})
    assert sorted(t.user_attrs[name] for t in study.trials) == ["GPU-3a", "GPU-5b"]
    with pytest.raises(ValueError, match="n_jobs=3.*enough for 2"):
        study.optimize(objective, n_jobs=3, executor="process", resources={"gpu": 1})


def test_children_share_the_cores_unless_the_user_has_said_how(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.delenv("OPENBLAS_NUM_THREADS", raising=False)
    monkeypatch.setenv("MKL_NUM_THREADS", "7")
    study = new_study()
    study.optimize(meeting(tmp_path, THREADS), n_trials=2, n_jobs=2, executor="process")
    share = str(max(n_cores() // 2, 1))
    for trial in study.trials:
        assert [trial.user_attrs[name] for name in THREADS] == [share, share, "7"]


def test_a_timeout_kills_what_the_trial_has_started_too(tmp_path: Path) -> None:
    def objective(trial: Any) -> float:
        child = subprocess.Popen(["sleep", "600"])
        (tmp_path / "pids").write_text(f"{os.getpid()} {child.pid}")
        trial.suggest_float("x", 0, 1)
        child.wait()
        return 0.0

    study = new_study()
    study.optimize(objective, n_trials=1, executor="process", trial_timeout=1.5)
    (trial,) = study.trials
    assert (trial.state, list(trial.params)) == (TrialState.FAIL, ["x"])
    assert "longer than trial_timeout=1.5 seconds" in trial.system_attrs["failure"]
    pids = [int(pid) for pid in (tmp_path / "pids").read_text().split()]
    wait_until(lambda: not any(is_running(pid) for pid in pids))


def is_running(pid: int) -> bool:
    try:
        # After the command in parentheses: a dead process that nobody waits for is a "Z".
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0] != "Z"
    except FileNotFoundError:
        return False


PROGRAM = """
import os, pathlib, time
import steep

def objective(trial):
    pathlib.Path(os.environ["NOTE"]).write_text(str(os.getpid()))
    time.sleep(600)
    return 0.0

steep.create_study().optimize(objective, executor="process")
"""


def test_a_child_ends_when_the_study_was_killed(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    env = {**os.environ, "NOTE": str(note)}
    with subprocess.Popen([sys.executable, "-c", PROGRAM], env=env) as study:
        wait_until(lambda: note.exists() and note.read_text() != "")
        study.kill()
    wait_until(lambda: not is_running(int(note.read_text())))


def wait_until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.01)


N_KILLS = 20


def test_kills_of_random_children_lose_no_finished_trial() -> None:
    study, executor, rng = new_study(), ProcessExecutor(), random.Random(0)
    told: dict[int, float] = {}
    kills: list[int] = []

    def objective(trial: Any) -> float:
        x = float(trial.suggest_float("x", 0, 1))
        time.sleep(0.002)
        trial.report(x, 0)
        return x

    def callback(study: steep.Study, trial: Any) -> None:
        if trial.state == TrialState.COMPLETE:
            told[trial.number] = trial.value

    def kill() -> None:
        while len(kills) < N_KILLS:
            before = len(told)
            time.sleep(rng.uniform(0.0, 0.02))
            while len(told) == before:  # children that never begin end the run
                time.sleep(0.001)
            children = [c for pool in executor._pools for c in pool._children.values()]
            alive = [child for child in children if child.is_alive()]
            if alive:
                child = rng.choice(alive)
                child.kill()
                kills.append(child._process.pid)
        study.stop()

    killer = threading.Thread(target=kill)
    killer.start()
    study.optimize(objective, n_jobs=2, executor=executor, callbacks=[callback])
    killer.join()
    ended = {state: [t for t in study.trials if t.state == state] for state in TrialState}
    assert {t.number: t.value for t in ended[TrialState.COMPLETE]} == told
    assert len(told) > N_KILLS
    assert 0 < len(ended[TrialState.FAIL]) <= N_KILLS
    assert all("failure" in t.system_attrs for t in ended[TrialState.FAIL])
    assert len(told) + len(ended[TrialState.FAIL]) == len(study.trials)
