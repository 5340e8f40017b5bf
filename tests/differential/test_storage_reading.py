"""The storage interface: many trials, the best one, pickling, and tools beside a study."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import pytest

from .harness import attempt, differential
from .programs import storage_of
from .storages import (
    INF,
    NAN,
    STATES,
    populated,
    prepared,
    template,
)


@differential
@pytest.mark.parametrize(
    "names", [None, (), ("COMPLETE",), ("WAITING",), ("FAIL", "PRUNED"), tuple(STATES)], ids=str
)
@pytest.mark.parametrize("container", [tuple, list, set], ids=str)
@pytest.mark.parametrize("deepcopy", [True, False])
def test_all_trials(lib: Any, names: Any, container: Any, deepcopy: bool) -> Any:
    storage, study_id = populated(lib)
    states = None if names is None else container(lib.trial.TrialState[n] for n in names)
    return storage.get_all_trials(study_id, deepcopy=deepcopy, states=states)


@differential
def test_all_trials_in_deep_copy_are_free_to_change(lib: Any) -> Any:
    storage, study_id = populated(lib)
    for trial in storage.get_all_trials(study_id):
        trial.params.clear()
        trial.user_attrs["u"].append(1)
        trial.values = [9.0]
    storage.get_all_trials(study_id, deepcopy=False).clear()
    return storage.get_all_trials(study_id)[:4]


@differential
def test_number_of_trials(lib: Any) -> Any:
    storage, study_id = populated(lib)
    states = lib.trial.TrialState
    wanted = [None, states.WAITING, states.RUNNING, (states.COMPLETE, states.FAIL), ()]
    return [attempt(storage.get_n_trials, study_id, state=w) for w in wanted]


@differential
def test_waiting_trials_in_turn(lib: Any) -> Any:
    storage, study_id, _ = prepared(lib)
    waiting = (lib.trial.TrialState.WAITING,)
    seen = [storage.get_all_trials(study_id, states=waiting)]
    for _ in range(3):
        storage.create_new_trial(study_id, template(lib, "WAITING"))
    for _ in range(4):
        found = storage.get_all_trials(study_id, deepcopy=False, states=waiting)
        seen.append([t.number for t in found])
        if found:
            storage.set_trial_state_values(found[0]._trial_id, lib.trial.TrialState.RUNNING)
    return seen


@differential
@pytest.mark.parametrize("direction", ["MINIMIZE", "MAXIMIZE"])
@pytest.mark.parametrize(
    "values", [[], [1.0], [2.0, 1.0, 1.0, 3.0, 3.0], [INF, -INF], [INF], [-INF, 0.0]], ids=str
)
def test_best_trial(lib: Any, direction: str, values: list[float]) -> Any:
    storage, study_id, _ = prepared(lib, direction)
    for value in values:
        storage.create_new_trial(study_id, template(lib, "COMPLETE", value=value))
    storage.create_new_trial(study_id, template(lib, "PRUNED", value=-100.0))
    return attempt(storage.get_best_trial, study_id)


@differential
def test_best_trial_through_change_of_state(lib: Any) -> Any:
    storage, study_id, first = prepared(lib)
    second, third = storage.create_new_trial(study_id), storage.create_new_trial(study_id)
    bests = []
    for trial_id, value in ((second, 2.0), (third, 3.0), (first, 2.0)):
        storage.set_trial_state_values(trial_id, lib.trial.TrialState.COMPLETE, [value])
        bests.append(storage.get_best_trial(study_id).number)
    return bests


@differential
def test_best_trial_of_several_objectives(lib: Any) -> Any:
    storage, study_id, trial_id = prepared(lib, "MINIMIZE", "MAXIMIZE")
    before = attempt(storage.get_best_trial, study_id)
    storage.set_trial_state_values(trial_id, lib.trial.TrialState.COMPLETE, [1.0, 2.0])
    return before, attempt(storage.get_best_trial, study_id)


@differential
def test_a_storage_survives_pickling(lib: Any) -> Any:
    storage, study_id = populated(lib)
    again = pickle.loads(pickle.dumps(storage))
    new = again.create_new_trial(study_id)
    again.set_trial_user_attr(new, "a", NAN)
    rows = [
        again.get_study_name_from_id(study_id),
        again.get_all_trials(study_id),
        again.get_best_trial(study_id).number,
    ]
    return rows, storage.get_n_trials(study_id)


@differential
def test_remove_session_does_no_harm(lib: Any) -> Any:
    storage, study_id = populated(lib)
    return [storage.remove_session(), storage.get_n_trials(study_id)]


@differential
def test_a_study_sees_what_a_tool_wrote_to_its_storage(lib: Any) -> Any:
    storage = storage_of(lib)
    study = lib.create_study(storage=storage, study_name="tea")
    trial_id = storage.create_new_trial(study._study_id)
    storage.set_trial_param(trial_id, "x", 0.5, lib.distributions.FloatDistribution(0, 1))
    storage.set_trial_state_values(trial_id, lib.trial.TrialState.COMPLETE, [0.25])
    storage.set_study_user_attr(study._study_id, "tool", "yes")
    storage.create_new_trial(
        study._study_id, template(lib, "WAITING", system_attrs={"fixed_params": {"x": 0.75}})
    )
    trial = study.ask()
    return trial.suggest_float("x", 0, 1), study, study.best_trial.number


@differential
def test_a_tool_writes_to_a_live_trial(lib: Any) -> Any:
    storage = storage_of(lib)
    study = lib.create_study(storage=storage)
    trial = study.ask()
    trial.report(0.5, 0)
    storage.set_trial_user_attr(trial._trial_id, "tool", 1)
    storage.set_trial_system_attr(trial._trial_id, "tool", 2)
    storage.set_trial_intermediate_value(trial._trial_id, 3, 0.125)
    trial.set_user_attr("mine", 3)
    trial.report(0.75, 4)
    return study.tell(trial, 1.0)


@differential
def test_a_tool_ends_a_live_trial(lib: Any) -> Any:
    storage = storage_of(lib)
    study = lib.create_study(storage=storage)
    trial = study.ask()
    storage.set_trial_state_values(trial._trial_id, lib.trial.TrialState.FAIL)
    return attempt(study.tell, trial, 1.0), attempt(trial.suggest_float, "x", 0, 1), study.trials


@differential
def test_a_tool_reads_a_live_trial(lib: Any) -> Any:
    storage = storage_of(lib)
    study = lib.create_study(storage=storage, sampler=lib.samplers.RandomSampler(seed=0))
    study.enqueue_trial({"x": 0.5})
    trial = study.ask()
    trial.suggest_float("x", 0, 1)
    trial.report(0.25, 1)
    trial.set_user_attr("a", 1)
    return (
        storage.get_trial(trial._trial_id),
        storage.get_all_trials(study._study_id),
        storage.get_trial_params(trial._trial_id),
    )


@differential
def test_the_base_storage(lib: Any) -> Any:
    base = lib.storages.BaseStorage
    return attempt(base), issubclass(lib.storages.InMemoryStorage, base)


@differential
def test_get_storage(lib: Any) -> Any:
    storage = storage_of(lib)
    return lib.storages.get_storage(storage) is storage, type(
        lib.storages.get_storage(None)
    ).__name__


@differential
@pytest.mark.parametrize("is_restored", [False, True])
def test_what_a_database_was_opened_with(lib: Any, is_restored: bool, tmp_path: Path) -> Any:
    retry = lib.storages.RetryHeartbeatStaleTrialCallback(max_retry=1)
    storage = lib.storages.RDBStorage(
        f"sqlite:///{tmp_path / lib.__name__}.db",
        engine_kwargs={"echo": False},
        skip_compatibility_check=True,
        heartbeat_interval=60,
        grace_period=90,
        heartbeat_stale_trial_callback=retry,
    )
    if is_restored:
        storage = pickle.loads(pickle.dumps(storage))
    kind = type(storage.heartbeat_stale_trial_callback).__name__
    asked = storage.engine_kwargs, storage.skip_compatibility_check
    return *asked, storage.heartbeat_interval, storage.grace_period, kind
