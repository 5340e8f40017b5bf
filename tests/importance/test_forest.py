"""Evaluators that grow a forest: known importances, pairs, errors, odd studies."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import steep
from steep.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
from steep.importance import (
    BaseImportanceEvaluator,
    FanovaImportanceEvaluator,
    MeanDecreaseImpurityImportanceEvaluator,
    PedAnovaImportanceEvaluator,
    get_param_importances,
)

from .test_ped_anova import UNIT, random_study, study_of

FORESTS = [FanovaImportanceEvaluator, MeanDecreaseImpurityImportanceEvaluator]


def ishigami(x: float, y: float, z: float) -> float:
    x, y, z = (math.pi * (2 * u - 1) for u in (x, y, z))
    return math.sin(x) + 7 * math.sin(y) ** 2 + 0.1 * z**4 * math.sin(x)


def sobol_g(*u: float) -> float:
    return math.prod(
        (abs(4 * v - 2) + a) / (1 + a) for v, a in zip(u, (0, 1, 4.5, 20), strict=True)
    )


def friedman(a: float, b: float, c: float, d: float, e: float) -> float:
    return 10 * math.sin(math.pi * a * b) + 20 * (c - 0.5) ** 2 + 10 * d + 5 * e


# Function, names, and the first-order Sobol indices, from the sources or by integration.
KNOWN: list[tuple[Callable[..., float], str, dict[str, float]]] = [
    (lambda a, b, c, d: a + 2 * b + 4 * c + 8 * d, "abcd", {"d": 64, "c": 16, "b": 4, "a": 1}),
    (lambda a, b, c: a**2 + 0.3 * abs(b - 0.4) + 0 * c, "abc", {"a": 0.0889, "b": 0.0023, "c": 0}),
    (ishigami, "xyz", {"y": 0.4424, "x": 0.3139, "z": 0.0}),
    (sobol_g, "abcd", {"a": 1 / 3, "b": 1 / 12, "c": 0.011, "d": 0.00076}),
    (friedman, "abcde", {"d": 8.33, "b": 4.62, "a": 4.62, "e": 2.08, "c": 2.22}),
]


@pytest.mark.parametrize(("function", "names", "known"), KNOWN)
def test_the_ranking_is_the_known_one(
    function: Callable[..., float], names: str, known: dict[str, float]
) -> None:
    study = random_study(function, 1000, names)
    scores = FanovaImportanceEvaluator(seed=0).evaluate(study)
    by_truth = sorted(known, key=lambda name: -known[name])
    for more, less in itertools.pairwise(by_truth):
        if known[more] > 1.1 * known[less]:
            assert scores[more] > scores[less], (more, less, scores)
    assert list(scores.values()) == sorted(scores.values(), reverse=True)


def test_shares_of_a_sum_are_near_those_of_the_variances() -> None:
    study = random_study(lambda a, b, c: a + 2 * b + 3 * c, 600, "abc")
    scores = get_param_importances(study, evaluator=FanovaImportanceEvaluator(seed=1))
    for name, share in {"a": 1 / 14, "b": 4 / 14, "c": 9 / 14}.items():
        assert scores[name] == pytest.approx(share, abs=0.05)


def test_only_parameters_that_act_together_interact() -> None:
    study = random_study(lambda a, b, c: (a - 0.5) * (b - 0.5) + 0.1 * c, 500, "abc")
    pairs = FanovaImportanceEvaluator(seed=0).interactions(study)
    assert next(iter(pairs)) == ("a", "b")
    assert pairs["a", "b"] > 0.6
    assert max(pairs["a", "c"], pairs["b", "c"]) < 0.05


def test_the_interactions_of_chosen_and_of_single_valued_parameters() -> None:
    rows = [
        (x * y, {"x": x, "y": y, "one": 3}) for x, y in np.random.default_rng(0).random((40, 2))
    ]
    study = study_of(rows, {"x": UNIT, "y": UNIT, "one": IntDistribution(3, 3)})
    rule = FanovaImportanceEvaluator(seed=0)
    pairs = rule.interactions(study)
    assert pairs["one", "x"] == pairs["one", "y"] == 0.0
    assert list(rule.interactions(study, ["y", "x"])) == [("x", "y")]
    assert rule.interactions(study, ["x"]) == {}


@pytest.mark.parametrize("kind", FORESTS)
def test_kinds_of_parameters_and_the_scale_of_values(kind: Any) -> None:
    rng = np.random.default_rng(0)
    space = {
        "lr": FloatDistribution(1e-5, 1.0, log=True),
        "n": IntDistribution(1, 9),
        "kind": CategoricalDistribution(["a", "b", "c", "d", None]),
        "idle": FloatDistribution(0.0, 1.0, step=0.25),
        "single": CategoricalDistribution(["only"]),
    }
    rows = []
    for u in rng.random((300, 4)).tolist():
        kind_of = space["kind"].choices[int(5 * u[2])]  # type: ignore[attr-defined]
        params = {"lr": 10 ** (-5 * u[0]), "n": 1 + int(9 * u[1]), "kind": kind_of}
        value = 3 * u[0] + 0.1 * params["n"] + 2 * (kind_of == "c")
        params |= {"idle": 0.25 * int(5 * u[3]), "single": "only"}
        rows.append((1e300 * value, params))
    scores = kind(seed=0).evaluate(study_of(rows, space))  # type: ignore[arg-type]
    assert list(scores) == ["kind", "lr", "n", "idle", "single"] or list(scores)[:2] == [
        "lr",
        "kind",
    ]
    assert scores["single"] == 0.0
    assert scores["idle"] < 0.1 * scores["kind"]
    assert all(type(score) is float for score in scores.values())


@pytest.mark.parametrize("kind", FORESTS)
def test_the_same_seed_gives_the_same_scores(kind: Any) -> None:
    study = random_study(lambda x, y, z: x * y + z, 40)
    rule = kind(seed=3)
    assert rule.evaluate(study) == rule.evaluate(study) == kind(seed=3).evaluate(study)
    assert kind(seed=4).evaluate(study) != rule.evaluate(study)


@pytest.mark.parametrize("kind", [*FORESTS, PedAnovaImportanceEvaluator])
def test_scores_with_errors_are_those_without(kind: Any) -> None:
    study = random_study(lambda x, y, z: x + 0.3 * y, 100)
    rule = kind(seed=1) if kind in FORESTS else kind()
    plain, found = rule.evaluate(study), rule.evaluate_with_errors(study)
    assert {name: one.score for name, one in found.items()} == plain
    assert list(found) == list(plain)
    assert all(one.error >= 0.0 for one in found.values())
    normal = rule.evaluate_with_errors(study, normalize=True)
    expected = get_param_importances(study, evaluator=rule)
    assert {name: one.score for name, one in normal.items()} == pytest.approx(expected)


@pytest.mark.parametrize("kind", [*FORESTS, PedAnovaImportanceEvaluator])
def test_errors_are_those_of_the_trials(kind: Any) -> None:
    """Many studies of one function: the errors are about how much their scores differ."""
    scores, errors = [], []
    for seed in range(10):
        study = random_study(lambda x, y: x + 0.7 * y, 150, "xy", seed=seed)
        rule = kind(n_trees=32, seed=seed) if kind in FORESTS else kind()
        found = rule.evaluate_with_errors(study, normalize=True)["x"]
        scores.append(found.score)
        errors.append(found.error)
    spread = float(np.std(scores, ddof=1))
    typical = float(np.sqrt(np.mean(np.square(errors))))
    assert 0.4 * spread < typical < 2.5 * spread


def test_errors_of_too_few_trials_are_unknown() -> None:
    study = random_study(lambda x, y: x, 9, "xy")
    found = FanovaImportanceEvaluator(seed=0).evaluate_with_errors(study)
    assert all(math.isnan(one.error) for one in found.values())


def test_an_evaluator_of_the_user_knows_no_errors() -> None:
    class Own(BaseImportanceEvaluator):
        def evaluate(self, study: Any, params: Any = None, *, target: Any = None) -> Any:
            return {"x": 3.0, "y": 1.0}

    found = Own().evaluate_with_errors(steep.create_study(), normalize=True)
    assert found["x"].score == 0.75
    assert math.isnan(found["x"].error)


@pytest.mark.parametrize("kind", FORESTS)
@pytest.mark.parametrize("option", [{"n_trees": 0}, {"max_depth": 0}])
def test_numbers_below_one_are_refused(kind: Any, option: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=rf"{kind.__name__}\(\w+=0\): give at least 1"):
        kind(**option)
