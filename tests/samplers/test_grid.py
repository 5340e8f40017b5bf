"""The grid sampler: every point once, then stop."""

from __future__ import annotations

import json
import math
import random
from typing import Any

import pytest
from differential.harness import attempt, attempt_each, differential

import steep
from steep.samplers import GridSampler

NAN = math.nan
GRID: dict[str, Any] = {"x": [1, 2.5], "y": [0, 3]}


def plane(trial: Any) -> float:
    """Return a sum over a float and an int."""
    return float(trial.suggest_float("x", 0, 10) + trial.suggest_int("y", 0, 5))


def points(study: Any) -> list[Any]:
    """Return what was tried, without the order of the visits, which the seed decides."""
    return sorted(
        (trial.state.name, repr(sorted(trial.params.items(), key=repr))) for trial in study.trials
    )


def run(lib: Any, grid: Any, objective: Any = plane, **options: Any) -> Any:
    """Return how `optimize` ends and what was tried."""
    study = lib.create_study(sampler=lib.samplers.GridSampler(grid, seed=1))
    return attempt(study.optimize, objective, **options), points(study)


@differential
def test_the_constructor_takes_what_optuna_takes(lib: Any) -> Any:
    grids = [GRID, {"x": [NAN, None, True, "a"]}, {"x": [1, (2,)]}, {"x": (1, 2)}, {"x": "abc"}]
    grids += [{}, {"x": []}, {"x": 1}]
    built = attempt_each(lambda grid: lib.samplers.GridSampler(grid) and True, grids)
    return built, str(lib.samplers.GridSampler(GRID))


@differential
@pytest.mark.parametrize(
    "grid",
    [GRID, {"x": [1, 20], "y": [0]}, {"x": [1], "y": [1.5]}, {**GRID, "unused": [1, 2]}, {}],
    ids=repr,
)
def test_each_point_is_tried_once(lib: Any, grid: Any) -> Any:
    return run(lib, grid)


@differential
@pytest.mark.parametrize("choices", [["a", None], [NAN, 1], [True, False]], ids=repr)
def test_choices_are_tried_too(lib: Any, choices: Any) -> Any:
    def objective(trial: Any) -> float:
        return float(len(str(trial.suggest_categorical("c", choices))))

    return run(lib, {"c": choices}, objective)


@differential
@pytest.mark.parametrize("grid", [{"x": [1]}, {"x": [1], "y": []}, {"x": ["a"]}], ids=repr)
def test_a_grid_that_does_not_fit_is_an_error(lib: Any, grid: Any) -> Any:
    study = lib.create_study(sampler=lib.samplers.GridSampler(grid))
    return attempt(study.optimize, plane)


@differential
def test_pruned_and_failed_trials_count(lib: Any) -> Any:
    def objective(trial: Any) -> float:
        plane(trial)
        if trial.number == 0:
            raise lib.TrialPruned
        if trial.number == 1:
            raise ValueError
        return 1.0

    ended, tried = run(lib, GRID, objective, catch=ValueError)
    return ended, sorted(params for _, params in tried), sorted(state for state, _ in tried)


@differential
@pytest.mark.parametrize("n_trials", [None, 3])
def test_another_run_visits_one_point_more(lib: Any, n_trials: int | None) -> Any:
    study = lib.create_study(sampler=lib.samplers.GridSampler(GRID))
    counts = []
    for _ in range(3):
        study.optimize(plane, n_trials=n_trials)
        counts.append((len(study.trials), study.sampler.is_exhausted(study)))
    return counts


@differential
@pytest.mark.parametrize("params", [{}, {"x": 1}, {"x": 1, "y": 3}, {"x": 7, "y": 4}], ids=repr)
def test_an_enqueued_trial_must_be_complete_and_visits_no_point(lib: Any, params: Any) -> Any:
    study = lib.create_study(sampler=lib.samplers.GridSampler(GRID))
    study.enqueue_trial(params)
    return attempt(study.optimize, plane), points(study)


@differential
def test_telling_the_last_point_by_hand_raises_but_is_recorded(lib: Any) -> Any:
    study = lib.create_study(sampler=lib.samplers.GridSampler({"x": [1, 2]}))
    ended = []
    for _ in range(4):
        trial = study.ask()
        trial.suggest_float("x", 0, 10)
        ended.append(type(attempt(study.tell, trial, 1.0)).__name__)
    return ended, [trial.state.name for trial in study.trials]


@differential
def test_a_retry_visits_the_point_of_the_trial_that_it_repeats(lib: Any) -> Any:
    study = lib.create_study(sampler=lib.samplers.GridSampler({"x": [1, 2, 3]}))
    study.optimize(lambda trial: trial.suggest_float("x", 0, 10), n_trials=1)
    first = study.trials[0]
    waiting = lib.trial.TrialState.WAITING
    study.add_trial(lib.trial.create_trial(state=waiting, system_attrs=first.system_attrs))
    study.optimize(lambda trial: trial.suggest_float("x", 0, 10), n_trials=1)
    retry = study.trials[1]
    same = (retry.params == first.params, retry.system_attrs == first.system_attrs)
    return same, first.system_attrs["search_space"]


