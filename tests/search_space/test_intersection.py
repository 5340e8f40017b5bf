"""The common parameters are those that all trials have, with the same distribution."""

from __future__ import annotations

import pytest

import steep
from steep.search_space import IntersectionSearchSpace, intersection_search_space


def varied(trial: steep.Trial) -> float:
    x = trial.suggest_float("x", 0, 1)
    if trial.number == 1:
        trial.suggest_int("only_here", 0, 3)
    trial.suggest_float("range", 0, 1 + trial.number)
    return x


def test_both_ways_agree_after_every_trial() -> None:
    study = steep.create_study(sampler=steep.samplers.RandomSampler(0))
    space = IntersectionSearchSpace()
    names = []
    for _ in range(3):
        study.optimize(varied, n_trials=1)
        assert space.calculate(study) == intersection_search_space(study.trials)
        names.append(list(space.calculate(study)))
    assert names == [["range", "x"], ["x"], ["x"]]


@pytest.mark.parametrize("include_pruned", [False, True])
def test_pruned_trials_count_when_asked_for(include_pruned: bool) -> None:
    def objective(trial: steep.Trial) -> float:
        trial.suggest_float("x", 0, 1)
        raise steep.TrialPruned

    study = steep.create_study(sampler=steep.samplers.RandomSampler(0))
    study.optimize(objective, n_trials=1)
    expected = {"x"} if include_pruned else set()
    assert set(intersection_search_space(study.trials, include_pruned)) == expected
    assert set(IntersectionSearchSpace(include_pruned).calculate(study)) == expected


def test_one_object_serves_one_study() -> None:
    space = IntersectionSearchSpace()
    storage = steep.storages.InMemoryStorage()
    space.calculate(steep.create_study(storage=storage))
    with pytest.raises(ValueError, match="one study"):
        space.calculate(steep.create_study(storage=storage))
