"""The best trial, the front of several objectives, and what constraints do to both."""

from __future__ import annotations

from typing import Any

import pytest

from .harness import attempt, differential
from .programs import mixed, new_study, pair, quadratic, storage_of

INF, NAN = float("inf"), float("nan")


def told(lib: Any, values: list[Any], violations: list[Any] | None = None, **options: Any) -> Any:
    """Return a study with one COMPLETE trial for each of the values."""
    study = lib.create_study(**options)
    for number, value in enumerate(values):
        trial = study.ask()
        if violations and violations[number] is not None:
            trial.set_constraint("c", violations[number])
        study.tell(trial, value)
    return study


def summary(study: Any) -> list[Any]:
    """Return everything a study says about its best trial."""
    best = attempt(lambda: study.best_trial.number)
    rest = [attempt(lambda: study.best_value), attempt(lambda: study.best_params)]
    return [best, *rest, attempt(lambda: [t.number for t in study.best_trials])]


@differential
@pytest.mark.parametrize("direction", ["minimize", "maximize"])
@pytest.mark.parametrize(
    "values",
    [
        [],
        [1.0],
        [1.0, 1.0],
        [2.0, 1.0, 3.0, 1.0],
        [INF],
        [INF, 0.0, -INF],
        [-INF, -INF],
        [0.0, -0.0],
    ],
    ids=str,
)
def test_best_of_one_objective(lib: Any, values: list[float], direction: str) -> Any:
    return summary(told(lib, values, direction=direction))


@differential
def test_best_params_after_optimize(lib: Any) -> Any:
    study = new_study(lib, direction="maximize")
    study.optimize(mixed, n_trials=5)
    return study.best_trial, study.best_params, study.best_value, study.best_trials


@differential
def test_without_a_complete_trial_there_is_no_best(lib: Any) -> Any:
    study = lib.create_study()
    study.tell(study.ask(), state=lib.trial.TrialState.FAIL)
    pruned = study.ask()
    pruned.report(-1.0, 0)
    study.tell(pruned, state=lib.trial.TrialState.PRUNED)
    study.ask()
    return summary(study)


@differential
@pytest.mark.parametrize(
    ("values", "violations"),
    [
        ([1.0, 2.0], [1.0, 0.0]),
        ([1.0, 2.0], [1.0, -1.0]),
        ([1.0, 2.0], [0.5, 1.0]),
        ([3.0, 2.0], [None, 1.0]),
        ([1.0, 2.0, 3.0], [None, 0.0, None]),
        ([1.0, 0.5, 0.1], [0.0, INF, -INF]),
        ([2.0, 2.0], [1.0, None]),
    ],
    ids=str,
)
def test_best_ignores_infeasible_trials(
    lib: Any, values: list[float], violations: list[Any]
) -> Any:
    return summary(told(lib, values, violations))


@differential
def test_storage_and_study_agree_on_the_best_under_constraints(lib: Any) -> Any:
    study = told(lib, [1.0, 2.0, 3.0], [1.0, 0.0, -1.0])
    in_storage = study._storage.get_best_trial(study._study_id)
    return study.best_trial.number, study.best_value, in_storage.number


@differential
@pytest.mark.parametrize(
    "directions", [["minimize", "minimize"], ["maximize", "minimize"]], ids=str
)
@pytest.mark.parametrize(
    "values",
    [
        [],
        [(1, 1)],
        [(1, 2), (2, 1), (2, 2), (1, 2)],
        [(0, INF), (INF, 0), (1, 1)],
        [(0, -INF), (-INF, 0)],
        [(3, 1), (1, 3), (2, 2), (2, 3), (0, 9)],
        [(1, 1), (1, 1), (1, 1)],
    ],
    ids=str,
)
def test_front_of_two_objectives(lib: Any, values: list[Any], directions: list[str]) -> Any:
    return summary(told(lib, values, directions=directions))


@differential
def test_front_of_three_objectives(lib: Any) -> Any:
    values = [(a, b, (a * b) % 5) for a in range(4) for b in range(4)]
    study = told(lib, values, directions=["minimize", "maximize", "minimize"])
    return [(t.number, t.values) for t in study.best_trials]


