"""The percentile pruner decides as Optuna's, and stays quick."""

from __future__ import annotations

import math
import random
import time
from typing import Any

import optuna
import pytest
from learning_curves import Make, curve, decide, decide_interleaved, new_study, random_curves, run

import steep

NAN, INF = math.nan, math.inf


def random_pruner(seed: int) -> Make:
    def make(pruners: Any) -> Any:
        rng = random.Random(seed)
        percentile = rng.choice([0, 10, 25.0, 33.3, 75, 100, rng.uniform(0, 100)])
        numbers = rng.randint(0, 4), rng.randint(0, 6), rng.randint(1, 5)
        return pruners.PercentilePruner(percentile, *numbers, n_min_trials=rng.randint(1, 3))

    return make


@pytest.mark.parametrize("direction", ["minimize", "maximize"])
@pytest.mark.parametrize("seed", range(40))
def test_random_curves_are_pruned_as_by_optuna(seed: int, direction: str) -> None:
    decide(random_pruner(seed), random_curves(seed), direction, obey=seed % 4 > 0)


@pytest.mark.parametrize("direction", ["minimize", "maximize"])
@pytest.mark.parametrize("seed", range(5))
def test_concurrent_trials_are_pruned_as_by_optuna(seed: int, direction: str) -> None:
    decisions = decide_interleaved(lambda p: p.PercentilePruner(30, 2, 1, 2), seed, direction)
    assert any(answer for *_, answer in decisions)


@pytest.mark.parametrize(("percentile", "kept"), [(0, 1), (25, 2), (50, 3), (75, 4), (100, 5)])
@pytest.mark.parametrize("direction", ["minimize", "maximize"])
def test_the_best_per_cent_are_kept(percentile: float, kept: int, direction: str) -> None:
    sign = 1 if direction == "minimize" else -1
    levels = [sign * level for level in (1, 2, 3, 4, 5)]
    make = lambda pruners: pruners.PercentilePruner(percentile, n_startup_trials=5)  # noqa: E731
    for position, level in enumerate(levels):
        decisions = decide(make, [*map(curve, levels), curve(level)], direction)
        assert decisions[-1] == [position >= kept]


def test_nan_of_the_trial_is_pruned_and_of_the_others_is_no_ground() -> None:
    make = lambda pruners: pruners.PercentilePruner(50, n_startup_trials=1)  # noqa: E731
    assert decide(make, [curve(1, 1), curve(NAN)])[-1] == [True]
    assert decide(make, [curve(1, 1), curve(0, NAN)])[-1] == [False, False]
    assert decide(make, [curve(NAN, 1), curve(5)])[-1] == [False]


def test_nan_counts_as_a_report_for_n_min_trials() -> None:
    def make(pruners: Any) -> Any:
        return pruners.PercentilePruner(50, 1, n_min_trials=2)

    assert decide(make, [curve(1), curve(NAN), curve(3)], obey=False) == [[False], [True], [True]]
    assert decide(make, [curve(1), curve(), curve(3)]) == [[False], [], [False]]


def test_infinite_neighbours_leave_the_percentile_undefined() -> None:
    make = lambda pruners: pruners.PercentilePruner(50, n_startup_trials=3)  # noqa: E731
    assert decide(make, [curve(1), curve(2), curve(INF), curve(9)])[-1] == [False]
    assert decide(make, [curve(1), curve(2), curve(3), curve(INF)])[-1] == [True]


def test_the_best_report_counts_not_the_latest() -> None:
    make = lambda pruners: pruners.PercentilePruner(50, n_startup_trials=1)  # noqa: E731
    assert decide(make, [curve(1, 1, 1), curve(0, 9, 9)])[-1] == [False] * 3


def test_a_step_that_no_complete_trial_reported_is_no_ground() -> None:
    make = lambda pruners: pruners.PercentilePruner(50, n_startup_trials=1)  # noqa: E731
    assert decide(make, [[(0, 1.0)], [(1, 5.0)]])[-1] == [False]


def test_added_trials_count() -> None:
    def answers(lib: Any) -> list[list[bool]]:
        study = new_study(lib, lib.pruners.PercentilePruner(50, n_startup_trials=1))
        reports = {0: 1.0, 1: 1.0}
        study.add_trial(lib.trial.create_trial(value=1.0, intermediate_values=reports))
        return run(study, [curve(2), curve(0, 2)])

    assert answers(steep) == answers(optuna) == [[True], [False, False]]


def test_two_percentiles_take_turns_on_one_study() -> None:
    levels = [curve(level) for level in range(1, 6)]
    study = new_study(steep, steep.pruners.NopPruner())
    run(study, levels)
    for percentile, wanted in [(25, True), (75, False), (25, True)]:
        study.pruner = steep.pruners.PercentilePruner(percentile)
        assert run(study, [curve(3)], obey=False) == [[wanted]]


@pytest.mark.parametrize(
    "arguments",
    [
        {"percentile": -0.1},
        {"percentile": 100.1},
        {"percentile": NAN},
        {"percentile": 25, "n_startup_trials": -1},
        {"percentile": 25, "n_warmup_steps": -1},
        {"percentile": 25, "interval_steps": 0},
        {"percentile": 25, "n_min_trials": 0},
    ],
    ids=repr,
)
def test_bad_arguments_are_refused_as_by_optuna(arguments: dict[str, Any]) -> None:
    name, value = list(arguments.items())[-1]
    with pytest.raises(ValueError, match=rf"PercentilePruner\({name}={value}\).*give"):
        steep.pruners.PercentilePruner(**arguments)
    with pytest.raises(ValueError, match=name):
        optuna.pruners.PercentilePruner(**arguments)


def test_the_cost_does_not_grow_with_the_trials() -> None:
    def seconds(study: Any, n: int) -> float:
        rng = random.Random(0)
        curves = [curve(*(rng.random() for _ in range(20))) for _ in range(n)]
        start = time.process_time()
        run(study, curves, obey=False)
        return (time.process_time() - start) / n

    study = new_study(steep, steep.pruners.PercentilePruner(50))
    run(study, [curve(1.0)])
    early = min(seconds(study, 200) for _ in range(3))
    run(study, [curve(*(i / 3000 for _ in range(20))) for i in range(3000)], obey=False)
    assert min(seconds(study, 200) for _ in range(3)) < 4 * early
