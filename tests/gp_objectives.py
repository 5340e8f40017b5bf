"""Objectives for the tests of the GP sampler, and studies of them."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import steep
from steep.samplers import GPSampler


class Burnt(Exception):
    """What an objective fails with; anything else that is raised fails the test."""


def run(
    objective: Callable[[steep.Trial], float], n_trials: int, seed: int = 0, **options: Any
) -> steep.Study:
    sampler = GPSampler(seed=seed, n_startup_trials=5, **options)
    study = steep.create_study(sampler=sampler, study_name="tea")
    study.optimize(objective, n_trials=n_trials, catch=Burnt)
    return study


def bowl(trial: steep.Trial) -> float:
    x, y = (trial.suggest_float(name, -5, 5) for name in "xy")
    return (x - 1) ** 2 + (y + 2) ** 2


def mixed(trial: steep.Trial) -> float:
    x = trial.suggest_float("x", 1e-3, 1e3, log=True)
    n = trial.suggest_int("n", 0, 20)
    kind = trial.suggest_categorical("kind", "abcde")
    return math.log(x) ** 2 + (n - 13) ** 2 + 5 * (kind != "c")


def always_nan(trial: steep.Trial) -> float:
    mixed(trial)
    return math.nan


def wide(trial: steep.Trial) -> float:
    return sum(trial.suggest_float(f"x{i}", 0, 1) for i in range(150)) + sum(
        trial.suggest_int(f"n{i}", 0, 9) for i in range(50)
    )


def failing(trial: steep.Trial) -> float:
    value = mixed(trial)
    if trial.params["n"] > 10:
        raise Burnt
    return value
