"""Composed parameters in studies: every sampler, storage and kind of trial takes them."""

from __future__ import annotations

from pathlib import Path
from typing import Any, assert_type

import optuna
import pytest

import steep
from steep.samplers import (
    AutoSampler,
    BruteForceSampler,
    CmaEsSampler,
    GPSampler,
    NSGAIISampler,
    QMCSampler,
    RandomSampler,
    TPESampler,
)
from steep.storages.optuna import export_optuna
from steep.trial import FixedTrial

STEPS = ["scale", "impute", "select"]
FEATURES = ["age", "income", "town", "job"]
MIX = ["web", "books", "code"]

SAMPLERS: dict[str, Any] = {
    "random": lambda: RandomSampler(seed=1),
    "tpe": lambda: TPESampler(seed=1, n_startup_trials=5),
    "univariate": lambda: TPESampler(seed=1, n_startup_trials=5, multivariate=False),
    "gp": lambda: GPSampler(seed=1, n_startup_trials=5),
    "cma": lambda: CmaEsSampler(seed=1, n_startup_trials=2, warn_independent_sampling=False),
    "nsga": lambda: NSGAIISampler(seed=1, population_size=6),
    "qmc": lambda: QMCSampler(seed=1, warn_independent_sampling=False),
    "auto": lambda: AutoSampler(seed=1),
}


def suggest(trial: Any) -> tuple[list[str], list[str], dict[str, float]]:
    return (
        trial.suggest_permutation("steps", STEPS),
        trial.suggest_subset("features", FEATURES, 1, 2),
        trial.suggest_simplex("mix", MIX),
    )


def objective(trial: Any) -> float:
    steps, features, mix = suggest(trial)
    assert sorted(steps) == sorted(STEPS)
    assert set(features) <= set(FEATURES)
    assert len(features) in (1, 2)
    assert abs(sum(mix.values()) - 1) < 1e-9
    return steps.index("impute") + ("age" not in features) + abs(mix["code"] - 0.5)


@pytest.mark.parametrize("name", SAMPLERS)
def test_every_sampler_proposes_them(name: str) -> None:
    study = steep.create_study(sampler=SAMPLERS[name]())
    study.optimize(objective, n_trials=15)
    assert study.best_value < 1.5


@pytest.mark.parametrize(
    ("limits", "count"), [((0, None), 16), ((1, 2), 10), ((2, 2), 6), ((3, None), 5)]
)
@pytest.mark.parametrize("storage", [None, "study.log"])
def test_brute_force_tries_every_subset_once(
    limits: tuple[int, int | None], count: int, storage: str | None, tmp_path: Path
) -> None:
    def pick(trial: Any) -> list[str]:
        items: list[str] = trial.suggest_subset("x", "abcd", *limits)
        return items

    url = None if storage is None else str(tmp_path / storage)
    told = []
    study = steep.create_study(study_name="tea", storage=url, sampler=BruteForceSampler(seed=1))
    study.optimize(lambda trial: told.append(pick(trial)) or 0.0, n_trials=4)
    if url is not None:
        study = steep.load_study(study_name="tea", storage=url)
    study.optimize(lambda trial: told.append(pick(trial)) or 0.0, n_trials=50)
    assert len(told) == len({tuple(items) for items in told}) == count
    assert [pick(trial) for trial in study.trials] == told


def test_the_search_learns_an_order() -> None:
    def disorder(trial: steep.Trial) -> float:
        order = trial.suggest_permutation("order", range(7))
        return sum(a > b for i, a in enumerate(order) for b in order[i + 1 :])

    study = steep.create_study(sampler=TPESampler(seed=1))
    study.optimize(disorder, n_trials=100)
    assert study.best_value <= 2


def test_params_are_the_columns_and_trials_read_the_value_from_them() -> None:
    study = steep.create_study(sampler=RandomSampler(seed=1))
    told = []
    study.optimize(lambda trial: told.append(suggest(trial)) or 0.0, n_trials=3)
    assert set(study.trials[0].params) == {
        *(f"steps[{step}]" for step in STEPS),
        *(f"features[{feature}]" for feature in FEATURES),
        *(f"mix[{part}]" for part in MIX[:-1]),
    }
    assert [suggest(trial) for trial in study.trials] == told
    assert [suggest(FixedTrial(trial.params)) for trial in study.trials] == told


def test_the_same_name_gives_the_same_value_again() -> None:
    study = steep.create_study(sampler=RandomSampler(seed=1))
    study.optimize(lambda trial: float(suggest(trial) != suggest(trial)), n_trials=5)
    assert study.best_value == 0