@differential
def test_the_points_of_another_grid_do_not_count(lib: Any) -> Any:
    study = lib.create_study(sampler=lib.samplers.GridSampler({"x": [1, 2]}))
    for grid in ([1, 2], [1, 2, 3], [2, 1]):
        study.sampler = lib.samplers.GridSampler({"x": grid})
        study.optimize(lambda trial: trial.suggest_float("x", 0, 10))
    return [sorted(t.params["x"] for t in study.trials[i:j]) for i, j in ((0, 2), (2, 5), (5, 7))]


# What steep does better


def study_of(sampler: GridSampler, storage: Any = None) -> steep.Study:
    return steep.create_study(
        sampler=sampler, study_name="tea", storage=storage, load_if_exists=True
    )


def test_parallel_asks_get_different_points() -> None:
    study = study_of(GridSampler({"x": range(8)}))
    trials = [study.ask() for _ in range(8)]
    assert sorted(trial.suggest_int("x", 0, 9) for trial in trials) == list(range(8))


@pytest.mark.parametrize("seed", [None, 3])
def test_workers_keep_out_of_each_others_way(seed: int | None) -> None:
    storage = steep.storages.InMemoryStorage()
    workers = [study_of(GridSampler({"x": range(40)}, seed), storage) for _ in range(3)]
    order = random.Random(0)
    open_trials: list[tuple[steep.Study, steep.Trial]] = []
    for _ in range(40):
        worker = order.choice(workers)
        trial = worker.ask()
        trial.suggest_int("x", 0, 39)
        open_trials.append((worker, trial))
    assert sorted(trial.params["x"] for _, trial in open_trials) == list(range(40))


def test_the_grid_id_means_the_same_whatever_the_seed() -> None:
    points_by_id = []
    for seed in (1, 2):
        study = study_of(GridSampler({"y": [0, 1, 2], "x": [5, 6]}, seed))
        study.optimize(lambda t: t.suggest_int("x", 0, 9) + t.suggest_int("y", 0, 9))
        points_by_id.append({t.system_attrs["grid_id"]: t.params for t in study.trials})
    assert points_by_id[0] == points_by_id[1]
    assert points_by_id[0][1] == {"x": 5, "y": 1}


def test_seeds_shuffle_the_order() -> None:
    orders = []
    for seed in range(4):
        study = study_of(GridSampler({"x": range(9)}, seed))
        study.optimize(lambda t: t.suggest_int("x", 0, 9))
        orders.append(tuple(trial.params["x"] for trial in study.trials))
    assert len(set(orders)) == 4
    assert {tuple(sorted(order)) for order in orders} == {tuple(range(9))}


def test_a_study_that_is_read_back_from_json_goes_on() -> None:
    sampler = GridSampler({"x": [1, 2, NAN], "c": ["a", None]})
    study = study_of(sampler)

    def objective(trial: steep.Trial) -> float:
        x = trial.suggest_categorical("x", [1, 2, NAN])
        return len(str((x, trial.suggest_categorical("c", ["a", None]))))

    study.optimize(objective, n_trials=4)
    other = study_of(GridSampler({"x": [1, 2, NAN], "c": ["a", None]}))
    for trial in study.trials:
        trial.system_attrs = json.loads(json.dumps(trial.system_attrs))
        other.add_trial(trial)
    other.optimize(objective)
    assert len({repr(sorted(trial.params.items())) for trial in other.trials}) == 6
    assert len(other.trials) == 6


def test_a_grid_of_billions_is_never_listed() -> None:
    names = [f"x{i}" for i in range(5)]
    study = study_of(GridSampler({name: range(100) for name in names}, seed=0))
    study.optimize(lambda t: sum(t.suggest_int(name, 0, 99) for name in names), n_trials=30)
    assert len({tuple(trial.params.values()) for trial in study.trials}) == 30
    assert study.sampler.is_exhausted(study) is False  # type: ignore[attr-defined]


def test_numpy_values_become_plain_ones() -> None:
    import numpy as np

    study = study_of(GridSampler({"x": np.array([1.0, 2.0]), "n": np.arange(2)}))  # type: ignore[dict-item]
    kinds = set()

    def objective(trial: steep.Trial) -> float:
        x, n = trial.suggest_float("x", 0, 3), trial.suggest_int("n", 0, 3)
        kinds.add((type(x), type(n)))
        return x + n

    study.optimize(objective)
    assert kinds == {(float, int)}
    json.dumps(study.trials[0].system_attrs)


def test_threads_visit_each_point() -> None:
    study = study_of(GridSampler({"x": range(30)}, seed=0))
    study.optimize(lambda trial: trial.suggest_int("x", 0, 29), n_jobs=2)
    assert {trial.params["x"] for trial in study.trials} == set(range(30))
    assert len(study.trials) <= 31
