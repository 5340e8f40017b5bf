"""Whatever a study of steep holds comes back from Optuna's storages as it was."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path

import pytest
from any_trials import attributes, histories
from hypothesis import given, settings

import steep
from steep.events import Add, Changes
from steep.storages.optuna import export_optuna, import_optuna
from steep.storages.optuna.kept import KeptStudies
from steep.study import StudyDirection


@pytest.mark.parametrize("suffix", ["db", "log"])
def test_any_study_comes_back_as_it_was(
    suffix: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    place = tmp_path_factory.mktemp("any") / f"study.{suffix}"
    names = map("study {}".format, itertools.count())

    @settings(max_examples=25)
    @given(histories(), attributes, attributes)
    def check(history: tuple[int, list[Add]], user_attrs: dict, system_attrs: dict) -> None:
        _check(place, next(names), history, user_attrs, system_attrs)

    check()


def _check(
    place: Path, name: str, history: tuple[int, list[Add]], user_attrs: dict, system_attrs: dict
) -> None:
    n_objectives, adds = history
    ours, again = steep.storages.InMemoryStorage(), steep.storages.InMemoryStorage()
    study_id = ours.create_new_study([StudyDirection.MAXIMIZE] * n_objectives, name)
    for key, value in user_attrs.items():
        ours.set_study_user_attr(study_id, key, value)
    for key, value in system_attrs.items():
        ours.set_study_system_attr(study_id, key, value)
    for add in adds:
        ours.append(study_id, add)
    export_optuna(ours, place, study_names=[name])
    import_optuna(place, again, study_names=[name])
    # A column of numbers in SQLite knows no -0.0; a journal does.
    tidy = _without_signed_zeros if place.suffix == ".db" else _sorted
    assert _text(again, name, _sorted) == _text(ours, name, tidy)


def _text(storage: steep.storages.BaseStorage, name: str, tidy: Callable[[Add], Add]) -> str:
    """Return all that is kept of a study; the text tells 1, 1.0 and True apart, and shows NaN."""
    study = KeptStudies(storage).study(name)
    study.trials = [tidy(trial) for trial in study.trials if trial is not None]
    return repr(study)


def _sorted(trial: Add) -> Add:
    trial.changes.params = dict(sorted(trial.changes.params.items()))
    return trial


def _without_signed_zeros(trial: Add) -> Add:
    changes = trial.changes
    changes.params = {name: (value + 0.0, d) for name, (value, d) in changes.params.items()}
    changes.reports = {step: value + 0.0 for step, value in changes.reports.items()}
    trial.values = trial.values and [value + 0.0 for value in trial.values]
    return _sorted(trial)


@pytest.mark.parametrize(("suffix", "shown"), [("db", "0.0"), ("log", "-0.0")])
def test_the_sign_of_zero_is_kept_where_the_place_knows_it(
    suffix: str, shown: str, tmp_path: Path
) -> None:
    ours, again = steep.storages.InMemoryStorage(), steep.storages.InMemoryStorage()
    study_id = ours.create_new_study([StudyDirection.MAXIMIZE], "tea")
    x = (-0.0, steep.distributions.FloatDistribution(-1, 1))
    changes = Changes(params={"x": x}, reports={0: -0.0}, user_attrs={"k": -0.0})
    ours.append(study_id, Add(1, [-0.0], start=1.0, complete=2.0, changes=changes))
    export_optuna(ours, tmp_path / f"study.{suffix}")
    import_optuna(tmp_path / f"study.{suffix}", again)
    (trial,) = steep.load_study(study_name="tea", storage=again).trials
    numbers = [trial.value, trial.params["x"], trial.intermediate_values[0]]
    assert [repr(number) for number in numbers] == [shown] * 3
    assert repr(trial.user_attrs["k"]) == "-0.0"