GIVEN = {
    "steps": ["select", "impute", "scale"],
    "features": ["job"],
    "mix": [0.0, 0.25, 0.75],
}
WANTED = (["select", "impute", "scale"], ["job"], {"web": 0.0, "books": 0.25, "code": 0.75})


def test_a_fixed_trial_takes_whole_values() -> None:
    assert suggest(FixedTrial(GIVEN)) == WANTED


@pytest.mark.parametrize("storage", [None, "study.db", "study.log"])
def test_enqueued_trials_take_whole_values(storage: str | None, tmp_path: Path) -> None:
    url = None if storage is None else str(tmp_path / storage)
    study = steep.create_study(storage=url, sampler=RandomSampler(seed=1))
    study.enqueue_trial(GIVEN)
    found = []
    study.optimize(lambda trial: found.append(suggest(trial)) or 0.0, n_trials=2)
    assert found[0] == WANTED
    assert found[1] != WANTED
    assert suggest(study.trials[0]) == WANTED


def test_enqueued_columns_count_before_the_others_are_drawn() -> None:
    study = steep.create_study(sampler=RandomSampler(seed=1))
    for _ in range(10):
        study.enqueue_trial({"features[job]": True, "features[town]": False})
    study.optimize(objective, n_trials=10)
    for trial in study.trials:
        features = trial.suggest_subset("features", FEATURES, 1, 2)
        assert "job" in features
        assert "town" not in features


def test_a_value_that_is_none_fails_with_its_name() -> None:
    study = steep.create_study()
    study.enqueue_trial({"features": ["age", "job", "town"]})
    with pytest.raises(ValueError, match=r"suggest_subset\('features'\) was given"):
        study.optimize(objective, n_trials=1)


def test_columns_that_break_the_limits_are_told() -> None:
    columns = dict.fromkeys((f"features[{feature}]" for feature in FEATURES), True)
    with pytest.raises(ValueError, match="takes 1 to 2 of"):
        FixedTrial(columns).suggest_subset("features", FEATURES, 1, 2)


def test_weights_without_labels_are_a_list() -> None:
    trial = FixedTrial({"mix": [0.25, 0.75]})
    assert trial.suggest_simplex("mix", 2) == [0.25, 0.75]
    assert list(trial.params) == ["mix[0]"]
    assert FixedTrial({}).suggest_simplex("one", 1) == [1.0]


@pytest.mark.parametrize("file", ["study.db", "study.log"])
def test_a_kept_study_is_resumed_and_replayed(file: str, tmp_path: Path) -> None:
    url = str(tmp_path / file)
    study = steep.create_study(study_name="tea", storage=url, sampler=TPESampler(seed=1))
    study.optimize(objective, n_trials=15)
    again = steep.load_study(study_name="tea", storage=url)
    assert [suggest(t) for t in again.trials] == [suggest(t) for t in study.trials]
    again.optimize(objective, n_trials=5)
    replayed = again.replay()
    assert replayed
    assert replayed.confirmed > 100


def test_optuna_gets_ordinary_parameters(tmp_path: Path) -> None:
    study = steep.create_study(study_name="tea", sampler=RandomSampler(seed=1))
    study.optimize(objective, n_trials=3)
    url = f"sqlite:///{tmp_path}/optuna.db"
    export_optuna(study._storage, url)
    theirs = optuna.load_study(study_name="tea", storage=url)
    assert [t.params for t in theirs.trials] == [t.params for t in study.trials]


def test_an_objective_elsewhere_suggests_them_too() -> None:
    study = steep.create_study(sampler=RandomSampler(seed=1))
    study.enqueue_trial(GIVEN)
    study.optimize(objective, n_trials=3, executor="process", n_jobs=1)
    assert suggest(study.trials[0]) == WANTED
    here = steep.create_study(sampler=RandomSampler(seed=1))
    here.optimize(objective, n_trials=3)
    assert study.trials[2].params == here.trials[2].params


def test_type_checkers_know_what_comes_back() -> None:
    given = {"a": 1, "b": "up", "c": 2, "d": ["x"], "e": ["1", "2"], "f": [1.0], "g": [1.0]}
    trial: steep.trial.BaseTrial = FixedTrial(given)
    assert_type(trial.suggest_categorical("a", [1, 2]), int)
    assert_type(trial.suggest_categorical("b", {"up": 0.5, "down": 1.5}), float)
    assert_type(trial.suggest_ordinal("c", [1, 2]), int)
    assert_type(trial.suggest_subset("d", ["x", "y"]), list[str])
    assert_type(trial.suggest_permutation("e", {"1": 1.5, "2": 2.5}), list[float])
    assert_type(trial.suggest_simplex("f", 1), list[float])
    assert_type(trial.suggest_simplex("g", ["x"]), dict[str, float])
