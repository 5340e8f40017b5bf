"""What ends a run early, and the callbacks: stop, interrupts, nesting, errors in a callback."""

from __future__ import annotations

from typing import Any

import pytest

from .harness import attempt, differential
from .programs import (
    Burnt,
    failing,
    new_study,
    quadratic,
    states,
)

NAN = float("nan")


@differential
def test_optimize_goes_on_where_it_stopped(lib: Any) -> Any:
    study = new_study(lib)
    study.optimize(quadratic, n_trials=2)
    study.optimize(quadratic, n_trials=2)
    return [t.number for t in study.trials]


@differential
def test_an_exception_in_a_thread_leaves_optimize(lib: Any) -> Any:
    study = new_study(lib)
    outcome = attempt(study.optimize, failing, n_trials=4, n_jobs=2)
    return outcome, "FAIL" in states(study), states(study).count("RUNNING")


@differential(logs=True)
@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, GeneratorExit], ids=str)
@pytest.mark.parametrize("catch", [(), Exception], ids=str)
def test_interrupts(lib: Any, error: type[BaseException], catch: Any) -> Any:
    study = new_study(lib)

    def objective(trial: Any) -> float:
        value = quadratic(trial)
        if trial.number == 2:
            raise error
        return value

    try:
        study.optimize(objective, n_trials=5, catch=catch)
    except BaseException as caught:
        return type(caught), study
    return "nothing left optimize"


@differential
def test_optimize_works_again_after_an_interrupt(lib: Any) -> Any:
    study = new_study(lib)

    def objective(trial: Any) -> float:
        raise KeyboardInterrupt

    outcomes = [attempt(study.optimize, objective, n_trials=1)]
    outcomes.append(attempt(study.optimize, quadratic, n_trials=1))
    return outcomes, states(study)


@differential
def test_nested_optimize_is_refused(lib: Any) -> Any:
    study = new_study(lib)

    def objective(trial: Any) -> float:
        study.optimize(quadratic, n_trials=1)
        return 1.0

    outcome = attempt(study.optimize, objective, n_trials=1)
    return outcome, states(study), attempt(study.optimize, quadratic, n_trials=1), states(study)


@differential
def test_nested_optimize_is_refused_in_threads_and_callbacks(lib: Any) -> Any:
    study = new_study(lib)
    seen: list[Any] = []

    def again(study: Any, trial: Any) -> None:
        seen.append(attempt(study.optimize, quadratic, n_trials=1))

    study.optimize(quadratic, n_trials=1, callbacks=[again])
    study.optimize(quadratic, n_trials=1, n_jobs=2, callbacks=[again])
    return seen, states(study)


@differential
def test_optimize_of_another_study_may_be_nested(lib: Any) -> Any:
    outer = new_study(lib)
    counts: list[int] = []

    def objective(trial: Any) -> float:
        inner = new_study(lib)
        inner.optimize(quadratic, n_trials=3)
        counts.append(len(inner.trials))
        return float(inner.best_value)

    outer.optimize(objective, n_trials=2)
    return counts, outer.trials


@differential
def test_stop_outside_of_optimize_is_refused(lib: Any) -> Any:
    study = new_study(lib)
    before = attempt(study.stop)
    study.optimize(quadratic, n_trials=1)
    return before, attempt(study.stop)


@differential
def test_stop_in_the_objective_finishes_the_trial(lib: Any) -> Any:
    study = new_study(lib)

    def objective(trial: Any) -> float:
        if trial.number == 2:
            study.stop()
        return quadratic(trial)

    study.optimize(objective, n_trials=10)
    study.optimize(quadratic, n_trials=2)
    return states(study)


@differential
def test_stop_in_a_callback(lib: Any) -> Any:
    study = new_study(lib)
    seen: list[int] = []

    def stopper(study: Any, trial: Any) -> None:
        if trial.number == 3:
            study.stop()

    study.optimize(quadratic, callbacks=[stopper, lambda study, trial: seen.append(trial.number)])
    return states(study), seen


@differential
def test_stop_with_threads(lib: Any) -> Any:
    study = new_study(lib)

    def stopper(study: Any, trial: Any) -> None:
        study.stop()

    study.optimize(quadratic, n_trials=50, n_jobs=2, callbacks=[stopper])
    return len(study.trials) < 50, set(states(study))


@differential
def test_callbacks_see_the_study_and_the_frozen_trial(lib: Any) -> Any:
    study = new_study(lib)
    seen: list[Any] = []

    def callback(given: Any, trial: Any) -> None:
        seen.append((given is study, type(trial).__name__, trial, given.best_trial.number))
        trial.user_attrs["spoiled"] = True

    def second(given: Any, trial: Any) -> None:
        seen.append(trial.user_attrs)

    study.optimize(quadratic, n_trials=2, callbacks=(callback, second))
    return seen, study.trials[0].user_attrs


@differential
@pytest.mark.parametrize("catch", [(), Burnt], ids=str)
def test_callbacks_run_for_caught_failures_only(lib: Any, catch: Any) -> Any:
    study = new_study(lib)
    seen: list[Any] = []
    callbacks = [lambda study, trial: seen.append((trial.number, trial.state.name))]
    outcome = attempt(study.optimize, failing, n_trials=3, catch=catch, callbacks=callbacks)
    return outcome, seen


@differential
def test_callbacks_run_for_pruned_and_valueless_trials(lib: Any) -> Any:
    study = new_study(lib)
    seen: list[Any] = []

    def objective(trial: Any) -> Any:
        if trial.number == 0:
            raise lib.TrialPruned("enough")
        return None

    callbacks = [lambda study, trial: seen.append((trial.number, trial.state.name))]
    study.optimize(objective, n_trials=2, callbacks=callbacks)
    return seen


@differential
@pytest.mark.parametrize("catch", [(), Burnt], ids=str)
def test_a_callback_that_raises_leaves_optimize_and_loses_nothing(lib: Any, catch: Any) -> Any:
    study = new_study(lib)

    def callback(study: Any, trial: Any) -> None:
        raise Burnt("callback")

    outcome = attempt(study.optimize, quadratic, n_trials=2, callbacks=[callback], catch=catch)
    after = attempt(study.optimize, quadratic, n_trials=1)
    return outcome, after, study.trials


@differential
@pytest.mark.parametrize("callbacks", [[], (), None], ids=str)
def test_no_callbacks(lib: Any, callbacks: Any) -> Any:
    study = new_study(lib)
    study.optimize(quadratic, n_trials=2, callbacks=callbacks)
    return states(study)


@differential
@pytest.mark.parametrize("wanted", [("COMPLETE",), ("FAIL",), ("COMPLETE", "FAIL"), None], ids=str)
def test_max_trials_callback(lib: Any, wanted: Any) -> Any:
    chosen = None if wanted is None else tuple(lib.trial.TrialState[name] for name in wanted)
    study = new_study(lib)
    study.optimize(failing, n_trials=2, catch=Burnt)
    callback = lib.study.MaxTrialsCallback(4, states=chosen)
    study.optimize(failing, n_trials=20, catch=Burnt, callbacks=[callback])
    return states(study)


@differential
def test_max_trials_callback_counts_complete_trials_by_default(lib: Any) -> Any:
    study = new_study(lib)
    study.optimize(failing, n_trials=20, catch=Burnt, callbacks=[lib.study.MaxTrialsCallback(3)])
    return states(study)
