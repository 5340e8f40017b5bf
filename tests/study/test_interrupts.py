"""stop, Ctrl-C, and errors in objectives and callbacks: what was finished stays finished."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from typing import Any

import pytest

import steep
from steep.trial import TrialState

COMPLETE, FAIL, RUNNING = TrialState.COMPLETE, TrialState.FAIL, TrialState.RUNNING


def quadratic(trial: Any) -> float:
    """Return (x - 0.5)²."""
    return float((trial.suggest_float("x", 0, 1) - 0.5) ** 2)


def states(study: steep.Study) -> list[TrialState]:
    """Return the states of all trials."""
    return [t.state for t in study.trials]


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_stop_from_a_thread_that_works_for_the_same_study(n_jobs: int) -> None:
    study = steep.create_study()

    def objective(trial: Any) -> float:
        if trial.number == 3:
            study.stop()
        return quadratic(trial)

    study.optimize(objective, n_trials=200, n_jobs=n_jobs)
    assert 4 <= len(study.trials) <= 3 + 2 * n_jobs
    assert set(states(study)) == {COMPLETE}


def test_stop_by_one_of_two_optimizing_threads_ends_both() -> None:
    study = steep.create_study()
    started = threading.Event()

    def endless(trial: Any) -> float:
        started.set()
        time.sleep(0.001)
        return quadratic(trial)

    def stopping(trial: Any) -> float:
        study.stop()
        return quadratic(trial)

    other = threading.Thread(target=study.optimize, args=(endless,))
    other.start()
    # A new optimize clears the stop flag when it starts, so the one that stops has to start second.
    started.wait(10)
    study.optimize(stopping, n_trials=1)
    other.join(timeout=10)
    assert not other.is_alive()
    assert set(states(study)) == {COMPLETE}


def test_stop_from_a_thread_that_runs_no_trials() -> None:
    study = steep.create_study()
    started = threading.Event()

    def objective(trial: Any) -> float:
        started.set()
        time.sleep(0.001)
        return quadratic(trial)

    def watch() -> None:
        started.wait(10)
        study.stop()

    watcher = threading.Thread(target=watch)
    watcher.start()
    study.optimize(objective)
    watcher.join(timeout=10)
    assert set(states(study)) == {COMPLETE}


def test_stop_outside_of_optimize_names_the_call() -> None:
    with pytest.raises(RuntimeError, match="stop"):
        steep.create_study().stop()


@pytest.mark.parametrize("catch", [(), Exception])
def test_keyboard_interrupt_keeps_what_was_finished(catch: Any) -> None:
    study = steep.create_study()

    def objective(trial: Any) -> float:
        value = quadratic(trial)
        trial.report(value, 1)
        if trial.number == 3:
            raise KeyboardInterrupt
        return value

    with pytest.raises(KeyboardInterrupt):
        study.optimize(objective, n_trials=10, catch=catch)
    assert states(study) == [COMPLETE] * 3 + [FAIL]
    last = study.trials[3]
    assert list(last.params) == ["x"]
    assert list(last.intermediate_values) == [1]
    assert last.values is None
    assert last.datetime_complete is not None
    study.optimize(quadratic, n_trials=1)
    assert states(study)[-1] == COMPLETE


PROGRAM = """
import signal, time, sys
import steep
signal.signal(signal.SIGINT, signal.default_int_handler)  # it may be ignored where tests run
study = steep.create_study()

def objective(trial):
    x = trial.suggest_float("x", 0, 1)
    if trial.number == 2:
        print("ready", flush=True)
        time.sleep(30)
    return x

try:
    study.optimize(objective, n_trials=5)
except KeyboardInterrupt:
    print([t.state.name for t in study.trials], len(study.trials[2].params))