@differential
@pytest.mark.parametrize("violations", [[0.0, 1.0, -1.0], [1.0] * 3, [None, 1.0, 0.0]], ids=str)
def test_front_ignores_infeasible_trials(lib: Any, violations: list[Any]) -> Any:
    values = [(3, 3), (0, 0), (2, 4)]
    return summary(told(lib, values, violations, directions=["minimize"] * 2))


@differential
def test_single_value_access_with_several_objectives(lib: Any) -> Any:
    study = new_study(lib, directions=["minimize"] * 2)
    study.optimize(pair, n_trials=3)
    trial = study.trials[0]
    return [
        *summary(study),
        attempt(lambda: study.direction),
        attempt(lambda: trial.value),
        trial.values,
    ]


@differential
def test_set_constraint(lib: Any) -> Any:
    trial = lib.create_study().ask()
    outcomes = [
        attempt(trial.set_constraint, "a", 1),
        attempt(trial.set_constraint, "a", 2),
        attempt(trial.set_constraint, "nan", NAN),
        attempt(trial.set_constraint, "inf", INF),
        attempt(trial.set_constraint, "number in a string", "1.5"),
        attempt(trial.set_constraint, "text", "high"),
        attempt(trial.set_constraint, "none", None),
        attempt(trial.set_constraint, "list", [1.0]),
        attempt(trial.set_constraint, "flag", True),
        attempt(trial.set_constraint, "", -1),
    ]
    return outcomes, trial.constraints


@differential
def test_constraints_are_stored_as_system_attributes(lib: Any) -> Any:
    study = told(lib, [1.0], [0.25])
    trial = study.trials[0]
    return trial.system_attrs, trial.constraints, trial


@differential
def test_constraints_in_the_old_list_form(lib: Any) -> Any:
    study = lib.create_study()
    for values in ((0.0, 2.0), (-1.0, -1.0), ()):
        attrs = {"constraints": list(values)}
        study.add_trial(lib.create_trial(value=sum(values), system_attrs=attrs))
    study.add_trial(lib.create_trial(value=9.0, system_attrs={"constraints": None}))
    return [t.constraints for t in study.trials], summary(study)


@differential
def test_named_and_old_constraints_together(lib: Any) -> Any:
    study = lib.create_study()
    attrs = {"constraints": [1.0], "constraints:c": -1.0}
    study.add_trial(lib.create_trial(value=0.0, system_attrs=attrs))
    return study.trials[0].constraints, summary(study)


@differential
def test_constraints_of_frozen_and_fixed_trials(lib: Any) -> Any:
    frozen = lib.create_trial(value=1.0, constraints={"a": 1, "b": -2.5})
    fixed = lib.trial.FixedTrial({})
    for trial in (frozen, fixed):
        trial.set_constraint("c", 0.0)
    outcomes = [attempt(trial.set_constraint, "c", 3.0) for trial in (frozen, fixed)]
    bad = attempt(lib.create_trial, value=1.0, constraints={"a": NAN})
    return outcomes, frozen.constraints, fixed.constraints, bad, frozen.system_attrs


@differential
def test_constraints_function_of_a_sampler(lib: Any) -> Any:
    def constraints(trial: Any) -> tuple[float, ...]:
        return (trial.params["x"] - 0.6, -1.0)

    sampler = lib.samplers.TPESampler(constraints_func=constraints, seed=0)
    study = lib.create_study(sampler=sampler, direction="maximize")
    for x in (0.5, 0.6, 0.75):
        study.enqueue_trial({"x": x})
    study.optimize(lambda trial: trial.suggest_float("x", 0, 1), n_trials=3)
    return study.best_trial.number, [t.constraints for t in study.trials]


@differential
def test_best_follows_new_trials(lib: Any) -> Any:
    study = lib.create_study(storage=storage_of(lib))
    numbers = []
    for value in (3.0, 4.0, 2.0, 2.0, -1.0):
        study.add_trial(lib.create_trial(value=value))
        numbers.append((study.best_trial.number, study.best_value))
    return numbers


@differential
def test_the_best_trial_is_a_copy(lib: Any) -> Any:
    study = new_study(lib)
    study.optimize(quadratic, n_trials=3)
    study.best_trial.params["x"] = 100.0
    study.best_params["x"] = 200.0
    return study.best_params
