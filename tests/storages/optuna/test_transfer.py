"""What Optuna made comes to steep whole, and back to Optuna, which goes on with it."""

from __future__ import annotations

import math
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import optuna
import pytest
from optuna_studies import optuna_storage, studies_of

import steep
from steep.exceptions import DuplicatedStudyError
from steep.storages.optuna import export_optuna, import_optuna, what_is

NAMES = ["tea", "several μ", "empty"]


def new_storage() -> Any:
    """Return an empty storage of steep."""
    return steep.storages.InMemoryStorage()


def random_study(storage: Any, name: str = "tea", n_trials: int = 3) -> steep.Study:
    """Return a study of steep with a few trials."""
    sampler = steep.samplers.RandomSampler(seed=1)
    study = steep.create_study(storage=storage, study_name=name, sampler=sampler)
    study.optimize(lambda trial: trial.suggest_float("x", 0, 1), n_trials=n_trials)
    return study


def contents(where: str) -> list[dict[str, Any]]:
    """Return all that Optuna sees at a place."""
    with optuna_storage(where) as storage:
        return studies_of(storage)


def without_times(study: dict[str, Any]) -> dict[str, Any]:
    """Leave out the times, of which MySQL keeps whole seconds."""
    trials = [{**trial, "times": ""} for trial in study["trials"]]
    return {**study, "trials": trials}


def test_everything_comes_from_optuna_and_goes_back(made: Any, target: str) -> None:
    ours = new_storage()
    assert import_optuna(made.place, ours) == NAMES
    assert studies_of(ours) == made.studies
    assert what_is(made.place) == ("optuna rdb" if "://" in made.place else "optuna journal")
    assert what_is(target) is None
    assert export_optuna(ours, target) == NAMES
    assert what_is(target) == what_is(made.place)
    assert contents(target) == made.studies


def test_steep_goes_on_with_what_it_imported(made: Any) -> None:
    ours = new_storage()
    import_optuna(made.place, ours, study_names=["tea"])
    study = steep.load_study(study_name="tea", storage=ours)
    states = [trial.state.name for trial in study.trials]
    waiting = states.index("WAITING")
    study.optimize(lambda trial: trial.suggest_float("x", 0, 1), n_trials=3)
    assert study.trials[waiting].params["x"] == 0.75
    assert [t.number for t in study.trials] == list(range(len(states) + 2))
    assert study.metric_names == ["taste"]


