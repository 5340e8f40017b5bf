"""Whose error it is: the objective's, its process's, or that of what cannot run anything."""

from __future__ import annotations

import os
import signal
import sys
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest

import steep
from steep.exceptions import ExecutorError, TrialLost
from steep.executors.rendezvous import Rendezvous, Ticket
from steep.executors.starts import Starts
from steep.executors.worker import run_trials


def new_study() -> steep.Study:
    return steep.create_study(sampler=steep.samplers.RandomSampler(seed=3))


class Unloadable:
    """Be an objective that can be packed and not be unpacked."""

    def __reduce__(self) -> Any:
        return __import__, ("no_such_module",)

    def __call__(self, trial: Any) -> float:
        return 0.0


@pytest.mark.parametrize("executor", ["process", "pool"])
@pytest.mark.parametrize("error", [ConnectionError, EOFError, OSError, BrokenPipeError])
def test_an_error_of_an_objective_is_never_a_broken_child(
    error: type[Exception], executor: str
) -> None:
    def objective(trial: Any) -> float:
        if trial.number == 1:
            raise error("mine")
        return float(os.getpid())

    with ThreadPoolExecutor(1) as pool:
        used = "process" if executor == "process" else pool
        study = new_study()
        study.optimize(objective, n_trials=3, executor=used, catch=error)
        assert [t.state.name for t in study.trials] == ["COMPLETE", "FAIL", "COMPLETE"]
        assert study.trials[0].value == study.trials[2].value  # one child ran them all
        assert "failure" not in study.trials[1].system_attrs
        with pytest.raises(error, match="mine"):
            new_study().optimize(objective, n_trials=3, executor=used)


def test_an_exception_class_of_a_script_is_caught_as_what_it_is() -> None:
    class Local(Exception):
        pass

    def objective(trial: Any) -> float:
        raise Local("mine")

    study = new_study()
    study.optimize(objective, n_trials=1, executor="process", catch=Local)
    with pytest.raises(Local):
        new_study().optimize(objective, n_trials=1, executor="process", catch=ValueError)


def test_an_argument_that_cannot_be_loaded_here_is_the_objectives_error() -> None:
    def objective(trial: Any) -> float:
        if trial.number == 0:
            trial.set_user_attr("bad", Unloadable())
        trial.set_user_attr("good", 1)
        return 1.0

    study = new_study()
    study.optimize(objective, n_trials=2, executor="process", catch=ModuleNotFoundError)
    assert [t.state.name for t in study.trials] == ["FAIL", "COMPLETE"]


def test_an_objective_that_cannot_be_sent_is_told_before_any_trial() -> None:
    lock = threading.Lock()

    def objective(trial: Any) -> float:
        with lock:
            return 0.0

    study = new_study()
    with pytest.raises(TypeError, match="cannot be sent to another process: cannot pickle"):
        study.optimize(objective, executor="process")
    assert study.trials == []


@pytest.mark.parametrize("executor", ["process", "pool"])
def test_an_objective_that_cannot_be_loaded_ends_the_run(executor: str) -> None:
    study = new_study()
    with ThreadPoolExecutor(1) as pool:
        used = "process" if executor == "process" else pool
        with pytest.raises(ExecutorError, match="cannot be loaded.*no_such_module"):
            study.optimize(Unloadable(), executor=used, catch=Exception)
    assert [t.state.name for t in study.trials] == ["FAIL"]
    assert "no_such_module" in study.trials[0].system_attrs["failure"]


def test_a_child_that_cannot_start_ends_the_run(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "path", [p for p in sys.path if "site-packages" not in p])
    study = new_study()
    with pytest.raises(ExecutorError, match="exit code 1 before it began"):
        study.optimize(lambda trial: 0.0, n_jobs=2, executor="process", catch=Exception)
    assert 1 <= len(study.trials) <= 2
    assert "No module named 'numpy'" in capfd.readouterr().err


def test_no_process_at_all_ends_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/no/such/python")
    with pytest.raises(ExecutorError, match="cannot be started.*/no/such/python"):
        new_study().optimize(lambda trial: 0.0, executor="process", catch=Exception)


