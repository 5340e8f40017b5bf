"""``ask(n=...)``: several trials, each of which knows of the others."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import steep
from steep.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
from steep.trial import TrialState

FLOATS: dict[str, Any] = {"x": FloatDistribution(-1, 1), "y": FloatDistribution(-1, 1)}
FINITE: dict[str, Any] = {
    "k": IntDistribution(1, 3),
    "c": CategoricalDistribution(["a", "b"]),
    "s": FloatDistribution(0, 0.5, step=0.5),
}
SAMPLERS: dict[str, Any] = {
    "random": lambda: steep.samplers.RandomSampler(seed=1),
    "TPE": lambda: steep.samplers.TPESampler(seed=1, n_startup_trials=4),
    "TPE one by one": lambda: steep.samplers.TPESampler(seed=1, multivariate=False),
    "GP": lambda: steep.samplers.GPSampler(seed=1, n_startup_trials=4),
    "QMC": lambda: steep.samplers.QMCSampler(seed=1),
    "CMA-ES": lambda: steep.samplers.CmaEsSampler(seed=1),
    "NSGA-II": lambda: steep.samplers.NSGAIISampler(seed=1),
    "auto": lambda: steep.samplers.AutoSampler(seed=1),
}
every_sampler = pytest.mark.parametrize("make", SAMPLERS.values(), ids=SAMPLERS)


@pytest.fixture(autouse=True)
def _logs_propagate() -> Iterator[None]:
    before = steep.logging.get_verbosity()
    steep.logging.set_verbosity(steep.logging.INFO)
    steep.logging.enable_propagation()
    yield
    steep.logging.disable_propagation()
    steep.logging.set_verbosity(before)


def points(trials: Any) -> list[tuple[Any, ...]]:
    return [tuple(sorted(trial.params.items())) for trial in trials]


def value(trial: Any) -> float:
    return float(trial.params["k"] + trial.params["s"] + (trial.params["c"] == "a"))


@every_sampler
def test_trials_of_one_call_are_at_different_points(make: Any) -> None:
    study = steep.create_study(sampler=make())
    for _ in range(3):
        trials = study.ask(FLOATS, n=8)
        assert len(set(points(trials))) == 8
        for trial in trials:
            study.tell(trial, trial.params["x"] ** 2 + trial.params["y"] ** 2)
    assert [t.number for t in study.trials] == list(range(24))


@every_sampler
def test_a_finite_space_is_used_up_before_a_point_is_repeated(
    make: Any, caplog: pytest.LogCaptureFixture
) -> None:
    study = steep.create_study(sampler=make())
    for _ in range(3):
        for trial in study.ask(FINITE, n=4):
            study.tell(trial, value(trial))
    assert len(set(points(study.trials))) == 3 * 2 * 2
    with caplog.at_level(logging.WARNING):
        assert len(study.ask(FINITE, n=2)) == 2
    assert "2 of the trials repeat points of others" in caplog.text


def test_points_that_the_user_has_limited_stay_as_they_are() -> None:
    study = steep.create_study(sampler=steep.samplers.RandomSampler(seed=1))
    study.sampler = steep.samplers.PartialFixedSampler({"k": 2}, study.sampler)
    asked = study.ask(FINITE, n=4)
    assert {trial.params["k"] for trial in asked} == {2}
    assert len(set(points(asked))) == 4
    grid = steep.create_study(sampler=steep.samplers.GridSampler({"k": [1, 3]}, seed=1))
    trials = grid.ask({"k": IntDistribution(1, 3)}, n=4)
    assert {trial.params["k"] for trial in trials} == {1, 3}


@pytest.mark.parametrize("storage", [None, "sqlite:///:memory:"])
def test_what_is_recorded_is_what_the_trials_say(storage: str | None) -> None:
    study = steep.create_study(sampler=steep.samplers.RandomSampler(seed=1), storage=storage)
    trials = study.ask(FINITE, n=12)
    told = [study.tell(trial, 0.0).params for trial in trials]
    assert told == [trial.params for trial in trials] == [t.params for t in study.trials]
    assert storage is None or study.replay()


def test_without_distributions_the_parameters_of_all_trials_are_suggested() -> None:
    def objective(trial: Any) -> float:
        if trial.suggest_categorical("c", ["a", "b"]) == "a":
            return float(trial.suggest_float("x", 0, 1))
        return float(trial.suggest_float("y", 0, 1))

    study = steep.create_study(sampler=steep.samplers.TPESampler(seed=1))
    assert [trial.params for trial in study.ask(n=2)] == [{}, {}]
    study.optimize(objective, n_trials=20)
    for trial in study.ask(n=3):
        assert list(trial.params) == ["c"]
        study.tell(trial, objective(trial))


def test_enqueued_trials_keep_their_parameters() -> None:
    study = steep.create_study(sampler=steep.samplers.RandomSampler(seed=1))
    for _ in range(2):
        study.enqueue_trial({"k": 2, "c": "b", "s": 0.5})
    trials = study.ask(FINITE, n=3)
    assert points(trials[:1]) == points(trials[1:2])
    assert points(trials[2:]) != points(trials[:1])


@pytest.mark.parametrize("n", [0, -1])
def test_fewer_than_one_trial_are_refused(n: int) -> None:
    with pytest.raises(ValueError, match=rf"Study.ask\(n={n}\)"):
        steep.create_study().ask(n=n)


def distances(sampler: Any, n_before: int) -> Any:
    """Give the distances between eight points that are asked for at once."""
    study = steep.create_study(sampler=sampler)
    for _ in range(n_before):
        trial = study.ask(FLOATS)
        x, y = trial.params["x"], trial.params["y"]
        study.tell(trial, x**2 + y**2 + 0.3 * np.sin(9 * x) * np.cos(7 * y))
    asked = np.array([[t.params["x"], t.params["y"]] for t in study.ask(FLOATS, n=8)])
    return np.linalg.norm(asked[:, None] - asked[None], axis=2)[np.triu_indices(8, 1)]


def test_running_trials_count_for_tpe() -> None:
    def mean(lies: bool) -> float:
        samplers = [steep.samplers.TPESampler(seed=i, constant_liar=lies) for i in range(30)]
        return float(np.mean([distances(sampler, 12) for sampler in samplers]))

    assert mean(lies=True) > 1.3 * mean(lies=False)


def test_running_trials_count_for_the_gaussian_process() -> None:
    assert distances(steep.samplers.GPSampler(seed=1), 8).min() > 0.1


def test_the_asked_are_running_and_may_be_told_in_any_order() -> None:
    study = steep.create_study()
    trials = study.ask(FLOATS, n=3)
    assert [t.state for t in study.trials] == [TrialState.RUNNING] * 3
    for trial in reversed(trials):
        study.tell(trial, float(trial.number))
    assert study.best_trial.number == 0


@pytest.mark.parametrize(
    ("sampler", "said"),
    [
        (lambda: steep.samplers.GridSampler({"k": [1, 2, 3]}), "All points of the grid"),
        (steep.samplers.BruteForceSampler, "Every combination of values"),
    ],
)
def test_an_exhausted_space_ends_the_study_and_says_so(
    sampler: Any, said: str, caplog: pytest.LogCaptureFixture
) -> None:
    study = steep.create_study(sampler=sampler())
    with caplog.at_level(logging.INFO):
        study.optimize(lambda trial: float(trial.suggest_int("k", 1, 3)), n_trials=50)
    assert sorted(t.value for t in study.trials) == [1, 2, 3]
    assert said in caplog.text
    assert "the study stops" in caplog.text
