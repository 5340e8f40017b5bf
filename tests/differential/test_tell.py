"""ask and tell."""

from __future__ import annotations

from typing import Any

import pytest

from .harness import attempt, differential
from .programs import BAD, GOOD, ODD, new_study, storage_of, sweep

INF, NAN = float("inf"), float("nan")


@differential
@pytest.mark.parametrize("value", GOOD + BAD + ODD, ids=repr)
def test_tell_without_a_state(lib: Any, value: Any) -> Any:
    study = lib.create_study()
    trial = study.ask()
    return attempt(study.tell, trial, value), study.trials


@differential
@pytest.mark.parametrize("value", GOOD + BAD + ODD, ids=repr)
def test_tell_with_state_complete(lib: Any, value: Any) -> Any:
    study = lib.create_study()
    trial = study.ask()
    outcome = attempt(study.tell, trial, value, state=lib.trial.TrialState.COMPLETE)
    return outcome, study.trials


@differential
@pytest.mark.parametrize(
    "values", [(1, 2), [1.0, INF], (1,), (1, 2, 3), 1.0, (1, NAN), (1, None), None, ()], ids=repr
)
def test_tell_two_objectives(lib: Any, values: Any) -> Any:
    study = lib.create_study(directions=["minimize", "maximize"])
    complete = lib.trial.TrialState.COMPLETE
    outcomes = [
        attempt(study.tell, study.ask(), values),
        attempt(study.tell, study.ask(), values, state=complete),
    ]
    return outcomes, study.trials


@differential
@pytest.mark.parametrize("state", ["RUNNING", "WAITING", "PRUNED", "FAIL", "COMPLETE"])
@pytest.mark.parametrize("values", [None, 1.0, [1.0]], ids=str)
def test_tell_states(lib: Any, state: str, values: Any) -> Any:
    study = lib.create_study()
    trial = study.ask()
    return attempt(study.tell, trial, values, state=lib.trial.TrialState[state]), study.trials


@differential
def test_tell_returns_the_frozen_trial(lib: Any) -> Any:
    study = new_study(lib)
    trial = study.ask()
    trial.suggest_float("x", 0, 1)
    trial.set_user_attr("a", 1)
    trial.report(0.5, 3)
    return study.tell(trial, 2)


@differential
@pytest.mark.parametrize(
    "reports",
    [
        [],
        [(0, 1.0)],
        [(0, 1.0), (1, INF)],
        [(0, 1.0), (1, NAN)],
        [(5, 1.0), (2, 7.0)],
        [(0, -INF)],
        [(0, NAN)],
    ],
    ids=str,
)
def test_tell_pruned_takes_the_last_report(lib: Any, reports: list[Any]) -> Any:
    study = lib.create_study()
    trial = study.ask()
    for step, value in reports:
        trial.report(value, step)
    return study.tell(trial, state=lib.trial.TrialState.PRUNED)


@differential
def test_tell_pruned_with_two_objectives(lib: Any) -> Any:
    study = lib.create_study(directions=["minimize", "minimize"])
    return study.tell(study.ask(), state=lib.trial.TrialState.PRUNED)


@differential
def test_tell_by_number(lib: Any) -> Any:
    study = lib.create_study()
    for _ in range(3):
        study.ask()
    outcomes = [attempt(study.tell, number, 1.0) for number in (1, 7, 0)]
    return outcomes, [t.state for t in study.trials]


@differential
@pytest.mark.parametrize("trial", ["0", None, 0.0, [0], b"0"], ids=repr)
def test_tell_something_that_is_no_trial(lib: Any, trial: Any) -> Any:
    study = lib.create_study()
    study.ask()
    return attempt(study.tell, trial, 1.0)


@differential
def test_tell_a_frozen_trial_is_refused(lib: Any) -> Any:
    study = lib.create_study()
    study.ask()
    return attempt(study.tell, study.trials[0], 1.0)


@differential
def test_tell_a_waiting_trial(lib: Any) -> Any:
    study = lib.create_study()
    study.enqueue_trial({"x": 1})
    return (
        attempt(study.tell, 0, 1.0),
        attempt(study.tell, 0, 1.0, skip_if_finished=True),
        study.trials,
    )


