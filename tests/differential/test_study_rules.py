"""Rules of studies and trials that are easily missed: states, constraints, names, NaN, limits."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import numpy as np
import pytest

from .harness import attempt, attempt_each, differential
from .programs import mixed, pair, quadratic

INF, NAN = float("inf"), float("nan")


def quiet(lib: Any, **options: Any) -> Any:
    """Return a study with a seeded random sampler."""
    return lib.create_study(sampler=lib.samplers.RandomSampler(seed=0), **options)


# Callbacks, catch and after_trial


def watching(lib: Any, log: list[Any], fails: bool = False) -> Any:
    """Return a sampler that notes what its hooks see."""

    class Watching(lib.samplers.RandomSampler):  # type: ignore[misc]
        def before_trial(self, study: Any, trial: Any) -> None:
            log.append(("before", trial.number, trial.state.name, trial.values))

        def after_trial(self, study: Any, trial: Any, state: Any, values: Any) -> None:
            log.append(("after", trial.number, trial.state.name, trial.values, state, values))
            if fails:
                raise KeyError("after_trial")

        def reseed_rng(self) -> None:
            log.append("reseed")

    return Watching(seed=0)


@differential
@pytest.mark.parametrize("catch", [(), (KeyError,), Exception], ids=repr)
def test_exceptions_of_after_trial_bypass_catch(lib: Any, catch: Any) -> Any:
    log: list[Any] = []
    study = lib.create_study(sampler=watching(lib, log, fails=True))
    outcome = attempt(study.optimize, lambda trial: 1.0, n_trials=2, catch=catch)
    return outcome, log, len(study.trials)


@differential
@pytest.mark.parametrize("n_trials", [1, 3])
@pytest.mark.parametrize("n_jobs", [1, 2])
def test_parallel_workers_reseed_the_sampler(lib: Any, n_trials: int, n_jobs: int) -> Any:
    log: list[Any] = []
    study = lib.create_study(sampler=watching(lib, log))
    study.optimize(quadratic, n_trials=n_trials, n_jobs=n_jobs)
    return log.count("reseed"), len(study.trials)


@differential
@pytest.mark.parametrize("jobs", [0, -1, -2, "2", None], ids=repr)
def test_odd_numbers_of_jobs(lib: Any, jobs: Any) -> Any:
    study = quiet(lib)
    outcome = attempt(study.optimize, quadratic, n_trials=3, n_jobs=jobs)
    return outcome if isinstance(outcome, Exception) else len(study.trials)


@differential
@pytest.mark.parametrize("n_trials", [-1, 0, 2.5, "2", True], ids=repr)
def test_odd_numbers_of_trials(lib: Any, n_trials: Any) -> Any:
    study = quiet(lib)
    outcome = attempt(study.optimize, quadratic, n_trials=n_trials, timeout=2)
    return outcome if isinstance(outcome, Exception) else len(study.trials)


@differential
@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, GeneratorExit])
def test_exits_leave_the_trial_and_optimize(lib: Any, error: Any) -> Any:
    def objective(trial: Any) -> float:
        quadratic(trial)
        if trial.number == 1:
            raise error
        return 1.0

    study = quiet(lib)
    ended = None
    try:
        study.optimize(objective, n_trials=3, catch=(Exception,))
    except BaseException as caught:
        ended = type(caught).__name__
    return ended, [t.state for t in study.trials]


@differential
@pytest.mark.parametrize("callbacks", [None, [], (), [print, None], "ab"], ids=repr)
def test_odd_callbacks(lib: Any, callbacks: Any) -> Any:
    study = quiet(lib)
    outcome = attempt(study.optimize, quadratic, n_trials=2, callbacks=callbacks)
    return outcome, [t.state for t in study.trials]


# Values


VALUES: list[Any] = [
    np.float32(0.5),
    np.array(0.5),
    np.array([0.5]),
    np.array([0.5, 0.5]),
    True,
    "half",
    b"0.5",
    [0.5],
    (0.5,),
    {0.5},
    {"a": 1},
    -(2**60),
    INF,
    -INF,
    NAN,
    None,
    1j,
]


@differential
@pytest.mark.parametrize("value", VALUES, ids=lambda v: str(v)[:12])
def test_what_an_objective_may_return(lib: Any, value: Any) -> Any:
    study = quiet(lib)
    outcome = attempt(study.optimize, lambda trial: value, n_trials=1)
    trial = study.trials[0]
    return outcome, trial.state, trial.values, [type(v).__name__ for v in trial.values or ()]


@differential
@pytest.mark.parametrize("value", VALUES, ids=lambda v: str(v)[:12])
@pytest.mark.parametrize("state", [None, "COMPLETE"])
def test_what_may_be_told(lib: Any, value: Any, state: Any) -> Any:
    study = quiet(lib)
    kept = state and lib.trial.TrialState[state]
    outcome = attempt(study.tell, study.ask(), value, state=kept)
    return type(outcome).__name__, study.trials[0].state, study.trials[0].values


@differential
@pytest.mark.parametrize("value", [INF, -INF, NAN, 1.5], ids=repr)
def test_the_last_report_of_a_pruned_trial(lib: Any, value: float) -> Any:
    study = quiet(lib)

    def objective(trial: Any) -> float:
        trial.report(1.0, 5)
        trial.report(value, 7)
        trial.report(2.0, 6)
        raise lib.TrialPruned

    study.optimize(objective, n_trials=1)
    return study.trials[0].values, study.trials[0].intermediate_values


@differential
@pytest.mark.parametrize("values", [[1.0], [1.0, 2.0, 3.0], [1.0, NAN], [1.0, None], 1.0, []])
def test_wrong_values_of_two_objectives(lib: Any, values: Any) -> Any:
    study = quiet(lib, directions=["minimize", "maximize"])
    outcome = attempt(study.optimize, lambda trial: values, n_trials=1)
    told = attempt(study.tell, study.ask(), values)
    return outcome, type(told).__name__, [(t.state, t.values) for t in study.trials]


# Constraints and the best


@differential
@pytest.mark.parametrize("value", [NAN, INF, -INF, "1.5", None, "a", True, np.float64(2)], ids=repr)
def test_values_of_constraints(lib: Any, value: Any) -> Any:
    study = quiet(lib)
    trial = study.ask()
    outcome = attempt(trial.set_constraint, "c", value)
    study.tell(trial, 1.0)
    return outcome, study.trials[0].constraints, attempt(lambda: study.best_trial.number)


@differential
def test_the_first_value_of_a_constraint_wins(lib: Any) -> Any:
    study = quiet(lib)
    trial = study.ask()
    outcomes = [attempt(trial.set_constraint, "c", v) for v in (1.0, -1.0, NAN)]
    study.tell(trial, 0.0)
    return outcomes, study.trials[0].constraints


@differential
@pytest.mark.parametrize("directions", [["minimize"], ["minimize", "maximize"]], ids=len)
def test_nothing_feasible(lib: Any, directions: list[str]) -> Any:
    study = quiet(lib, directions=directions)

    def objective(trial: Any) -> Any:
        trial.set_constraint("c", 1.0)
        values = pair(trial)
        return values if len(directions) == 2 else values[0]

    study.optimize(objective, n_trials=3)
    reads = ("best_trial", "best_value", "best_params", "best_trials")
    return {name: attempt(getattr, study, name) for name in reads}


@differential
@pytest.mark.parametrize("direction", ["minimize", "maximize"])
def test_infinite_values_and_the_best(lib: Any, direction: str) -> Any:
    study = quiet(lib, direction=direction)
    found = []
    for value in (INF, -INF, 0.0, -INF, INF):
        study.tell(study.ask(), value)
        found.append((study.best_trial.number, study.best_value))
    return found


@differential
def test_equal_values_and_the_best(lib: Any) -> Any:
    study = quiet(lib)
    for _ in range(3):
        study.tell(study.ask(), 1.0)
    two = quiet(lib, directions=["minimize", "minimize"])
    for values in ([1.0, 1.0], [1.0, 1.0], [INF, 0.0], [2.0, 1.0], [-INF, INF]):
        two.tell(two.ask(), values)
    return study.best_trial.number, [t.number for t in two.best_trials]


# Names, attributes, copies


@differential
@pytest.mark.parametrize("names", [["a"], ["a", "b"], ["a", "b", "c"], [], [1, 2], None])
def test_metric_names(lib: Any, names: Any) -> Any:
    study = quiet(lib, directions=["minimize", "maximize"])
    outcome = attempt(study.set_metric_names, names)
    study.optimize(pair, n_trials=1)
    if isinstance(outcome, Exception):
        return outcome
    frame = study.trials_dataframe(attrs=("number", "value"))
    return outcome, study.metric_names, list(frame.columns)


ATTRIBUTES: list[Any] = [NAN, INF, None, [1, [2]], {"a": (1, 2)}, "é", 2**80, np.float64(1.5), True]


@differential
@pytest.mark.parametrize("value", ATTRIBUTES, ids=repr)
def test_attributes_keep_their_value(lib: Any, value: Any) -> Any:
    study = quiet(lib)
    study.set_user_attr("k", value)
    trial = study.ask()
    trial.set_user_attr("k", value)
    during = trial.user_attrs
    study.tell(trial, 1.0)
    return study.user_attrs, during, study.trials[0].user_attrs


@differential
def test_copies_of_a_study(lib: Any) -> Any:
    study = quiet(lib)
    study.optimize(mixed, n_trials=2)
    same = copy.copy(study)
    same.optimize(mixed, n_trials=1)
    deep = pickle.loads(pickle.dumps(study))
    deep.optimize(mixed, n_trials=1)
    return len(study.trials), len(same.trials), len(deep.trials)


# Suggesting


@differential
@pytest.mark.parametrize(
    ("first", "second"),
    [
        (("suggest_float", (0, 1)), ("suggest_float", (0, 2))),
        (("suggest_float", (0, 1)), ("suggest_int", (0, 1))),
        (("suggest_int", (0, 4)), ("suggest_int", (2, 3))),
        (("suggest_categorical", (["a", "b"],)), ("suggest_categorical", (["b", "a"],))),
        (("suggest_categorical", (["a", "b"],)), ("suggest_categorical", (["a", "b", "c"],))),
        (("suggest_categorical", ([1, 2],)), ("suggest_categorical", ((1, 2),))),
        (("suggest_categorical", ([1, 2],)), ("suggest_int", (1, 2))),
    ],
    ids=str,
)
def test_a_name_with_another_range(lib: Any, first: Any, second: Any) -> Any:
    study = quiet(lib)
    trial = study.ask()
    value = getattr(trial, first[0])("p", *first[1])
    again = attempt(getattr(trial, second[0]), "p", *second[1])
    third = attempt(getattr(trial, second[0]), "p", *second[1])
    study.tell(trial, 1.0)
    later = attempt(getattr(study.ask(), second[0]), "p", *second[1])
    return (
        again["result"] == value if isinstance(again, dict) else type(again).__name__,
        again["warned"] if isinstance(again, dict) else None,
        type(third).__name__,
        type(later).__name__ if isinstance(later, (Exception, dict)) else None,
        study.trials[0].distributions,
    )


STEPS: list[Any] = [
    ("suggest_float", (0, 1), {"step": 0.3}),
    ("suggest_float", (0, 1), {"step": 2.0}),
    ("suggest_float", (0, 1), {"step": 0}),
    ("suggest_float", (0, 1), {"step": -0.1}),
    ("suggest_float", (0.1, 1), {"step": 0.1, "log": True}),
    ("suggest_float", (0, 1), {"log": True}),
    ("suggest_float", (1, 0), {}),
    ("suggest_float", (NAN, 1), {}),
    ("suggest_float", (0, INF), {}),
    ("suggest_int", (1, 10), {"step": 4}),
    ("suggest_int", (1, 10), {"step": 0}),
    ("suggest_int", (1, 10), {"step": -1}),
    ("suggest_int", (1, 10), {"step": 2, "log": True}),
    ("suggest_int", (0, 10), {"log": True}),
    ("suggest_int", (3, 1), {}),
    ("suggest_int", (0.5, 2.5), {}),
    ("suggest_int", (-(2**70), 2**70), {}),
    ("suggest_int", ("1", "3"), {}),
    ("suggest_float", ("0", "1"), {}),
    ("suggest_float", (np.float32(0), np.float64(1)), {}),
    ("suggest_int", (np.int64(1), np.int32(3)), {}),
]


@differential
@pytest.mark.parametrize("case", STEPS, ids=str)
def test_ranges(lib: Any, case: Any) -> Any:
    study = quiet(lib)
    trial = study.ask()
    outcome = attempt(getattr(trial, case[0]), "p", *case[1], **case[2])
    value = outcome["result"] if isinstance(outcome, dict) else outcome
    shown = type(value).__name__, outcome["warned"] if isinstance(outcome, dict) else None
    return shown, trial.distributions


@differential
def test_reports(lib: Any) -> Any:
    cases: list[Any] = [
        ("1.23", 0),
        (np.float32(0.5), np.int64(1)),
        (None, 2),
        ("a", 3),
        (1.0, "4"),
        (1.0, 5.7),
        (1.0, -1),
        (1.0, None),
        (NAN, 6),
        (INF, 7),
        (1, 7),
        ([1.0], 8),
        (np.array(2.0), 9),
        (True, True),
    ]
    study = quiet(lib)
    trial = study.ask()
    outcomes = attempt_each(lambda case: trial.report(*case), cases)
    study.tell(trial, 1.0)
    return outcomes, study.trials[0].intermediate_values


@differential
def test_enqueued_nan_equals_nan(lib: Any) -> Any:
    study = quiet(lib)
    for params in ({"x": NAN}, {"x": NAN}, {"x": 0.0}, {"x": -0.0}, {"x": "a"}, {"x": None}):
        study.enqueue_trial(params, skip_if_exists=True)
    return [t.system_attrs["fixed_params"] for t in study.trials]
