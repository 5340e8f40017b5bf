"""Ray's and submitit's own futures, and what is said where they are not installed."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

import steep
from steep.executors import RayExecutor, SubmititExecutor


def test_ray_that_is_missing_gives_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(ImportError, match="pip install ray"):
        RayExecutor()


def test_jobs_of_submitit_run_trials(tmp_path: Path) -> None:
    submitit = pytest.importorskip(
        "submitit", reason="submitit is not installed: pip install submitit"
    )

    def objective(trial: Any) -> float:
        if trial.number == 1:
            raise ValueError("mine")
        return float(trial.suggest_float("x", 0, 1))

    local = submitit.AutoExecutor(folder=tmp_path, cluster="local")
    local.update_parameters(timeout_min=2)
    executor = SubmititExecutor(local, n_workers=2, interval=0.05)
    study = steep.create_study(sampler=steep.samplers.RandomSampler(seed=0))
    study.optimize(objective, n_trials=3, n_jobs=-1, executor=executor, catch=ValueError)
    assert sorted(t.state.name for t in study.trials) == ["COMPLETE", "COMPLETE", "FAIL"]
    assert len(list(tmp_path.glob("*_submitted.pkl"))) == 3


class Job:
    """Be a job that has ended."""

    def __init__(self, error: Exception | None) -> None:
        self._error = error

    def done(self) -> bool:
        return True

    def exception(self) -> Exception | None:
        return self._error

    def result(self) -> str:
        return "done"


class Jobs:
    """Run nothing."""

    def __init__(self, error: Exception | None) -> None:
        self._error = error

    def submit(self, function: Any, *arguments: Any) -> Job:
        return Job(self._error)


def test_the_future_of_a_job_ends_as_the_job_does() -> None:
    assert SubmititExecutor(Jobs(None), 1, interval=0.01).submit(print).result(10) == "done"
    future = SubmititExecutor(Jobs(MemoryError("no room")), 1, interval=0.01).submit(print)
    assert isinstance(future.exception(10), MemoryError)


def test_a_job_that_is_lost_fails_its_trial() -> None:
    study = steep.create_study()
    executor = SubmititExecutor(Jobs(MemoryError("no room")), 1, interval=0.01)
    study.optimize(lambda trial: 0.0, n_trials=2, executor=executor)
    assert [t.state.name for t in study.trials] == ["FAIL", "FAIL"]
    assert "no room" in study.trials[0].system_attrs["failure"]
