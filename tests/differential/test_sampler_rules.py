"""What samplers do with retries, fixed and enqueued values, failures and small spaces."""

from __future__ import annotations

import pickle
import subprocess
import sys
from typing import Any

import numpy as np
import pytest

from .harness import attempt, attempt_each, differential
from .programs import mixed, pair, quadratic

NAN = float("nan")


def settled(lib: Any, sampler: Any, objective: Any, **options: Any) -> Any:
    """Return how an optimization ends, and the parameters of its trials in a fixed order."""
    study = lib.create_study(sampler=sampler)
    outcome = attempt(study.optimize, objective, **options)
    return outcome, sorted((repr(t.params), t.state.name) for t in study.trials)


# Grid


@differential
def test_a_retried_trial_keeps_its_point_of_the_grid(lib: Any) -> Any:
    sampler = lib.samplers.GridSampler({"n": [1, 2, 3]}, seed=0)
    study = lib.create_study(sampler=sampler)
    first = study.ask()
    n = first.suggest_int("n", 1, 3)
    study.tell(first, state=lib.trial.TrialState.FAIL)
    failed = study.trials[0]
    study.add_trial(
        lib.create_trial(
            state=lib.trial.TrialState.WAITING,
            system_attrs={**failed.system_attrs, "failed_trial": 0, "fixed_params": failed.params},
        )
    )
    again = study.ask()
    same = again.suggest_int("n", 1, 3) == n
    return same, study.get_trials(deepcopy=False)[1].system_attrs["grid_id"] == failed.system_attrs[
        "grid_id"
    ]


@differential
def test_attributes_of_a_trial_on_a_grid(lib: Any) -> Any:
    study = lib.create_study(sampler=lib.samplers.GridSampler({"n": [1]}, seed=0))
    study.optimize(lambda t: t.suggest_int("n", 1, 3))
    return study.trials[0].system_attrs


@differential
def test_a_grid_in_two_parts(lib: Any) -> Any:
    sampler = lib.samplers.GridSampler({"n": [1, 2, 3], "k": ["a", "b"]}, seed=0)

    def objective(trial: Any) -> float:
        trial.suggest_categorical("k", ["a", "b"])
        return float(trial.suggest_int("n", 1, 3))

    study = lib.create_study(sampler=sampler)
    study.optimize(objective, n_trials=4)
    before = sampler.is_exhausted(study)
    study.optimize(objective, n_trials=4)
    return before, len(study.trials), sampler.is_exhausted(study)


@differential
def test_a_grid_asked_after_its_end(lib: Any) -> Any:
    study = lib.create_study(sampler=lib.samplers.GridSampler({"n": [1]}, seed=0))
    outcomes = []
    for _ in range(3):
        trial = study.ask()
        trial.suggest_int("n", 1, 3)
        outcomes.append(attempt(study.tell, trial, 1.0))
    return [type(o).__name__ for o in outcomes], [t.state for t in study.trials]


@differential
@pytest.mark.parametrize("value", [np.float64(0.5), True, 1, "0.5"], ids=repr)
def test_values_of_a_grid_keep_their_type(lib: Any, value: Any) -> Any:
    study = lib.create_study(sampler=lib.samplers.GridSampler({"x": [value]}))
    seen: list[Any] = []
    outcome = attempt(
        study.optimize,
        lambda t: seen.append(t.suggest_float("x", 0, 1)) or 1.0,  # type: ignore[func-returns-value]
        n_trials=1,
    )
    return type(outcome).__name__, [float(v) for v in seen]


# Brute force


CHOICES: list[list[Any]] = [[NAN, 1.0], [None, NAN, "a"]]


@differential
@pytest.mark.parametrize("choices", CHOICES, ids=repr)
def test_brute_force_of_odd_choices(lib: Any, choices: list[Any]) -> Any:
    def objective(trial: Any) -> float:
        trial.suggest_categorical("c", choices)
        return float(trial.suggest_int("n", 0, 1))

    return settled(lib, lib.samplers.BruteForceSampler(seed=0), objective, n_trials=20)


