"""The samplers' arguments, limits and bookkeeping; not which random values they choose."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from .harness import attempt, differential
from .programs import mixed, quadratic

INF, NAN = float("inf"), float("nan")


def run(lib: Any, sampler: Any, objective: Any, n_trials: int | None = None, **options: Any) -> Any:
    """Return a study after a run with the sampler."""
    study = lib.create_study(sampler=sampler)
    study.optimize(objective, n_trials=n_trials, **options)
    return study


def points(study: Any) -> list[Any]:
    """Return the parameters of all trials, in an order that does not depend on theirs."""
    return sorted((sorted(t.params.items(), key=repr) for t in study.trials), key=repr)


def counts(study: Any) -> list[tuple[str, int]]:
    """Return how many trials ended in which state, by the state's name."""
    return sorted(Counter(t.state.name for t in study.trials).items())


# Grid


def on_grid(trial: Any) -> float:
    """Suggest the two parameters of the grids below."""
    return float(trial.suggest_float("x", 0, 1) + trial.suggest_int("n", 1, 3))


GRID: dict[str, list[Any]] = {"x": [0.0, 0.5, 1.0], "n": [1, 3]}


@differential
def test_grid_stops_by_itself_after_every_point(lib: Any) -> Any:
    study = run(lib, lib.samplers.GridSampler(GRID), on_grid)
    return points(study), len(study.trials)


@differential
def test_grid_runs_one_more_when_it_is_run_again(lib: Any) -> Any:
    sampler = lib.samplers.GridSampler(GRID, seed=1)
    study = run(lib, sampler, on_grid)
    study.optimize(on_grid)
    return len(study.trials), sampler.is_exhausted(study)


@differential
def test_grid_counts_pruned_and_failed_trials(lib: Any) -> Any:
    def objective(trial: Any) -> float:
        value = on_grid(trial)
        if trial.number == 1:
            raise lib.TrialPruned
        if trial.number == 2:
            raise ValueError
        return value

    study = run(lib, lib.samplers.GridSampler(GRID), objective, catch=ValueError)
    return points(study), counts(study)


@differential
@pytest.mark.parametrize("params", [{"x": 0.5}, {"x": 0.25}, {"x": 0.5, "n": 3}], ids=str)
def test_grid_and_enqueued_trials(lib: Any, params: dict[str, Any]) -> Any:
    study = lib.create_study(sampler=lib.samplers.GridSampler(GRID, seed=2))
    study.enqueue_trial(params)
    outcome = attempt(study.optimize, on_grid)
    return outcome, len(study.trials), study.trials[0].params.get("x")


@differential
def test_grid_and_an_empty_enqueued_trial(lib: Any) -> Any:
    study = lib.create_study(sampler=lib.samplers.GridSampler(GRID, seed=2))
    study.enqueue_trial({})
    return attempt(study.optimize, on_grid, n_trials=2), len(study.trials)


@differential
@pytest.mark.parametrize(
    "grid",
    [{"x": [0.0, 7.0], "n": [1, 2]}, {"x": [0.5], "n": [2], "y": [1]}, {"x": [0.5]}, {}],
    ids=str,
)
def test_grid_that_does_not_fit_the_objective(lib: Any, grid: dict[str, Any]) -> Any:
    study = lib.create_study(sampler=lib.samplers.GridSampler(grid))
    return attempt(study.optimize, on_grid, n_trials=4), points(study)


@differential
@pytest.mark.parametrize(
    "grid",
    [{"x": [None, "a", True, 1.5, NAN]}, {"x": [[1, 2]]}, {"x": [object]}, {"x": "ab"}],
    ids=str,
)
def test_grid_values(lib: Any, grid: dict[str, Any]) -> Any:
    return type(attempt(lib.samplers.GridSampler, grid)).__name__


@differential
def test_grid_with_asks_in_parallel(lib: Any) -> Any:
    study = lib.create_study(sampler=lib.samplers.GridSampler(GRID, seed=3))
    for _ in range(6):
        on_grid(study.ask())
    return len(set(map(str, points(study)))) > 1, len(study.trials)


# Brute force


def conditional(trial: Any) -> float:
    """Suggest other parameters in other branches."""
    if trial.suggest_categorical("model", ["linear", "forest", None]) == "forest":
        return float(trial.suggest_int("depth", 1, 4) + trial.suggest_float("f", 0, 1, step=0.5))
    return float(trial.suggest_categorical("flag", [True, NAN]) == 1)


