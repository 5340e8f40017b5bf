"""trial.require: nothing is evaluated that does not meet it, and no trial is spent on drawing."""

from __future__ import annotations

import contextlib
import sqlite3
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats

import steep
from steep.exceptions import TrialPruned, TrialRejected
from steep.samplers import (
    AutoSampler,
    BruteForceSampler,
    CmaEsSampler,
    GPSampler,
    GridSampler,
    NSGAIISampler,
    PartialFixedSampler,
    QMCSampler,
    RandomSampler,
    TPESampler,
)
from steep.trial import FixedTrial, TrialState
from steep.trial.redraws import MOST_DRAWS, REDRAWS, Rejections

SAMPLERS: dict[str, Any] = {
    "random": lambda: RandomSampler(seed=1),
    "tpe": lambda: TPESampler(seed=1, n_startup_trials=4),
    "univariate": lambda: TPESampler(seed=1, n_startup_trials=4, multivariate=False),
    "group": lambda: TPESampler(seed=1, n_startup_trials=4, group=True),
    "gp": lambda: GPSampler(seed=1, n_startup_trials=4),
    "auto": lambda: AutoSampler(seed=1),
    "cma": lambda: CmaEsSampler(seed=1, n_startup_trials=2),
    "nsga": lambda: NSGAIISampler(seed=1, population_size=5),
    "qmc": lambda: QMCSampler(seed=1, warn_independent_sampling=False),
}


def objective(trial: Any) -> float:
    a = trial.suggest_float("a", 0, 1)
    b = trial.suggest_int("b", 0, 9)
    kind = trial.suggest_categorical("kind", ["x", "y", "z"])
    trial.require(10 * a < b and kind != "z")
    return abs(10 * a - b) + (kind == "y")  # the best points lie on the edge


def is_met(params: dict[str, Any]) -> bool:
    return 10 * params["a"] < params["b"] and params["kind"] != "z"


@pytest.mark.parametrize("name", SAMPLERS)
def test_with_every_sampler_all_that_is_evaluated_meets_it(name: str) -> None:
    study = steep.create_study(sampler=SAMPLERS[name]())
    study.optimize(objective, n_trials=16)
    assert {trial.state for trial in study.trials} == {TrialState.COMPLETE}
    assert [trial.number for trial in study.trials] == list(range(16))
    assert all(is_met(trial.params) for trial in study.trials)
    assert any(trial.system_attrs.get(REDRAWS) for trial in study.trials)


def test_random_values_stay_uniform_where_it_is_met() -> None:
    def upper(trial: steep.Trial) -> float:
        x, y = trial.suggest_float("x", 0, 1), trial.suggest_float("y", 0, 1)
        trial.require(x < y)
        return 0.0

    study = steep.create_study(sampler=RandomSampler(seed=1))
    study.optimize(upper, n_trials=1500)
    y = np.array([trial.params["y"] for trial in study.trials])
    x = np.array([trial.params["x"] for trial in study.trials])
    assert stats.kstest(y**2, "uniform").pvalue > 1e-3
    assert stats.kstest(x / y, "uniform").pvalue > 1e-3


@pytest.mark.parametrize("name", ["random", "tpe", "univariate"])
def test_the_same_seed_gives_the_same_values_wherever_the_study_is_kept(
    name: str, tmp_path: Path
) -> None:
    found = []
    for storage in (None, str(tmp_path / "study.log"), str(tmp_path / "study.db")):
        study = steep.create_study(study_name="tea", storage=storage, sampler=SAMPLERS[name]())
        study.optimize(objective, n_trials=15)
        found.append([trial.params for trial in study.trials])
    assert found[0] == found[1] == found[2]


@pytest.mark.parametrize("name", ["random", "tpe", "univariate", "group", "gp", "auto"])
def test_a_kept_study_is_replayed(name: str, tmp_path: Path) -> None:
    url = str(tmp_path / "study.log")
    study = steep.create_study(study_name="tea", storage=url, sampler=SAMPLERS[name]())
    study.optimize(objective, n_trials=14)
    assert any(trial.system_attrs.get(REDRAWS) for trial in study.trials)
    replayed = steep.load_study(study_name="tea", storage=url).replay()
    assert replayed
    assert replayed.confirmed >= 6  # moved values are not the sampler's


