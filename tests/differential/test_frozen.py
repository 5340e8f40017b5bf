"""create_trial, FrozenTrial and TrialState."""

from __future__ import annotations

import copy
import datetime
import pickle
from typing import Any

import pytest

from .harness import attempt, attempt_each, differential
from .programs import mixed, new_study

INF, NAN = float("inf"), float("nan")
START = datetime.datetime(2024, 1, 1, 12)


def frozen(lib: Any, **changes: Any) -> Any:
    """Return a complete trial, built through the constructor."""
    fields = {
        "number": 3,
        "state": lib.trial.TrialState.COMPLETE,
        "value": 0.25,
        "datetime_start": START,
        "datetime_complete": START + datetime.timedelta(seconds=90),
        "params": {"x": 0.5},
        "distributions": {"x": lib.distributions.FloatDistribution(0, 1)},
        "user_attrs": {"color": "red"},
        "system_attrs": {"s": 1},
        "intermediate_values": {1: 0.5, 7: 0.25, 3: NAN},
        "trial_id": 11,
    }
    return lib.trial.FrozenTrial(**{**fields, **changes})


@differential
def test_the_constructor(lib: Any) -> Any:
    trial = frozen(lib)
    return trial, trial.value, trial.duration, trial._trial_id, trial.last_step


@differential
def test_repr(lib: Any) -> Any:
    return (
        repr(frozen(lib)),
        repr(frozen(lib, value=None, values=[1.0, INF])),
        str(frozen(lib, number=0)),
    )


@differential
def test_repr_names_the_fields_of_a_trial_of_a_study(lib: Any) -> Any:
    study = new_study(lib)
    study.optimize(mixed, n_trials=1)
    text = repr(study.trials[0])
    return [
        part in text
        for part in ("FrozenTrial(number=0, state=", "values=[", "params={'x': -1.0", "trial_id=0")
    ]


@differential
def test_eval_of_repr_gives_the_trial_back(lib: Any) -> Any:
    trial = frozen(lib, intermediate_values={}, distributions={}, params={})
    names = {
        "FrozenTrial": lib.trial.FrozenTrial,
        "TrialState": lib.trial.TrialState,
        "datetime": datetime,
    }
    text = repr(trial).replace(repr(trial.state), str(int(trial.state)))
    again = eval(text, names)
    return (
        again.number,
        again.values,
        again.user_attrs,
        again.datetime_start == trial.datetime_start,
    )


CHANGES: list[dict[str, Any]] = [
    {},
    {"number": 4},
    {"trial_id": 12},
    {"value": 0.5},
    {"params": {"x": 0.25}},
    {"user_attrs": {}},
    {"system_attrs": {}},
    {"intermediate_values": {}},
    {"datetime_start": None},
    {"datetime_complete": None},
    {"value": None, "values": [0.25]},
    {"value": None, "values": [0.25, 1.0]},
    {"distributions": {}},
]


@differential
@pytest.mark.parametrize("change", CHANGES, ids=str)
def test_equality_and_hash(lib: Any, change: dict[str, Any]) -> Any:
    base = {"intermediate_values": {1: 0.5}}
    one, other = frozen(lib, **base), frozen(lib, **{**base, **change})
    return one == other, one != other, attempt(hash, one) == attempt(hash, other)


@differential
def test_equality_with_other_things(lib: Any) -> Any:
    trial = frozen(lib)
    return trial == 3, trial == None, trial != "trial", trial == copy.copy(trial)  # noqa: E711


@differential
def test_order_is_by_number(lib: Any) -> Any:
    trials = [frozen(lib, number=n, value=v) for n, v in ((2, 0.0), (0, 9.0), (1, 5.0))]
    low, high = frozen(lib, number=0), frozen(lib, number=1)
    order = [t.number for t in sorted(trials)]
    return order, low < high, low <= low, high > low, high >= low, min(trials).value


@differential
@pytest.mark.parametrize("operator", ["__lt__", "__le__", "__gt__", "__ge__"])
def test_order_against_an_int_is_a_type_error(lib: Any, operator: str) -> Any:
    comparisons = {
        "__lt__": lambda t: t < 1,
        "__le__": lambda t: t <= 1,
        "__gt__": lambda t: t > 1,
        "__ge__": lambda t: t >= 1,
    }
    return attempt(comparisons[operator], frozen(lib))


@differential
def test_hash(lib: Any) -> Any:
    trials = {frozen(lib, params={}, distributions={}, intermediate_values={})}
    return attempt(lambda: len(trials)), attempt(hash, frozen(lib)) is not None


@differential
def test_value_and_values(lib: Any) -> Any:
    one, two, none = frozen(lib), frozen(lib, value=None, values=(1, 2)), frozen(lib, value=None)
    before = [(attempt(lambda t=t: t.value), t.values) for t in (one, two, none)]
    one.value = 5
    none.value = None
    refused = attempt(setattr, two, "value", 1.0)
    two.values = (3, 4)
    after = [t.values for t in (one, two, none)]
    two.values = None
    none.values = [1.0]
    return before, refused, after, two.value, none.value


@differential
@pytest.mark.parametrize(
    "values",
    [
        {"value": 1.0, "values": [1.0]},
        {"value": None, "values": None},
        {"value": None, "values": []},
        {"value": None, "values": (1.0,)},
        {"value": [1.0]},
        {"value": "x"},
    ],
    ids=str,
)
def test_value_and_values_of_the_constructor(lib: Any, values: dict[str, Any]) -> Any:
    return [attempt(lambda: frozen(lib, **values).values)]