"""


def test_control_c_in_the_middle_of_a_trial() -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=20)
    assert output == "['COMPLETE', 'COMPLETE', 'FAIL'] 1\n"


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_a_callback_that_raises_ends_optimize_after_the_trial_was_kept(n_jobs: int) -> None:
    study = steep.create_study()

    def callback(study: Any, trial: Any) -> None:
        raise ZeroDivisionError("in the callback")

    with pytest.raises(ZeroDivisionError, match="in the callback"):
        study.optimize(quadratic, n_trials=50, callbacks=[callback], n_jobs=n_jobs)
    assert 1 <= len(study.trials) <= 2 * n_jobs
    assert set(states(study)) == {COMPLETE}
    assert study.best_value == min(t.value for t in study.trials)
    study.optimize(quadratic, n_trials=1)


def test_an_objective_that_raises_is_logged_and_caught() -> None:
    study = steep.create_study()

    def objective(trial: Any) -> float:
        value = quadratic(trial)
        if trial.number % 2:
            raise ValueError("odd")
        return value

    study.optimize(objective, n_trials=6, catch=ValueError)
    assert states(study) == [COMPLETE, FAIL] * 3
    assert all("x" in t.params for t in study.trials)


def test_an_objective_that_raises_is_raised_as_it_was() -> None:
    study = steep.create_study()
    error = ValueError("mine")

    def objective(trial: Any) -> float:
        raise error

    with pytest.raises(ValueError, match="mine") as caught:
        study.optimize(objective, n_trials=3)
    assert caught.value is error
    assert caught.traceback[-1].name == "objective"
    assert states(study) == [FAIL]


@pytest.mark.parametrize("ending", [SystemExit, GeneratorExit])
def test_an_exit_leaves_no_optimize_loop_behind(ending: type[BaseException]) -> None:
    study = steep.create_study()

    def objective(trial: Any) -> float:
        raise ending

    with pytest.raises(ending):
        study.optimize(objective, n_trials=3)
    study.optimize(quadratic, n_trials=1)
    assert states(study)[-1] == COMPLETE
    with pytest.raises(RuntimeError):
        study.stop()


def test_a_failing_tell_of_one_trial_does_not_touch_others() -> None:
    study = steep.create_study()
    first, second = study.ask(), study.ask()
    with pytest.raises(ValueError, match="nan"):
        study.tell(first, float("nan"), state=COMPLETE)
    study.tell(second, 1.0)
    assert states(study) == [RUNNING, COMPLETE]
    assert study.tell(first, 2.0).value == 2.0


def test_timeout_is_kept_within_one_trial() -> None:
    study = steep.create_study()
    begin = time.monotonic()
    study.optimize(lambda trial: time.sleep(0.01) or 1.0, timeout=0.1)
    assert time.monotonic() - begin < 2.0
    assert 1 <= len(study.trials) <= 11


def test_timeout_with_threads() -> None:
    study = steep.create_study()
    begin = time.monotonic()
    study.optimize(lambda trial: time.sleep(0.01) or 1.0, timeout=0.1, n_jobs=2)
    assert time.monotonic() - begin < 2.0
    assert 1 <= len(study.trials) <= 24
    assert set(states(study)) == {COMPLETE}


class Interrupting(steep.samplers.RandomSampler):
    """Press Ctrl-C where a trial is asked for, or told."""

    def __init__(self, where: str, times: int = 1) -> None:
        super().__init__(seed=0)
        self._where = where
        self._times = times

    def _press(self, where: str, number: int) -> None:
        if (where, number) == (self._where, 2):
            for _ in range(self._times):
                signal.raise_signal(signal.SIGINT)

    def before_trial(self, study: Any, trial: Any) -> None:
        self._press("ask", trial.number)

    def after_trial(self, study: Any, trial: Any, state: Any, values: Any) -> None:
        self._press("tell", trial.number)


@pytest.fixture
def _interruptible() -> Any:
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("_interruptible")
@pytest.mark.parametrize("storage", [None, "sqlite:///:memory:"])
@pytest.mark.parametrize(("where", "last"), [("ask", FAIL), ("tell", COMPLETE)])
def test_control_c_between_objectives_loses_no_result_and_leaves_none_running(
    where: str, last: TrialState, storage: str | None
) -> None:
    study = steep.create_study(sampler=Interrupting(where), storage=storage)
    with pytest.raises(KeyboardInterrupt):
        study.optimize(quadratic, n_trials=10)
    assert states(study) == [COMPLETE, COMPLETE, last]
    study.optimize(quadratic, n_trials=1)
    assert states(study) == [COMPLETE, COMPLETE, last, COMPLETE]


@pytest.mark.usefixtures("_interruptible")
def test_control_c_twice_raises_anywhere() -> None:
    study = steep.create_study(sampler=Interrupting("ask", times=2))
    with pytest.raises(KeyboardInterrupt):
        study.optimize(quadratic, n_trials=10)
    assert len(study.trials) == 3


@pytest.mark.usefixtures("_interruptible")
def test_control_c_in_the_last_tell_is_not_swallowed() -> None:
    study = steep.create_study(sampler=Interrupting("tell"))
    with pytest.raises(KeyboardInterrupt):
        study.optimize(quadratic, n_trials=3)
    assert states(study) == [COMPLETE] * 3
