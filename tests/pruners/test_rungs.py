"""Who stands on which rung follows from the reports alone."""

from __future__ import annotations

import math
from typing import Any

from learning_curves import curve, new_study, run

import steep
from steep.pruners.rungs import FirstComplete, Ladder, Rungs


def new_rungs(**layout: Any) -> Rungs:
    return Rungs(Ladder(first=1, factor=2), **layout)


def ask(study: Any, rungs: Rungs, *values: float) -> list[bool]:
    """Start a trial, report, and ask the rungs after each report."""
    trial, answers = study.ask(), []
    for step, value in enumerate(values):
        trial.report(value, step)
        answers.append(rungs.prune(study, trial.number, study.live_reports(trial.number)))
    return answers


def finished(*levels: float, length: int = 8) -> Any:
    study = new_study(steep, steep.pruners.NopPruner())
    run(study, [curve(*[level] * length) for level in levels])
    return study


def test_a_trial_is_judged_once_a_rung() -> None:
    study = finished(1.0)
    answers = ask(study, new_rungs(), *[2.0] * 10)
    assert [step for step, answer in enumerate(answers) if answer] == [1, 2, 4]


def test_running_trials_compete() -> None:
    study = finished()
    rungs = new_rungs()
    assert ask(study, rungs, 1.0, 1.0) == [False, False]
    assert ask(study, rungs, 2.0, 2.0) == [False, True]
    assert ask(study, rungs, 0.5, 0.5) == [False, False]


def test_failed_and_pruned_trials_compete() -> None:
    study = finished()
    for state in (steep.trial.TrialState.PRUNED, steep.trial.TrialState.FAIL):
        trial = study.ask()
        trial.report(1.0, 1)
        study.tell(trial, state=state)
    assert ask(study, new_rungs(), 2.0, 2.0) == [False, True]


def test_only_members_compete() -> None:
    study = finished(1.0, 5.0)
    rungs = new_rungs(is_member=lambda number: number != 0)
    assert ask(study, rungs, 2.0, 2.0) == [False, False]


def test_trials_before_the_start_do_not_compete() -> None:
    for start, is_pruned in [(0, True), (1, False)]:
        study = finished(1.0, 5.0)
        assert ask(study, new_rungs(start=start), 2.0, 2.0) == [False, is_pruned]


def test_one_in_eta_climbs() -> None:
    for level, is_pruned in [(3.5, False), (4.5, True)]:
        study = finished(*range(1, 8))
        assert ask(study, new_rungs(), level, level) == [False, is_pruned]


def test_nan_is_pruned_and_stands_on_no_rung() -> None:
    study = finished(math.nan)
    rungs = new_rungs()
    assert ask(study, rungs, 9.0, math.nan, 9.0) == [False, True, False]


def test_added_trials_compete() -> None:
    study = finished()
    study.add_trial(steep.trial.create_trial(value=0.0, intermediate_values={1: 1.0}))
    assert ask(study, new_rungs(), 2.0, 2.0) == [False, True]


def test_the_first_complete_trial_with_reports_is_found_for_good() -> None:
    study = finished()
    assert FirstComplete.of(study.table).last_step is None
    trial = study.ask()
    trial.report(1.0, 40)
    study.tell(trial, state=steep.trial.TrialState.PRUNED)
    run(study, [curve()])
    assert FirstComplete.of(study.table).last_step is None
    run(study, [curve(1, 2, 3), curve(1, 2, 3, 4)])
    first = FirstComplete.of(study.table)
    assert (first.last_step, first.n_seen) == (2, 3)
