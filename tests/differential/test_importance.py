"""Importances: what is refused, what is left out, and the order of the result."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from .harness import attempt, differential
from .programs import mixed

INF = float("inf")


def studied(lib: Any, n_trials: int = 40, **options: Any) -> Any:
    """Return a study of a function in which x counts most and `idle` not at all."""
    study = lib.create_study(sampler=lib.samplers.RandomSampler(seed=0), **options)

    def objective(trial: Any) -> float:
        x, y = trial.suggest_float("x", -1, 1), trial.suggest_float("y", -1, 1)
        trial.suggest_int("single", 3, 3)
        return float(10 * x**2 + 0.1 * y)

    study.optimize(objective, n_trials=n_trials)
    return study


@differential
def test_order_and_the_score_of_single_values(lib: Any) -> Any:
    scores = lib.importance.get_param_importances(studied(lib))
    values = list(scores.values())
    return (
        next(iter(scores)),
        scores["single"],
        values == sorted(values, reverse=True),
        round(sum(values), 9),
    )


@differential
@pytest.mark.parametrize(
    "params", [["x"], ["y", "x"], [], ["unseen"], ["x", "unseen"], ["single"], None], ids=str
)
def test_chosen_parameters(lib: Any, params: Any) -> Any:
    scores = attempt(lib.importance.get_param_importances, studied(lib), params=params)
    return sorted(scores) if isinstance(scores, dict) and "warned" not in scores else scores


@differential
@pytest.mark.parametrize("params", ["x", [1], {"x": 1}, ("x",)], ids=repr)
def test_params_must_be_a_list_of_names(lib: Any, params: Any) -> Any:
    return type(attempt(lib.importance.get_param_importances, studied(lib), params=params)).__name__


@differential
@pytest.mark.parametrize("n_trials", [0, 1, 2])
def test_too_few_trials(lib: Any, n_trials: int) -> Any:
    scores = attempt(lib.importance.get_param_importances, studied(lib, n_trials))
    return scores if isinstance(scores, Exception) else sorted(scores)


@differential
def test_several_objectives_with_and_without_a_target(lib: Any) -> Any:
    study = lib.create_study(
        sampler=lib.samplers.RandomSampler(seed=0), directions=["minimize"] * 2
    )
    study.optimize(lambda t: (mixed(t), 1.0), n_trials=20)
    with_target = lib.importance.get_param_importances(study, target=lambda t: t.values[0])
    without = attempt(lib.importance.get_param_importances, study)
    return without if isinstance(without, Exception) else sorted(without), sorted(with_target)


@differential
def test_infinite_values_are_left_out(lib: Any) -> Any:
    study = studied(lib)
    before = lib.importance.get_param_importances(study)
    space = {
        "x": lib.distributions.FloatDistribution(-1, 1),
        "y": lib.distributions.FloatDistribution(-1, 1),
        "single": lib.distributions.IntDistribution(3, 3),
    }
    for value in (INF, -INF):
        params = {"x": 0.0, "y": 0.0, "single": 3}
        study.add_trial(lib.create_trial(value=value, params=params, distributions=space))
    after = lib.importance.get_param_importances(study)
    return {n: round(abs(after[n] - before[n]), 6) for n in before}


@differential
def test_conditional_parameters_are_rated(lib: Any) -> Any:
    def objective(trial: Any) -> float:
        if trial.suggest_categorical("branch", ["a", "b"]) == "a":
            return float(trial.suggest_float("only_a", 0, 1))
        return 2.0

    study = lib.create_study(sampler=lib.samplers.RandomSampler(seed=0))
    study.optimize(objective, n_trials=40)
    return sorted(lib.importance.get_param_importances(study))


@differential
def test_unnormalised_scores(lib: Any) -> Any:
    study = studied(lib)
    raw = lib.importance.get_param_importances(study, normalize=False)
    share = lib.importance.get_param_importances(study, normalize=True)
    return all(abs(raw[n] / sum(raw.values()) - share[n]) < 1e-9 for n in raw), round(
        sum(share.values()), 9
    )


@differential
def test_importance_of_odd_targets(lib: Any) -> Any:
    study = lib.create_study(sampler=lib.samplers.RandomSampler(seed=0))
    study.optimize(mixed, n_trials=30)
    targets: list[Any] = [
        lambda t: t.number,
        lambda t: None,
        lambda t: "1.5",
        lambda t: np.float64(t.number),
        lambda t: True,
    ]
    found = [attempt(lib.importance.get_param_importances, study, target=t) for t in targets]
    return [f if isinstance(f, Exception) else (sorted(f["result"]), f["warned"]) for f in found]


@differential
def test_importance_of_equal_values(lib: Any) -> Any:
    study = lib.create_study(sampler=lib.samplers.RandomSampler(seed=0))
    study.optimize(lambda t: mixed(t) * 0, n_trials=20)
    scores = attempt(lib.importance.get_param_importances, study)
    values = scores.get("result", scores)
    return sorted(values), scores.get("warned"), all(math.isclose(v, 0.25) for v in values.values())


@differential
@pytest.mark.parametrize(
    "options",
    [
        {"target_quantile": 0.0},
        {"target_quantile": 0.5, "region_quantile": 0.5},
        {"target_quantile": 0.9, "region_quantile": 0.1},
        {"region_quantile": 1.1},
        {"evaluate_on_local": False, "region_quantile": 0.5},
        {"evaluate_on_local": False},
        {"target_quantile": 0.2, "region_quantile": 0.8},
    ],
    ids=str,
)
def test_arguments_of_ped_anova(lib: Any, options: dict[str, Any]) -> Any:
    def make() -> str:
        try:
            return type(lib.importance.PedAnovaImportanceEvaluator(**options)).__name__
        except AssertionError:  # an AssertionError at large counts as a slip of the program
            return "refused"

    return attempt(make)
