"""The patient pruner forgives a while without improvement."""

from __future__ import annotations

import math
import random
from typing import Any

import optuna
import pytest
from learning_curves import Make, curve, decide, decide_interleaved, random_curves

import steep

NAN = math.nan


def random_pruner(seed: int) -> Make:
    def make(pruners: Any) -> Any:
        rng = random.Random(seed)
        wrapped = rng.choice([None, pruners.MedianPruner(1), pruners.ThresholdPruner(upper=5)])
        return pruners.PatientPruner(wrapped, rng.randint(0, 4), rng.choice([0.0, 0.5, 1]))

    return make


@pytest.mark.parametrize("direction", ["minimize", "maximize"])
@pytest.mark.parametrize("seed", range(40))
def test_random_curves_are_pruned_as_by_optuna(seed: int, direction: str) -> None:
    decide(random_pruner(seed), random_curves(seed), direction, obey=seed % 4 > 0)


@pytest.mark.parametrize("seed", range(4))
def test_concurrent_trials_are_pruned_as_by_optuna(seed: int) -> None:
    decide_interleaved(lambda p: p.PatientPruner(p.MedianPruner(1), 1), seed)


@pytest.mark.parametrize("patience", [0, 1, 3])
def test_patience_counts_the_reports_without_improvement(patience: int) -> None:
    answers = decide(
        lambda p: p.PatientPruner(None, patience), [curve(1, 2, 2, 2, 2, 2)], obey=False
    )
    assert answers[0].index(True) == patience + 1


@pytest.mark.parametrize(("min_delta", "wanted"), [(0.0, True), (0.5, True), (1.0, False)])
@pytest.mark.parametrize(("direction", "values"), [("minimize", (1, 2)), ("maximize", (2, 1))])
def test_min_delta_forgives_small_losses(
    min_delta: float, wanted: bool, direction: str, values: tuple[float, ...]
) -> None:
    answers = decide(lambda p: p.PatientPruner(None, 0, min_delta), [curve(*values)], direction)
    assert answers == [[False, wanted]]


def test_nan_on_one_side_lets_patience_last() -> None:
    curves = [curve(NAN, NAN, 1), curve(1, NAN, NAN, NAN), curve(1, NAN, 2, 2)]
    answers = decide(lambda p: p.PatientPruner(None, 1), curves)
    assert answers == [[False] * 3, [False] * 4, [False, False, True]]


def test_the_wrapped_pruner_is_asked_only_when_patience_ends() -> None:
    def make(pruners: Any) -> Any:
        class EvenSteps(pruners.BasePruner):  # type: ignore[misc]
            def prune(self, study: Any, trial: Any) -> bool:
                return trial.last_step % 2 == 0

        return pruners.PatientPruner(EvenSteps(), 1)

    answers = decide(make, [curve(3, 2, 1, 4, 5, 6, 7)], obey=False)
    assert answers == [[False, False, False, False, True, False, True]]


@pytest.mark.parametrize(
    "arguments", [{"patience": -1}, {"patience": 1, "min_delta": -1.0}], ids=repr
)
def test_bad_arguments_are_refused_as_by_optuna(arguments: dict[str, Any]) -> None:
    name, value = list(arguments.items())[-1]
    with pytest.raises(ValueError, match=rf"^PatientPruner\({name}={value}\)"):
        steep.pruners.PatientPruner(None, **arguments)
    with (
        pytest.warns(optuna.exceptions.ExperimentalWarning),
        pytest.raises(ValueError, match=name),
    ):
        optuna.pruners.PatientPruner(None, **arguments)
