"""The threshold pruner keeps what lies between two limits, both included."""

from __future__ import annotations

import math
import random
from typing import Any

import optuna
import pytest
from learning_curves import Make, curve, decide, random_curves

import steep

NAN, INF = math.nan, math.inf


def random_pruner(seed: int) -> Make:
    def make(pruners: Any) -> Any:
        rng = random.Random(seed)
        limits = rng.choice([None, -1.0, 2.0]), rng.choice([3.0, 6.0])
        return pruners.ThresholdPruner(*limits, rng.randint(0, 5), rng.randint(1, 5))

    return make


@pytest.mark.parametrize("seed", range(40))
def test_random_curves_are_pruned_as_by_optuna(seed: int) -> None:
    direction = ["minimize", "maximize"][seed % 2]
    decide(random_pruner(seed), random_curves(seed), direction, obey=seed % 3 > 0)


def test_the_limits_are_included_and_nan_is_pruned() -> None:
    values = [0, 1, -0.1, 0.5, 1.1, NAN, INF, -INF]
    answers = decide(lambda p: p.ThresholdPruner(0, 1), [curve(*values)], obey=False)[0]
    assert answers == [False, False, True, False, True, True, True, True]


@pytest.mark.parametrize("limits", [{"lower": 0.0}, {"upper": 0.0}], ids=repr)
def test_one_limit_is_enough(limits: dict[str, float]) -> None:
    answers = decide(lambda p: p.ThresholdPruner(**limits), [curve(-INF, INF)], obey=False)[0]
    assert answers == ["lower" in limits, "upper" in limits]


def test_a_limit_may_be_text_or_nan() -> None:
    make = lambda pruners: pruners.ThresholdPruner(lower="1.5")  # noqa: E731
    assert decide(make, [curve(1, 2)], obey=False) == [[True, False]]
    assert decide(lambda p: p.ThresholdPruner(lower=NAN), [curve(1, 2)]) == [[False, False]]


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({}, TypeError),
        ({"lower": "a"}, TypeError),
        ({"upper": [1]}, TypeError),
        ({"lower": 1, "upper": 0}, ValueError),
        ({"upper": 1, "n_warmup_steps": -1}, ValueError),
        ({"upper": 1, "interval_steps": 0}, ValueError),
    ],
    ids=repr,
)
def test_bad_arguments_are_refused_as_by_optuna(
    arguments: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error, match=r"^ThresholdPruner\(.*give"):
        steep.pruners.ThresholdPruner(**arguments)
    with pytest.raises(error):
        optuna.pruners.ThresholdPruner(**arguments)