@differential
def test_brute_force_visits_each_leaf_once(lib: Any) -> Any:
    study = run(lib, lib.samplers.BruteForceSampler(seed=0), conditional)
    return points(study), len(study.trials)


@differential
def test_brute_force_of_one_value(lib: Any) -> Any:
    return points(run(lib, lib.samplers.BruteForceSampler(), lambda t: t.suggest_int("n", 2, 2)))


@differential
def test_brute_force_does_not_repeat_parallel_asks(lib: Any) -> Any:
    study = lib.create_study(sampler=lib.samplers.BruteForceSampler(seed=0))
    trials = [study.ask() for _ in range(4)]
    return sorted(trial.suggest_int("n", 1, 4) for trial in trials)


@differential
def test_brute_force_goes_on_after_an_interruption(lib: Any) -> Any:
    study = run(lib, lib.samplers.BruteForceSampler(seed=0), conditional, n_trials=5)
    study.optimize(conditional)
    return points(study)


@differential
def test_brute_force_counts_failed_and_pruned_trials(lib: Any) -> Any:
    def objective(trial: Any) -> float:
        n = trial.suggest_int("n", 1, 4)
        if n == 2:
            raise ValueError
        if n == 3:
            raise lib.TrialPruned
        return float(n)

    study = run(lib, lib.samplers.BruteForceSampler(seed=0), objective, catch=ValueError)
    return points(study), counts(study)


@differential
def test_brute_force_refuses_what_it_cannot_count(lib: Any) -> Any:
    study = lib.create_study(sampler=lib.samplers.BruteForceSampler())
    return attempt(study.optimize, quadratic, n_trials=1)


@differential
def test_brute_force_refuses_a_space_that_changes(lib: Any) -> Any:
    def objective(trial: Any) -> float:
        if trial.number == 0:
            return float(trial.suggest_int("a", 0, 1))
        return float(trial.suggest_int("b", 0, 1))

    study = lib.create_study(sampler=lib.samplers.BruteForceSampler())
    return attempt(study.optimize, objective, n_trials=4)


# Partly fixed


@differential
@pytest.mark.parametrize(
    "fixed",
    [
        {"x": 0.25},
        {"x": 7.0},
        {"kind": "b"},
        {"kind": None},
        {"kind": "z"},
        {"depth": 4},
        {"depth": 3, "rate": 0.5},
        {},
        {"other": 1},
    ],
    ids=str,
)
def test_partial_fixed(lib: Any, fixed: dict[str, Any]) -> Any:
    base = lib.samplers.RandomSampler(seed=0)
    study = lib.create_study(sampler=lib.samplers.PartialFixedSampler(fixed, base))
    outcome = attempt(study.optimize, mixed, n_trials=2)
    return outcome, [{k: t.params.get(k) for k in fixed} for t in study.trials]


@differential
def test_partial_fixed_over_a_relative_sampler(lib: Any) -> Any:
    base = lib.samplers.TPESampler(seed=0, multivariate=True, n_startup_trials=2)
    study = lib.create_study(sampler=lib.samplers.PartialFixedSampler({"x": 0.25}, base))
    study.optimize(mixed, n_trials=6)
    return [t.params["x"] for t in study.trials], [t.state for t in study.trials]


# TPE


@differential
@pytest.mark.parametrize(
    "options",
    [
        {"group": True, "multivariate": False},
        {"group": True},
        {"group": True, "multivariate": True},
        {"multivariate": None},
        {"constant_liar": True},
        {"n_startup_trials": 0, "n_ei_candidates": 1},
        {"warn_independent_sampling": False, "multivariate": True},
        {"consider_endpoints": True},
    ],
    ids=str,
)
def test_tpe_arguments(lib: Any, options: dict[str, Any]) -> Any:
    made = attempt(lib.samplers.TPESampler, seed=0, **options)
    if isinstance(made, (Exception, dict)):
        return made
    return [t.state for t in run(lib, made, mixed, 14).trials]


