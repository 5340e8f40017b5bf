"""report and should_prune."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from .harness import attempt, differential
from .programs import new_study

INF, NAN = float("inf"), float("nan")


@differential
@pytest.mark.parametrize(
    "value",
    [
        1,
        1.5,
        True,
        "1.23",
        "abc",
        "",
        None,
        [1.0],
        (1.0,),
        {},
        NAN,
        INF,
        "nan",
        np.float32(0.5),
        np.int64(2),
        np.array(3.0),
        np.array([1.0, 2.0]),
        1j,
        b"1",
    ],
    ids=repr,
)
def test_report_values(lib: Any, value: Any) -> Any:
    study = lib.create_study()
    trial = study.ask()
    return attempt(trial.report, value, 0), study.trials[0].intermediate_values


@differential
@pytest.mark.parametrize(
    "step",
    [
        0,
        7,
        -1,
        1.0,
        1.5,
        "1",
        "2.5",
        None,
        True,
        np.int64(3),
        np.float64(2.0),
        [1],
        NAN,
        INF,
        10**12,
    ],
    ids=repr,
)
def test_report_steps(lib: Any, step: Any) -> Any:
    study = lib.create_study()
    trial = study.ask()
    return (
        attempt(trial.report, 1.0, step),
        study.trials[0].intermediate_values,
        study.trials[0].last_step,
    )


@differential
def test_a_repeated_step_keeps_the_first_value(lib: Any) -> Any:
    study = lib.create_study()
    trial = study.ask()
    outcomes = [attempt(trial.report, value, 4) for value in (1.0, 2.0, 3.0)]
    return outcomes, study.trials[0].intermediate_values


@differential
def test_steps_out_of_order(lib: Any) -> Any:
    study = lib.create_study()
    trial = study.ask()
    for step in (5, 1, 9, 3):
        trial.report(step / 10, step)
    running = study.trials[0]
    return running, study.tell(trial, state=lib.trial.TrialState.PRUNED)


@differential
def test_several_objectives_refuse_reports(lib: Any) -> Any:
    study = lib.create_study(directions=["minimize"] * 2)
    trial = study.ask()
    return attempt(trial.report, 1.0, 0), attempt(trial.should_prune)


@differential
def test_should_prune_without_reports(lib: Any) -> Any:
    study = lib.create_study(pruner=lib.pruners.ThresholdPruner(upper=1.0))
    trial = study.ask()
    before = trial.should_prune()
    trial.report(2.0, 1)
    return before, trial.should_prune()


@differential
@pytest.mark.parametrize("answer", [True, False, 1, 0, None, np.True_], ids=repr)
def test_should_prune_hands_on_the_pruner_s_answer(lib: Any, answer: Any) -> Any:
    class Fixed(lib.pruners.BasePruner):  # type: ignore[misc]
        def prune(self, study: Any, trial: Any) -> Any:
            return answer

    trial = lib.create_study(pruner=Fixed()).ask()
    trial.report(1.0, 0)
    return [trial.should_prune()]


@differential
def test_what_a_pruner_sees(lib: Any) -> Any:
    class Spy(lib.pruners.BasePruner):  # type: ignore[misc]
        def prune(self, study: Any, trial: Any) -> bool:
            seen.append(trial)
            seen.append(
                [
                    (t.number, t.intermediate_values, t.state.name)
                    for t in study.get_trials(deepcopy=False)
                ]
            )
            seen.append(study.direction)
            return False

    seen: list[Any] = []
    study = new_study(lib, pruner=Spy())
    for number in range(2):
        trial = study.ask()
        trial.suggest_float("x", 0, 1)
        trial.report(0.5, 2)
        trial.report(0.25, 0)
        trial.should_prune()
        study.tell(trial, number)
    return seen


@differential
def test_a_pruner_that_raises(lib: Any) -> Any:
    class Broken(lib.pruners.BasePruner):  # type: ignore[misc]
        def prune(self, study: Any, trial: Any) -> bool:
            raise ZeroDivisionError

    study = new_study(lib, pruner=Broken())

    def objective(trial: Any) -> float:
        trial.report(1.0, 0)
        return float(trial.should_prune())

    return attempt(study.optimize, objective, n_trials=1), study.trials


@differential
@pytest.mark.parametrize("kind", ["frozen", "fixed"])
def test_reports_of_trials_that_are_not_live(lib: Any, kind: str) -> Any:
    trial = lib.create_trial(value=1.0) if kind == "frozen" else lib.trial.FixedTrial({})
    return [trial.report(1.0, 0), trial.report("x", -5), trial.should_prune()]


@differential
def test_an_abstract_pruner_cannot_be_made(lib: Any) -> Any:
    return attempt(lib.pruners.BasePruner)
