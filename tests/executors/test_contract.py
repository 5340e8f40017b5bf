"""What every executor promises: the same study, wherever its objectives run."""

from __future__ import annotations

import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

import steep
from steep.exceptions import ExecutorError
from steep.executors import executor_of
from steep.executors.resources import n_cores
from steep.trial import TrialState


def new_study(**how: Any) -> steep.Study:
    return steep.create_study(sampler=steep.samplers.RandomSampler(seed=3), **how)


def run(executor: Any, study: steep.Study, objective: Any, n_trials: int, **how: Any) -> list[Any]:
    how = {"n_jobs": 1, **how}
    study.optimize(objective, n_trials=n_trials, executor=executor, **how)
    return study.trials


def test_the_same_seed_gives_the_same_trials(executor: Any) -> None:
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

    wanted = run(None, new_study(), objective, 6)
    assert told(run(executor, new_study(), objective, 6)) == told(wanted)


def test_reports_reach_the_pruner(executor: Any) -> None:
    def objective(trial: Any) -> float:
        for step in range(3):
            trial.report(float(trial.number), step)
            if trial.should_prune():
                raise steep.TrialPruned
        return float(trial.number)

    study = new_study(pruner=steep.pruners.ThresholdPruner(upper=1.5))
    trials = run(executor, study, objective, 4)
    assert [t.state.name for t in trials] == ["COMPLETE"] * 2 + ["PRUNED"] * 2
    assert trials[3].intermediate_values == {0: 3.0}


def test_caught_exceptions_fail_their_trial_and_others_end_the_run(executor: Any) -> None:
    def objective(trial: Any) -> float:
        if trial.number % 2:
            raise {1: KeyError, 3: ValueError}[trial.number](f"trial {trial.number}")
        return 0.0

    study = new_study()
    with pytest.raises(ValueError, match="trial 3"):
        run(executor, study, objective, 9, catch=KeyError)
    assert [t.state.name for t in study.trials] == ["COMPLETE", "FAIL"] * 2


def test_bad_calls_raise_inside_the_objective(executor: Any) -> None:
    def objective(trial: Any) -> float:
        try:
            trial.report(1.0, -1)
        except ValueError:
            return 1.0
        return 0.0

    assert run(executor, new_study(), objective, 1)[0].value == 1.0


def test_callbacks_run_here_and_may_stop_the_study(executor: Any) -> None:
    numbers: list[int] = []

    def callback(study: steep.Study, trial: Any) -> None:
        numbers.append(trial.number)
        if trial.number == 2:
            study.stop()

    run(executor, new_study(), lambda trial: 0.0, 9, callbacks=[callback])
    assert numbers == [0, 1, 2]


def flag(folder: Path, name: str) -> None:
    (folder / name).touch()


def wait_for(folder: Path, names: list[str]) -> None:
    deadline = time.monotonic() + 60
    while not all((folder / name).exists() for name in names):
        if time.monotonic() > deadline:
            raise TimeoutError(f"of {names} some did not come")
        time.sleep(0.005)


def in_order(folder: Path, order: list[int]) -> list[Any]:
    """Make an objective and a callback for two workers, so that trials end in a given order.

    A trial ends when those before it have, and when the trial that the other worker has begun
    meanwhile has its parameters. So it is fixed what is known whenever parameters are proposed.
    """

    def objective(trial: Any) -> float:
        x = trial.suggest_float("x", -1, 1)
        y = trial.suggest_int("y", 1, 100, log=True)
        flag(folder, f"{trial.number}.begun")
        place = order.index(trial.number)
        wait_for(folder, [f"{number}.ended" for number in order[:place]])
        if place + 1 < len(order):
            wait_for(folder, [f"{place + 1}.begun"])
        return float(x**2 + y)

    def callback(study: steep.Study, trial: Any) -> None:
        flag(folder, f"{trial.number}.ended")

    return [objective, callback]


def test_same_seed_and_order_of_finishing_give_the_same_suggestions(
    executor: Any, tmp_path: Path
) -> None:
    order = [1, 0, 3, 2, 4, 6, 5, 8, 7, 9]

    def told(executor: Any, folder: Path) -> list[Any]:
        folder.mkdir()
        sampler = steep.samplers.TPESampler(seed=5, n_startup_trials=3)
        study = steep.create_study(sampler=sampler)
        objective, callback = in_order(folder, order)
        run(executor, study, objective, len(order), n_jobs=2, callbacks=[callback])
        assert [t.number for t in sorted(study.trials, key=lambda t: t.datetime_complete)] == order
        return [(t.params, t.values) for t in study.trials]

    assert told(executor, tmp_path / "here") == told("thread", tmp_path / "threads")


def test_an_executor_says_how_many_trials_it_runs_at_once(executor: Any) -> None:
    if executor in (None, "thread"):
        assert executor_of(executor) is None
    else:
        found = executor_of(executor)
        assert found is not None
        assert found.n_workers() == (n_cores() if executor == "process" else 2)


def test_a_slow_trial_holds_no_other_back(executor: Any, tmp_path: Path) -> None:
    if executor is None:
        pytest.skip("the calling thread alone runs one trial at a time")

    def objective(trial: Any) -> float:
        if trial.number == 0:  # the straggler: it ends when ten others have
            wait_for(tmp_path, [f"{number}.ended" for number in range(1, 11)])
        return float(trial.number)

    ended: list[int] = []

    def callback(study: steep.Study, trial: Any) -> None:
        flag(tmp_path, f"{trial.number}.ended")
        ended.append(trial.number)

    run(executor, new_study(), objective, 11, n_jobs=2, callbacks=[callback])
    assert ended == [*range(1, 11), 0]


def test_a_worker_that_dies_loses_no_finished_trial(executor: Any) -> None:
    if executor in (None, "thread") or isinstance(executor, ThreadPoolExecutor):
        pytest.skip("its workers are threads, which cannot be killed")

    def objective(trial: Any) -> float:
        x = float(trial.suggest_float("x", 0, 1))
        if trial.number == 2:
            os.kill(os.getpid(), signal.SIGKILL)
        return x

    study = new_study()
    # Pools of concurrent.futures and loky are broken then, which ends the run and nothing else.
    is_pool = hasattr(executor, "shutdown") and "distributed" not in type(executor).__module__
    broken = pytest.raises(ExecutorError, match="is broken") if is_pool else nullcontext()
    with broken:
        run(executor, study, objective, 5)
    states = [t.state.name for t in study.trials]
    assert states[:3] == ["COMPLETE", "COMPLETE", "FAIL"]
    assert set(states[3:]) == ({"FAIL"} if is_pool else {"COMPLETE"})
    assert all(t.value == t.params["x"] for t in study.trials if t.state == TrialState.COMPLETE)
    assert all("failure" in t.system_attrs for t in study.trials if t.state == TrialState.FAIL)


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