@pytest.mark.parametrize("storage", [None, "study.log", "study.db"])
def test_nothing_is_left_of_a_draw_that_was_written_already(
    storage: str | None, tmp_path: Path
) -> None:
    url = None if storage is None else str(tmp_path / storage)
    shown = []

    def conditional(trial: steep.Trial) -> float:
        if trial.redraws == 0:
            trial.suggest_float("gone", 0, 1)
        trial.suggest_float("x", 0, 1)
        shown.append(study.trials[-1].params)  # this writes what was suggested so far
        trial.require(trial.redraws > 1)
        return 0.0

    study = steep.create_study(study_name="tea", storage=url, sampler=RandomSampler(seed=1))
    study.optimize(conditional, n_trials=2)
    assert [list(params) for params in shown] == 2 * [["gone", "x"], ["x"], ["x"]]
    assert len({params["x"] for params in shown}) == 6
    assert [list(trial.params) for trial in study.trials] == [["x"], ["x"]]
    if url is not None:
        again = steep.load_study(study_name="tea", storage=url)
        assert again.trials == study.trials
        assert again.replay().confirmed == 6 + 2  # with what was rejected
    if storage == "study.db":
        with contextlib.closing(sqlite3.connect(tmp_path / "study.db")) as database:
            names = database.execute("SELECT number, name FROM steep_param ORDER BY number")
            assert names.fetchall() == [(0, "x"), (1, "x")]


def test_what_is_never_met_ends_as_pruned_with_a_reason(
    caplog: pytest.LogCaptureFixture,
) -> None:
    calls = Counter[int]()

    def never(trial: steep.Trial) -> float:
        calls[trial.number] += 1
        trial.suggest_float("x", 0, 1)
        trial.require(False)
        raise AssertionError("it was evaluated")

    study = steep.create_study(sampler=TPESampler(seed=1))
    study.optimize(never, n_trials=2)
    assert calls == {0: MOST_DRAWS, 1: MOST_DRAWS}
    assert [trial.state for trial in study.trials] == [TrialState.PRUNED] * 2
    assert "was not met by 100 draws" in caplog.text


def test_given_values_are_kept_and_the_others_drawn_again() -> None:
    study = steep.create_study(sampler=RandomSampler(seed=1))
    for _ in range(5):
        study.enqueue_trial({"b": 3})
    study.optimize(objective, n_trials=5)
    assert all(trial.params["b"] == 3 and trial.params["a"] < 0.3 for trial in study.trials)


def test_a_given_value_of_an_endless_range_does_no_harm() -> None:
    def endless(trial: steep.Trial) -> float:
        trial.suggest_float("x", 0, float("inf"))
        y = trial.suggest_float("y", 0, 1)
        trial.require(trial.redraws >= 12 and y >= 0)
        return y

    study = steep.create_study(sampler=RandomSampler(seed=1))
    for _ in range(3):
        study.enqueue_trial({"x": 5.0})
    study.optimize(endless, n_trials=3)
    assert [trial.params["x"] for trial in study.trials] == [5.0] * 3


def test_given_values_that_break_it_end_as_pruned_at_once() -> None:
    study = steep.create_study(sampler=RandomSampler(seed=1))
    study.enqueue_trial({"a": 0.9, "b": 3, "kind": "x"})
    study.optimize(objective, n_trials=2)
    assert [trial.state for trial in study.trials] == [TrialState.PRUNED, TrialState.COMPLETE]
    assert study.trials[0].params["a"] == 0.9


def test_samplers_that_try_each_point_once_leave_points_out() -> None:
    def product(trial: steep.Trial) -> float:
        x, y = trial.suggest_int("x", 0, 2), trial.suggest_int("y", 0, 2)
        trial.require(x < y)
        return x * y

    for sampler in (BruteForceSampler(seed=1), GridSampler({"x": [0, 1, 2], "y": [0, 1, 2]})):
        study = steep.create_study(sampler=sampler)
        study.optimize(product, n_trials=20)
        states = Counter(trial.state for trial in study.trials)
        assert states == {TrialState.COMPLETE: 3, TrialState.PRUNED: 6}


def test_fixed_parameters_of_a_sampler_stay_fixed() -> None:
    sampler = PartialFixedSampler({"b": 2}, QMCSampler(seed=1, warn_independent_sampling=False))
    study = steep.create_study(sampler=sampler)
    study.optimize(objective, n_trials=10)
    assert all(trial.params["b"] == 2 and is_met(trial.params) for trial in study.trials)


def test_subsets_are_drawn_again_too() -> None:
    def no_pair(trial: steep.Trial) -> float:
        items = trial.suggest_subset("items", "abcd", 2, 3)
        trial.require(not {"a", "b"} <= set(items))
        return 0.0

    study = steep.create_study(sampler=RandomSampler(seed=1))
    study.optimize(no_pair, n_trials=20)
    for trial in study.trials:
        assert not {"a", "b"} <= set(trial.suggest_subset("items", "abcd", 2, 3))


# ---- by hand -------------------------------------------------------------------------------------