@differential
@pytest.mark.parametrize("objectives", [1, 2])
@pytest.mark.parametrize("multivariate", [None, True, False])
def test_tpe_is_joint_by_default_for_one_objective(
    lib: Any, objectives: int, multivariate: Any
) -> Any:
    sampler = lib.samplers.TPESampler(seed=0, multivariate=multivariate, n_startup_trials=2)
    study = lib.create_study(sampler=sampler, directions=["minimize"] * objectives)
    study.optimize(lambda t: [mixed(t)] * objectives, n_trials=4)
    space = sampler.infer_relative_search_space(study, study.ask())
    return sorted(space)


@differential
@pytest.mark.parametrize("values", [[INF, 1.0, -INF], [1.0] * 3, [1e300, -1e300, 0.0]], ids=str)
def test_tpe_meets_extreme_values(lib: Any, values: list[float]) -> Any:
    study = run(
        lib, lib.samplers.TPESampler(seed=0), lambda t: (mixed(t), values[t.number % 3])[1], 18
    )
    return [t.state for t in study.trials], all(-1 <= t.params["x"] <= 1 for t in study.trials)


@differential
def test_tpe_meets_pruned_failed_and_running_trials(lib: Any) -> Any:
    study = lib.create_study(sampler=lib.samplers.TPESampler(seed=0, n_startup_trials=3))

    def objective(trial: Any) -> Any:
        value = mixed(trial)
        if trial.number % 4 == 1:
            trial.report(NAN if trial.number % 8 == 1 else value, 1)
            raise lib.TrialPruned
        return None if trial.number % 4 == 2 else value

    study.ask()
    study.optimize(objective, n_trials=20)
    return counts(study)


@differential
def test_tpe_hyperparameters(lib: Any) -> Any:
    defaults = lib.samplers.TPESampler.hyperopt_parameters()
    return (
        sorted(defaults),
        [defaults["n_startup_trials"], defaults["n_ei_candidates"]],
        defaults["gamma"](100),
        list(defaults["weights"](3)),
    )


# Quasi-random


@differential
@pytest.mark.parametrize(
    "options",
    [
        {"qmc_type": "sobol"},
        {"qmc_type": "halton"},
        {"qmc_type": "odd"},
        {"scramble": True},
        {"seed": 1, "scramble": True},
        {},
    ],
    ids=str,
)
def test_qmc_arguments(lib: Any, options: dict[str, Any]) -> Any:
    made = attempt(lib.samplers.QMCSampler, **options)
    refused = made if isinstance(made, Exception) else None
    warned = made["warned"] if isinstance(made, dict) else []
    return refused, warned


@differential
@pytest.mark.parametrize("qmc_type", ["sobol", "halton"])
def test_qmc_points_without_scrambling(lib: Any, qmc_type: str) -> Any:
    def objective(trial: Any) -> float:
        return float(trial.suggest_float("x", 0, 1) + trial.suggest_float("y", -2, 2))

    base = lib.samplers.RandomSampler(seed=0)
    sampler = lib.samplers.QMCSampler(
        qmc_type=qmc_type, scramble=False, seed=0, independent_sampler=base
    )
    study = run(lib, sampler, objective, 9)
    return [{k: round(v, 9) for k, v in t.params.items()} for t in study.trials[1:]]


# Random numbers


SAMPLERS = ["RandomSampler", "TPESampler", "QMCSampler", "BruteForceSampler"]


@differential
@pytest.mark.parametrize("name", SAMPLERS)
def test_values_are_python_numbers_in_range(lib: Any, name: str) -> Any:
    def objective(trial: Any) -> float:
        kinds.update(type(trial.suggest_int("n", 1, 5)).__name__ for _ in range(1))
        kinds.add(type(trial.suggest_float("x", 0, 1, step=0.25)).__name__)
        kinds.add(type(trial.suggest_categorical("b", [True, False])).__name__)
        return 1.0

    kinds: set[str] = set()
    study = run(lib, getattr(lib.samplers, name)(seed=0), objective, 15)
    return kinds, all(1 <= t.params["n"] <= 5 and t.params["x"] * 4 % 1 == 0 for t in study.trials)


@differential
@pytest.mark.parametrize("name", SAMPLERS)
def test_reseeding_a_sampler_does_no_harm(lib: Any, name: str) -> Any:
    sampler = getattr(lib.samplers, name)(seed=0)
    sampler.reseed_rng()
    study = lib.create_study(sampler=sampler)
    study.optimize(lambda t: t.suggest_int("n", 1, 40), n_trials=6, n_jobs=2)
    return [t.state for t in study.trials]