@differential
def test_fields_can_be_set(lib: Any) -> Any:
    trial = frozen(lib)
    trial.number = 8
    trial.state = lib.trial.TrialState.FAIL
    trial.params = {"y": 1}
    trial.distributions = {"y": lib.distributions.IntDistribution(0, 3)}
    trial.user_attrs = {"u": 1}
    trial.system_attrs = {"s": 2}
    trial.intermediate_values = {0: 1.0}
    trial.datetime_start = START
    trial.datetime_complete = None
    return trial, trial.duration, trial.last_step


@differential
def test_number_datetime_and_duration(lib: Any) -> Any:
    trials = [frozen(lib), frozen(lib, datetime_start=None), frozen(lib, datetime_complete=None)]
    return [str(t.duration) for t in trials]


@differential
@pytest.mark.parametrize("state", ["RUNNING", "COMPLETE", "PRUNED", "FAIL", "WAITING"])
@pytest.mark.parametrize("value", [None, 1.0, NAN, INF], ids=str)
def test_create_trial_in_every_state(lib: Any, state: str, value: Any) -> Any:
    return attempt(lib.create_trial, state=lib.trial.TrialState[state], value=value)


@differential
@pytest.mark.parametrize("state", ["COMPLETE", "FAIL", "PRUNED"])
@pytest.mark.parametrize("values", [[1.0, 2.0], [], (1,), [1.0, NAN], [1, "a"]], ids=str)
def test_create_trial_with_several_values(lib: Any, state: str, values: Any) -> Any:
    return attempt(lib.create_trial, state=lib.trial.TrialState[state], values=values)


@differential
@pytest.mark.parametrize(
    "params",
    [{"x": 0.5}, {"x": 2.0}, {"y": 0.5}, {}, {"x": "a"}, {"x": NAN}, {"x": 0.5, "y": 1}],
    ids=str,
)
def test_create_trial_checks_params(lib: Any, params: dict[str, Any]) -> Any:
    space = {"x": lib.distributions.FloatDistribution(0, 1)}
    return attempt(lib.create_trial, value=1.0, params=params, distributions=space)


@differential
def test_create_trial_checks_every_kind_of_distribution(lib: Any) -> Any:
    kinds = lib.distributions

    def create(case: tuple[str, Any]) -> Any:
        kind, value = case
        distribution = {
            "int": kinds.IntDistribution(1, 9, step=2),
            "log": kinds.FloatDistribution(0.1, 1, log=True),
            "step": kinds.FloatDistribution(0, 1, step=0.25),
            "choice": kinds.CategoricalDistribution([None, "a", 1]),
        }[kind]
        return lib.create_trial(
            value=1.0, params={"x": value}, distributions={"x": distribution}
        ).params

    cases = [
        ("int", 3),
        ("int", 4),
        ("int", 3.0),
        ("int", 11),
        ("int", "3"),
        ("log", 0.5),
        ("log", 0),
        ("log", -1),
        ("step", 0.5),
        ("step", 0.3),
        ("choice", "a"),
        ("choice", None),
        ("choice", 1.0),
        ("choice", True),
        ("choice", "b"),
    ]
    return attempt_each(create, cases)


@differential
def test_create_trial_converts_deprecated_distributions(lib: Any) -> Any:
    space = {
        "x": lib.distributions.UniformDistribution(0, 1),
        "n": lib.distributions.IntLogUniformDistribution(1, 9),
    }
    return lib.create_trial(value=1.0, params={"x": 0.5, "n": 3}, distributions=space)


@differential
def test_create_trial_fills_every_field(lib: Any) -> Any:
    return lib.create_trial(
        value=1,
        user_attrs={"u": [1]},
        system_attrs={"s": None},
        intermediate_values={2: 0.5, 1: NAN},
        constraints={"c": 2},
    )


@differential
def test_create_trial_takes_keywords_only(lib: Any) -> Any:
    return attempt(lib.create_trial, lib.trial.TrialState.FAIL)


@differential
def test_the_trial_states(lib: Any) -> Any:
    states = lib.trial.TrialState
    rows = [(s.name, int(s), s.is_finished(), repr(s), str(s)) for s in states]
    return rows, states(1) is states.COMPLETE, states.COMPLETE == 1, attempt(states, 9)


@differential
def test_the_study_directions(lib: Any) -> Any:
    directions = lib.study.StudyDirection
    return [(d.name, int(d), repr(d)) for d in directions], directions(1) is directions.MINIMIZE


@differential
@pytest.mark.parametrize("name", ["pickle", "copy", "deepcopy"])
def test_copies_equal_the_trial(lib: Any, name: str) -> Any:
    copiers = {
        "pickle": lambda t: pickle.loads(pickle.dumps(t)),
        "copy": copy.copy,
        "deepcopy": copy.deepcopy,
    }
    study = new_study(lib)
    study.optimize(mixed, n_trials=2)
    trial = study.trials[1]
    again = copiers[name](trial)
    return again == trial, again is trial, again


@differential
def test_trials_of_a_study_compare_equal_when_read_twice(lib: Any) -> Any:
    study = new_study(lib)
    study.optimize(mixed, n_trials=2)
    return (
        study.trials == study.trials,
        study.trials[0] == study.get_trials(deepcopy=False)[0],
        study.best_trial in study.trials,
    )


@differential
def test_system_attributes_of_a_frozen_trial(lib: Any) -> Any:
    trial = frozen(lib)
    trial.user_attrs["new"] = 1
    trial.set_user_attr("other", 2)
    return trial.user_attrs, trial.system_attrs


@differential
def test_distributions_reach_the_frozen_trial_as_given(lib: Any) -> Any:
    study = new_study(lib)
    study.optimize(mixed, n_trials=1)
    held = study.trials[0].distributions
    return held, [d.single() for d in held.values()], held == study.trials[0].distributions
