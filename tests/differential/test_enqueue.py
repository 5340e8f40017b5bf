"""enqueue_trial, add_trial and add_trials."""

from __future__ import annotations

from typing import Any

import pytest

from .harness import attempt, attempt_each, differential
from .programs import mixed, new_study, quadratic, storage_of

NAN = float("nan")


@differential
def test_enqueued_trials_run_first_and_in_order(lib: Any) -> Any:
    study = new_study(lib)
    for x in (0.9, 0.1, 0.4):
        study.enqueue_trial({"x": x})
    waiting = study.trials
    study.optimize(quadratic, n_trials=4)
    return waiting, study.trials


@differential
def test_enqueue_while_running(lib: Any) -> Any:
    study = new_study(lib)

    def objective(trial: Any) -> float:
        if trial.number == 0:
            study.enqueue_trial({"x": 0.125})
        return quadratic(trial)

    study.optimize(objective, n_trials=3)
    return [(t.number, t.params) for t in study.trials]


@differential
@pytest.mark.parametrize("params", [None, 1, [("x", 1)], "x", ("x", 1), {1, 2}], ids=repr)
def test_enqueue_needs_a_dictionary(lib: Any, params: Any) -> Any:
    study = lib.create_study()
    return attempt(study.enqueue_trial, params), len(study.trials)


@differential
@pytest.mark.parametrize(
    "params",
    [
        {"x": 5.0},
        {"x": -1},
        {"x": "0.5"},
        {"x": NAN},
        {"x": None},
        {"x": "high"},
        {"rate": 0.0},
        {"depth": 2},
        {"depth": 100},
        {"depth": 3.7},
        {"depth": True},
        {"kind": "z"},
        {"kind": None},
        {"kind": ["a"]},
        {"unknown": 1},
        {"x": 0, "unknown": [1]},
        {"x": 1, "depth": 9.0},
    ],
    ids=repr,
)
def test_enqueued_values_meet_the_distributions(lib: Any, params: dict[str, Any]) -> Any:
    study = new_study(lib)
    study.enqueue_trial(params)
    return attempt(study.optimize, mixed, n_trials=1), study.trials


@differential
@pytest.mark.parametrize("params", [{"x": 5.0}, {"n": 77}], ids=repr)
def test_out_of_range_values_are_used_with_a_warning(lib: Any, params: dict[str, Any]) -> Any:
    study = new_study(lib)
    study.enqueue_trial(params)
    trial = study.ask()
    values = [attempt(trial.suggest_float, "x", 0, 1), attempt(trial.suggest_int, "n", 1, 4)]
    return values, attempt(study.tell, trial, 1.0), trial.params


@differential
def test_only_some_parameters_are_enqueued(lib: Any) -> Any:
    study = new_study(lib)
    study.enqueue_trial({"kind": "b", "depth": 7})
    study.optimize(mixed, n_trials=2)
    return study.trials


@differential
def test_enqueued_values_of_branches_not_taken(lib: Any) -> Any:
    def objective(trial: Any) -> float:
        if trial.suggest_categorical("model", ["linear", "forest"]) == "linear":
            return float(trial.suggest_float("c", 0, 1))
        return float(trial.suggest_int("depth", 1, 8))

    study = new_study(lib)
    study.enqueue_trial({"model": "forest", "c": 0.25, "depth": 3})
    study.enqueue_trial({"model": "linear", "c": 0.25, "depth": 3})
    study.optimize(objective, n_trials=2)
    return study.trials


@differential
def test_user_attributes_of_enqueued_trials(lib: Any) -> Any:
    study = new_study(lib)
    study.enqueue_trial({"x": 0.5}, {"memo": "best guess", "n": [1]})
    study.enqueue_trial({"x": 0.25}, user_attrs=None)
    study.enqueue_trial({"x": 0.25}, user_attrs={})
    waiting = study.trials
    trial = study.ask()
    trial.set_user_attr("more", 1)
    return waiting, trial.user_attrs, study.trials[0]


@differential
def test_a_waiting_trial_starts_when_it_runs(lib: Any) -> Any:
    study = new_study(lib)
    study.enqueue_trial({"x": 0.5})
    before = study.trials[0]
    trial = study.ask()
    return before, trial.datetime_start is None, study.trials[0]


@differential
@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"x": 1}, {"x": 1}),
        ({"x": 1}, {"x": True}),
        ({"x": 1}, {"x": 2}),
        ({"x": 1}, {"y": 1}),
        ({"x": 1}, {"x": 1, "y": 2}),
        ({"x": NAN}, {"x": NAN}),
        ({"x": NAN}, {"x": 0.0}),
        ({"x": 0.0}, {"x": NAN}),
        ({"x": 0.0}, {"x": -0.0}),
        ({"x": "a"}, {"x": "a"}),
        ({"x": "a"}, {"x": NAN}),
        ({"x": None}, {"x": None}),
        ({"x": None}, {"x": NAN}),
        ({}, {}),
        ({}, {"x": 1}),
        ({"x": float("inf")}, {"x": float("inf")}),
        ({"x": 1 + 1e-12}, {"x": 1}),
    ],
    ids=str,
)
def test_skip_if_exists_among_waiting_trials(
    lib: Any, first: dict[str, Any], second: dict[str, Any]
) -> Any:
    study = lib.create_study()
    study.enqueue_trial(first)
    study.enqueue_trial(second, skip_if_exists=True)
    study.enqueue_trial(second)
    return len(study.trials)


