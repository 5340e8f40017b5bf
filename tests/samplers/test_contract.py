"""What every built-in sampler promises."""

from __future__ import annotations

import pickle
from collections.abc import Callable

import numpy as np
import pytest

import steep
from steep.samplers import (
    BaseSampler,
    PartialFixedSampler,
    QMCSampler,
    RandomSampler,
    TPESampler,
)
from steep.trial import TrialState

MAKERS: dict[str, Callable[[int | None], BaseSampler]] = {
    "random": RandomSampler,
    "quasi-random": lambda seed: QMCSampler(seed=seed, warn_independent_sampling=False),
    "partly fixed": lambda seed: PartialFixedSampler({"n": 2}, RandomSampler(seed)),
    "tpe": lambda seed: TPESampler(seed=seed, n_startup_trials=4),
    "tpe, in groups": lambda seed: TPESampler(seed=seed, group=True, n_startup_trials=4),
    "tpe, one by one": lambda seed: TPESampler(seed=seed, multivariate=False, n_startup_trials=4),
}
every_sampler = pytest.mark.parametrize("make", MAKERS.values(), ids=list(MAKERS))
Maker = Callable[[int | None], BaseSampler]


def mixed(trial: steep.Trial) -> float:
    """Suggest every kind of parameter, some only in some trials, with a range that moves."""
    x = trial.suggest_float("x", -1, 1)
    lr = trial.suggest_float("lr", 1e-5, 1e-1, log=True)
    step = trial.suggest_float("step", 0, 1, step=0.25)
    n = trial.suggest_int("n", 1, 4)
    units = trial.suggest_int("units", 1, 512, log=True)
    kind = trial.suggest_categorical("kind", ["a", None, 3])
    trial.suggest_int("only", 7, 7)
    if kind == "a":
        trial.suggest_float("inner", 0, 1)
    trial.suggest_float("moving", 0, 1 + trial.number % 3)
    return x * x + lr + step + n + units / 512


def values(trial: steep.Trial) -> tuple[float, float]:
    x = trial.suggest_float("x", 0, 1)
    return x, 1 - x + trial.suggest_float("y", 0, 1)


@every_sampler
def test_the_same_seed_gives_the_same_parameters(make: Maker) -> None:
    studies = [steep.create_study(sampler=make(5)) for _ in range(2)]
    for study in studies:
        study.optimize(mixed, n_trials=15)
    first, second = ([trial.params for trial in study.trials] for study in studies)
    assert first == second


@every_sampler
def test_other_seeds_give_other_parameters(make: Maker) -> None:
    studies = [steep.create_study(sampler=make(seed)) for seed in (1, 2, None)]
    for study in studies:
        study.optimize(mixed, n_trials=1)
    assert len({study.trials[0].params["x"] for study in studies}) == 3


@every_sampler
def test_values_are_python_objects_within_their_distribution(make: Maker) -> None:
    study = steep.create_study(sampler=make(0))
    study.optimize(mixed, n_trials=30)
    for trial in study.trials:
        for name, value in trial.params.items():
            assert not isinstance(value, np.generic)
            distribution = trial.distributions[name]
            assert distribution.contains(distribution.to_internal_repr(value))


@every_sampler
def test_failed_pruned_and_infinite_trials_do_no_harm(make: Maker) -> None:
    def objective(trial: steep.Trial) -> float:
        x = trial.suggest_float("x", 0, 1)
        trial.report(float("nan") if trial.number % 2 else x, 0)
        if trial.number % 4 == 1:
            raise steep.TrialPruned
        return [x, float("nan"), float("inf"), -float("inf")][trial.number % 4]

    study = steep.create_study(sampler=make(0))
    study.optimize(objective, n_trials=30)
    assert len(study.trials) == 30


@every_sampler
def test_several_objectives_are_served(make: Maker) -> None:
    study = steep.create_study(sampler=make(0), directions=["minimize", "maximize"])
    study.optimize(values, n_trials=20)
    assert len(study.best_trials) >= 1


@every_sampler
def test_threads_share_a_sampler(make: Maker) -> None:
    study = steep.create_study(sampler=make(0))
    study.optimize(mixed, n_trials=30, n_jobs=2)
    assert study.table.n_in(TrialState.COMPLETE) == 30


@every_sampler
def test_one_sampler_serves_two_studies(make: Maker) -> None:
    sampler = make(None)
    studies = [steep.create_study(sampler=sampler) for _ in range(2)]
    for study in studies:
        study.optimize(mixed, n_trials=8)
    assert studies[0].trials[0].params != studies[1].trials[0].params


@every_sampler
def test_a_pickled_study_goes_on_as_the_original(make: Maker) -> None:
    study = steep.create_study(sampler=make(3))
    study.optimize(mixed, n_trials=8)
    copy = pickle.loads(pickle.dumps(study))
    for one in (study, copy):
        one.optimize(mixed, n_trials=4)
    assert [t.params for t in copy.trials] == [t.params for t in study.trials]


@every_sampler
def test_asked_trials_that_are_never_told_do_no_harm(make: Maker) -> None:
    study = steep.create_study(sampler=make(0))
    for number in range(24):
        trial = study.ask()
        value = mixed(trial)
        if number % 3:
            study.tell(trial, value)
    assert study.table.n_in(TrialState.RUNNING) == 8


@pytest.mark.parametrize("name", ["tpe", "tpe, one by one"])
def test_tpe_finds_better_values_than_random_search(name: str) -> None:
    def best(make: Maker, seed: int) -> float:
        study = steep.create_study(sampler=make(seed))
        study.optimize(
            lambda t: sum((t.suggest_float(f"x{i}", -5, 5) - 1) ** 2 for i in range(3)), n_trials=80
        )
        return study.best_value

    wins = sum(best(MAKERS[name], seed) < best(MAKERS["random"], seed) for seed in range(5))
    assert wins == 5


def test_infeasible_trials_count_as_bad() -> None:
    def objective(trial: steep.Trial) -> float:
        x = trial.suggest_float("x", 0, 1)
        trial.set_constraint("right half", 0.5 - x)
        return x

    study = steep.create_study(sampler=TPESampler(seed=0))
    study.optimize(objective, n_trials=60)
    assert 0.5 <= study.best_value < 0.52


def test_group_without_multivariate_is_an_error() -> None:
    with pytest.raises(ValueError, match="multivariate"):
        TPESampler(group=True, multivariate=False)
