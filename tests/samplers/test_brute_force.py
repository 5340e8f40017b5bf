"""Brute force: everything that an objective can ask for, once."""

from __future__ import annotations

import itertools
import math
import pickle
from collections import Counter
from typing import Any

import pytest
from differential.harness import attempt, differential
from hypothesis import given
from hypothesis import strategies as st

import steep
from steep.samplers import BruteForceSampler


def finite(trial: Any) -> float:
    """Return a sum over a conditional space of six points."""
    if trial.suggest_categorical("kind", ["grid", "pair"]) == "grid":
        return float(trial.suggest_float("x", 1, 2, step=0.5))
    a = trial.suggest_int("a", 1, 2)
    return float(a + trial.suggest_int("b", a, 2))


def points(study: Any) -> list[str]:
    """Return what was tried, without the order of the visits, which the seed decides."""
    return sorted(repr(sorted(trial.params.items())) for trial in study.trials)


def new_study(lib: Any, **options: Any) -> Any:
    return lib.create_study(sampler=lib.samplers.BruteForceSampler(seed=0, **options))


@differential
def test_everything_is_tried_once(lib: Any) -> Any:
    study = new_study(lib)
    study.optimize(finite)
    return points(study)


@differential
def test_another_run_adds_one_trial(lib: Any) -> Any:
    study = new_study(lib)
    counts = []
    for n_trials in (None, None, 3):
        study.optimize(finite, n_trials=n_trials)
        counts.append(len(study.trials))
    return counts


@differential
def test_a_continuous_range_is_refused(lib: Any) -> Any:
    return attempt(new_study(lib).optimize, lambda trial: trial.suggest_float("x", 0, 1))


@differential
@pytest.mark.parametrize("change", ["name", "range"])
def test_an_objective_that_changes_is_refused(lib: Any, change: str) -> Any:
    def objective(trial: Any) -> float:
        if change == "name":
            return float(trial.suggest_int(f"x{min(trial.number, 1)}", 0, 3))
        return float(trial.suggest_int("x", 0, 3 + trial.number))

    study = new_study(lib)
    return attempt(study.optimize, objective, n_trials=5), len(study.trials)


@differential
@pytest.mark.parametrize("number_that_fails", [0, 2])
def test_what_failed_is_not_tried_again(lib: Any, number_that_fails: int) -> Any:
    def objective(trial: Any) -> float:
        x = trial.suggest_int("x", 0, 2)
        if trial.number == number_that_fails:
            raise ValueError
        return float(x)

    study = new_study(lib)
    study.optimize(objective, catch=ValueError)
    return points(study), sorted(trial.state.name for trial in study.trials)


@differential
def test_enqueued_trials_are_completed(lib: Any) -> Any:
    study = new_study(lib)
    study.enqueue_trial({"kind": "pair", "a": 2})
    study.enqueue_trial({"x": 1.5, "kind": "grid"})
    study.optimize(finite)
    return points(study)


@differential
@pytest.mark.parametrize("avoid_premature_stop", [False, True])
def test_a_running_trial_is_waited_for_if_asked(lib: Any, avoid_premature_stop: bool) -> Any:
    study = new_study(lib, avoid_premature_stop=avoid_premature_stop)
    study.ask().suggest_int("x", 0, 1)
    study.optimize(
        lambda trial: trial.suggest_int("x", 0, 1) + trial.suggest_int("y", 0, 1), n_trials=12
    )
    return len(study.trials)


@differential
def test_parallel_asks_do_not_repeat(lib: Any) -> Any:
    study = new_study(lib)
    trials = [study.ask() for _ in range(4)]
    return sorted(trial.suggest_int("x", 0, 3) for trial in trials)


@differential
def test_telling_the_last_trial_by_hand_raises_but_is_recorded(lib: Any) -> Any:
    study = new_study(lib)
    ended = []
    for _ in range(3):
        trial = study.ask()
        trial.suggest_int("x", 0, 1)
        ended.append(type(attempt(study.tell, trial, 1.0)).__name__)
    return ended, [trial.state.name for trial in study.trials]


