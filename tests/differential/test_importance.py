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


FORESTS = ["FanovaImportanceEvaluator", "MeanDecreaseImpurityImportanceEvaluator"]


def forest(lib: Any, name: str) -> Any:
    return getattr(lib.importance, name)(n_trees=8, max_depth=16, seed=0)


@differential
@pytest.mark.parametrize("name", FORESTS)
@pytest.mark.parametrize(
    "params", [["x"], ["y", "x"], ["unseen"], ["x", "unseen"], "x", [1], ["single"], None], ids=str
)
def test_parameters_of_forests(lib: Any, name: str, params: Any) -> Any:
    scores = attempt(
        lib.importance.get_param_importances,
        studied(lib),
        evaluator=forest(lib, name),
        params=params,
    )
    if isinstance(scores, Exception):
        return scores
    # Of names that are not sorted, Optuna's mean decrease in impurity gives each the score of
    # another one, so that the scores say something under both only where they are.
    best = next(iter(scores)) if params != ["y", "x"] else None
    return sorted(scores), best, round(float(sum(scores.values())), 9)


@differential
@pytest.mark.parametrize("name", FORESTS)
@pytest.mark.parametrize("n_trials", [0, 1, 3])
def test_few_trials_for_a_forest(lib: Any, name: str, n_trials: int) -> Any:
    return sorted(forest(lib, name).evaluate(studied(lib, n_trials)))


@differential
@pytest.mark.parametrize("name", FORESTS)
def test_forests_of_equal_values(lib: Any, name: str) -> Any:
    study = lib.create_study(sampler=lib.samplers.RandomSampler(seed=0))
    study.optimize(lambda t: mixed(t) * 0, n_trials=20)
    found = attempt(lib.importance.get_param_importances, study, evaluator=forest(lib, name))
    return found if isinstance(found, Exception) else sorted(found.items())


@differential
@pytest.mark.parametrize("name", FORESTS)
def test_forests_need_a_target_for_several_objectives(lib: Any, name: str) -> Any:
    study = lib.create_study(
        sampler=lib.samplers.RandomSampler(seed=0), directions=["minimize"] * 2
    )
    study.optimize(lambda t: (mixed(t), 1.0), n_trials=20)
    found = forest(lib, name).evaluate(study, target=lambda t: t.values[0])
    return attempt(forest(lib, name).evaluate, study), sorted(found)


@differential
@pytest.mark.parametrize("name", FORESTS)
@pytest.mark.parametrize("params", [None, ["branch"], ["only_a"], ["only_a", "branch"]], ids=str)
def test_forests_of_conditional_and_changing_spaces(lib: Any, name: str, params: Any) -> Any:
    def objective(trial: Any) -> float:
        high = trial.suggest_float("wide", 0, 1 + trial.number % 2)
        if trial.suggest_categorical("branch", ["a", "b"]) == "a":
            return float(trial.suggest_float("only_a", 0, 1)) + high
        return 2.0

    study = lib.create_study(sampler=lib.samplers.RandomSampler(seed=0))
    study.optimize(objective, n_trials=40)
    changing = attempt(forest(lib, name).evaluate, study, ["wide"])
    return changing, sorted(forest(lib, name).evaluate(study, params))


@differential
@pytest.mark.parametrize("name", FORESTS)
def test_rankings_of_forests(lib: Any, name: str) -> Any:
    def total(t: Any) -> float:
        return float(
            sum(w * t.suggest_float(n, 0, 1) for n, w in zip("abc", (1, 3, 9), strict=True))
        )

    def bowl(t: Any) -> float:
        a, b = t.suggest_float("a", -1, 1), t.suggest_int("b", -3, 3)
        return float(a**2 + b**2)

    def choice(t: Any) -> float:
        kind = t.suggest_categorical("kind", ["a", "b", "c"])
        return float((kind == "b") + 0.2 * t.suggest_float("x", 0, 1))

    def product(t: Any) -> float:
        a, b = t.suggest_float("a", 0, 1), t.suggest_float("b", 0, 1)
        return float((1 + 4 * a) * (1 + b) + 0 * t.suggest_float("idle", 0, 1))

    def steps(t: Any) -> float:
        a, b = t.suggest_float("a", 0, 1, step=0.1), t.suggest_float("b", 0, 1)
        return float((a > 0.45) * 2 + (b > 0.5))

    rankings = []
    for objective in (total, bowl, choice, product, steps):
        study = lib.create_study(sampler=lib.samplers.RandomSampler(seed=1))
        study.optimize(objective, n_trials=120)
        rankings.append(list(forest(lib, name).evaluate(study)))
    return rankings
