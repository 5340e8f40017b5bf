"""What a study gives out stays right when there are many trials, of changing shape."""

from __future__ import annotations

import random
from typing import Any

import steep
from steep.trial import TrialState


def branching(trial: Any) -> float:
    """Suggest other names in other branches, prune some trials and fail some."""
    total = trial.suggest_float("base", 0, 1)
    for layer in range(trial.suggest_int("layers", 1, 3)):
        total += trial.suggest_float(f"width_{layer}", 0, 1 + trial.number % 2)
        trial.report(total, layer)
    if trial.number % 5 == 3:
        raise steep.TrialPruned
    if trial.number % 7 == 6:
        raise ValueError
    return float(total)


def test_trials_of_a_branching_study_are_consistent() -> None:
    study = steep.create_study(sampler=steep.samplers.RandomSampler(seed=1))
    study.optimize(branching, n_trials=150, catch=ValueError)
    assert len(study.trials) == 150
    for trial in study.trials:
        layers = trial.params["layers"]
        assert set(trial.params) == {"base", "layers", *(f"width_{n}" for n in range(layers))}
        assert trial.distributions.keys() == trial.params.keys()
        assert trial.distributions["width_0"].high == 1 + trial.number % 2
        assert list(trial.intermediate_values) == list(range(layers))
    complete = [t for t in study.trials if t.state == TrialState.COMPLETE]
    assert study.best_trial == min(complete, key=lambda t: t.value)


def test_best_trial_of_random_histories_is_the_first_of_the_best_feasible_ones() -> None:
    numbers = random.Random(0)
    for direction, best in (("minimize", min), ("maximize", max)):
        study = steep.create_study(direction=direction)
        for _ in range(60):
            constraints = {"c": numbers.choice([-1.0, 0.0, 1.0])}
            value = float(numbers.randrange(10))
            study.add_trial(steep.create_trial(value=value, constraints=constraints))
            feasible = [t for t in study.trials if t.constraints["c"] <= 0]
            if feasible:
                target = best(t.value for t in feasible)
                assert study.best_trial.number == next(
                    t.number for t in feasible if t.value == target
                )


def test_best_trials_of_random_histories_are_those_that_nothing_dominates() -> None:
    numbers = random.Random(1)
    study = steep.create_study(directions=["minimize", "maximize"])
    for _ in range(80):
        values = [float(numbers.randrange(8)), float(numbers.randrange(8))]
        study.add_trial(steep.create_trial(values=values))

    def dominates(a: Any, b: Any) -> bool:
        return a.values != b.values and a.values[0] <= b.values[0] and a.values[1] >= b.values[1]

    front = [t.number for t in study.trials if not any(dominates(o, t) for o in study.trials)]
    assert [t.number for t in study.best_trials] == front