@differential
@pytest.mark.parametrize(
    "ranges",
    [
        {"low": 0, "high": 1, "step": 0.3},
        {"low": 0, "high": 0.3, "step": 0.1},
        {"low": 0, "high": 1},
        {"low": 0.1, "high": 1, "log": True},
    ],
    ids=str,
)
def test_brute_force_of_floats(lib: Any, ranges: dict[str, Any]) -> Any:
    def objective(trial: Any) -> float:
        return float(trial.suggest_float("x", **ranges))

    return settled(lib, lib.samplers.BruteForceSampler(seed=0), objective, n_trials=9)


@differential
@pytest.mark.parametrize("options", [{"step": 2}, {"log": True}, {}], ids=str)
def test_brute_force_of_integers(lib: Any, options: dict[str, Any]) -> Any:
    sampler = lib.samplers.BruteForceSampler(seed=0)
    return settled(lib, sampler, lambda t: float(t.suggest_int("n", 1, 6, **options)), n_trials=9)


@differential
def test_brute_force_and_a_range_that_changes(lib: Any) -> Any:
    def objective(trial: Any) -> float:
        return float(trial.suggest_int("n", 0, trial.number))

    return settled(lib, lib.samplers.BruteForceSampler(seed=0), objective, n_trials=4)


@differential
@pytest.mark.parametrize("params", [{"n": 2}, {}], ids=str)
def test_brute_force_and_enqueued_trials(lib: Any, params: dict[str, Any]) -> Any:
    study = lib.create_study(sampler=lib.samplers.BruteForceSampler(seed=0))
    study.enqueue_trial(params)
    outcome = attempt(study.optimize, lambda t: float(t.suggest_int("n", 1, 3)), n_trials=9)
    return outcome, sorted(t.params["n"] for t in study.trials)


# Partly fixed and enqueued


@differential
@pytest.mark.parametrize(
    "fixed",
    [{"x": np.float64(0.5)}, {"depth": np.int64(3)}, {"x": "0.5"}, {"x": None}, {"x": NAN}],
    ids=repr,
)
def test_partly_fixed_values_of_other_types(lib: Any, fixed: dict[str, Any]) -> Any:
    base = lib.samplers.RandomSampler(seed=0)
    study = lib.create_study(sampler=lib.samplers.PartialFixedSampler(fixed, base))
    outcome = attempt(study.optimize, mixed, n_trials=1)
    return outcome, [type(t.params.get(name)).__name__ for t in study.trials for name in fixed]


@differential
@pytest.mark.parametrize(
    "params",
    [{"x": np.float64(0.5)}, {"x": 1}, {"depth": np.int64(3)}, {"depth": 3.0}, {"kind": "b"}],
    ids=repr,
)
def test_enqueued_values_of_other_types(lib: Any, params: dict[str, Any]) -> Any:
    study = lib.create_study(sampler=lib.samplers.RandomSampler(seed=0))
    study.enqueue_trial(params)
    outcome = attempt(study.optimize, mixed, n_trials=1)
    given = [t.params.get(name) for t in study.trials for name in params]
    return outcome, given, [type(value).__name__ for value in given]


@differential
@pytest.mark.parametrize("name", ["RandomSampler", "TPESampler", "QMCSampler"])
def test_partly_fixed_over_every_sampler(lib: Any, name: str) -> Any:
    base = getattr(lib.samplers, name)(seed=0)
    study = lib.create_study(sampler=base)
    study.optimize(mixed, n_trials=3)
    study.sampler = lib.samplers.PartialFixedSampler({"depth": 5, "kind": None}, base)
    study.optimize(mixed, n_trials=12)
    return [(t.params["depth"], t.params["kind"]) for t in study.trials[3:]]


