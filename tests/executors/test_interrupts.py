"""Ctrl-C once: what runs is finished. Twice: it is stopped now, and nothing finished is lost."""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import pytest

import steep

EXECUTORS: dict[str, Any] = {
    "thread": lambda: nullcontext("thread"),
    "process": lambda: nullcontext("process"),
    "pool": lambda: ThreadPoolExecutor(2),
}
everywhere = pytest.mark.parametrize("make", EXECUTORS.values(), ids=EXECUTORS)


def interrupt(pid: int) -> None:
    os.kill(pid, signal.SIGINT)


class Heard(logging.Handler):
    """Do something when the study says that it was interrupted."""

    def __init__(self, then: Any) -> None:
        super().__init__()
        self._then = then

    def emit(self, record: logging.LogRecord) -> None:
        if record.getMessage().startswith("Interrupted"):
            self._then()


@contextmanager
def hearing(then: Any) -> Iterator[None]:
    logger, handler = logging.getLogger("steep"), Heard(then)
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)


@pytest.fixture(autouse=True)
def _interruptible() -> Iterator[None]:
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    verbosity = steep.logging.get_verbosity()
    steep.logging.set_verbosity(steep.logging.WARNING)
    yield
    steep.logging.set_verbosity(verbosity)
    signal.signal(signal.SIGINT, before)


def objective_of(flag: Path, study_pid: int) -> Any:
    """Make an objective: trial 0 ends, 2 interrupts the study, and 1 and 2 wait until the flag."""
    has_begun = flag.with_name("1.begun")

    def wait_for(path: Path) -> None:
        deadline = time.monotonic() + 60
        while not path.exists() and time.monotonic() < deadline:
            time.sleep(0.01)

    def objective(trial: Any) -> float:
        x = float(trial.suggest_float("x", 0, 1))
        if trial.number == 1:
            has_begun.touch()
        elif trial.number == 2:
            wait_for(has_begun)
            os.kill(study_pid, signal.SIGINT)
        if trial.number:
            wait_for(flag)
        return x

    return objective


def new_study() -> steep.Study:
    return steep.create_study(sampler=steep.samplers.RandomSampler(seed=3))


@everywhere
def test_control_c_once_lets_running_trials_end(make: Any, tmp_path: Path) -> None:
    study, flag = new_study(), tmp_path / "heard"
    with make() as executor, hearing(flag.touch), pytest.raises(KeyboardInterrupt):
        study.optimize(objective_of(flag, os.getpid()), n_jobs=2, executor=executor)
    assert [t.state.name for t in study.trials] == ["COMPLETE"] * 3
    assert all(t.value == t.params["x"] for t in study.trials)


@everywhere
def test_control_c_twice_stops_now_and_keeps_what_was_finished(make: Any, tmp_path: Path) -> None:
    study, flag = new_study(), tmp_path / "never before the end"
    again = threading.Timer(0.05, interrupt, (os.getpid(),))
    with make() as executor:
        with hearing(again.start), pytest.raises(KeyboardInterrupt):
            study.optimize(objective_of(flag, os.getpid()), n_jobs=2, executor=executor)
        ended = study.trials
        flag.touch()  # threads and a pool of others cannot be killed
    assert [t.state.name for t in ended] == ["COMPLETE", "FAIL", "FAIL"]
    assert ended[0].value == ended[0].params["x"]
    assert all("failure" in t.system_attrs and "x" in t.params for t in ended[1:])


def test_what_a_thread_finishes_after_it_was_left_alone_changes_nothing(tmp_path: Path) -> None:
    study, flag = new_study(), tmp_path / "never before the end"
    left: list[threading.Thread] = []

    def objective(trial: Any) -> Any:
        left.append(threading.current_thread())
        return objective_of(flag, os.getpid())(trial)

    again = threading.Timer(0.05, interrupt, (os.getpid(),))
    with hearing(again.start), pytest.raises(KeyboardInterrupt):
        study.optimize(objective, n_jobs=2)
    flag.touch()
    for thread in left:
        thread.join(timeout=20)
    assert [t.state.name for t in study.trials] == ["COMPLETE", "FAIL", "FAIL"]
    assert {t.system_attrs.get("failure") for t in study.trials[1:]} == {"The run was interrupted."}
    study.optimize(lambda trial: 0.0, n_trials=1, n_jobs=2)
    assert study.trials[3].value == 0.0
