"""Optuna's journal files: followed as Optuna follows them, and written so that it can."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import optuna
import pytest
from optuna_studies import make_studies, optuna_storage, studies_of

import steep
from steep.exceptions import StorageInternalError
from steep.storages.optuna import export_optuna, import_optuna
from steep.storages.optuna.journal.lock import locked
from steep.storages.optuna.journal.writer import writing


def new_storage(name: str | None = None) -> Any:
    """Return a storage of steep, empty or with a study of a name."""
    storage = steep.storages.InMemoryStorage()
    if name is not None:
        study = steep.create_study(study_name=name, storage=storage)
        study.add_trials([steep.create_trial(value=value) for value in (1.0, 2.0)])
    return storage


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return a journal to which a study named "tea" was exported."""
    export_optuna(new_storage("tea"), tmp_path / "study.log")
    return tmp_path / "study.log"


def append(path: Path, *records: dict[str, Any]) -> None:
    """Append records to a journal."""
    with path.open("a") as file:
        for record in records:
            file.write(json.dumps({"worker_id": "w", **record}) + "\n")


def same_in_both(path: Path) -> list[dict[str, Any]]:
    """Return the studies of a journal, which Optuna and steep must see alike."""
    storage = new_storage()
    import_optuna(path, storage)
    with optuna_storage(str(path)) as theirs:
        assert studies_of(storage) == studies_of(theirs)
    return studies_of(storage)


def test_records_that_come_too_late_change_nothing(path: Path) -> None:
    spec = '{"name": "IntDistribution", "attributes": {"low": 0, "high": 9}}'
    other = '{"name": "FloatDistribution", "attributes": {"low": 0, "high": 9}}'
    late = "2024-03-01T12:00:00.000001+00:00"
    x = {"op_code": 5, "param_name": "x", "param_value_internal": 3.0}
    append(
        path,
        {"op_code": 0, "study_name": "tea", "directions": [2]},  # the name is in use
        {"op_code": 1, "study_id": 7},
        {"op_code": 2, "study_id": 7, "user_attr": {"k": 1}},
        {"op_code": 3, "study_id": 7, "system_attr": {"k": 1}},
        {"op_code": 4, "study_id": 7, "datetime_start": late},
        {"op_code": 4, "study_id": 0, "datetime_start": late},  # trial 2, which runs
        {**x, "trial_id": 2, "distribution": spec},
        {**x, "trial_id": 0, "distribution": spec},
        {**x, "trial_id": 9, "distribution": spec},
        {"op_code": 4, "study_id": 0, "datetime_start": late},  # trial 3
        {**x, "trial_id": 3, "distribution": other},  # of another kind than before
        {"op_code": 6, "trial_id": 2, "state": 0, "values": None, "datetime_start": late},
        {"op_code": 6, "trial_id": 0, "state": 1, "values": [9], "datetime_complete": late},
        {"op_code": 7, "trial_id": 0, "step": 1, "intermediate_value": 1.0},
        {"op_code": 7, "trial_id": 2, "step": 1, "intermediate_value": 1.0},
        {"op_code": 8, "trial_id": 0, "user_attr": {"k": 1}},
        {"op_code": 9, "trial_id": 0, "system_attr": {"k": 1}},
        {"op_code": 10, "study_id": 0},
    )
    (study,) = same_in_both(path)
    assert [trial["params"] for trial in study["trials"]] == ["{}", "{}", "{'x': 3}", "{}"]


def test_a_waiting_trial_is_started_once_and_ends_once(path: Path) -> None:
    moments = [f"2024-03-01T12:00:0{i}.000001+00:00" for i in range(6)]
    start = {"op_code": 6, "trial_id": 2, "state": 0, "values": None}
    end = {"op_code": 6, "trial_id": 2}
    append(
        path,
        {"op_code": 4, "study_id": 0, "datetime_start": None, "state": 4, "params": {}},
        {**start, "datetime_start": moments[1]},
        {**start, "datetime_start": moments[2]},
        {**end, "state": 2, "values": [0.5], "datetime_complete": moments[3]},
        {**end, "state": 1, "values": [0.1], "datetime_complete": moments[4]},
    )
    trial = same_in_both(path)[0]["trials"][2]
    assert (trial["state"], trial["values"]) == ("PRUNED", "[0.5]")


