"""Several threads at one study: nothing is lost, nothing is done twice."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

import steep
from steep.trial import TrialState


def quadratic(trial: Any) -> float:
    """Return (x - 0.5)²."""
    return float((trial.suggest_float("x", 0, 1) - 0.5) ** 2)


def run_in_threads(*targets: Callable[[], Any]) -> list[BaseException]:
    """Run the targets at once; return what they raised."""
    errors: list[BaseException] = []

    def guarded(target: Callable[[], Any]) -> None:
        try:
            target()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=guarded, args=(target,)) for target in targets]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert not any(thread.is_alive() for thread in threads)
    return errors


def seeded(**options: Any) -> steep.Study:
    """Return a study with a seeded random sampler."""
    return steep.create_study(sampler=steep.samplers.RandomSampler(seed=0), **options)


def test_two_threads_optimizing_one_study_lose_nothing() -> None:
    study = seeded()
    calls: Counter[int] = Counter()
    finished: Counter[int] = Counter()

    def objective(trial: Any) -> float:
        calls[trial.number] += 1
        return quadratic(trial)

    def callback(study: Any, trial: Any) -> None:
        finished[trial.number] += 1

    def work() -> None:
        study.optimize(objective, n_trials=150, callbacks=[callback])

    assert run_in_threads(work, work) == []
    numbers = set(range(300))
    assert [t.number for t in study.trials] == sorted(numbers)
    assert set(calls) == set(finished) == numbers
    assert set(calls.values()) == set(finished.values()) == {1}
    assert all(t.state == TrialState.COMPLETE for t in study.trials)
    assert all(t.value == (t.params["x"] - 0.5) ** 2 for t in study.trials)
    assert study.best_value == min(t.value for t in study.trials)


@pytest.mark.parametrize("n_jobs", [2, 4])
def test_n_jobs_runs_each_trial_once(n_jobs: int) -> None:
    study = seeded()
    calls: Counter[int] = Counter()

    def objective(trial: Any) -> float:
        calls[trial.number] += 1
        trial.report(trial.number, 0)
        return quadratic(trial)

    study.optimize(objective, n_trials=120, n_jobs=n_jobs)
    assert calls == Counter(range(120))
    assert [t.intermediate_values for t in study.trials] == [{0: float(n)} for n in range(120)]


def test_trials_of_two_threads_keep_their_own_parameters_and_attributes() -> None:
    study = seeded()
    meet = threading.Barrier(2, timeout=20)

    def objective(trial: Any) -> float:
        meet.wait()
        x = trial.suggest_float("x", 0, 1)
        trial.set_user_attr("x", x)
        meet.wait()
        trial.report(x, 1)
        return float(x)

    study.optimize(objective, n_trials=20, n_jobs=2)
    for trial in study.trials:
        assert (
            trial.params["x"]
            == trial.user_attrs["x"]
            == trial.intermediate_values[1]
            == trial.value
        )


def test_the_same_seed_gives_the_same_parameters_in_threads() -> None:
    def params(n_jobs: int) -> list[dict[str, Any]]:
        study = seeded()
        study.optimize(quadratic, n_trials=40, n_jobs=n_jobs)
        return [t.params for t in study.trials]

    assert params(1) == params(2) == params(4)


def test_a_waiting_trial_is_taken_by_one_thread_only() -> None:
    study = seeded()
    for number in range(100):
        study.enqueue_trial({"x": number / 100})
    taken: list[float] = []

    def work() -> None:
        for _ in range(50):
            trial = study.ask()
            taken.append(trial.suggest_float("x", 0, 1))
            study.tell(trial, 0.0)

    assert run_in_threads(work, work) == []
    assert sorted(taken) == [number / 100 for number in range(100)]
    assert len(study.trials) == 100


def test_readers_see_whole_trials_while_others_write() -> None:
    study = seeded()
    done = threading.Event()

    def write() -> None:
        try:
            study.optimize(quadratic, n_trials=200)
        finally:
            done.set()

    def read() -> None:
        while not done.is_set():
            for trial in study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,)):
                assert trial.value == (trial.params["x"] - 0.5) ** 2

    assert run_in_threads(write, read) == []
    assert len(study.trials) == 200


def test_enqueue_from_another_thread_is_run() -> None:
    study = seeded()
    enqueued = threading.Event()

    def enqueue() -> None:
        for number in range(10):
            study.enqueue_trial({"x": 0.25}, user_attrs={"n": number})
        enqueued.set()

    def work() -> None:
        enqueued.wait(10)
        study.optimize(quadratic, n_trials=10)

    assert run_in_threads(enqueue, work) == []
    assert [t.user_attrs["n"] for t in study.trials] == list(range(10))
    assert {t.params["x"] for t in study.trials} == {0.25}


def test_one_of_two_optimizing_threads_may_fail_alone() -> None:
    study = seeded()

    def broken(trial: Any) -> float:
        raise ValueError("broken")

    errors = run_in_threads(
        lambda: study.optimize(broken, n_trials=5), lambda: study.optimize(quadratic, n_trials=50)
    )
    assert [type(e) for e in errors] == [ValueError]
    counts = Counter(t.state for t in study.trials)
    assert counts == {TrialState.COMPLETE: 50, TrialState.FAIL: 1}


def test_an_error_in_a_worker_stops_the_pool_and_leaves_no_trial_running() -> None:
    study = seeded()

    def objective(trial: Any) -> float:
        if trial.number == 5:
            raise ZeroDivisionError
        time.sleep(0.001)
        return quadratic(trial)

    with pytest.raises(ZeroDivisionError):
        study.optimize(objective, n_trials=1000, n_jobs=2)
    counts = Counter(t.state for t in study.trials)
    assert counts[TrialState.FAIL] == 1
    assert counts[TrialState.RUNNING] == 0
    assert len(study.trials) < 1000


def test_studies_of_one_storage_do_not_mix() -> None:
    storage = steep.storages.InMemoryStorage()
    studies = [seeded(storage=storage, study_name=name) for name in ("a", "b")]
    work = [lambda s=s: s.optimize(quadratic, n_trials=100) for s in studies]
    assert run_in_threads(*work) == []
    for study in studies:
        assert [t.number for t in study.trials] == list(range(100))
    ids = [t._trial_id for s in studies for t in s.trials]
    assert len(set(ids)) == 200


def test_stop_from_another_thread_ends_the_run() -> None:
    study = steep.create_study(sampler=steep.samplers.RandomSampler(0))

    def objective(trial: steep.Trial) -> float:
        if trial.number == 2:
            thread = threading.Thread(target=study.stop)
            thread.start()
            thread.join()
        return 0.0

    study.optimize(objective, n_trials=50)
    assert len(study.trials) == 3


def test_a_callback_that_raises_in_a_worker_reaches_the_caller() -> None:
    study = steep.create_study(sampler=steep.samplers.RandomSampler(0))

    def callback(study: steep.Study, trial: steep.trial.FrozenTrial) -> None:
        raise KeyError("burnt")

    with pytest.raises(KeyError, match="burnt"):
        study.optimize(lambda trial: 0.0, n_trials=9, n_jobs=2, callbacks=[callback])
    assert all(trial.state.is_finished() for trial in study.trials)


@pytest.mark.parametrize("executor", ["thread", "process"])
@pytest.mark.parametrize("n_jobs", [0, -2])
def test_a_number_of_jobs_that_means_nothing_is_refused(n_jobs: int, executor: str) -> None:
    study = steep.create_study()
    with pytest.raises(ValueError, match=f"n_jobs={n_jobs}: "):
        study.optimize(lambda trial: 0.0, n_trials=1, n_jobs=n_jobs, executor=executor)
    assert study.trials == []
