"""The Latin hypercube: each part of each parameter once, whatever parameters there are."""

from __future__ import annotations

import numpy as np
import pytest

import steep
from steep.samplers.latin import LatinHypercubeSampler

M = 8


def run(n: int, seed: int | None = 1) -> list[steep.trial.FrozenTrial]:
    def objective(trial: steep.Trial) -> float:
        x = trial.suggest_float("x", 1e-4, 1e4, log=True)
        kind = trial.suggest_categorical("kind", ["a", "b", "c", "d"])
        return x + (trial.suggest_int("late", 1, 80) if trial.number >= M else 0) + len(kind)

    study = steep.create_study(sampler=LatinHypercubeSampler(M, seed), study_name="tea")
    study.optimize(objective, n_trials=n)
    return study.trials


@pytest.mark.parametrize("seed", [1, 2, None])
def test_each_part_of_each_parameter_is_taken_once_in_each_cube(seed: int | None) -> None:
    trials = run(2 * M, seed)
    for cube in (trials[:M], trials[M:]):
        x = [(np.log10(trial.params["x"]) + 4) / 8 for trial in cube]
        assert sorted(np.floor(M * np.array(x))) == list(range(M))
        assert sorted(trial.params["kind"] for trial in cube) == sorted("abcd" * 2)
    late = np.array([trial.params["late"] for trial in trials[M:]])
    assert sorted((late - 1) // 10) == list(range(M))


def test_parameters_are_permuted_independently() -> None:
    first, second = run(2 * M)[:M], run(2 * M)[M:]
    places = [[np.argsort([trial.params["x"] for trial in cube])] for cube in (first, second)]
    kinds = [trial.params["kind"] for trial in first]
    assert not np.array_equal(*places)
    assert kinds != [trial.params["kind"] for trial in sorted(first, key=lambda t: t.params["x"])]


def test_the_seed_and_the_number_of_the_trial_decide() -> None:
    assert [t.params for t in run(12)] == [t.params for t in run(12)]
    assert run(1, 1)[0].params != run(1, 2)[0].params


@pytest.mark.parametrize(("n_objectives", "share"), [(1, 0.25), (2, 1.0)])
def test_of_continuous_ranges_alone_it_takes_the_middle(n_objectives: int, share: float) -> None:
    def objective(trial: steep.Trial) -> list[float]:
        trial.suggest_float("x", 1e-4, 1e4, log=True)
        trial.suggest_float("step", 0, M - 1, step=1)
        trial.suggest_int("n", 0, M - 1)
        return [0.0] * n_objectives

    sampler = LatinHypercubeSampler(M, seed=1, share=0.25)
    study = steep.create_study(directions=["minimize"] * n_objectives, sampler=sampler)
    study.optimize(objective, n_trials=M)
    x = np.log10([trial.params["x"] for trial in study.trials]) / 8 / share
    assert sorted(np.floor(M * (x + 0.5))) == list(range(M))
    for name in ("step", "n"):
        assert sorted(trial.params[name] for trial in study.trials) == list(range(M))
