"""The best trial once noise is averaged out."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

import steep


def noisy(seed: int, n: int, direction: str = "minimize") -> steep.Study:
    """Make a study of noisy values, whose true best is at x = 1 in branch "b"."""
    rng = np.random.default_rng(seed)
    sign = 1 if direction == "minimize" else -1

    def objective(trial: steep.Trial) -> float:
        x = trial.suggest_float("x", -5, 5)
        kind = trial.suggest_categorical("kind", "ab")
        return float(sign * ((x - 1) ** 2 + (kind == "a") + 3 * rng.standard_normal()))

    sampler = steep.samplers.RandomSampler(seed=seed)
    study = steep.create_study(sampler=sampler, direction=direction)
    study.optimize(objective, n_trials=n)
    return study


def truth(trial: steep.trial.FrozenTrial) -> float:
    return float((trial.params["x"] - 1) ** 2 + (trial.params["kind"] == "a"))


@pytest.mark.parametrize("direction", ["minimize", "maximize"])
def test_it_is_less_deceived_by_luck_than_the_best_value(direction: str) -> None:
    studies = [noisy(seed, 100, direction) for seed in range(6)]
    robust = np.mean([truth(study.robust_best()) for study in studies])
    assert robust < 0.7 * np.mean([truth(study.best_trial) for study in studies])


def test_it_is_a_trial_of_the_study_with_its_own_value() -> None:
    study = noisy(0, 12)
    found = study.robust_best()
    assert found == study.trials[found.number]


def test_it_violates_no_constraint() -> None:
    def objective(trial: steep.Trial) -> float:
        x = trial.suggest_float("x", -5, 5)
        trial.set_constraint("positive", -x)
        return x

    study = steep.create_study(sampler=steep.samplers.RandomSampler(seed=0))
    study.optimize(objective, n_trials=20)
    assert study.robust_best().params["x"] >= 0


def test_where_trials_do_not_differ_it_is_the_best_one() -> None:
    study = steep.create_study()
    for value in (2.0, 1.0, 3.0):
        study.tell(study.ask(), value)
    assert study.robust_best() == study.best_trial


def test_it_does_not_change_what_the_sampler_proposes() -> None:
    def proposed(*, looks: bool) -> list[dict[str, float]]:
        sampler = steep.samplers.GPSampler(seed=0, n_startup_trials=5)
        study = steep.create_study(sampler=sampler, study_name="tea")
        for _ in range(12):
            study.optimize(lambda trial: trial.suggest_float("x", -5, 5) ** 2, n_trials=1)
            if looks:
                study.robust_best()
        return [trial.params for trial in study.trials]

    assert proposed(looks=True) == proposed(looks=False)


def test_no_one_else_loads_the_gaussian_process() -> None:
    program = (
        "import sys, steep.study.best, steep.study.reading; "
        "print('steep.samplers.gp.book' in sys.modules)"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == "False"