# TPE


@differential
def test_tpe_asks_its_functions(lib: Any) -> Any:
    asked: list[Any] = []

    def gamma(n: int) -> int:
        asked.append(("gamma", type(n).__name__))
        return 2

    def weights(n: int) -> Any:
        asked.append(("weights", type(n).__name__))
        return np.ones(n)

    sampler = lib.samplers.TPESampler(seed=0, gamma=gamma, weights=weights, n_startup_trials=3)
    study = lib.create_study(sampler=sampler)
    study.optimize(quadratic, n_trials=8)
    return sorted(set(asked)), [t.state for t in study.trials]


BAD_WEIGHTS: list[Any] = [
    np.zeros,
    lambda n: -np.ones(n),
    lambda n: np.full(n, NAN),
    lambda n: np.ones(n + 1),
    lambda n: [1.0] * n,
]


@differential
@pytest.mark.parametrize("weights", BAD_WEIGHTS, ids=range(len(BAD_WEIGHTS)))
def test_weights_that_are_none(lib: Any, weights: Any) -> Any:
    sampler = lib.samplers.TPESampler(seed=0, weights=weights, n_startup_trials=3)
    study = lib.create_study(sampler=sampler)
    return type(attempt(study.optimize, quadratic, n_trials=6)).__name__


CONSTRAINTS: list[Any] = [
    lambda trial: (0.0,),
    lambda trial: [1.0, -1.0],
    lambda trial: (NAN,),
    lambda trial: (),
    lambda trial: None,
    lambda trial: (float(trial.values[0]) if trial.values else -5.0,),
]


@differential
@pytest.mark.parametrize("function", CONSTRAINTS, ids=range(len(CONSTRAINTS)))
def test_constraint_functions(lib: Any, function: Any) -> Any:
    sampler = lib.samplers.TPESampler(seed=0, constraints_func=function, n_startup_trials=2)
    study = lib.create_study(sampler=sampler)
    outcome = attempt(study.optimize, quadratic, n_trials=4)
    return (
        type(outcome).__name__,
        [(t.state, t.system_attrs["constraints"], t.constraints) for t in study.trials],
        attempt(lambda: study.best_trial.number >= 0),
    )


@differential
def test_tpe_of_two_objectives_with_constraints(lib: Any) -> Any:
    sampler = lib.samplers.TPESampler(
        seed=0, constraints_func=lambda t: (t.params["x"] - 0.5,), n_startup_trials=5
    )
    study = lib.create_study(directions=["minimize", "maximize"], sampler=sampler)
    study.optimize(pair, n_trials=30)
    return [t.state for t in study.trials], {t.params["x"] <= 0.5 for t in study.best_trials}


@differential
@pytest.mark.parametrize("group", [False, True])
def test_tpe_of_a_conditional_space(lib: Any, group: bool) -> Any:
    def objective(trial: Any) -> float:
        if trial.suggest_categorical("kind", ["a", "b"]) == "a":
            return float(trial.suggest_float("x", 0, 1))
        return float(trial.suggest_int("n", 1, 5))

    sampler = lib.samplers.TPESampler(
        seed=0, multivariate=True, group=group, n_startup_trials=4, warn_independent_sampling=False
    )
    study = lib.create_study(sampler=sampler)
    study.optimize(objective, n_trials=20)
    return [
        sorted(t.params) == ["kind", "x" if t.params["kind"] == "a" else "n"] for t in study.trials
    ]


# All of them