def test_workers_that_are_lost_one_after_the_other_end_the_run() -> None:
    def lose(starts: Starts) -> None:
        with starts.one():
            raise TrialLost("killed")

    starts = Starts()
    for _ in range(3):
        for _ in range(4):
            with pytest.raises(TrialLost):
                lose(starts)
        with starts.one():
            pass
    for _ in range(4):
        with pytest.raises(TrialLost):
            lose(starts)
    with pytest.raises(ExecutorError, match="5 workers in a row.*killed"):
        lose(starts)


# ---- tasks of others' executors ----------------------------------------------------------------


def test_a_task_that_cannot_reach_the_study_says_where_and_what_to_do() -> None:
    gone = Rendezvous()
    ticket = gone.ticket()
    gone.close()
    with pytest.raises(ConnectionError) as caught:
        run_trials(ticket)
    assert f"127.0.0.1:{ticket.port}" in str(caught.value)
    assert "FutureExecutor(executor, host='ADDRESS', port=PORT)" in str(caught.value)
    with pytest.raises(ConnectionError, match="no-such-host.invalid:1 .*nor at 127.0.0.1:1 "):
        run_trials(Ticket(("no-such-host.invalid", "127.0.0.1"), 1, b"key", "name"))


def test_a_machine_is_reached_by_any_of_its_names() -> None:
    rendezvous = Rendezvous(("no-such-host.invalid", "127.0.0.1"))
    ticket = rendezvous.ticket()
    with ticket.connect(), ThreadPoolExecutor(1) as pool:
        met = pool.submit(rendezvous.wait, ticket, lambda: False).result(20)
        assert met is not None
        met.close()
    rendezvous.close()


def test_whoever_does_not_know_the_key_is_turned_away() -> None:
    rendezvous = Rendezvous()
    ticket = rendezvous.ticket()
    with pytest.raises(ConnectionError, match="AuthenticationError"):
        ticket._replace(key=b"guess").connect()
    rendezvous.close()


def test_a_study_that_no_task_can_reach_ends_the_run() -> None:
    study = new_study()
    with ThreadPoolExecutor(1) as pool:
        executor = steep.executors.FutureExecutor(pool, host="no-such-host.invalid")
        with pytest.raises(ExecutorError, match="no-such-host.invalid:.*host='ADDRESS'"):
            study.optimize(lambda trial: 0.0, executor=executor, catch=Exception)
    assert [t.state.name for t in study.trials] == ["FAIL"]


def test_an_executor_that_takes_no_task_ends_the_run() -> None:
    pool = ThreadPoolExecutor(1)
    pool.shutdown()
    with pytest.raises(ExecutorError, match="takes no task.*after shutdown"):
        new_study().optimize(lambda trial: 0.0, executor=pool, catch=Exception)


def test_tasks_that_are_lost_one_after_the_other_end_the_run() -> None:
    class Losing:
        def submit(self, *_: Any) -> Future[None]:
            future: Future[None] = Future()
            future.set_exception(MemoryError("no room"))
            return future

    study = new_study()
    with pytest.raises(ExecutorError, match="5 workers in a row.*no room"):
        study.optimize(lambda trial: 0.0, executor=Losing())
    assert len(study.trials) == 5


def test_two_studies_that_share_worker_processes_are_kept_apart() -> None:
    meet = threading.Barrier(2, timeout=20)
    studies = {number: new_study() for number in range(6)}

    def optimize(number: int, pool: Any) -> None:
        def objective(trial: Any, number: int = number) -> float:
            return float(number)

        meet.wait()
        studies[number].optimize(objective, n_trials=10, executor=pool)

    with ThreadPoolExecutor(2) as pool:
        for pair in ((0, 1), (2, 3), (4, 5)):
            threads = [threading.Thread(target=optimize, args=(n, pool)) for n in pair]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(timeout=30)
    for number, study in studies.items():
        assert [t.value for t in study.trials] == [number] * 10


def test_a_child_that_is_killed_says_by_what() -> None:
    def objective(trial: Any) -> float:
        os.kill(os.getpid(), signal.SIGKILL)
        return 0.0

    study = new_study()
    study.optimize(objective, n_trials=1, executor="process")
    assert "exit code is -9" in study.trials[0].system_attrs["failure"]
