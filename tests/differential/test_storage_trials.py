"""The storage interface: one trial, its parameters, attributes, reports and states."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from .harness import attempt, attempt_each, differential
from .storages import (
    ATTRIBUTES,
    INF,
    NAN,
    STATES,
    arguments_of,
    directions_of,
    finished,
    prepared,
    template,
)


@differential
def test_new_trials_are_numbered_in_each_study(lib: Any) -> Any:
    storage, first, _ = prepared(lib)
    second = storage.create_new_study(directions_of(lib, "MINIMIZE"), "coffee")
    ids = [storage.create_new_trial(study) for study in (first, second, first, second)]
    numbers = [storage.get_trial_number_from_id(i) for i in ids]
    counts = storage.get_n_trials(first), storage.get_n_trials(second)
    return len(set(ids)), numbers, counts, storage.get_all_trials(second)


@differential
@pytest.mark.parametrize("state", STATES)
def test_a_trial_from_a_template(lib: Any, state: str) -> Any:
    storage, study_id, _ = prepared(lib)
    given = template(lib, state)
    trial_id = storage.create_new_trial(study_id, template_trial=given)
    made = storage.get_trial(trial_id)
    times = [
        getattr(made, f"datetime_{when}") == getattr(given, f"datetime_{when}")
        for when in ("start", "complete")
    ]
    given.user_attrs["u"] = "spoiled"
    return storage.get_trial(trial_id), times, given.number, made._trial_id == trial_id


@differential
@pytest.mark.parametrize("state", STATES)
def test_a_trial_from_a_template_can_be_written_while_unfinished(lib: Any, state: str) -> Any:
    storage, study_id, _ = prepared(lib)
    trial_id = storage.create_new_trial(study_id, template(lib, state))
    outcomes = [
        attempt(
            storage.set_trial_param,
            trial_id,
            "y",
            1.0,
            lib.distributions.CategoricalDistribution(["a", "b"]),
        ),
        attempt(storage.set_trial_intermediate_value, trial_id, 9, 0.125),
        attempt(storage.set_trial_user_attr, trial_id, "u", 2),
        attempt(storage.set_trial_system_attr, trial_id, "s", 2),
        attempt(storage.set_trial_state_values, trial_id, lib.trial.TrialState.COMPLETE, [3.0]),
    ]
    return outcomes, storage.get_trial(trial_id)


@differential
def test_a_template_keeps_its_times(lib: Any) -> Any:
    storage, study_id, _ = prepared(lib)
    given = template(lib, "COMPLETE")
    given.datetime_start = datetime.datetime(2020, 2, 2, 2, 2, 2, 222222)
    given.datetime_complete = datetime.datetime(2021, 3, 3)
    made = storage.get_trial(storage.create_new_trial(study_id, given))
    return str(made.datetime_start), str(made.datetime_complete), str(made.duration)


@differential
@pytest.mark.parametrize("kind", ["user", "system"])
@pytest.mark.parametrize("value", ATTRIBUTES, ids=repr)
def test_attributes_of_a_trial(lib: Any, kind: str, value: Any) -> Any:
    storage, _study_id, trial_id = prepared(lib)
    write, read = (
        getattr(storage, f"set_trial_{kind}_attr"),
        getattr(storage, f"get_trial_{kind}_attrs"),
    )
    write(trial_id, "key", "old")
    write(trial_id, "key", value)
    write(trial_id, "other", 1)
    return read(trial_id), storage.get_trial(trial_id)


@differential
def test_parameters(lib: Any) -> Any:
    kinds = lib.distributions
    storage, _study_id, trial_id = prepared(lib)
    for name, internal, distribution in (
        ("x", 0.5, kinds.FloatDistribution(0, 1)),
        ("n", 3.0, kinds.IntDistribution(1, 9, step=2)),
        ("c", 1.0, kinds.CategoricalDistribution(["a", None])),
        ("l", 1e-3, kinds.FloatDistribution(1e-5, 1, log=True)),
    ):
        storage.set_trial_param(trial_id, name, internal, distribution)
    internals = [float(storage.get_trial_param(trial_id, name)) for name in ("x", "n", "c", "l")]
    return storage.get_trial_params(trial_id), internals, storage.get_trial(trial_id)


@differential
def test_a_parameter_set_twice(lib: Any) -> Any:
    storage, _, trial_id = prepared(lib)
    for internal, high in ((0.5, 1), (0.75, 2)):
        storage.set_trial_param(
            trial_id, "x", internal, lib.distributions.FloatDistribution(0, high)
        )
    return storage.get_trial(trial_id).params, storage.get_trial(trial_id).distributions


@differential
def test_a_parameter_out_of_its_range_is_stored(lib: Any) -> Any:
    storage, _, trial_id = prepared(lib)
    storage.set_trial_param(trial_id, "x", 7.5, lib.distributions.FloatDistribution(0, 1))
    return storage.get_trial(trial_id)


@differential
def test_incompatible_distributions(lib: Any) -> Any:
    kinds = lib.distributions
    storage, study_id, trial_id = prepared(lib)
    storage.set_trial_param(trial_id, "x", 0.5, kinds.FloatDistribution(0, 1))
    storage.set_trial_param(trial_id, "c", 0, kinds.CategoricalDistribution(["a", "b"]))
    other = storage.create_new_trial(study_id)

    def put(case: tuple[str, str]) -> Any:
        name, kind = case
        distribution = {
            "wider": kinds.FloatDistribution(-5, 5),
            "log": kinds.FloatDistribution(0.5, 5, log=True),
            "int": kinds.IntDistribution(0, 1),
            "choices": kinds.CategoricalDistribution(["b", "a"]),
            "same": kinds.CategoricalDistribution(["a", "b"]),
        }[kind]
        return storage.set_trial_param(other, name, 1.0, distribution)

    cases = [
        ("x", "wider"),
        ("x", "log"),
        ("x", "int"),
        ("x", "same"),
        ("c", "choices"),
        ("c", "same"),
        ("c", "int"),
    ]
    return attempt_each(put, cases), storage.get_trial(other)


@differential
@pytest.mark.parametrize("value", [1.0, NAN, INF, -INF, 3.0], ids=str)
def test_intermediate_values(lib: Any, value: Any) -> Any:
    storage, _, trial_id = prepared(lib)
    for step in (5, 0, 5):
        storage.set_trial_intermediate_value(trial_id, step, value + step)
    return storage.get_trial(trial_id)


@differential
@pytest.mark.parametrize("start", ["RUNNING", "WAITING"])
@pytest.mark.parametrize("state", STATES)
def test_change_of_state(lib: Any, start: str, state: str) -> Any:
    storage, study_id, _ = prepared(lib)
    trial_id = storage.create_new_trial(study_id, template(lib, start))
    values = [2.5] if state in ("COMPLETE", "PRUNED") else None
    outcome = attempt(storage.set_trial_state_values, trial_id, lib.trial.TrialState[state], values)
    return outcome, storage.get_trial(trial_id)


@differential
def test_a_waiting_trial_is_claimed_once(lib: Any) -> Any:
    storage, study_id, _ = prepared(lib)
    trial_id = storage.create_new_trial(study_id, template(lib, "WAITING"))
    running = lib.trial.TrialState.RUNNING
    answers = [storage.set_trial_state_values(trial_id, running) for _ in range(3)]
    return answers, storage.get_trial(trial_id)


@differential
@pytest.mark.parametrize("values", [[INF], [-INF], (1.0, 2.0), [0.5, -0.5, INF], None], ids=str)
def test_values_of_any_length(lib: Any, values: Any) -> Any:
    storage, _, trial_id = prepared(lib, *["MINIMIZE"] * (len(values) if values else 1))
    answer = storage.set_trial_state_values(trial_id, lib.trial.TrialState.PRUNED, values=values)
    return answer, storage.get_trial(trial_id)


@differential
@pytest.mark.parametrize("state", ["COMPLETE", "PRUNED", "FAIL"])
@pytest.mark.parametrize(
    "method",
    [
        "set_trial_param",
        "set_trial_state_values",
        "set_trial_intermediate_value",
        "set_trial_user_attr",
        "set_trial_system_attr",
    ],
)
def test_a_finished_trial_is_closed(lib: Any, state: str, method: str) -> Any:
    storage, trial_id = finished(lib, state)
    return attempt(
        getattr(storage, method), trial_id, *arguments_of(lib, method)
    ), storage.get_trial(trial_id)


@differential
@pytest.mark.parametrize("state", STATES)
def test_a_finished_trial_stays_in_its_state(lib: Any, state: str) -> Any:
    storage, trial_id = finished(lib, "COMPLETE")
    return attempt(
        storage.set_trial_state_values, trial_id, lib.trial.TrialState[state]
    ), storage.get_trial(trial_id)


@differential
def test_closedness_is_checked_before_compatibility(lib: Any) -> Any:
    storage, trial_id = finished(lib, "COMPLETE")
    return attempt(
        storage.set_trial_param,
        trial_id,
        "x",
        1,
        lib.distributions.CategoricalDistribution(["a", "b"]),
    )


@differential
def test_check_trial_is_updatable(lib: Any) -> Any:
    storage, _, trial_id = prepared(lib)
    return [
        (s.name, attempt(storage.check_trial_is_updatable, trial_id, s))
        for s in lib.trial.TrialState
    ]