MAKE: dict[str, Any] = {
    "Random": lambda lib: lib.samplers.RandomSampler(seed=7),
    "TPE": lambda lib: lib.samplers.TPESampler(seed=7, n_startup_trials=3),
    "NSGAII": lambda lib: lib.samplers.NSGAIISampler(seed=7, population_size=2),
    "CmaEs": lambda lib: lib.samplers.CmaEsSampler(seed=7),
    "QMC": lambda lib: lib.samplers.QMCSampler(seed=7),
    "Grid": lambda lib: lib.samplers.GridSampler({"x": [0.0, 1.0], "n": [1, 2]}, seed=7),
    "BruteForce": lambda lib: lib.samplers.BruteForceSampler(seed=7),
    "PartialFixed": lambda lib: lib.samplers.PartialFixedSampler(
        {"x": 0.5}, lib.samplers.TPESampler(seed=7)
    ),
}
every_sampler = pytest.mark.parametrize("name", MAKE)


def small(trial: Any) -> float:
    """Suggest what every sampler can propose."""
    return float(trial.suggest_float("x", 0, 1, step=0.5) + trial.suggest_int("n", 1, 2))


@differential
@every_sampler
def test_a_pickled_sampler_goes_on(lib: Any, name: str) -> Any:
    study = lib.create_study(sampler=MAKE[name](lib))
    study.optimize(small, n_trials=2)
    study.sampler = pickle.loads(pickle.dumps(study.sampler))
    study.optimize(small, n_trials=2)
    return len(study.trials)


@differential
@every_sampler
def test_the_same_seed_gives_the_same_parameters(lib: Any, name: str) -> Any:
    def run() -> list[Any]:
        study = lib.create_study(study_name="same", sampler=MAKE[name](lib))
        study.optimize(small, n_trials=4)
        return [t.params for t in study.trials]

    return run() == run()


@differential
@every_sampler
def test_failed_trials_in_threads(lib: Any, name: str) -> Any:
    def objective(trial: Any) -> float:
        small(trial)
        raise ValueError

    study = lib.create_study(sampler=MAKE[name](lib))
    study.optimize(objective, n_trials=4, n_jobs=2, catch=(ValueError,))
    return [t.state for t in study.trials]


@differential
@every_sampler
def test_asking_with_fixed_distributions(lib: Any, name: str) -> Any:
    study = lib.create_study(sampler=MAKE[name](lib))
    space = {
        "x": lib.distributions.FloatDistribution(0, 1, step=0.5),
        "n": lib.distributions.IntDistribution(1, 2),
    }
    trials = [study.ask(space) for _ in range(3)]
    return [(sorted(t.params), {k: type(v).__name__ for k, v in t.params.items()}) for t in trials]


@differential
@pytest.mark.parametrize("name", ["Random", "TPE", "QMC", "PartialFixed"])
def test_names_of_samplers(lib: Any, name: str) -> Any:
    return str(MAKE[name](lib))


PROGRAM = """
import {lib} as lib
lib.logging.set_verbosity(lib.logging.ERROR)
for name in ["RandomSampler", "TPESampler", "NSGAIISampler", "CmaEsSampler"]:
    study = lib.create_study(study_name="s", sampler=getattr(lib.samplers, name)(seed=3))
    study.optimize(lambda t: t.suggest_float("x", 0, 1) + len(t.suggest_categorical("c", "ab")), 14)
    print(name, [t.params for t in study.trials])
"""


@differential
def test_hashes_of_the_process_do_not_matter(lib: Any) -> Any:
    code = PROGRAM.format(lib=lib.__name__)
    runs = [
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.splitlines()
        for seed in ("1", "2")
    ]
    return [(one.partition(" ")[0], one == other) for one, other in zip(*runs, strict=True)]


@differential
def test_arguments_of_the_simple_samplers(lib: Any) -> Any:
    samplers = lib.samplers
    cases: list[Any] = [
        ("RandomSampler", (1,), {}),
        ("RandomSampler", (), {"seed": None}),
        ("BruteForceSampler", (1,), {}),
        ("GridSampler", (), {}),
        ("PartialFixedSampler", ({},), {}),
        ("QMCSampler", ("sobol",), {}),
    ]
    return attempt_each(
        lambda case: type(getattr(samplers, case[0])(*case[1], **case[2])).__name__, cases
    )
