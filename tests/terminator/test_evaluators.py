"""What improvement and error evaluators say, and when studies stop by them."""

from __future__ import annotations

import math
import sys
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import steep
from steep.distributions import FloatDistribution
from steep.study import StudyDirection
from steep.terminator import (
    BestValueStagnationEvaluator,
    CrossValidationErrorEvaluator,
    EMMREvaluator,
    MedianErrorEvaluator,
    RegretBoundEvaluator,
    StaticErrorEvaluator,
    Terminator,
    TerminatorCallback,
    report_cross_validation_scores,
)

MINIMIZE, MAXIMIZE = StudyDirection.MINIMIZE, StudyDirection.MAXIMIZE
MODELS: list[Any] = [RegretBoundEvaluator, EMMREvaluator]


@pytest.fixture(autouse=True)
def _without_notice() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "(Terminator|report_cross)", FutureWarning)
        yield


def bowl(trial: Any) -> float:
    x, y = trial.suggest_float("x", -1, 1), trial.suggest_float("y", 1e-3, 1.0, log=True)
    return float(x**2 + abs(math.log10(y) + 1) + (trial.suggest_categorical("c", "ab") == "b"))


def studied(n: int, objective: Callable[[Any], Any] = bowl, **options: Any) -> steep.Study:
    study = steep.create_study(sampler=steep.samplers.TPESampler(seed=0), **options)
    study.optimize(objective, n_trials=n)
    return study


def trials_of(values: list[float]) -> list[Any]:
    unit = {"x": FloatDistribution(0, 1)}
    study = steep.create_study()
    for i, value in enumerate(values):
        trial = steep.create_trial(value=value, params={"x": i / len(values)}, distributions=unit)
        study.add_trial(trial)
    return study.trials


@pytest.mark.parametrize("kind", MODELS)
def test_less_is_left_after_more_trials(kind: Any) -> None:
    trials = studied(90).trials
    found = [kind(seed=0).evaluate(trials[:n], MINIMIZE) for n in (15, 90)]
    assert 0.0 <= found[1] < 0.3 * found[0]


@pytest.mark.parametrize("kind", MODELS)
def test_the_mirrored_study_has_the_same_improvement(kind: Any) -> None:
    values = (np.random.default_rng(0).random(25) ** 2).tolist()
    small = kind(seed=0).evaluate(trials_of(values), MINIMIZE)
    large = kind(seed=0).evaluate(trials_of([-v for v in values]), MAXIMIZE)
    assert large == pytest.approx(small, rel=1e-6)


@pytest.mark.parametrize("kind", MODELS)
def test_the_same_seed_gives_the_same_improvement(kind: Any) -> None:
    trials = studied(25).trials
    assert kind(seed=5).evaluate(trials, MINIMIZE) == kind(seed=5).evaluate(trials, MINIMIZE)


@pytest.mark.parametrize("kind", MODELS)
@pytest.mark.parametrize("odd", [[1.0] * 8, [math.inf, 1, 2, 3], [-math.inf, 1, 2], [math.inf] * 3])
def test_equal_and_infinite_values_give_a_finite_improvement(kind: Any, odd: list[float]) -> None:
    assert math.isfinite(kind(seed=0).evaluate(trials_of(odd), MINIMIZE))


def test_the_regret_bound_grows_with_the_scale_of_the_values() -> None:
    values = np.random.default_rng(0).random(25)
    one, many = (
        RegretBoundEvaluator(seed=0).evaluate(trials_of((scale * values).tolist()), MINIMIZE)
        for scale in (1.0, 1000.0)
    )
    assert many == pytest.approx(1000.0 * one, rel=1e-3)


def test_emmr_waits_for_trials_and_for_parameters() -> None:
    assert EMMREvaluator().evaluate(trials_of([1.0]), MINIMIZE) > 1e300
    study = studied(3, lambda trial: 1.0)
    with pytest.warns(UserWarning, match="no parameter in common"):
        assert EMMREvaluator().evaluate(study.trials, MINIMIZE) > 1e300


