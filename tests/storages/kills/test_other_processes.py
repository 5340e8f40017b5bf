"""A trial that was begun in one process may be finished in another."""

from __future__ import annotations

import os
import pickle
import threading
import time
import warnings
from collections.abc import Callable
from typing import Any

import pytest
from storages.kills.studies import create, load
from storages.media import Medium

from steep.table import Table
from steep.trial import TrialState

COMPLETE = TrialState.COMPLETE


def in_child(work: Callable[[], None]) -> None:
    """Do something in a forked child process, and wait for it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # forking beside threads
        pid = os.fork()
    if not pid:
        code = 1
        try:
            work()
            code = 0
        finally:
            os._exit(code)
    assert os.waitpid(pid, 0)[1] == 0


@pytest.mark.parametrize("suggests", ["before", "after"])
def test_a_forked_child_may_finish_a_trial_of_its_parent(medium: Medium, suggests: str) -> None:
    study = create(medium)
    trial = study.ask()
    trial.set_user_attr("k", 1)
    if suggests == "before":
        trial.suggest_float("x", 0, 1)

    def finish() -> None:
        trial.set_user_attr("k", 2)
        study.tell(trial, trial.suggest_float("x", 0, 1))

    in_child(finish)
    (told,) = load(medium).trials
    assert told.value == told.params["x"]
    assert told.user_attrs == {"k": 2}


def test_a_pickled_trial_may_be_finished_elsewhere(medium: Medium) -> None:
    study = create(medium)
    trial = study.ask()
    trial.set_user_attr("k", 1)
    x = trial.suggest_float("x", 0, 1)
    other = pickle.loads(pickle.dumps(trial))
    assert other.suggest_float("x", 0, 1) == x
    y = other.suggest_float("y", 0, 1)
    other.report(0.5, 3)
    other.study.tell(other, 2.0)
    (told,) = study.trials
    assert told.params == {"x": x, "y": y}
    assert told.user_attrs == {"k": 1}
    assert told.intermediate_values == {3: 0.5}


def test_a_fork_in_the_middle_of_a_fold_gives_the_child_a_whole_table(
    sqlite: Medium, monkeypatch: pytest.MonkeyPatch
) -> None:
    study, other = create(sqlite), load(sqlite)
    study.optimize(lambda trial: trial.suggest_float("x", 0, 1), n_trials=2)
    is_folding, finish = threading.Event(), Table._finish

    def slow_finish(table: Table, event: Any) -> bool:
        is_folding.set()
        time.sleep(0.2)
        return finish(table, event)

    monkeypatch.setattr("steep.table.fold._FOLDS", _with_finish(slow_finish))
    thread = threading.Thread(target=lambda: other._storage.sync(other._study_id))
    thread.start()
    assert is_folding.wait(20)

    def check() -> None:
        trials = other.trials
        assert [t.state for t in trials] == [COMPLETE] * 2
        assert [t.value for t in trials] == [t.params["x"] for t in trials]

    in_child(check)
    thread.join()


def _with_finish(finish: Callable[[Table, Any], bool]) -> dict[type[Any], Any]:
    from steep.events import Finish
    from steep.table import fold

    return {**fold._FOLDS, Finish: finish}
