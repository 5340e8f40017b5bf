"""Terminators: what is refused, what warns, and when a study stops."""

from __future__ import annotations

import importlib
import importlib.util
import random
from typing import Any

import pytest

from .harness import attempt, differential

needs_torch = pytest.mark.skipif(
    importlib.util.find_spec("torch") is None,
    reason="Optuna's Gaussian process needs torch; make demo installs it",
)


def rooms(lib: Any) -> Any:
    return importlib.import_module(f"{lib.__name__}.terminator")


@differential
@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("Terminator", {}),
        ("Terminator", {"min_n_trials": 0}),
        ("Terminator", {"min_n_trials": 1}),
        ("TerminatorCallback", {}),
        ("BestValueStagnationEvaluator", {"max_stagnation_trials": -1}),
        ("BestValueStagnationEvaluator", {"max_stagnation_trials": 0}),
        ("RegretBoundEvaluator", {"top_trials_ratio": 0.3, "min_n_trials": 3, "seed": 1}),
        ("EMMREvaluator", {"min_n_trials": 1}),
        ("EMMREvaluator", {"min_n_trials": float("inf")}),
        ("EMMREvaluator", {"deterministic_objective": True, "delta": 0.2, "seed": 0}),
        ("StaticErrorEvaluator", {"constant": 3}),
        ("CrossValidationErrorEvaluator", {}),
        ("BaseTerminator", {}),
        ("BaseErrorEvaluator", {}),
        ("BaseImprovementEvaluator", {}),
        ("MedianErrorEvaluator", {"warm_up_trials": -1}),
        ("MedianErrorEvaluator", {"n_initial_trials": 0}),
        ("MedianErrorEvaluator", {"threshold_ratio": 0.0}),
        ("MedianErrorEvaluator", {"threshold_ratio": float("inf")}),
        ("MedianErrorEvaluator", {}),
    ],
    ids=str,
)
def test_arguments(lib: Any, name: str, options: dict[str, Any]) -> Any:
    own = rooms(lib)
    if name == "MedianErrorEvaluator":
        options = {"paired_improvement_evaluator": own.EMMREvaluator(), **options}

    def make() -> str:
        return type(getattr(own, name)(**options)).__name__

    return attempt(make)


@differential
@pytest.mark.parametrize("scores", [[], [1.0], [1.0, 2.0], (0.5, 1.5, 1.0)], ids=str)
def test_reported_scores(lib: Any, scores: Any) -> Any:
    study = lib.create_study()
    trial = study.ask()
    found = attempt(rooms(lib).report_cross_validation_scores, trial, scores)
    if isinstance(found.get("result"), Exception):
        return found
    study.tell(trial, 1.0)
    return found, round(
        rooms(lib).CrossValidationErrorEvaluator().evaluate(study.trials, study.direction), 12
    )


@differential
@pytest.mark.parametrize(
    "name", ["RegretBoundEvaluator", "EMMREvaluator", "BestValueStagnationEvaluator"]
)
@pytest.mark.parametrize("case", ["no trials", "no parameters", "failed only"])
def test_studies_that_say_nothing(lib: Any, name: str, case: str) -> Any:
    study = lib.create_study()
    if case == "no parameters":
        study.optimize(lambda trial: 1.0, n_trials=5)
    if case == "failed only":
        study.optimize(lambda trial: None, n_trials=5)
    return attempt(getattr(rooms(lib), name)().evaluate, study.trials, study.direction)


@differential
@pytest.mark.parametrize("direction", ["minimize", "maximize"])
@pytest.mark.parametrize("most", [0, 3, 7])
def test_when_stagnation_stops_a_study(lib: Any, direction: str, most: int) -> Any:
    rng = random.Random(most)
    own = rooms(lib)
    stop = own.TerminatorCallback(
        own.Terminator(own.BestValueStagnationEvaluator(most), min_n_trials=4)
    )
    study = lib.create_study(direction=direction)
    study.optimize(lambda trial: rng.random(), n_trials=200, callbacks=[stop])
    return len(study.trials)


@differential
def test_several_objectives(lib: Any) -> Any:
    own = rooms(lib)
    study = lib.create_study(directions=["minimize", "minimize"])
    study.optimize(lambda trial: (1.0, 2.0), n_trials=3)
    terminator = own.Terminator(own.BestValueStagnationEvaluator(), min_n_trials=1)
    return attempt(terminator.should_terminate, study)


@needs_torch
@differential
def test_missing_scores(lib: Any) -> Any:
    own = rooms(lib)
    study = lib.create_study(sampler=lib.samplers.RandomSampler(seed=0))
    study.optimize(lambda trial: trial.suggest_float("x", 0, 1), n_trials=20)
    return attempt(own.Terminator(min_n_trials=20).should_terminate, study)


@needs_torch
@differential
@pytest.mark.parametrize("name", ["RegretBoundEvaluator", "EMMREvaluator"])
@pytest.mark.parametrize("error", [1e-9, 3.0])
def test_clear_decisions_of_models(lib: Any, name: str, error: float) -> Any:
    """After 40 trials of a parabola little is left, and not nothing."""
    own = rooms(lib)
    study = lib.create_study(sampler=lib.samplers.RandomSampler(seed=0))
    study.optimize(lambda trial: trial.suggest_float("x", -1, 1) ** 2, n_trials=40)
    terminator = own.Terminator(getattr(own, name)(seed=0), own.StaticErrorEvaluator(error))
    return bool(terminator.should_terminate(study))
