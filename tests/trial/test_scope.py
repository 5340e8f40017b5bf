"""trial.scope: a trial with a prefix before the names of its parameters."""

from __future__ import annotations

import pickle
from typing import Any

import pytest

import steep
from steep.samplers import RandomSampler
from steep.trial import FixedTrial


def part(trial: Any) -> list[Any]:
    return [
        trial.suggest_float("lr", 0, 1),
        trial.suggest_int("n", 1, 9),
        trial.suggest_categorical("kind", ["a", "b"]),
        trial.suggest_ordinal("size", [1, 10, 100]),
        trial.suggest_subset("items", "abc", 1, 2),
        trial.suggest_permutation("steps", "abc"),
        trial.suggest_simplex("mix", 3),
    ]


NAMES = ["lr", "n", "kind", "size", *(f"items[{i}]" for i in "abc")]
NAMES += [*(f"steps[{i}]" for i in "abc"), "mix[0]", "mix[1]"]


def test_everything_is_suggested_under_the_prefix() -> None:
    study = steep.create_study(sampler=RandomSampler(seed=1))
    told = []
    study.optimize(lambda t: told.append(part(t.scope("one"))) or 0.0, n_trials=3)
    for trial, values in zip(study.trials, told, strict=True):
        assert set(trial.params) == {f"one.{name}" for name in NAMES}
        assert part(trial.scope("one")) == values
        assert part(FixedTrial(trial.params).scope("one")) == values


def test_scopes_nest_and_keep_parts_apart() -> None:
    trial = steep.create_study().ask()
    inner = trial.scope("a").scope("b")
    inner.suggest_float("x", 0, 1)
    trial.scope("a").suggest_float("x", 2, 3)
    trial.suggest_float("x", 4, 5)
    assert list(trial.params) == ["a.b.x", "a.x", "x"]
    assert list(trial.scope("a").params) == ["b.x", "x"]
    assert list(inner.params) == ["x"]
    assert inner.distributions["x"] == trial.distributions["a.b.x"]


def test_given_values_carry_the_prefix() -> None:
    study = steep.create_study()
    study.enqueue_trial({"one.steps": ["c", "a", "b"], "one.items": ["b"], "one.lr": 0.5})
    values = part(study.ask().scope("one"))
    assert values[0] == 0.5
    assert values[4] == ["b"]
    assert values[5] == ["c", "a", "b"]


def test_the_rest_is_the_whole_trials() -> None:
    study = steep.create_study(pruner=steep.pruners.ThresholdPruner(upper=1.0))
    trial = study.ask()
    scope = trial.scope("a")
    scope.report(2.0, 0)
    scope.set_user_attr("note", 1)
    scope.set_constraint("c", -1.0)
    assert scope.should_prune()
    assert (scope.number, scope.study, scope.datetime_start) == (0, study, trial.datetime_start)
    assert scope.user_attrs == trial.user_attrs == {"note": 1}
    assert scope.constraints == trial.constraints == {"c": -1.0}
    with pytest.raises(AttributeError, match="nothing_like_it"):
        _ = scope.nothing_like_it


def test_what_is_required_of_a_part_draws_the_whole_trial_again() -> None:
    def objective(trial: steep.Trial) -> float:
        trial.suggest_float("x", 0, 1)
        part = trial.scope("part")
        part.require(part.suggest_float("x", 0, 1) < 0.3)
        return 0.0

    study = steep.create_study(sampler=RandomSampler(seed=1))
    study.optimize(objective, n_trials=5)
    assert all(trial.params["part.x"] < 0.3 for trial in study.trials)


def test_it_can_be_copied() -> None:
    scope = FixedTrial({"a.x": 0.5}).scope("a")
    assert pickle.loads(pickle.dumps(scope)).suggest_float("x", 0, 1) == 0.5


@pytest.mark.parametrize("name", ["", None, 1])
def test_a_scope_needs_a_name(name: Any) -> None:
    with pytest.raises(ValueError, match=r"Trial\.scope"):
        steep.create_study().ask().scope(name)