def test_after_ask_one_suggests_again() -> None:
    study = steep.create_study(sampler=RandomSampler(seed=1))
    for _ in range(10):
        trial = study.ask()
        while True:
            try:
                value = objective(trial)
                break
            except TrialRejected:
                assert trial.params == {}
        study.tell(trial, value)
    looped = steep.create_study(sampler=RandomSampler(seed=1))
    looped.optimize(objective, n_trials=10)
    assert [trial.params for trial in study.trials] == [trial.params for trial in looped.trials]


def test_what_was_handed_to_ask_is_drawn_again_at_once() -> None:
    x = steep.distributions.FloatDistribution(0, 1)
    study = steep.create_study(sampler=RandomSampler(seed=1))
    for _ in range(5):
        trial = study.ask({"x": x, "y": x})
        while trial.params["x"] > trial.params["y"]:
            with pytest.raises(TrialRejected):
                trial.require(False)
        study.tell(trial, 0.0)
    assert all(trial.params["x"] <= trial.params["y"] for trial in study.trials)


def test_who_does_not_catch_it_may_tell_the_trial_as_pruned() -> None:
    study = steep.create_study()
    trial = study.ask()
    trial.suggest_float("x", 0, 1)
    with pytest.raises(TrialPruned):
        trial.require(False)
    study.tell(trial, state=TrialState.PRUNED)
    assert study.trials[0].state == TrialState.PRUNED


def test_records_refuse_what_does_not_meet_it() -> None:
    good, bad = {"a": 0.1, "b": 3, "kind": "x"}, {"a": 0.5, "b": 3, "kind": "x"}
    assert objective(FixedTrial(good)) == pytest.approx(2)
    with pytest.raises(TrialRejected, match="not met by the values of this FixedTrial"):
        objective(FixedTrial(bad))
    study = steep.create_study()
    study.optimize(objective, n_trials=1)
    assert objective(study.trials[0]) == study.trials[0].value


def test_it_comes_before_the_first_report() -> None:
    study = steep.create_study()
    trial = study.ask()
    trial.suggest_float("x", 0, 1)
    trial.report(1.0, 0)
    trial.require(True)
    with pytest.raises(RuntimeError, match="before anything is evaluated"):
        trial.require(False)


def test_a_rejection_of_another_trial_does_not_run_this_one_again() -> None:
    def foreign(trial: steep.Trial) -> float:
        objective(FixedTrial({"a": 0.5, "b": 3, "kind": "x"}))
        return 0.0

    study = steep.create_study()
    study.optimize(foreign, n_trials=1)
    assert study.trials[0].state == TrialState.PRUNED


def test_an_objective_elsewhere_is_called_again_too() -> None:
    found = []
    for options in ({}, {"executor": "process"}):
        study = steep.create_study(sampler=RandomSampler(seed=1))
        study.optimize(objective, n_trials=4, **options)  # type: ignore[arg-type]
        found.append([trial.params for trial in study.trials])
    assert found[0] == found[1]


X = steep.distributions.FloatDistribution(0, 1)


def moved(study: steep.Study, redraws: int) -> list[float]:
    """Move the rejected value 0.9 of many trials again and again, and give where they are."""
    found = []
    for number in range(100):
        rejections = Rejections(number, 0)
        for _ in range(redraws):
            rejections.add({"x": (0.9, X)}, study.table)
        found.append(rejections.value("x", X))
    return found


def test_values_move_towards_a_trial_that_met_it() -> None:
    study = steep.create_study()
    study.add_trial(steep.create_trial(value=0, params={"x": 0.1}, distributions={"x": X}))
    for redraws, wanted in ((2, 0.5), (3, 0.3), (9, 0.1)):
        assert np.mean(moved(study, redraws)) == pytest.approx(wanted, abs=0.02)


def test_values_move_further_and_further_away_from_it() -> None:
    study = steep.create_study()
    study.add_trial(steep.create_trial(value=0, params={"x": 0.5}, distributions={"x": X}))
    spread = [np.std(moved(study, redraws)) for redraws in (12, 60, 98)]
    assert spread[0] < 0.05 < spread[1] < spread[2]


def test_a_sampler_that_repeats_itself_gives_way_to_uniform_values() -> None:
    values = moved(steep.create_study(), 2)
    assert stats.kstest(values, "uniform").pvalue > 1e-3


def test_an_explanation_says_that_a_trial_was_drawn_again() -> None:
    def picky(trial: steep.Trial) -> float:
        trial.suggest_float("x", 0, 1)
        trial.require(trial.redraws == 2)
        return 0.0

    study = steep.create_study(sampler=RandomSampler(seed=1))
    study.optimize(picky, n_trials=1)
    assert "drawn again 2 times" in str(study.explain(0))
