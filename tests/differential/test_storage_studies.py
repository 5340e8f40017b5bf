"""The storage interface: studies, their attributes, and ids that nobody has."""

from __future__ import annotations

import pickle
from typing import Any

import pytest

from .harness import attempt, differential
from .programs import storage_of
from .storages import (
    ATTRIBUTES,
    arguments_of,
    directions_of,
    prepared,
)


@differential
def test_new_studies(lib: Any) -> Any:
    storage = storage_of(lib)
    ids = [
        storage.create_new_study(directions_of(lib, "MINIMIZE"), "a"),
        storage.create_new_study(
            directions=directions_of(lib, "MAXIMIZE", "MINIMIZE"), study_name="b"
        ),
        storage.create_new_study(directions_of(lib, "MAXIMIZE")),
    ]
    names = [storage.get_study_name_from_id(i) for i in ids]
    directions = [storage.get_study_directions(i) for i in ids]
    return (
        len(set(ids)),
        names,
        directions,
        [storage.get_study_id_from_name(n) == i for n, i in zip(names, ids, strict=True)],
    )


@differential
def test_a_used_name(lib: Any) -> Any:
    storage, study_id, _ = prepared(lib)
    outcome = attempt(storage.create_new_study, directions_of(lib, "MAXIMIZE"), "tea")
    return outcome, storage.get_study_directions(study_id), len(storage.get_all_studies())


@differential
def test_all_studies(lib: Any) -> Any:
    storage = storage_of(lib)
    empty = storage.get_all_studies()
    for number, name in enumerate(("b", "a")):
        study_id = storage.create_new_study(
            directions_of(lib, "MINIMIZE", "MAXIMIZE")[: number + 1], name
        )
        storage.set_study_user_attr(study_id, "u", number)
        storage.set_study_system_attr(study_id, "s", [number])
    rows = [
        (s.study_name, s.directions, s.user_attrs, s.system_attrs, s._study_id)
        for s in storage.get_all_studies()
    ]
    first, second = storage.get_all_studies()
    return (
        empty,
        rows,
        first.direction,
        attempt(lambda: second.direction),
        first == storage.get_all_studies()[0],
        first == second,
    )


@differential
def test_delete_study(lib: Any) -> Any:
    storage, study_id, trial_id = prepared(lib)
    other = storage.create_new_study(directions_of(lib, "MINIMIZE"), "coffee")
    kept = storage.create_new_trial(other)
    storage.delete_study(study_id)
    after = [
        attempt(storage.get_study_name_from_id, study_id),
        attempt(storage.get_study_id_from_name, "tea"),
        attempt(storage.get_trial, trial_id),
        attempt(storage.create_new_trial, study_id),
        attempt(storage.delete_study, study_id),
        storage.get_trial(kept).number,
        [s.study_name for s in storage.get_all_studies()],
    ]
    again = storage.create_new_study(directions_of(lib, "MAXIMIZE"), "tea")
    return after, storage.get_all_trials(again), again != study_id


@differential
@pytest.mark.parametrize("kind", ["user", "system"])
@pytest.mark.parametrize("value", ATTRIBUTES, ids=repr)
def test_attributes_of_a_study(lib: Any, kind: str, value: Any) -> Any:
    storage, study_id, _ = prepared(lib)
    write, read = (
        getattr(storage, f"set_study_{kind}_attr"),
        getattr(storage, f"get_study_{kind}_attrs"),
    )
    before = dict(read(study_id))
    write(study_id, "key", "old")
    write(study_id, "key", value)
    write(study_id, "other", 1)
    return (
        before,
        read(study_id),
        pickle.loads(pickle.dumps(storage)).get_all_studies()[0].user_attrs,
    )


@differential
def test_attributes_read_earlier_do_not_change(lib: Any) -> Any:
    storage, study_id, trial_id = prepared(lib)
    storage.set_study_user_attr(study_id, "a", 1)
    storage.set_trial_user_attr(trial_id, "a", 1)
    early = storage.get_study_user_attrs(study_id), storage.get_trial(trial_id)
    storage.set_study_user_attr(study_id, "a", 2)
    storage.set_trial_user_attr(trial_id, "a", 2)
    storage.set_trial_intermediate_value(trial_id, 0, 1.0)
    return early


MISSING_STUDY = {
    "delete_study": (),
    "set_study_user_attr": ("k", 1),
    "set_study_system_attr": ("k", 1),
    "get_study_name_from_id": (),
    "get_study_directions": (),
    "get_study_user_attrs": (),
    "get_study_system_attrs": (),
    "create_new_trial": (),
    "get_trial_id_from_study_id_trial_number": (0,),
    "get_all_trials": (),
    "get_n_trials": (),
    "get_best_trial": (),
}


@differential
@pytest.mark.parametrize("method", MISSING_STUDY)
def test_a_missing_study(lib: Any, method: str) -> Any:
    storage, study_id, _ = prepared(lib)
    call = getattr(storage, method)
    return [attempt(call, missing, *MISSING_STUDY[method]) for missing in (study_id + 1, -1, 10**6)]


MISSING_TRIAL = [
    "set_trial_param",
    "get_trial_number_from_id",
    "get_trial_param",
    "get_trial_params",
    "set_trial_state_values",
    "set_trial_intermediate_value",
    "set_trial_user_attr",
    "set_trial_system_attr",
    "get_trial",
    "get_trial_user_attrs",
    "get_trial_system_attrs",
]


@differential
@pytest.mark.parametrize("method", MISSING_TRIAL)
def test_a_missing_trial(lib: Any, method: str) -> Any:
    storage, _, trial_id = prepared(lib)
    call = getattr(storage, method)
    return [
        attempt(call, missing, *arguments_of(lib, method)) for missing in (trial_id + 1, -1, 10**6)
    ]


@differential
def test_a_missing_study_name(lib: Any) -> Any:
    storage, _, _ = prepared(lib)
    return attempt(storage.get_study_id_from_name, "coffee")


@differential
def test_a_missing_number_and_parameter(lib: Any) -> Any:
    storage, study_id, trial_id = prepared(lib)
    by_number = storage.get_trial_id_from_study_id_trial_number
    return [
        by_number(study_id, 0) == trial_id,
        attempt(by_number, study_id, 1),
        attempt(storage.get_trial_param, trial_id, "nobody"),
        storage.get_trial_params(trial_id),
    ]
