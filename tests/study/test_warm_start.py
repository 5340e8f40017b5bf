"""What a study is told of others: it keeps it, everywhere and for ever, and claims none of it."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

import steep
from steep.study.warm_start import warm_start_events

MINIMIZE = [steep.study.StudyDirection.MINIMIZE]


def source(n: int = 20, name: str = "coffee", **options: object) -> steep.Study:
    study = steep.create_study(study_name=name, sampler=steep.samplers.RandomSampler(1), **options)
    study.optimize(lambda trial: trial.suggest_float("x", -1, 1) ** 2, n_trials=n)
    return study


@pytest.mark.parametrize("url", [None, "sqlite:///{}/study.db", "file:{}/study.log"])
def test_what_others_found_is_knowledge_and_not_among_the_trials(
    tmp_path: Path, url: str | None
) -> None:
    storage = url and url.format(tmp_path)
    study = steep.create_study(study_name="tea", storage=storage, warm_start=source())
    if storage:
        study = steep.load_study(study_name="tea", storage=storage)
    assert study.trials == []
    (prior,) = study.table.priors
    assert prior.study_name == "coffee"
    assert prior.values[:, 0].tolist() == sorted(t.value for t in source().trials)
    with pytest.raises(ValueError, match="No trials"):
        _ = study.best_trial


def test_a_copy_knows_it_too() -> None:
    storage = steep.storages.InMemoryStorage()
    study = steep.create_study(study_name="tea", storage=storage, warm_start=[source()])
    steep.copy_study(
        from_study_name="tea", from_storage=storage, to_storage=storage, to_study_name="copy"
    )
    copy = steep.load_study(study_name="copy", storage=storage)
    assert copy.table.priors[0].params_of(3) == study.table.priors[0].params_of(3)


def test_a_loaded_study_is_not_told_again() -> None:
    storage = steep.storages.InMemoryStorage()
    for _ in range(2):
        study = steep.create_study(
            study_name="tea", storage=storage, warm_start=source(), load_if_exists=True
        )
    assert len(study.table.priors) == 1


def test_only_finite_feasible_complete_trials_are_told() -> None:
    def objective(trial: steep.Trial) -> float:
        x = trial.suggest_float("x", -1, 1)
        if trial.number == 0:
            raise steep.TrialPruned
        trial.set_constraint("c", 1.0 if trial.number == 1 else -1.0)
        return float("inf") if trial.number == 2 else x

    study = steep.create_study(sampler=steep.samplers.RandomSampler(1))
    study.optimize(objective, n_trials=5)
    (event,) = warm_start_events(study, MINIMIZE)
    assert sorted(t.values[0] for t in event.trials) == sorted(t.value for t in study.trials[3:])
    nothing = steep.create_study()
    assert warm_start_events([nothing], MINIMIZE) == []


def test_of_many_trials_the_best_and_some_of_every_rank_are_told() -> None:
    x = steep.distributions.FloatDistribution(0, 2000)
    study = steep.create_study()
    study.add_trials(
        steep.create_trial(params={"x": i}, distributions={"x": x}, value=i) for i in range(2000)
    )
    (event,) = warm_start_events(study, MINIMIZE)
    values = [trial.values[0] for trial in event.trials]
    assert len(values) == len(set(values)) == 500
    assert values[:250] == list(range(250))
    assert values[-1] == 1999


def test_what_cannot_be_known_is_refused_before_the_study_is_made() -> None:
    storage = steep.storages.InMemoryStorage()
    with pytest.raises(ValueError, match="'coffee' has the directions .*maximize.*the same"):
        steep.create_study(storage=storage, warm_start=source(direction="maximize"))
    with pytest.raises(TypeError, match="takes studies; it got a str"):
        steep.create_study(storage=storage, warm_start=["coffee"])  # type: ignore[list-item]
    with pytest.raises(ValueError, match="2 objectives"):
        steep.create_study(
            storage=storage,
            directions=["minimize"] * 2,
            warm_start=source(directions=["minimize"] * 2, n=0),
        )
    assert steep.get_all_study_names(storage) == []


# ---- what the search makes of it -----------------------------------------------------------------


def bowl(shift: float, factor: float = 1.0, low: float = -5.0, choices: str = "abc") -> Any:
    """A function whose optimum, scale, range and choices may differ from study to study."""

    def objective(trial: steep.Trial) -> float:
        x = trial.suggest_float("x", low, 5)
        lr = trial.suggest_float("lr", 1e-5, 1, log=True)
        kind = trial.suggest_categorical("kind", list(choices))
        return factor * ((x - 1 - shift) ** 2 + (math.log10(lr) + 3) ** 2 + choices.index(kind))

    return objective


def search(objective: Any, n: int, seed: int, **options: Any) -> steep.Study:
    study = steep.create_study(sampler=steep.samplers.AutoSampler(seed=seed), **options)
    study.optimize(objective, n_trials=n)
    return study


def test_the_first_trial_is_the_best_one_of_the_other_study() -> None:
    coffee = search(bowl(0), 25, 1, study_name="coffee")
    tea = search(bowl(0.1), 1, 2, warm_start=coffee)
    assert tea.best_params == coffee.best_params
    assert "'coffee'" in tea.best_trial.explain().origins[0].why


def test_a_study_of_another_scale_range_and_choice_helps() -> None:
    coffee = search(bowl(0, factor=50), 30, 1)
    objective = bowl(0.2, low=-2, choices="adb")
    warm = [search(objective, 8, seed, warm_start=coffee).best_value for seed in range(3)]
    cold = [search(objective, 8, seed).best_value for seed in range(3)]
    assert max(warm) < min(cold)


def test_a_study_that_misleads_is_outvoted() -> None:
    opposite = search(bowl(0, factor=-1), 25, 1)
    assert search(bowl(0), 25, 2, warm_start=opposite).best_value < 0.5


def test_a_study_with_nothing_in_common_changes_nothing_for_the_worse() -> None:
    other = steep.create_study(sampler=steep.samplers.RandomSampler(1))
    other.optimize(lambda trial: trial.suggest_int("n", 1, 9), n_trials=5)
    assert search(bowl(0), 25, 2, warm_start=other).best_value < 0.5


def test_a_warm_started_study_is_resumed_and_replayed(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'study.db'}"
    coffee = search(bowl(0), 15, 1)
    search(bowl(0.1), 4, 2, study_name="tea", storage=url, warm_start=[coffee, coffee])
    tea = steep.load_study(study_name="tea", storage=url)
    tea.optimize(bowl(0.1), n_trials=3)
    replayed = tea.replay()
    assert replayed
    assert replayed.confirmed == 21
