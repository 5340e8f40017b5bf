"""Whatever a study of steep holds comes back from Optuna's storages as it was."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from any_trials import attributes, histories
from hypothesis import given, settings

import steep
from steep.events import Add
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
    assert _text(again, name) == _text(ours, name)


def _text(storage: steep.storages.BaseStorage, name: str) -> str:
    """Return all that is kept of a study; the text tells 1, 1.0 and True apart, and shows NaN."""
    study = KeptStudies(storage).study(name)
    for trial in (trials := list(study.trials)):
        assert trial is not None
        trial.changes.params = dict(sorted(trial.changes.params.items()))
    study.trials = trials
    return repr(study)
