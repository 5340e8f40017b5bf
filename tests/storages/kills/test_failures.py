"""What fails in the middle of a study is told, and can be done again."""

from __future__ import annotations

from typing import Any

import pytest
from storages.kills.studies import RANDOM, create, load
from storages.media import Medium

import steep
from steep.storages import Storage
from steep.trial import TrialState

COMPLETE = TrialState.COMPLETE


def fail_appends(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    def append(*_: Any) -> int:
        raise steep.exceptions.StorageInternalError("no space")

    monkeypatch.setattr(storage._backend, "append", append)


def test_a_trial_that_could_not_be_told_can_be_told_again_with_all_it_has(
    sqlite: Medium, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = create(sqlite)
    trial = study.ask()
    x = trial.suggest_float("x", 0, 1)
    trial.report(0.5, 1)
    trial.set_user_attr("k", 1)
    study.flush()
    y = trial.suggest_float("y", 0, 1)
    trial.set_user_attr("k", 2)
    trial.report(0.25, 2)
    with monkeypatch.context() as patch:
        fail_appends(study._storage, patch)
        for fails in (study.flush, lambda: study.tell(trial, 1.0)):
            with pytest.raises(steep.exceptions.StorageInternalError):
                fails()
        trial.set_user_attr("k", 3)
        z = trial.suggest_float("z", 0, 1)
    told = study.tell(trial, 1.0)
    assert told.params == {"x": x, "y": y, "z": z}
    assert told.user_attrs == {"k": 3}
    assert told.intermediate_values == {1: 0.5, 2: 0.25}
    assert load(sqlite).trials == [told]


def lose_answers(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    append = storage._backend.append

    def arrive(*arguments: Any) -> int:
        append(*arguments)
        raise steep.exceptions.StorageInternalError("the connection was lost for too long")

    monkeypatch.setattr(storage._backend, "append", arrive)


def tell_in_vain(study: steep.Study, monkeypatch: pytest.MonkeyPatch) -> steep.trial.Trial:
    """Tell a trial with 1.0, which arrives although the call fails."""
    trial = study.ask()
    trial.suggest_float("x", 0, 1)
    trial.report(0.5, 1)
    with monkeypatch.context() as patch:
        lose_answers(study._storage, patch)
        with pytest.raises(steep.exceptions.StorageInternalError):
            study.tell(trial, 1.0)
    return trial


def test_a_result_that_arrived_although_its_call_failed_may_be_told_again(
    medium: Medium, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = create(medium)
    trial = tell_in_vain(study, monkeypatch)
    told = study.tell(trial, 1.0)  # without a warning
    assert told.value == 1.0
    assert told.intermediate_values == {1: 0.5}
    assert load(medium).trials == study.trials == [told]


@pytest.mark.parametrize("differs", ["value", "attribute", "deleted"])
def test_what_differs_from_the_result_that_arrived_is_not_recorded(
    sqlite: Medium, monkeypatch: pytest.MonkeyPatch, differs: str
) -> None:
    study = create(sqlite)
    trial = tell_in_vain(study, monkeypatch)
    if differs == "attribute":
        trial.set_user_attr("k", 1)
    if differs == "deleted":
        load(sqlite).delete_trial(trial.number)
    with pytest.warns(UserWarning, match="is not recorded"):
        study.tell(trial, 2.0 if differs == "value" else 1.0)
    values = [trial.value for trial in load(sqlite).trials]
    assert values == ([] if differs == "deleted" else [1.0])


def test_a_snapshot_that_cannot_be_saved_is_done_without(
    sqlite: Medium, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("steep.storages.core._FIRST_SNAPSHOT", 5)
    study = create(sqlite)

    def save(*_: Any) -> None:
        raise steep.exceptions.StorageInternalError("no space")

    monkeypatch.setattr(study._storage._backend, "save_snapshot", save)
    study.optimize(lambda trial: trial.suggest_float("x", 0, 1), n_trials=10)
    assert len(load(sqlite).get_trials(states=(COMPLETE,))) == 10


def test_a_study_that_another_process_deletes_stops_nobody_from_closing(medium: Medium) -> None:
    storage = medium.open()
    tea = steep.create_study(study_name="tea", storage=storage, sampler=RANDOM)
    milk = steep.create_study(study_name="milk", storage=storage, sampler=RANDOM)
    for study in (tea, milk):
        study.ask().suggest_float("x", 0, 1)
    steep.delete_study(study_name="tea", storage=medium.open())
    storage.close()
    (kept,) = load(medium, "milk").trials
    assert list(kept.params) == ["x"]
