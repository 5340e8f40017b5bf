"""``optimize`` and ``worker``: objectives from files, limits, and leaving when told to."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from cli.harness import lines, steep

import steep as library
from steep.states import TrialState

PROGRAM = '''
import os, time, pathlib
import neighbour
HERE = pathlib.Path(__file__).parent

class Holder:
    @staticmethod
    def inside(trial):
        return trial.suggest_float("x", 0, 1)

def square(trial):
    return trial.suggest_float("x", -1, 1) ** 2 + neighbour.ZERO

def two(trial):
    return trial.suggest_int("n", 1, 1), 2.0

def broken(trial):
    raise ValueError(f"trial {trial.number} is broken")

def slow(trial):
    """Wait for a signal the first time, and be quick the second time."""
    x = trial.suggest_float("x", -1, 1)
    trial.report(x, 0)
    trial.should_prune()
    (HERE / f"{trial.number}.started").touch()
    while (HERE / "wait").exists():
        time.sleep(0.01)
    (HERE / f"{trial.number}.ended").touch()
    return x

def busy(trial):
    """Do nothing but call the trial."""
    for step in range(10**9):
        trial.suggest_float("x", 0, 1)
        trial.report(1.0, step)
        trial.should_prune()
        if step == 10:
            (HERE / "0.started").touch()

def deaf(trial):
    while True:
        try:
            slow(trial)
        except BaseException:
            pass

def parent(trial):
    """Have a child that forks, and end it as data loaders do."""
    import multiprocessing

    codes = set()
    for _ in range(20):
        child = multiprocessing.get_context("fork").Process(target=time.sleep, args=(30,))
        child.start()
        child.terminate()
        child.join()
        codes.add(child.exitcode)
    time.sleep(0.3)  # longer than the grace that a signal to this process would leave
    (code,) = codes
    return code

NOTHING = 1
'''


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "tea_program.py").write_text(PROGRAM)
    (tmp_path / "neighbour.py").write_text("ZERO = 0\n")
    (tmp_path / "fails_at_import.py").write_text("def f():\n    return 1 / 0\n\n\nf()\n")
    return tmp_path


@pytest.fixture(autouse=True)
def _as_it_was(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.chdir(folder)
    monkeypatch.setattr(sys, "path", list(sys.path))
    before = set(sys.modules)
    yield
    for name in {"tea_program", "neighbour", "fails_at_import"} - before:
        sys.modules.pop(name, None)


@pytest.fixture
def study(folder: Path) -> Any:
    made = library.create_study(study_name="tea", storage=f"sqlite:///{folder}/study.db")
    yield made
    made._storage.close()


@pytest.fixture
def shared(folder: Path, study: Any) -> tuple[str, ...]:
    return ("--storage", f"sqlite:///{folder}/study.db", "--study", "tea")


def test_optimize_runs_a_file_in_memory_and_prints_the_best() -> None:
    result = steep(
        *("optimize", "tea_program.py:square", "--n-trials", "5", "-f", "json", "-q"),
        *("--sampler", "RandomSampler", "--sampler-kwargs", '{"seed": 0}', "--pruner", "NopPruner"),
    )
    best = json.loads(result.stdout)
    assert (best["state"], best["value"]) == ("COMPLETE", best["params"]["x"] ** 2)
    assert 0 <= best["number"] < 5


def test_optimize_creates_a_study_and_goes_on_with_it(folder: Path) -> None:
    where = ("--storage", f"sqlite:///{folder}/new.db", "--study-name", "two")
    run = ("optimize", "tea_program:two", *where, "-f", "json", "-q")
    first = steep(*run, "--directions", "minimize", "maximize", "--n-trials", "1")
    assert [trial["values"] for trial in json.loads(first.stdout)] == [[1.0, 2.0]]
    assert steep(*run, "--total-trials", "3").exit_code == 0
    study = library.load_study(study_name="two", storage=where[1])
    assert len(study.trials) == 3
    refused = steep(*run, "--direction", "minimize", "--n-trials", "1")
    assert (refused.exit_code, "leave out --direction" in refused.stderr) == (1, True)


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("tea_program.py", "names no objective; give FILE.py:function"),
        ("missing.py:f", "There is no file 'missing.py'"),
        ("no_such_module:f", "There is no module 'no_such_module'"),
        ("tea_program.py:squre", "has no 'squre'; its functions are square, two"),
        ("tea_program.py:NOTHING", "is a int; an objective is a function"),
        ("tea_program.py:Holder", "is a class; an objective is a function"),
    ],
)
def test_an_objective_that_is_not_there_is_told(target: str, said: str) -> None:
    result = steep("optimize", target)
    (line,) = lines(result)
    assert result.exit_code == 1
    assert said in line


def test_an_objective_may_be_inside_a_class() -> None:
    assert steep("optimize", "tea_program.py:Holder.inside", "--n-trials", "1").exit_code == 0


def test_a_program_that_fails_shows_where() -> None:
    for target in ("fails_at_import.py:f", "fails_at_import:f"):
        result = steep("optimize", target)
        assert result.exit_code == 1
        frames = [line for line in lines(result) if line.startswith("  File")]
        assert [frame.rpartition(" ")[2] for frame in frames] == ["<module>", "f"]
        assert "could not be imported: ZeroDivisionError: division by zero" in lines(result)[-1]


def test_a_name_that_is_taken_is_told(folder: Path) -> None:
    (folder / "json.py").write_text("")
    assert "rename the file" in steep("optimize", "json.py:f").stderr


def test_an_exception_of_the_objective_ends_the_run(shared: tuple[str, ...], study: Any) -> None:
    result = steep("worker", "tea_program.py:broken", *shared, "--n-trials", "2")
    assert result.exit_code == 1
    assert lines(result)[-1] == (
        "Error: The objective raised ValueError: trial 0 is broken. Its traceback is above; "
        "--catch ValueError goes on with the next trial."
    )
    caught = steep(
        *("worker", "tea_program.py:broken", *shared, "--n-trials", "2"), "--catch", "ValueError"
    )
    assert caught.exit_code == 0
    assert [trial.state.name for trial in study.trials] == ["FAIL"] * 3
    wrong = steep("worker", "tea_program.py:broken", *shared, "--catch", "json.Bogus")
    assert (wrong.exit_code, "no such exception" in wrong.stderr) == (2, True)


def test_a_worker_joins_and_does_not_create(folder: Path, shared: tuple[str, ...]) -> None:
    result = steep("worker", "tea_program.py:square", *shared[:2], "--study", "coffee")
    assert (result.exit_code, "it has 'tea'" in result.stderr) == (1, True)


def test_the_handlers_of_signals_are_as_before(shared: tuple[str, ...]) -> None:
    before = signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)
    assert steep("worker", "tea_program.py:square", *shared, "--n-trials", "1").exit_code == 0
    assert (signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)) == before
    assert signal.set_wakeup_fd(-1) == -1


# ---- leaving -----------------------------------------------------------------------------------


def start(*args: str, command: str = "worker") -> subprocess.Popen[str]:
    """Start a worker."""
    return subprocess.Popen(
        [sys.executable, "-m", "steep", command, *args],
        stderr=subprocess.PIPE,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        text=True,
    )


def wait_for(path: Path) -> None:
    deadline = time.monotonic() + 60
    while not path.exists():
        assert time.monotonic() < deadline, f"{path.name} did not appear"
        time.sleep(0.01)


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_gives_the_trial_back(
    folder: Path, shared: tuple[str, ...], study: Any, signum: signal.Signals
) -> None:
    (folder / "wait").touch()
    worker = start("tea_program.py:slow", *shared, "--total-trials", "2")
    wait_for(folder / "0.started")
    worker.send_signal(signum)
    _, said = worker.communicate(timeout=60)
    assert worker.returncode == 128 + signum, said
    assert "Trial 0 is given back to the queue." in said
    (waiting,) = study.trials
    assert (waiting.state, list(waiting.params)) == (TrialState.WAITING, ["x"])

    (folder / "wait").unlink()
    result = steep("worker", "tea_program.py:slow", *shared, "--total-trials", "2")
    assert (result.exit_code, "Warning" in result.stderr) == (0, False)
    assert [trial.state for trial in study.trials] == [TrialState.COMPLETE] * 2
    assert study.trials[0].value == waiting.params["x"]


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_optimize_leaves_no_trial_running(
    folder: Path, shared: tuple[str, ...], study: Any, n_jobs: int
) -> None:
    (folder / "wait").touch()
    where = (*shared[:2], "--study-name", "tea", "--n-jobs", str(n_jobs))
    running = start("tea_program.py:slow", *where, command="optimize")
    for number in range(n_jobs):
        wait_for(folder / f"{number}.started")
    running.terminate()
    _, said = running.communicate(timeout=60)
    assert running.returncode == 128 + signal.SIGTERM, said
    assert [trial.state for trial in study.trials] == [TrialState.WAITING] * n_jobs
    assert all(list(trial.params) == ["x"] for trial in study.trials)


def test_an_objective_that_is_inside_the_library_leaves_too(
    folder: Path, shared: tuple[str, ...], study: Any
) -> None:
    worker = start("tea_program.py:busy", *shared, "--grace", "1000")
    wait_for(folder / "0.started")
    worker.terminate()
    _, said = worker.communicate(timeout=60)
    assert worker.returncode == 128 + signal.SIGTERM, said
    assert [trial.state for trial in study.trials] == [TrialState.WAITING]


def test_an_objective_that_does_not_end_is_left(
    folder: Path, shared: tuple[str, ...], study: Any
) -> None:
    (folder / "wait").touch()
    worker = start("tea_program.py:deaf", *shared, "--grace", "0.1")
    wait_for(folder / "0.started")
    worker.terminate()
    _, said = worker.communicate(timeout=60)
    assert worker.returncode == 128 + signal.SIGTERM, said
    assert [trial.state for trial in study.trials] == [TrialState.WAITING]


def test_the_end_of_a_forked_child_is_not_the_end_of_its_parent(
    shared: tuple[str, ...], study: Any
) -> None:
    worker = start("tea_program.py:parent", *shared, "--n-trials", "2", "--grace", "0")
    _, said = worker.communicate(timeout=60)
    assert worker.returncode == 0, said
    assert [trial.value for trial in study.trials] == [-signal.SIGTERM] * 2
    assert "Traceback" not in said


def test_the_number_of_trials_is_exact_though_workers_come_and_go(
    folder: Path, shared: tuple[str, ...], study: Any
) -> None:
    (folder / "wait").touch()
    leaving = start("tea_program.py:slow", *shared, "--total-trials", "40")
    wait_for(folder / "0.started")
    others = [start("tea_program.py:square", *shared, "--total-trials", "40") for _ in range(2)]
    leaving.terminate()
    said = [worker.communicate(timeout=120)[1] for worker in (leaving, *others)]
    assert [worker.returncode for worker in (leaving, *others)] == [143, 0, 0], said
    (folder / "wait").unlink()
    assert steep("worker", "tea_program.py:square", *shared, "--total-trials", "40").exit_code == 0
    assert [trial.state for trial in study.trials] == [TrialState.COMPLETE] * 40


def test_a_silent_worker_is_replaced(folder: Path, shared: tuple[str, ...], study: Any) -> None:
    (folder / "wait").touch()
    run = ("tea_program.py:slow", *shared, "--total-trials", "1", "--heartbeat", "0.2")
    worker = start(*run)
    wait_for(folder / "0.started")
    worker.kill()
    worker.communicate(timeout=60)
    (folder / "wait").unlink()
    assert steep("worker", *run).exit_code == 0
    assert [trial.state.name for trial in study.trials] == ["FAIL", "COMPLETE"]
    assert study.trials[1].params == study.trials[0].params