@differential
def test_skip_if_exists_sees_running_and_finished_trials(lib: Any) -> Any:
    study = new_study(lib)
    study.enqueue_trial({"x": 0.5})
    trial = study.ask()
    counts = []
    study.enqueue_trial({"x": 0.5}, skip_if_exists=True)
    counts.append(len(study.trials))
    study.tell(trial, quadratic(trial))
    study.optimize(quadratic, n_trials=1)
    for x in (0.5, 0.25, 0.125):
        study.enqueue_trial({"x": x}, skip_if_exists=True)
        counts.append(len(study.trials))
    study.add_trial(
        lib.create_trial(
            value=1.0,
            params={"x": 0.75},
            distributions={"x": lib.distributions.FloatDistribution(0, 1)},
        )
    )
    study.enqueue_trial({"x": 0.75}, skip_if_exists=True)
    return [*counts, len(study.trials)]


@differential
def test_add_trial_in_every_state(lib: Any) -> Any:
    space = {"x": lib.distributions.FloatDistribution(0, 1)}
    study = lib.create_study()
    for state in lib.trial.TrialState:
        value = 1.0 if state.name in ("COMPLETE", "PRUNED") else None
        trial = lib.create_trial(
            state=state,
            value=value,
            params={"x": 0.5},
            distributions=space,
            user_attrs={"a": 1},
            system_attrs={"b": [2]},
            intermediate_values={3: 0.25},
        )
        study.add_trial(trial)
        outcomes = trial.number
    return outcomes, study.trials


@differential
def test_an_added_waiting_trial_is_run(lib: Any) -> Any:
    study = new_study(lib)
    space = {"x": lib.distributions.FloatDistribution(0, 1)}
    study.add_trial(
        lib.create_trial(
            state=lib.trial.TrialState.WAITING, params={"x": 0.25}, distributions=space
        )
    )
    study.add_trial(lib.create_trial(state=lib.trial.TrialState.WAITING))
    study.optimize(quadratic, n_trials=3)
    return study.trials


@differential
def test_added_trials_are_copies(lib: Any) -> Any:
    trial = lib.create_trial(value=1.0, user_attrs={"a": 1})
    study = lib.create_study()
    study.add_trials([trial, trial])
    trial.user_attrs["a"] = 2
    trial.values = [5.0]
    return study.trials, trial.number


@differential
def test_add_trials_of_another_study(lib: Any) -> Any:
    source, target = new_study(lib), new_study(lib)
    source.optimize(mixed, n_trials=3)
    target.optimize(mixed, n_trials=1)
    target.add_trials(source.trials[1:])
    target.add_trials([])
    target.add_trials(iter(source.trials))
    return target, target.best_trial.number


@differential
@pytest.mark.parametrize("values", [[1.0], [1.0, 2.0], [1.0, 2.0, 3.0]], ids=str)
@pytest.mark.parametrize("count", [1, 2])
def test_added_values_must_match_the_objectives(lib: Any, values: list[float], count: int) -> Any:
    study = lib.create_study(directions=["minimize"] * count)
    return attempt(study.add_trial, lib.create_trial(values=values)), study.trials


@differential
def test_add_trial_checks_the_trial(lib: Any) -> Any:
    study = lib.create_study()

    def spoiled(name: str) -> Any:
        trial = lib.create_trial(
            value=1.0,
            params={"x": 0.5},
            distributions={"x": lib.distributions.FloatDistribution(0, 1)},
        )
        if name == "values":
            trial.values = None
        if name == "nan":
            trial.values = [NAN]
        if name == "start":
            trial.datetime_start = None
        if name == "complete":
            trial.datetime_complete = None
        if name == "params":
            trial.params = {"x": 2.0}
        if name == "names":
            trial.params = {"y": 0.5}
        if name == "state":
            trial.state = lib.trial.TrialState.RUNNING
        return study.add_trial(trial)

    names = ["values", "nan", "start", "complete", "params", "names", "state", "nothing"]
    return attempt_each(spoiled, names), len(study.trials)


@differential
def test_added_trials_with_changing_ranges(lib: Any) -> Any:
    kinds = lib.distributions
    study = new_study(lib)
    outcomes = []
    for distribution, value in (
        (kinds.FloatDistribution(0, 1), 0.5),
        (kinds.FloatDistribution(0, 9), 5.0),
        (kinds.FloatDistribution(1, 2, log=True), 1.5),
        (kinds.IntDistribution(0, 3), 2),
        (kinds.CategoricalDistribution(["a"]), "a"),
    ):
        trial = lib.create_trial(value=1.0, params={"x": value}, distributions={"x": distribution})
        outcomes.append(attempt(study.add_trial, trial))
    return outcomes, study.trials


@differential
def test_waiting_trials_of_two_studies_on_one_storage(lib: Any) -> Any:
    storage = storage_of(lib)
    first = new_study(lib, study_name="s", storage=storage)
    second = lib.load_study(study_name="s", storage=storage)
    first.enqueue_trial({"x": 0.25})
    second.enqueue_trial({"x": 0.75})
    taken = [first.ask().suggest_float("x", 0, 1), second.ask().suggest_float("x", 0, 1)]
    return taken, first.trials


@differential
def test_which_values_repeat_one_another(lib: Any) -> Any:
    values: list[Any] = [
        0,
        0.0,
        False,
        1,
        1.0,
        True,
        1 + 1e-12,
        1.00001,
        1.0001,
        "1",
        None,
        float("inf"),
    ]
    repeated = []
    for known in values:
        for given in values:
            study = lib.create_study()
            study.enqueue_trial({"x": known})
            study.enqueue_trial({"x": given}, skip_if_exists=True)
            repeated.append((known, given, len(study.trials)))
    return repeated