@differential
@pytest.mark.parametrize("state", ["COMPLETE", "FAIL", "PRUNED"])
def test_tell_twice(lib: Any, state: str) -> Any:
    study = lib.create_study()
    trial = study.ask()
    finished = lib.trial.TrialState[state]
    study.tell(trial, 1.0 if state == "COMPLETE" else None, state=finished)
    return [
        attempt(study.tell, trial, 2.0),
        attempt(study.tell, 0, state=lib.trial.TrialState.FAIL),
        attempt(study.tell, trial, 2.0, skip_if_finished=True),
        attempt(study.tell, 0, 2.0, state=lib.trial.TrialState.COMPLETE, skip_if_finished=True),
        attempt(study.tell, trial, "nonsense", skip_if_finished=True),
    ]


@differential
def test_a_refused_tell_leaves_the_trial_running(lib: Any) -> Any:
    study = lib.create_study()
    trial = study.ask()
    refused = attempt(study.tell, trial, NAN, state=lib.trial.TrialState.COMPLETE)
    running = study.trials[0].state
    return refused, running, study.tell(trial, 1.0)


@differential
def test_ask_numbers_and_fields(lib: Any) -> Any:
    study = lib.create_study()
    trials = [study.ask() for _ in range(3)]
    first = trials[0]
    fields = [first.params, first.distributions, first.user_attrs, first.relative_params]
    return [t.number for t in trials], fields, first.datetime_start, study.trials[2]


@differential
def test_ask_with_fixed_distributions(lib: Any) -> Any:
    kinds = lib.distributions
    study = new_study(lib)
    study.ask()
    space = {
        "x": kinds.FloatDistribution(0, 4),
        "n": kinds.IntDistribution(1, 9, step=2),
        "c": kinds.CategoricalDistribution(["a", "b", None]),
    }
    trial = study.ask(space)
    again = trial.suggest_float("x", 0, 4)
    return trial.params, again, trial.distributions, study.trials[1]


@differential
@pytest.mark.parametrize("space", [{}, None], ids=str)
def test_ask_with_no_fixed_distributions(lib: Any, space: Any) -> Any:
    study = new_study(lib)
    return attempt(lambda: study.ask(space).params), len(study.trials)


@differential
def test_ask_with_deprecated_distributions(lib: Any) -> Any:
    study = new_study(lib)
    space = {
        "x": lib.distributions.UniformDistribution(0, 4),
        "n": lib.distributions.IntUniformDistribution(1, 5),
    }
    trial = study.ask(space)
    return trial.params, trial.distributions


@differential
def test_ask_takes_enqueued_values_for_fixed_distributions(lib: Any) -> Any:
    study = new_study(lib)
    study.enqueue_trial({"x": 3.5})
    trial = study.ask({"x": lib.distributions.FloatDistribution(0, 4)})
    return trial.params, study.tell(trial, 1.0)


@differential
def test_two_studies_on_one_storage_share_trials(lib: Any) -> Any:
    storage = storage_of(lib)
    first = lib.create_study(study_name="s", storage=storage, sampler=sweep(lib))
    second = lib.load_study(study_name="s", storage=storage, sampler=sweep(lib))
    a, b, c = first.ask(), second.ask(), first.ask()
    a.suggest_float("x", 0, 1)
    b.suggest_float("x", 0, 1)
    second.tell(a.number, 1.0)
    first.tell(b.number, 2.0)
    second.tell(c.number, state=lib.trial.TrialState.FAIL)
    return first.trials, second.trials, first.best_trial.number, second.best_trial.number


@differential
def test_tell_a_trial_of_another_study(lib: Any) -> Any:
    study, other = lib.create_study(), lib.create_study()
    other.ask()
    trial = other.ask()
    return attempt(study.tell, trial, 1.0), len(study.trials), len(other.trials)


@differential
def test_a_live_trial_after_its_end(lib: Any) -> Any:
    study = new_study(lib)
    trial = study.ask()
    trial.suggest_float("x", 0, 1)
    trial.report(0.25, 0)
    study.tell(trial, 1.0)
    return [
        attempt(trial.suggest_float, "x", 0, 1),
        attempt(trial.suggest_float, "y", 0, 1),
        attempt(trial.report, 1.0, 1),
        attempt(trial.report, 1.0, 0),
        attempt(trial.set_user_attr, "a", 1),
        attempt(trial.set_constraint, "c", 1.0),
        attempt(lambda: trial.params),
        study.trials,
    ]
