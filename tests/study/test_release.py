"""A trial that is given back keeps its place and its parameters."""

from __future__ import annotations

import warnings
from pathlib import Path

import pytest

import steep
from steep.states import TrialState
from steep.study import Study


@pytest.fixture(params=["memory", "sqlite", "journal"])
def study(request: pytest.FixtureRequest, tmp_path: Path) -> Study:
    where = {
        "memory": None,
        "sqlite": f"sqlite:///{tmp_path}/study.db",
        "journal": f"file:{tmp_path}/study.log",
    }
    return steep.create_study(storage=where[request.param])


def test_the_next_who_asks_gets_it(study: Study) -> None:
    trial = study.ask()
    x = trial.suggest_float("x", 0, 1)
    assert study.release_trial(trial)
    (waiting,) = study.trials
    assert (waiting.state, waiting.params) == (TrialState.WAITING, {"x": x})
    again = study.ask()
    assert (again.number, again.suggest_float("x", 0, 1)) == (0, x)
    assert study.tell(again, 1.0).value == 1.0


def test_it_reports_anew(study: Study) -> None:
    first = study.ask()
    for step in range(3):
        first.report(1.0, step)
    study.release_trial(first)
    again = study.ask()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        again.report(2.0, 0)
        again.report(3.0, 1)
    study.tell(again, state=TrialState.PRUNED)
    assert study.trials[0].value == 3.0
    assert study.trials[0].intermediate_values == {0: 2.0, 1: 3.0, 2: 1.0}


def test_who_gave_it_back_cannot_tell_it(study: Study) -> None:
    first = study.ask()
    study.release_trial(first)
    again = study.ask()
    assert not study.release_trial(first)  # it is somebody else's now
    study.tell(again, 2.0)
    assert study.trials[0].value == 2.0


def test_only_a_running_trial_is_given_back(study: Study) -> None:
    study.tell(study.ask(), 1.0)
    study.enqueue_trial({"x": 1})
    for number, state in ((0, "COMPLETE"), (1, "WAITING")):
        with pytest.raises(ValueError, match=f"the trial is {state}; only a RUNNING one"):
            study.release_trial(number)
    with pytest.raises(ValueError, match="no trial of this number"):
        study.release_trial(9)
    with pytest.raises(TypeError, match="give the trial or its number"):
        study.release_trial("0")  # type: ignore[arg-type]


def test_it_is_given_back_by_its_number_too(study: Study) -> None:
    study.ask()
    assert study.release_trial(0)
    assert study.ask().number == 0
