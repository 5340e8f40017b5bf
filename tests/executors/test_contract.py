"""What every executor promises: the same study, wherever its objectives run."""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from typing import Any

import pytest

import steep
from steep.executors.resources import environment, n_available
from steep.trial import TrialState

Made = Callable[[], Any]


@contextmanager
def _process_pool() -> Iterator[Any]:
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        yield pool


EXECUTORS: dict[str, Made] = {
    "none": lambda: nullcontext(None),
    "thread": lambda: nullcontext("thread"),
    "process": lambda: nullcontext("process"),
    "thread pool": lambda: ThreadPoolExecutor(2),
    "process pool": _process_pool,
}
every_executor = pytest.mark.parametrize("make", EXECUTORS.values(), ids=EXECUTORS)


def new_study(**how: Any) -> steep.Study:
    return steep.create_study(sampler=steep.samplers.RandomSampler(seed=3), **how)


def run(make: Made, study: steep.Study, objective: Any, n_trials: int, **how: Any) -> list[Any]:
    with make() as executor:
        study.optimize(objective, n_trials=n_trials, n_jobs=1, executor=executor, **how)
    return study.trials


@every_executor
def test_the_same_seed_gives_the_same_trials(make: Made) -> None:
    def objective(trial: Any) -> float:
        trial.suggest_int("n", 1, 9, log=True)
        choice: str = trial.suggest_categorical("c", ["a", "b"])
        trial.set_user_attr("choice", choice)
        trial.set_constraint("limit", -1.0)
        assert trial.params["c"] == trial.user_attrs["choice"] == choice
        x: float = trial.suggest_float("x", -1, 1)
        return x**2

    def told(trials: list[Any]) -> list[Any]:
        return [(t.params, t.values, t.user_attrs, t.constraints) for t in trials]

    wanted = run(lambda: nullcontext(None), new_study(), objective, 6)
    assert told(run(make, new_study(), objective, 6)) == told(wanted)


@every_executor
def test_reports_reach_the_pruner(make: Made) -> None:
    def objective(trial: Any) -> float:
        for step in range(3):
            trial.report(float(trial.number), step)
            if trial.should_prune():
                raise steep.TrialPruned
        return float(trial.number)

    study = new_study(pruner=steep.pruners.ThresholdPruner(upper=1.5))
    trials = run(make, study, objective, 4)
    assert [t.state.name for t in trials] == ["COMPLETE"] * 2 + ["PRUNED"] * 2
    assert trials[3].intermediate_values == {0: 3.0}


@every_executor
def test_caught_exceptions_fail_their_trial_and_others_end_the_run(make: Made) -> None:
    def objective(trial: Any) -> float:
        if trial.number % 2:
            raise {1: KeyError, 3: ValueError}[trial.number](f"trial {trial.number}")
        return 0.0

    study = new_study()
    with pytest.raises(ValueError, match="trial 3"):
        run(make, study, objective, 9, catch=KeyError)
    assert [t.state.name for t in study.trials] == ["COMPLETE", "FAIL"] * 2


@every_executor
def test_bad_calls_raise_inside_the_objective(make: Made) -> None:
    def objective(trial: Any) -> float:
        try:
            trial.report(1.0, -1)
        except ValueError:
            return 1.0
        return 0.0

    assert run(make, new_study(), objective, 1)[0].value == 1.0


@every_executor
def test_callbacks_run_here_and_may_stop_the_study(make: Made) -> None:
    numbers: list[int] = []

    def callback(study: steep.Study, trial: Any) -> None:
        numbers.append(trial.number)
        if trial.number == 2:
            study.stop()

    run(make, new_study(), lambda trial: 0.0, 9, callbacks=[callback])
    assert numbers == [0, 1, 2]


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


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"executor": "processes"}, ValueError, "executor='processes'"),
        ({"executor": 3}, TypeError, "has no submit"),
        ({"trial_timeout": 3}, ValueError, 'executor="process"'),
        ({"executor": "process", "trial_timeout": 0}, ValueError, "trial_timeout=0"),
        ({"executor": "process", "resources": {"tpu": 1}}, ValueError, "'tpu'"),
    ],
)
def test_bad_arguments_are_refused(
    arguments: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        new_study().optimize(lambda trial: 0.0, n_trials=1, **arguments)
