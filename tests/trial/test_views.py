"""Frozen trials given out by a study: copies to change at will, equal to what was told."""

from __future__ import annotations

import copy
import gc
import pickle
from pathlib import Path
from typing import Any

import pytest

import steep
from steep.distributions import CategoricalDistribution
from steep.trial import TrialState


@pytest.fixture
def study() -> steep.Study:
    """Return a study with three trials that carry one of everything."""
    made = steep.create_study(sampler=steep.samplers.RandomSampler(seed=0))

    def objective(trial: Any) -> float:
        x = trial.suggest_float("x", 0, 1)
        trial.suggest_categorical("kind", ["a", None, True])
        trial.report(x, 3)
        trial.set_user_attr("list", [1, 2])
        trial.set_constraint("c", x - 2)
        return float(x)

    made.optimize(objective, n_trials=3)
    return made


COPIERS = {
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    "pickle": lambda t: pickle.loads(pickle.dumps(t)),
}


@pytest.mark.parametrize("copier", COPIERS)
def test_copies_are_whole_and_equal(study: steep.Study, copier: str) -> None:
    trial = study.trials[1]
    again = COPIERS[copier](trial)
    assert again == trial
    for field in (
        "number",
        "state",
        "values",
        "params",
        "distributions",
        "user_attrs",
        "system_attrs",
    ):
        assert getattr(again, field) == getattr(trial, field)
    for field in ("intermediate_values", "datetime_start", "datetime_complete", "constraints"):
        assert getattr(again, field) == getattr(trial, field)


def test_a_trial_read_before_it_is_looked_at_keeps_the_time_of_its_reading(
    study: steep.Study,
) -> None:
    trial = study.ask()
    before = study.trials[3]
    trial.suggest_float("x", 0, 1)
    trial.report(0.5, 0)
    study.tell(trial, 1.0)
    assert before.state == TrialState.RUNNING
    assert before.values is None
    assert before.datetime_complete is None


def test_changing_a_copy_changes_nothing_else(study: steep.Study) -> None:
    spoiled = study.trials[0]
    spoiled.params["x"] = -1.0
    spoiled.user_attrs["list"].append(3)
    spoiled.intermediate_values[9] = 9.0
    spoiled.values = [7.0]
    spoiled.state = TrialState.FAIL
    clean = study.trials[0]
    assert clean.params["x"] >= 0
    assert clean.user_attrs == {"list": [1, 2]}
    assert list(clean.intermediate_values) == [3]
    assert clean.state == TrialState.COMPLETE
    assert study.best_value == min(t.value for t in study.trials)


def test_params_come_in_the_order_of_suggestion(study: steep.Study) -> None:
    assert all(list(t.params) == ["x", "kind"] for t in study.trials)


def test_duration_is_the_time_between_ask_and_tell(study: steep.Study) -> None:
    for trial in study.trials:
        assert trial.duration == trial.datetime_complete - trial.datetime_start
        assert trial.duration.total_seconds() >= 0


def test_html_for_notebooks_shows_the_trial_and_escapes_text() -> None:
    trial = steep.create_trial(
        value=1.5,
        params={"<evil>": "<script>"},
        distributions={"<evil>": CategoricalDistribution(["<script>"])},
    )
    page = trial._repr_html_()
    assert "1.5" in page
    assert "&lt;evil&gt;" in page
    assert "&lt;script&gt;" in page
    assert "<evil>" not in page
    assert "<script>" not in page


def test_a_study_shows_itself_in_notebooks(study: steep.Study) -> None:
    page = study._repr_html_()
    assert study.study_name in page
    assert "<" in page


def test_looking_at_values_builds_no_parameters(
    study: steep.Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: Any, value: float) -> Any:
        raise AssertionError("a parameter was built")

    monkeypatch.setattr(steep.distributions.BaseDistribution, "to_external_repr", refuse)
    monkeypatch.setattr(steep.distributions.FloatDistribution, "to_external_repr", refuse)
    for trial in study.trials:
        assert trial.value is not None
        assert trial.state == TrialState.COMPLETE
        with pytest.raises(AssertionError, match="was built"):
            _ = trial.params


@pytest.mark.parametrize("url", [None, "sqlite://", "file:{}/study.log"])
def test_a_listed_trial_shows_what_it_was_when_it_was_listed(
    url: str | None, tmp_path: Path
) -> None:
    study = steep.create_study(storage=url.format(tmp_path) if url else None)
    for note in ("green", "black"):
        study.add_trial(steep.create_trial(value=1.0, user_attrs={"tea": note}))
    listed, whole = study.trials, study.trials
    assert [trial.value for trial in listed] == [1.0, 1.0]  # read alone, before the edits
    study.amend_trial(0, value=2.0, user_attrs={"tea": "white"})
    study.amend_trial(0, value=3.0)
    study.delete_trial(1)
    assert [trial.user_attrs for trial in listed] == [{"tea": "green"}, {"tea": "black"}]
    assert listed == whole
    assert [trial.state for trial in listed] == [TrialState.COMPLETE] * 2
    assert [(trial.value, trial.user_attrs) for trial in study.trials] == [(3.0, {"tea": "white"})]


def test_what_was_listed_is_forgotten_with_its_trials(study: steep.Study) -> None:
    for _ in range(3):
        assert len(study.trials) == 3
    gc.collect()
    assert len(study.table.listings) == 0


def test_a_field_that_was_set_stays_when_the_others_are_read(study: steep.Study) -> None:
    trial = study.trials[0]
    trial.values = [7.0]
    trial.user_attrs = {"mine": 1}
    assert trial.params
    assert trial.value == 7.0
    assert copy.copy(trial).user_attrs == {"mine": 1}
