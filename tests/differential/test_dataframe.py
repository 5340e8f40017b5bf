"""trials_dataframe."""

from __future__ import annotations

from typing import Any

import pytest

from .harness import attempt, differential
from .programs import new_study, pair

ALL = (
    "number",
    "value",
    "datetime_start",
    "datetime_complete",
    "duration",
    "params",
    "user_attrs",
    "system_attrs",
    "state",
)


def varied(lib: Any) -> Any:
    """Return a study with trials in every state, and parameters and attributes of many kinds."""
    study = new_study(lib)

    def objective(trial: Any) -> float:
        value = float(trial.suggest_float("x", 0, 1))
        trial.set_user_attr("who", f"worker {trial.number}")
        if trial.number == 0:
            trial.suggest_categorical("kind", ["a", None])
            trial.set_user_attr("list", [1, 2])
        if trial.number == 1:
            trial.suggest_int("n", 1, 3)
            raise ValueError
        if trial.number == 2:
            trial.report(0.5, 4)
            raise lib.TrialPruned
        trial.set_constraint("c", -1.0)
        return value

    study.optimize(objective, n_trials=4, catch=ValueError)
    study.ask()
    study.enqueue_trial({"x": 0.5})
    return study


@differential
@pytest.mark.parametrize("multi_index", [False, True])
def test_a_varied_study(lib: Any, multi_index: bool) -> Any:
    return varied(lib).trials_dataframe(multi_index=multi_index)


@differential
@pytest.mark.parametrize("multi_index", [False, True])
@pytest.mark.parametrize(
    "attrs",
    [
        ALL,
        ("state", "number"),
        ["params"],
        ("user_attrs", "value"),
        ("system_attrs",),
        ("number", "intermediate_values", "last_step"),
        ("constraints",),
        ("distributions",),
    ],
    ids=str,
)
def test_chosen_fields(lib: Any, attrs: Any, multi_index: bool) -> Any:
    return attempt(varied(lib).trials_dataframe, attrs=attrs, multi_index=multi_index)


@differential
@pytest.mark.parametrize("attrs", [("values",), ("number", "values", "state")], ids=str)
@pytest.mark.parametrize("objectives", [1, 2])
def test_values_field(lib: Any, attrs: Any, objectives: int) -> Any:
    study = lib.create_study(directions=["minimize"] * objectives)
    study.add_trial(lib.create_trial(values=[1.0] * objectives))
    study.ask()
    return study.trials_dataframe(attrs=attrs)


@differential
def test_an_empty_study(lib: Any) -> Any:
    frame = lib.create_study().trials_dataframe()
    return list(frame.columns), len(frame), type(frame).__name__


@differential
@pytest.mark.parametrize("multi_index", [False, True])
@pytest.mark.parametrize("names", [None, ["v0", "v1"], [0, 1], ["train", "test"]], ids=str)
def test_several_objectives(lib: Any, names: Any, multi_index: bool) -> Any:
    study = new_study(lib, directions=["minimize", "maximize"])
    if names:
        study.set_metric_names(names)
    study.optimize(pair, n_trials=2)
    study.tell(study.ask(), state=lib.trial.TrialState.FAIL)
    return study.trials_dataframe(multi_index=multi_index)


@differential
@pytest.mark.parametrize("multi_index", [False, True])
@pytest.mark.parametrize("names", [None, ["train", "test"]], ids=str)
def test_values_that_no_trial_has(lib: Any, names: Any, multi_index: bool) -> Any:
    study = lib.create_study(directions=["minimize", "maximize"])
    if names:
        study.set_metric_names(names)
    for state in (lib.trial.TrialState.FAIL, lib.trial.TrialState.PRUNED):
        study.add_trial(lib.create_trial(state=state))
    return study.trials_dataframe(attrs=("number", "value", "state"), multi_index=multi_index)


@differential
def test_more_objectives_than_digits(lib: Any) -> Any:
    study = lib.create_study(directions=["minimize"] * 11)
    study.add_trial(lib.create_trial(values=[float(i) for i in range(11)]))
    return study.trials_dataframe(attrs=("values",))


@differential
@pytest.mark.parametrize("multi_index", [False, True])
def test_one_named_objective(lib: Any, multi_index: bool) -> Any:
    study = lib.create_study()
    study.set_metric_names(["loss"])
    study.add_trial(lib.create_trial(value=1.0))
    return study.trials_dataframe(multi_index=multi_index)


@differential
def test_parameters_that_are_missing_somewhere(lib: Any) -> Any:
    kinds = lib.distributions
    study = lib.create_study()
    for name, value, kind in (
        ("b", 1, kinds.IntDistribution(0, 3)),
        ("a", 0.5, kinds.FloatDistribution(0, 1)),
        ("b", 3, kinds.IntDistribution(0, 3)),
        ("c", True, kinds.CategoricalDistribution([True, False])),
    ):
        study.add_trial(
            lib.create_trial(value=1.0, params={name: value}, distributions={name: kind})
        )
    return study.trials_dataframe()


@differential
def test_names_that_look_like_other_columns(lib: Any) -> Any:
    study = lib.create_study()
    space = {
        "value": lib.distributions.FloatDistribution(0, 1),
        "params_x": lib.distributions.FloatDistribution(0, 1),
    }
    trial = lib.create_trial(
        value=1.0,
        params={"value": 0.5, "params_x": 0.25},
        distributions=space,
        user_attrs={"state": "odd"},
    )
    study.add_trial(trial)
    return study.trials_dataframe()


@differential
def test_times_are_times(lib: Any) -> Any:
    frame = varied(lib).trials_dataframe()
    return [str(frame[c].dtype) for c in ("datetime_start", "datetime_complete", "duration")]