def test_stagnation_counts_down_from_the_best_trial() -> None:
    rule = BestValueStagnationEvaluator(5)
    assert rule.evaluate(trials_of([3.0, 1.0, 2.0, 1.0]), MINIMIZE) == 3
    assert rule.evaluate(trials_of([3.0, 1.0, 2.0, 1.0]), MAXIMIZE) == 2


def test_a_study_stops_when_its_best_value_stands_still() -> None:
    study = steep.create_study()
    stop = TerminatorCallback(Terminator(BestValueStagnationEvaluator(4), min_n_trials=1))
    study.optimize(lambda trial: min(trial.number, 7) * -1.0, n_trials=100, callbacks=[stop])
    assert len(study.trials) == 8 + 5


def test_the_cross_validation_error_is_that_of_the_best_trial() -> None:
    def objective(trial: Any) -> float:
        x = trial.suggest_float("x", 0, 1)
        report_cross_validation_scores(trial, np.array([x, x + trial.number, x]))  # type: ignore[arg-type]
        return 1.0 - trial.number

    study = studied(3, objective)
    rule = CrossValidationErrorEvaluator()
    expected = math.sqrt((1 / 3 + 1 / 2) * np.var([0, 2, 0]))
    assert rule.evaluate(study.trials, MINIMIZE) == pytest.approx(expected)
    assert rule.evaluate(study.trials, MAXIMIZE) == 0.0


def test_a_default_terminator_stops_at_the_noise_of_the_folds() -> None:
    rng = np.random.default_rng(0)

    def objective(trial: Any) -> float:
        scores = trial.suggest_float("x", -1, 1) ** 2 + rng.normal(0, 0.3, 5)
        report_cross_validation_scores(trial, scores.tolist())
        return float(scores.mean())

    study = steep.create_study(sampler=steep.samplers.TPESampler(seed=0))
    terminator = Terminator(RegretBoundEvaluator(seed=0))
    study.optimize(objective, n_trials=150, callbacks=[TerminatorCallback(terminator)])
    assert 20 <= len(study.trials) < 150


def test_emmr_and_the_median_stop_a_study_that_has_converged() -> None:
    emmr = EMMREvaluator(deterministic_objective=True, seed=0)
    terminator = Terminator(emmr, MedianErrorEvaluator(emmr))
    study = steep.create_study(sampler=steep.samplers.GPSampler(seed=0))
    study.optimize(
        lambda t: t.suggest_float("x", -1, 1) ** 2 + t.suggest_float("y", -1, 1) ** 2,
        n_trials=100,
        callbacks=[TerminatorCallback(terminator)],
    )
    assert 30 <= len(study.trials) < 100


def test_the_median_error_waits_and_is_then_kept() -> None:
    rule = MedianErrorEvaluator(BestValueStagnationEvaluator(10), 1, 3, 0.5)
    assert rule.evaluate(trials_of([1.0, 2.0, 3.0]), MINIMIZE) == -sys.float_info.min
    assert rule.evaluate(trials_of([1.0, 2.0, 3.0, 4.0]), MINIMIZE) == 4.5
    assert rule.evaluate(trials_of([1.0]), MINIMIZE) == 4.5


def test_too_few_complete_trials_never_stop_a_study() -> None:
    study = studied(5)
    assert not Terminator(
        BestValueStagnationEvaluator(0), StaticErrorEvaluator(1e9)
    ).should_terminate(study)


def test_missing_scores_name_the_trial() -> None:
    with pytest.raises(ValueError, match="the best trial, 0, has no scores"):
        CrossValidationErrorEvaluator().evaluate(trials_of([1.0, 2.0]), MINIMIZE)


def test_the_warning_names_the_line_of_the_user() -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        Terminator(BestValueStagnationEvaluator())
    assert [w.filename for w in caught] == [__file__]
