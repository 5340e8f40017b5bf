"""Storages to run programs on: small ones, with a study and trials in every state."""

from __future__ import annotations

from typing import Any

from .programs import storage_of

INF, NAN = float("inf"), float("nan")
STATES = ["RUNNING", "COMPLETE", "PRUNED", "FAIL", "WAITING"]
ATTRIBUTES = [1, 0.5, "text", None, NAN, INF, -INF, True, [1, [NAN]], {"a": {"b": INF}}, "", "ü"]


def prepared(lib: Any, *directions: str) -> tuple[Any, int, int]:
    """Return a storage, the id of its only study and the id of a running trial."""
    storage = storage_of(lib)
    study_id = storage.create_new_study(directions_of(lib, *(directions or ("MINIMIZE",))), "tea")
    return storage, study_id, storage.create_new_trial(study_id)


def directions_of(lib: Any, *names: str) -> list[Any]:
    """Return members of StudyDirection."""
    return [lib.study.StudyDirection[name] for name in names]


def template(lib: Any, state: str, **changes: Any) -> Any:
    """Return a trial in the given state, to create a new one from."""
    fields = {
        "value": 0.5 if state in ("COMPLETE", "PRUNED") else None,
        "params": {"x": 0.25, "n": 3},
        "distributions": {
            "x": lib.distributions.FloatDistribution(0, 1),
            "n": lib.distributions.IntDistribution(1, 9),
        },
        "user_attrs": {"u": [1, NAN]},
        "system_attrs": {"s": None},
        "intermediate_values": {4: 0.5, 2: NAN},
    }
    return lib.create_trial(state=lib.trial.TrialState[state], **{**fields, **changes})


def finished(lib: Any, state: str) -> tuple[Any, int]:
    """Return a storage and the id of a trial in a finished state that has one of everything."""
    storage, _study_id, trial_id = prepared(lib)
    storage.set_trial_param(trial_id, "x", 0.5, lib.distributions.FloatDistribution(0, 1))
    values = [1.0] if state == "COMPLETE" else None
    storage.set_trial_state_values(trial_id, lib.trial.TrialState[state], values)
    return storage, trial_id


def populated(lib: Any, *directions: str) -> tuple[Any, int]:
    """Return a storage and a study with two trials in each state."""
    storage, study_id, _ = prepared(lib, *directions)
    for state in STATES * 2:
        storage.create_new_trial(study_id, template(lib, state))
    return storage, study_id


def arguments_of(lib: Any, method: str) -> tuple[Any, ...]:
    """Return what a method of the storage takes after the id of the trial."""
    return {
        "set_trial_param": ("x", 0.5, lib.distributions.FloatDistribution(0, 1)),
        "get_trial_param": ("x",),
        "set_trial_state_values": (lib.trial.TrialState.COMPLETE, [1.0]),
        "set_trial_intermediate_value": (0, 1.0),
        "set_trial_user_attr": ("k", 1),
        "set_trial_system_attr": ("k", 1),
    }.get(method, ())
