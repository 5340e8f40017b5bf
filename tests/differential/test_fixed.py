"""FixedTrial, and what all trial classes have in common."""

from __future__ import annotations

from typing import Any

import pytest

from .harness import attempt, attempt_each, differential
from .programs import mixed, quadratic


@differential
def test_an_objective_of_a_fixed_trial(lib: Any) -> Any:
    trial = lib.trial.FixedTrial({"x": 0.5, "rate": 0.01, "depth": 3, "kind": "b", "unused": 1})
    return mixed(trial), trial.params, trial.distributions


@differential
def test_the_properties(lib: Any) -> Any:
    trial = lib.trial.FixedTrial({"x": 1}, number=7)
    quadratic(trial)
    trial.set_user_attr("a", 1)
    fields = [trial.number, trial.params, trial.user_attrs, trial.system_attrs, trial.constraints]
    return fields, trial.datetime_start, lib.trial.FixedTrial({}).number


@differential
@pytest.mark.parametrize("x", [0.5, 1, 2.0, -1, "0.5", "a", None, float("nan"), [1]], ids=repr)
def test_values_meet_the_distribution(lib: Any, x: Any) -> Any:
    trial = lib.trial.FixedTrial({"x": x})
    return attempt(trial.suggest_float, "x", 0, 1), trial.params, trial.distributions


@differential
@pytest.mark.parametrize("n", [3, 3.0, 2, 3.5, 11, "3", True], ids=repr)
def test_integers_meet_the_distribution(lib: Any, n: Any) -> Any:
    trial = lib.trial.FixedTrial({"n": n})
    return attempt(trial.suggest_int, "n", 1, 9, step=2), trial.params


@differential
def test_choices_meet_the_distribution(lib: Any) -> Any:
    def choose(value: Any) -> Any:
        return lib.trial.FixedTrial({"c": value}).suggest_categorical("c", ["a", None, 1])

    return attempt_each(choose, ["a", None, 1, 1.0, "b", True])


@differential
def test_deprecated_suggestions(lib: Any) -> Any:
    trials = [lib.trial.FixedTrial({"u": 0.5, "l": 0.5, "d": 0.5})]
    trials.append(
        lib.create_trial(
            value=1.0,
            params=dict.fromkeys("uld", 0.5),
            distributions={n: lib.distributions.FloatDistribution(0, 1) for n in "uld"},
        )
    )
    return [
        (
            attempt(t.suggest_uniform, "u", 0, 1),
            attempt(t.suggest_loguniform, "l", 0.1, 1),
            attempt(t.suggest_discrete_uniform, "d", 0, 1, 0.5),
        )
        for t in trials
    ]


@differential
def test_what_the_trial_classes_have_in_common(lib: Any) -> Any:
    base = lib.trial.BaseTrial
    classes = (lib.trial.Trial, lib.trial.FrozenTrial, lib.trial.FixedTrial)
    live = lib.create_study().ask()
    return (
        [issubclass(c, base) for c in classes],
        isinstance(live, lib.Trial),
        lib.Trial is lib.trial.Trial,
    )


@differential
def test_an_abstract_trial_cannot_be_used(lib: Any) -> Any:
    return attempt(lambda: lib.trial.BaseTrial().suggest_float("x", 0, 1))


@differential
def test_a_trial_made_by_hand_belongs_to_its_study(lib: Any) -> Any:
    study = lib.create_study()
    study.enqueue_trial({"x": 0.25})
    given = study.ask()
    again = lib.trial.Trial(study, given._trial_id)
    return again.number, again.suggest_float("x", 0, 1), given.number, study.trials[0].params