def test_an_import_fills_a_storage_that_is_kept(made: Any, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/ours.db"
    assert import_optuna(made.place, url) == NAMES
    assert studies_of(steep.storages.get_storage(url)) == made.studies
    with pytest.raises(DuplicatedStudyError):
        import_optuna(made.place, url)
    assert export_optuna(url, tmp_path / "theirs.log") == NAMES
    assert contents(str(tmp_path / "theirs.log")) == made.studies


def test_studies_are_chosen_by_name(made: Any, tmp_path: Path) -> None:
    ours = new_storage()
    assert import_optuna(made.place, ours, study_names=["empty", "tea"]) == ["empty", "tea"]
    with pytest.raises(KeyError, match=r"\['cake'\].*tea"):
        import_optuna(made.place, new_storage(), study_names=["tea", "cake"])
    with pytest.raises(TypeError, match=r"give a list: \['tea'\]"):
        import_optuna(made.place, new_storage(), study_names="tea")
    with pytest.raises(KeyError, match=r"\['cake'\]"):
        export_optuna(ours, tmp_path / "new.log", study_names=["cake"])
    assert list(tmp_path.iterdir()) == []


def test_an_import_that_fails_leaves_nothing(made: Any) -> None:
    ours = new_storage()
    random_study(ours, "mine")
    before = studies_of(ours)
    add = ours.append_all

    def fail_at_the_second(study_id: int, events: Any) -> Any:
        if ours.get_study_name_from_id(study_id) == "several μ":
            raise OSError("the disk is full")
        return add(study_id, events)

    ours.append_all = fail_at_the_second
    with pytest.raises(OSError, match="full"):
        import_optuna(made.place, ours)
    assert studies_of(ours) == before


def test_optuna_goes_on_with_what_steep_exported(place: str) -> None:
    ours = new_storage()
    study = random_study(ours, n_trials=4)
    study.enqueue_trial({"x": 0.125})
    export_optuna(ours, place)
    with optuna_storage(place) as theirs:
        loaded = optuna.load_study(study_name="tea", storage=theirs)
        assert loaded.best_trial.params == study.best_params
        loaded.optimize(lambda trial: trial.suggest_float("x", 0, 1), n_trials=3)
        assert [trial.number for trial in loaded.trials] == list(range(7))
        assert loaded.trials[4].params == {"x": 0.125}
        loaded.enqueue_trial({"x": 0.5})
        optuna.create_study(study_name="more", storage=theirs)
        assert optuna.get_all_study_names(storage=theirs) == ["tea", "more"]
        assert len(studies_of(theirs)[0]["trials"]) == 8


def test_an_export_adds_to_what_is_there_or_changes_nothing(place: str) -> None:
    ours = new_storage()
    for name in ("coffee", "theirs", "bad"):
        study = random_study(ours, name)
    study.add_trial(steep.create_trial(value=1.0, user_attrs={"k": {1, 2}}))
    with optuna_storage(place) as theirs:
        first = optuna.create_study(study_name="theirs", storage=theirs)
        first.optimize(lambda trial: trial.suggest_int("x", 0, 9), n_trials=1)
        before = studies_of(theirs)
        with pytest.raises(TypeError, match="'k' of trial 3 of study 'bad'"):
            export_optuna(ours, place, study_names=["coffee", "bad"])
        with pytest.raises(DuplicatedStudyError, match="'theirs'"):
            export_optuna(ours, place)
        assert studies_of(theirs) == before
        assert export_optuna(ours, place, study_names=["coffee"]) == ["coffee"]
        there, added = studies_of(theirs)
    assert [there] == before
    assert without_times(added) == without_times(studies_of(ours)[0])


def test_an_import_does_not_touch_a_study_of_the_same_name(local: str) -> None:
    ours = new_storage()
    for name in ("coffee", "tea"):
        random_study(ours, name)
    export_optuna(ours, local)
    target = new_storage()
    random_study(target, "tea", n_trials=1)
    before = studies_of(target)
    with pytest.raises(DuplicatedStudyError, match="'tea'"):
        import_optuna(local, target)
    assert studies_of(target) == before


def test_an_export_that_fails_leaves_no_file(local: str, tmp_path: Path) -> None:
    ours = new_storage()
    random_study(ours).set_user_attr("k", object())
    with pytest.raises(TypeError, match="'k' of study 'tea'"):
        export_optuna(ours, local)
    assert list(tmp_path.iterdir()) == []


def test_a_deleted_trial_keeps_its_number(place: str) -> None:
    ours = new_storage()
    study = random_study(ours, n_trials=4)
    for number in (0, 2):
        ours.append(study._study_id, steep.events.Delete(number))
    expected = without_times(studies_of(ours)[0])
    export_optuna(ours, place)
    with optuna_storage(place) as theirs:
        loaded = optuna.load_study(study_name="tea", storage=theirs)
        assert [t.state.name for t in loaded.trials] == ["FAIL", "COMPLETE"] * 2
        optuna.create_study().add_trials(loaded.trials)  # they are as good as any
        loaded.optimize(lambda trial: 1.0, n_trials=1)
        assert loaded.trials[-1].number == 4
    again = new_storage()
    import_optuna(place, again)
    found = without_times(studies_of(again)[0])
    assert [trial["number"] for trial in found["trials"]] == ["1", "3", "4"]
    assert found["trials"][:-1] == expected["trials"]


def test_choices_that_are_equal_keep_their_types(local: str) -> None:
    ours, again = new_storage(), new_storage()
    study = steep.create_study(study_name="tea", storage=ours)
    choices = steep.distributions.CategoricalDistribution([True, 1, 1.0, "1", math.nan])
    for index in range(5):
        params = {"c": (float(index), choices)}
        add = steep.events.Add(1, [0.0], 1.0, 2.0, steep.events.Changes(params))
        ours.append(study._study_id, add)
    export_optuna(ours, local)
    import_optuna(local, again)
    shown = [repr(t.params["c"]) for t in again.get_all_trials(0)]
    assert shown == ["True", "1", "1.0", "'1'", "nan"]


def test_nothing_that_optuna_made_is_told_and_refused(tmp_path: Path) -> None:
    import sqlite3

    other = tmp_path / "other.db"
    sqlite3.connect(other).execute("CREATE TABLE t (x)").connection.close()
    text, gone = tmp_path / "notes.txt", tmp_path / "gone.db"
    text.write_text("op_code\n")
    for where in (other, f"sqlite:///{other}", text, gone, f"sqlite:///{gone}", tmp_path):
        assert what_is(where) is None
    for url in ("postgresql+psycopg://nobody@127.0.0.1:1/none", "no_such_db://x/y"):
        assert what_is(url) is None
    for where in (other, text):
        with pytest.raises(ValueError, match="not (made by|a journal of) Optuna"):
            import_optuna(where, new_storage())
    for missing in (gone, f"sqlite:///{gone}", tmp_path / "gone.log"):
        with pytest.raises(FileNotFoundError, match="gone"):
            import_optuna(missing, new_storage())
    with pytest.raises(ValueError, match="not a journal of Optuna"):
        export_optuna(new_storage(), text)
    assert text.read_text() == "op_code\n"
    assert sorted(tmp_path.iterdir()) == [text, other]


@pytest.mark.parametrize("make", [lambda path: path, str, lambda path: f"sqlite:///{path}"])
def test_a_file_of_sqlite_is_known_by_its_content(
    make: Callable[[Path], str | Path], tmp_path: Path
) -> None:
    ours = new_storage()
    random_study(ours)
    path = tmp_path / "study.db"
    export_optuna(ours, path)
    renamed = path.rename(tmp_path / "study.backup")
    again = new_storage()
    assert import_optuna(make(renamed), again) == ["tea"]
    assert studies_of(again) == studies_of(ours)


def test_neither_optuna_nor_sqlalchemy_is_loaded_before_it_is_needed(tmp_path: Path) -> None:
    program = f"""
import sys
sys.modules["optuna"] = None
import steep, steep.storages.optuna as optuna_too
assert "sqlalchemy" not in sys.modules
storage = steep.storages.InMemoryStorage()
steep.create_study(study_name="tea", storage=storage)
for place in ({str(tmp_path / "a.log")!r}, {str(tmp_path / "a.db")!r}):
    optuna_too.export_optuna(storage, place)
    assert optuna_too.import_optuna(place, steep.storages.InMemoryStorage()) == ["tea"]
"""
    subprocess.run([sys.executable, "-c", program], check=True, capture_output=True)
