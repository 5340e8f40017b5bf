"""The median pruner is the percentile pruner at fifty per cent."""

from __future__ import annotations

import random
from typing import Any

import optuna
import pytest
from learning_curves import Make, curve, decide, random_curves

import steep


def random_pruner(seed: int) -> Make:
    def make(pruners: Any) -> Any:
        rng = random.Random(seed)
        numbers = rng.randint(0, 4), rng.randint(0, 6), rng.randint(1, 5)
        return pruners.MedianPruner(*numbers, n_min_trials=rng.randint(1, 3))

    return make


@pytest.mark.parametrize("direction", ["minimize", "maximize"])
@pytest.mark.parametrize("seed", range(100, 130))
def test_random_curves_are_pruned_as_by_optuna(seed: int, direction: str) -> None:
    decide(random_pruner(seed), random_curves(seed), direction, obey=seed % 4 > 0)


@pytest.mark.parametrize("n_startup_trials", [0, 1, 3])
def test_the_first_trial_is_never_pruned(n_startup_trials: int) -> None:
    def make(pruners: Any) -> Any:
        return pruners.MedianPruner(n_startup_trials)

    n_free = max(n_startup_trials, 1)
    assert decide(make, [curve(1)] * n_free + [curve(2)]) == [[False]] * n_free + [[True]]


def test_as_good_as_the_median_is_good_enough() -> None:
    assert decide(lambda pruners: pruners.MedianPruner(1), [curve(1), curve(1)])[1] == [False]


def test_checks_come_at_intervals_from_the_warmup_on() -> None:
    def make(pruners: Any) -> Any:
        return pruners.MedianPruner(1, n_warmup_steps=2, interval_steps=3)

    last = decide(make, [curve(*[0] * 10), curve(*[1] * 10)], obey=False)[1]
    assert [step for step, answer in enumerate(last) if answer] == [2, 5, 8]


@pytest.mark.parametrize(
    "arguments",
    [{"n_startup_trials": -1}, {"n_warmup_steps": -1}, {"interval_steps": 0}, {"n_min_trials": 0}],
    ids=repr,
)
def test_bad_arguments_are_refused_as_by_optuna(arguments: dict[str, int]) -> None:
    [(name, value)] = arguments.items()
    with pytest.raises(ValueError, match=rf"^MedianPruner\({name}={value}\) is too small"):
        steep.pruners.MedianPruner(**arguments)
    with pytest.raises(ValueError, match=name):
        optuna.pruners.MedianPruner(**arguments)
