"""Quasi-random sampling: the points of a sequence, one a trial."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest
from differential.harness import attempt, attempt_each, differential
from scipy.stats import qmc

import steep
from steep.samplers import QMCSampler, RandomSampler


def every_kind(trial: Any) -> float:
    """Return a sum over each kind of parameter."""
    total = trial.suggest_float("x", 0, 1) + trial.suggest_int("y", 0, 3)
    total += trial.suggest_float("one", 1, 1) + trial.suggest_float("s", 0, 1, step=0.25)
    total += len(str(trial.suggest_categorical("c", ["a", None, 1])))
    return float(
        total + trial.suggest_float("l", 1, 99, log=True) + trial.suggest_int("il", 1, 99, log=True)
    )


def rounded(trials: Any) -> Any:
    """Return the parameters, less the last digits of logarithms."""
    return [
        {name: round(v, 9) if isinstance(v, float) else v for name, v in trial.params.items()}
        for trial in trials
    ]


@differential
@pytest.mark.parametrize("qmc_type", ["sobol", "halton"])
@pytest.mark.parametrize("scramble", [False, True])
def test_the_points_are_those_of_optuna(lib: Any, qmc_type: str, scramble: bool) -> Any:
    sampler = lib.samplers.QMCSampler(qmc_type=qmc_type, scramble=scramble, seed=3)
    study = lib.create_study(sampler=sampler)
    study.optimize(every_kind, n_trials=12)
    return rounded(study.trials[1:])


@differential
def test_the_sequence_starts_after_the_trials_of_another_sampler(lib: Any) -> Any:
    study = lib.create_study(sampler=lib.samplers.RandomSampler(seed=0))
    study.optimize(every_kind, n_trials=5)
    study.sampler = lib.samplers.QMCSampler()
    study.optimize(every_kind, n_trials=3)
    return rounded(study.trials[5:])


def failing_first(trial: Any) -> float:
    """Fail in the first trial, before it suggests the second parameter."""
    x = trial.suggest_float("x", 0, 1)
    if trial.number == 0:
        raise ValueError
    return float(x + trial.suggest_float("y", 0, 1))


def growing(trial: Any) -> float:
    """Suggest a second parameter from the third trial on, and widen the first."""
    x = trial.suggest_float("x", 0, 1 + trial.number)
    return float(x + (trial.suggest_float("z", 0, 1) if trial.number > 1 else 0))


@differential
@pytest.mark.parametrize("objective", [failing_first, growing])
def test_the_first_trial_that_did_not_fail_gives_the_space(lib: Any, objective: Any) -> Any:
    study = lib.create_study(sampler=lib.samplers.QMCSampler())
    study.optimize(objective, n_trials=4, catch=ValueError)
    return [trial.params["x"] for trial in study.trials[2:]]


@differential
def test_the_constructor_takes_what_optuna_takes(lib: Any) -> Any:
    build = lib.samplers.QMCSampler
    cases = [
        {"qmc_type": "foo"},
        {"qmc_type": "halton"},
        {"scramble": True, "seed": 1},
        {"scramble": True, "warn_asynchronous_seeding": False},
    ]
    positional = attempt(build, "sobol")
    return attempt_each(lambda options: build(**options) and True, cases), positional


@pytest.mark.parametrize("warn", [True, False])
def test_a_parameter_outside_the_sequence_is_logged(
    warn: bool, caplog: pytest.LogCaptureFixture
) -> None:
    study = steep.create_study(sampler=QMCSampler(warn_independent_sampling=warn))
    study.optimize(growing, n_trials=4)
    warned = [r.message for r in caplog.records if r.levelname == "WARNING"]
    assert [message[:31] for message in warned] == [
        "The parameter 'z' of trial 2 is",
        "The parameter 'z' of trial 3 is",
    ] * warn


@pytest.mark.parametrize("options", [{}, {"seed": 1}, {"warn_asynchronous_seeding": False}])
def test_scrambling_without_a_seed_is_logged(
    options: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    QMCSampler(scramble=True, **options)
    assert [r.levelname for r in caplog.records] == ["WARNING"] * (not options)


def five(trial: steep.Trial) -> float:
    return sum(trial.suggest_float(f"x{i}", 0, 1) for i in range(5))


def cube(study: steep.Study, first: int) -> np.ndarray[Any, Any]:
    return np.array([[t.params[f"x{i}"] for i in range(5)] for t in study.trials[first:]])


@pytest.mark.parametrize("qmc_type", ["sobol", "halton"])
def test_the_points_cover_the_cube_better_than_random_ones(qmc_type: str) -> None:
    even = steep.create_study(sampler=QMCSampler(qmc_type=qmc_type, seed=0))
    even.optimize(five, n_trials=129)
    loose = steep.create_study(sampler=RandomSampler(seed=0))
    loose.optimize(five, n_trials=129)
    assert 2 * qmc.discrepancy(cube(even, 1)) < qmc.discrepancy(cube(loose, 1))


def test_blocks_of_points_join_to_one_sequence() -> None:
    study = steep.create_study(sampler=QMCSampler(scramble=True, seed=5))
    study.optimize(five, n_trials=601)
    expected = qmc.Sobol(5, scramble=True, seed=5).random(1024)[:600]
    np.testing.assert_array_equal(cube(study, 1), expected)


def test_parallel_trials_share_the_sequence() -> None:
    storage = steep.storages.InMemoryStorage()
    workers = [
        steep.create_study(
            sampler=QMCSampler(seed=1), storage=storage, study_name="tea", load_if_exists=True
        )
        for _ in range(3)
    ]
    workers[0].optimize(five, n_trials=1)
    order = random.Random(0)
    trials = [order.choice(workers).ask() for _ in range(32)]
    for trial in sorted(trials, key=lambda t: order.random()):
        five(trial)
    np.testing.assert_array_equal(cube(workers[0], 1), qmc.Sobol(5, scramble=False).random(32))


def test_trials_beside_a_first_one_that_still_runs_use_what_it_has() -> None:
    study = steep.create_study(sampler=QMCSampler(warn_independent_sampling=False))
    first, second, third = (study.ask() for _ in range(3))
    first.suggest_float("x0", 0, 1)
    assert second.suggest_float("x0", 0, 1) == 0.0
    first.suggest_float("x1", 0, 1)
    assert (third.suggest_float("x0", 0, 1), third.suggest_float("x1", 0, 1)) == (0.5, 0.5)


def test_the_independent_sampler_hears_of_every_trial() -> None:
    heard: list[str] = []

    class Listening(RandomSampler):
        def before_trial(self, study: Any, trial: Any) -> None:
            heard.append(f"before {trial.number}")

        def after_trial(self, study: Any, trial: Any, state: Any, values: Any) -> None:
            heard.append(f"after {trial.number} {state.name} {values}")

        def reseed_rng(self) -> None:
            heard.append("reseed")

    sampler = QMCSampler(independent_sampler=Listening(0))
    study = steep.create_study(sampler=sampler)
    study.optimize(lambda t: t.suggest_int("x", 1, 1), n_trials=2)
    sampler.reseed_rng()
    trials = [call for n in (0, 1) for call in (f"before {n}", f"after {n} COMPLETE [1.0]")]
    assert heard == [*trials, "reseed"]
