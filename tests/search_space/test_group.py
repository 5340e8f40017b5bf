"""Groups are parameters that every trial has all together or not at all."""

from __future__ import annotations

import optuna
import pytest
from hypothesis import given
from hypothesis import strategies as st

import steep
from steep.distributions import FloatDistribution
from steep.search_space import _GroupDecomposedSearchSpace, _SearchSpaceGroup

NAMES = st.lists(st.sets(st.sampled_from("abcdef")), max_size=6)


def partition(group: _SearchSpaceGroup) -> set[frozenset[str]]:
    return {frozenset(space) for space in group.search_spaces}


@given(trials=NAMES)
def test_the_groups_are_the_coarsest_partition_and_that_of_optuna(trials: list[set[str]]) -> None:
    mine, theirs = _SearchSpaceGroup(), optuna.search_space._SearchSpaceGroup()
    for names in trials:
        mine.add_distributions({name: FloatDistribution(0, 1) for name in names})
        theirs.add_distributions({n: optuna.distributions.FloatDistribution(0, 1) for n in names})
    presence = {name: tuple(name in names for names in trials) for name in set().union(*trials)}
    coarsest = {
        frozenset(n for n in presence if presence[n] == pattern) for pattern in presence.values()
    }
    assert partition(mine) == coarsest == partition(theirs)


def test_the_first_distribution_of_a_name_is_kept() -> None:
    group = _SearchSpaceGroup()
    group.add_distributions({"x": FloatDistribution(0, 1)})
    group.add_distributions({"x": FloatDistribution(0, 2)})
    assert group.search_spaces == [{"x": FloatDistribution(0, 1)}]


def conditional(trial: steep.Trial) -> float:
    kind = trial.suggest_int("kind", 0, 1)
    value = trial.suggest_float("zero" if kind == 0 else "one", 0, 1)
    trial.report(value, 0)
    if trial.number % 3 == 1:
        raise steep.TrialPruned
    return value


@pytest.mark.parametrize("include_pruned", [False, True])
def test_a_study_is_followed_as_its_trials_finish(include_pruned: bool) -> None:
    study = steep.create_study(sampler=steep.samplers.RandomSampler(1))
    space = _GroupDecomposedSearchSpace(include_pruned)
    assert space.calculate(study).search_spaces == []
    wanted = {"COMPLETE", "PRUNED"} if include_pruned else {"COMPLETE"}
    for _ in range(6):
        study.optimize(conditional, n_trials=1)
        expected = _SearchSpaceGroup()
        for trial in study.trials:
            if trial.state.name in wanted:
                expected.add_distributions(trial.distributions)
        found = space.calculate(study)
        assert partition(found) == partition(expected)
        assert partition(space.calculate(study, use_cache=True)) == partition(found)
        found.search_spaces.clear()


def test_one_object_serves_one_study() -> None:
    space, storage = _GroupDecomposedSearchSpace(), steep.storages.InMemoryStorage()
    space.calculate(steep.create_study(storage=storage))
    with pytest.raises(ValueError, match="one study"):
        space.calculate(steep.create_study(storage=storage))
