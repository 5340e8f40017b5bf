"""Some parameters fixed, the others sampled as before."""

from __future__ import annotations

import math
from typing import Any

import pytest
from differential.harness import attempt, differential

import steep
from steep.samplers import PartialFixedSampler, RandomSampler, TPESampler


def objective(trial: Any) -> float:
    """Return a sum over a float, an int and a choice."""
    x = trial.suggest_float("x", -1, 1) + trial.suggest_int("y", 0, 3)
    return float(x + len(str(trial.suggest_categorical("c", ["a", None]))))


@differential
@pytest.mark.parametrize(
    "fixed",
    [
        *({"x": 0.5}, {"x": 5}, {"x": None}, {"x": math.nan}, {"y": 2.5}, {"y": 7, "c": "a"}),
        *({"c": None}, {"c": "q"}, {"other": 1}, {}),
    ],
    ids=repr,
)
def test_fixed_values_are_used_or_refused_as_by_optuna(lib: Any, fixed: Any) -> Any:
    base = lib.samplers.RandomSampler(seed=0)
    study = lib.create_study(sampler=lib.samplers.PartialFixedSampler(fixed, base))
    ended = attempt(study.optimize, objective, n_trials=2)
    kept = [{k: v for k, v in t.params.items() if k in fixed} for t in study.trials]
    return ended, kept, [trial.state.name for trial in study.trials]


@pytest.mark.parametrize("multivariate", [True, False])
def test_the_rest_is_sampled_jointly_or_one_by_one(multivariate: bool) -> None:
    base = TPESampler(seed=1, multivariate=multivariate, n_startup_trials=3)
    study = steep.create_study(sampler=base)
    study.optimize(objective, n_trials=6)
    study.sampler = PartialFixedSampler({"y": 2, "c": None}, base)
    study.optimize(objective, n_trials=12)
    fixed = study.trials[6:]
    assert {(trial.params["y"], trial.params["c"]) for trial in fixed} == {(2, None)}
    assert len({trial.params["x"] for trial in fixed}) == 12


def test_parameters_that_are_not_fixed_get_the_values_that_they_would_get() -> None:
    plain = steep.create_study(sampler=RandomSampler(3))
    fixed = steep.create_study(sampler=PartialFixedSampler({"y": 1}, RandomSampler(3)))
    for study in (plain, fixed):
        study.optimize(objective, n_trials=5)
    assert [t.params["x"] for t in fixed.trials] == [t.params["x"] for t in plain.trials]


def test_the_base_sampler_hears_of_every_trial() -> None:
    heard: list[str] = []

    class Listening(RandomSampler):
        def before_trial(self, study: Any, trial: Any) -> None:
            heard.append(f"before {trial.number}")

        def after_trial(self, study: Any, trial: Any, state: Any, values: Any) -> None:
            heard.append(f"after {trial.number} {state.name}")

        def reseed_rng(self) -> None:
            heard.append("reseed")

    sampler = PartialFixedSampler({"x": 0}, Listening(0))
    steep.create_study(sampler=sampler).optimize(objective, n_trials=1)
    sampler.reseed_rng()
    assert heard == ["before 0", "after 0 COMPLETE", "reseed"]