def test_studies_that_were_deleted_keep_their_ids(tmp_path: Path) -> None:
    path = tmp_path / "study.log"
    with optuna_storage(str(path)) as theirs:
        make_studies(theirs)
    append(path, {"op_code": 1, "study_id": 3})  # "empty", the last one
    export_optuna(new_storage("coffee"), path)
    assert [study["name"] for study in same_in_both(path)] == ["tea", "several μ", "coffee"]


def test_times_before_optuna_5_are_local(path: Path) -> None:
    append(path, {"op_code": 4, "study_id": 0, "datetime_start": "2024-03-01T12:00:00.000001"})
    same_in_both(path)


def test_a_last_line_without_an_end_is_not_there_yet(path: Path) -> None:
    before = same_in_both(path)
    with path.open("ab") as file:
        file.write(b'{"op_code":4,"worker_id":"w","study_id":0')
    storage = new_storage()
    import_optuna(path, storage)
    assert studies_of(storage) == before
    with pytest.raises(ValueError, match="ends with a torn line.*import_optuna"):
        export_optuna(new_storage("coffee"), path)


def test_a_torn_line_that_optuna_cannot_read_past_is_skipped_with_a_warning(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b'{"op_code":4,"worker_id":"w","stu{"op_code":4,"wor\n')
    append(path, {"op_code": 2, "study_id": 0, "user_attr": {"after": True}})
    storage = new_storage()
    with pytest.warns(UserWarning, match=r"1 torn lines \(line 4\)"):
        import_optuna(path, storage)
    study = steep.load_study(study_name="tea", storage=storage)
    assert (study.user_attrs, len(study.trials)) == ({"after": True}, 2)


def test_records_of_a_newer_optuna_are_refused(path: Path) -> None:
    append(path, {"op_code": 99})
    with pytest.raises(ValueError, match="op_code 99.*newer steep"):
        import_optuna(path, new_storage())


def test_an_empty_file_is_a_journal_without_studies(tmp_path: Path) -> None:
    path = tmp_path / "empty.log"
    path.touch()
    assert import_optuna(path, new_storage()) == []
    assert export_optuna(new_storage("tea"), path) == ["tea"]
    assert len(same_in_both(path)) == 1


def test_a_link_and_the_mode_of_the_file_stay(path: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.log"
    link.symlink_to(path)
    path.chmod(0o640)
    export_optuna(new_storage("coffee"), link)
    assert link.is_symlink()
    assert path.stat().st_mode & 0o777 == 0o640
    assert len(same_in_both(path)) == 2
    assert sorted(tmp_path.iterdir()) == [link, path]


def test_optuna_waits_while_steep_writes(path: Path) -> None:
    done = threading.Event()

    def create() -> None:
        with optuna_storage(str(path)) as theirs:
            optuna.create_study(study_name="theirs", storage=theirs)
        done.set()

    with writing(path) as journal:
        thread = threading.Thread(target=create)
        thread.start()
        assert not done.wait(0.1)
        journal.write(steep.storages.optuna.record.StudyRecord("ours", [1]))
    thread.join()
    assert [study["name"] for study in same_in_both(path)] == ["tea", "ours", "theirs"]


def test_a_lock_that_is_never_released_is_named(path: Path) -> None:
    lock = path.with_name("study.log.lock")
    lock.symlink_to(path)
    with pytest.raises(TimeoutError, match="delete '.*study.log.lock'"), locked(path, 0.02):
        pass
    assert lock.is_symlink()


def test_what_is_written_past_the_lock_is_not_lost(path: Path) -> None:
    more = {"op_code": 2, "study_id": 0, "user_attr": {"k": 1}}
    with pytest.raises(StorageInternalError, match="grew while it was locked"), writing(path):
        append(path, more)
    assert same_in_both(path)[0]["user_attrs"] == "[('k', 1)]"