@differential
def test_an_interrupted_run_is_taken_up(lib: Any) -> Any:
    def objective(trial: Any) -> float:
        x = trial.suggest_int("x", 0, 3)
        if trial.number == 1:
            raise KeyboardInterrupt
        return float(x)

    study = new_study(lib)
    first = attempt(study.optimize, objective)
    study.optimize(objective)
    return first, points(study)


# What steep does better


def test_choices_may_be_nan() -> None:
    study = new_study(steep)
    study.optimize(lambda t: float(len(str(t.suggest_categorical("c", [math.nan, None, 1])))))
    assert sorted(repr(trial.params["c"]) for trial in study.trials) == ["1", "None", "nan"]


def test_a_single_value_needs_no_step() -> None:
    study = new_study(steep)
    study.optimize(lambda t: t.suggest_float("one", 1, 1) + t.suggest_int("x", 0, 2))
    assert len(study.trials) == 3


def test_a_trial_that_was_pruned_half_way_does_not_hide_the_rest() -> None:
    def objective(trial: steep.Trial) -> float:
        x = trial.suggest_int("x", 0, 1)
        if trial.number == 2:
            raise steep.TrialPruned
        return x + trial.suggest_int("y", 0, 2)

    study = new_study(steep)
    study.optimize(objective)
    complete = [trial.params for trial in study.trials if trial.state.name == "COMPLETE"]
    assert {(p["x"], p["y"]) for p in complete} == set(itertools.product(range(2), range(3)))


def test_an_enqueued_value_off_the_grid_explores_nothing() -> None:
    study = new_study(steep)
    study.enqueue_trial({"x": 77})
    with pytest.warns(UserWarning, match="77"):
        study.optimize(lambda t: t.suggest_int("x", 0, 2) + t.suggest_int("y", 0, 1))
    assert len(study.trials) == 7


def reordered(trial: steep.Trial) -> float:
    """Ask for a and b in an order that depends on c, and for a range that depends on the first."""
    if trial.suggest_int("c", 0, 1) == 0:
        a = trial.suggest_int("a", 0, 2)
        return a + trial.suggest_int("b", 0, a)
    b = trial.suggest_int("b", 1, 2)
    return b + trial.suggest_int("a", 0, b)


def test_the_order_of_the_questions_is_found_again_after_loading() -> None:
    expected = new_study(steep)
    expected.optimize(reordered)
    for n_trials in range(1, 11):
        study = new_study(steep)
        study.optimize(reordered, n_trials=n_trials)
        copy = pickle.loads(pickle.dumps(study))
        copy.optimize(reordered)
        assert points(copy) == points(expected)
    assert len(points(expected)) == 11


@pytest.mark.parametrize("n_jobs", [2, 4])
def test_threads_try_everything(n_jobs: int) -> None:
    study = new_study(steep)
    study.optimize(
        lambda t: t.suggest_int("x", 0, 4) + t.suggest_int("y", 0, 4) + t.suggest_int("z", 0, 1),
        n_jobs=n_jobs,
    )
    assert len(set(points(study))) == 50
    assert len(study.trials) < 50 + 3 * n_jobs


@given(widths=st.lists(st.integers(1, 3), min_size=1, max_size=4), seed=st.integers(0, 99))
def test_any_conditional_space_is_tried_once(widths: list[int], seed: int) -> None:
    def objective(trial: steep.Trial) -> float:
        total = 0
        for depth, width in enumerate(widths):
            value = trial.suggest_int(f"x{depth}_{total}", 0, width)
            total += value
            if value == width:
                break
        return total

    study = steep.create_study(sampler=BruteForceSampler(seed))
    study.optimize(objective)
    assert max(Counter(points(study)).values()) == 1
    assert len(study.trials) == _count_leaves(widths)


def _count_leaves(widths: list[int]) -> int:
    return 1 if not widths else 1 + widths[0] * _count_leaves(widths[1:])


def test_the_cost_of_a_trial_does_not_grow() -> None:
    study = new_study(steep)

    def objective(trial: steep.Trial) -> float:
        return sum(trial.suggest_int(f"x{i}", 0, 9) for i in range(4))

    study.optimize(objective, n_trials=400)
    calls = Counter[str]()
    table = study.table
    read = table.params_of
    table.params_of = lambda number: calls.update(["read"]) or read(number)
    study.optimize(objective, n_trials=20)
    assert calls["read"] < 20 * 4
