"""optimize: how many trials run, what ends them, and what each ending leaves behind."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from .harness import attempt, differential
from .programs import (
    BAD,
    GOOD,
    ODD,
    Burnt,
    failing,
    mixed,
    new_study,
    pair,
    quadratic,
    states,
    sweep,
)

NAN = float("nan")


@differential(logs=True)
def test_a_plain_run(lib: Any) -> Any:
    study = new_study(lib, direction="maximize")
    return study.optimize(mixed, n_trials=6), study


@differential(logs=True)
def test_a_run_with_two_objectives(lib: Any) -> Any:
    study = new_study(lib, directions=["minimize", "maximize"])
    study.optimize(pair, n_trials=3)
    return study


@differential
@pytest.mark.parametrize("n_trials", [0, 1, 3, -1])
def test_number_of_trials(lib: Any, n_trials: int) -> Any:
    study = new_study(lib)
    return attempt(study.optimize, quadratic, n_trials=n_trials), len(study.trials)


@differential
@pytest.mark.parametrize("n_jobs", [1, 2, -1])
def test_number_of_trials_in_threads(lib: Any, n_jobs: int) -> Any:
    study = new_study(lib)
    study.optimize(quadratic, n_trials=7, n_jobs=n_jobs)
    return sorted((t.number, t.params["x"], t.value) for t in study.trials), states(study)


@differential
@pytest.mark.parametrize("timeout", [0.0, 0, -1.0])
def test_no_time_no_trial(lib: Any, timeout: float) -> Any:
    study = new_study(lib)
    study.optimize(quadratic, timeout=timeout)
    study.optimize(quadratic, n_trials=2, timeout=timeout)
    return len(study.trials)


@differential
def test_timeout_ends_an_endless_run(lib: Any) -> Any:
    study = new_study(lib)
    study.optimize(quadratic, timeout=0.05)
    return len(study.trials) > 1, set(states(study))


@differential
@pytest.mark.parametrize("value", GOOD + BAD + ODD, ids=repr)
def test_objective_returns(lib: Any, value: Any) -> Any:
    study = new_study(lib)
    outcome = attempt(study.optimize, lambda trial: value, n_trials=1)
    return outcome, study.trials[0].state, study.trials[0].values


@differential
@pytest.mark.parametrize(
    "values", [(1, 2), [1.0, 2.0], (1,), (1, 2, 3), 1.0, None, (1, None), (1, NAN), "ab"], ids=repr
)
def test_objective_returns_for_two_objectives(lib: Any, values: Any) -> Any:
    study = new_study(lib, directions=["minimize"] * 2)
    outcome = attempt(study.optimize, lambda trial: values, n_trials=1)
    return outcome, study.trials[0].state, study.trials[0].values


@differential(logs=True)
@pytest.mark.parametrize("value", ["text", None, NAN, [1.0, 2.0]], ids=repr)
def test_messages_for_useless_values(lib: Any, value: Any) -> Any:
    study = new_study(lib)
    study.optimize(lambda trial: value, n_trials=1)
    return states(study)


@differential(logs=True)
@pytest.mark.parametrize(
    "catch",
    [
        Burnt,
        (Burnt,),
        [Burnt],
        {Burnt},
        ValueError,
        Exception,
        (KeyError, ValueError),
        pytest.param(iter([Burnt]), id="iterator"),
    ],
    ids=str,
)
def test_catch_takes_a_class_or_several(lib: Any, catch: Any) -> Any:
    if not isinstance(catch, (type, tuple, list, set)):
        catch = iter([Burnt])
    study = new_study(lib)
    study.optimize(failing, n_trials=4, catch=catch)
    return study


@differential
@pytest.mark.parametrize("catch", [(), [], KeyError, (KeyError, TypeError)], ids=str)
def test_other_exceptions_leave_optimize(lib: Any, catch: Any) -> Any:
    study = new_study(lib)
    return attempt(study.optimize, failing, n_trials=4, catch=catch), study.trials


@differential
@pytest.mark.parametrize("catch", [None, 1, (1,), "ValueError"], ids=repr)
def test_catch_must_hold_exceptions(lib: Any, catch: Any) -> Any:
    def objective(trial: Any) -> float:
        raise Burnt

    return attempt(new_study(lib).optimize, objective, n_trials=1, catch=catch)


@differential(logs=True)
def test_pruning_in_the_objective(lib: Any) -> Any:
    study = new_study(lib)

    def objective(trial: Any) -> float:
        trial.report(0.5, 1)
        if trial.number == 1:
            raise lib.TrialPruned("too slow")
        if trial.number == 2:
            raise lib.exceptions.TrialPruned
        return quadratic(trial)

    study.optimize(objective, n_trials=3)
    return study


@differential
def test_pruning_with_two_objectives_in_the_objective(lib: Any) -> Any:
    study = new_study(lib, directions=["minimize"] * 2)

    def objective(trial: Any) -> tuple[float, float]:
        raise lib.TrialPruned

    study.optimize(objective, n_trials=1)
    return study


@differential
def test_a_pruner_decides(lib: Any) -> Any:
    class Every(lib.pruners.BasePruner):  # type: ignore[misc]
        def prune(self, study: Any, trial: Any) -> bool:
            seen.append(
                (trial.number, trial.last_step, dict(trial.intermediate_values), trial.params)
            )
            return bool(trial.last_step == 2)

    seen: list[Any] = []
    study = new_study(lib, pruner=Every())

    def objective(trial: Any) -> float:
        value = quadratic(trial)
        for step in range(5):
            trial.report(value + step, step)
            if trial.should_prune():
                raise lib.TrialPruned
        return value

    study.optimize(objective, n_trials=2)
    return seen, study


@differential
def test_the_study_seen_from_inside_the_objective(lib: Any) -> Any:
    study = new_study(lib)
    seen: list[Any] = []

    def objective(trial: Any) -> float:
        x = trial.suggest_float("x", 0, 1)
        trial.report(1.5, 0)
        trial.set_user_attr("color", "red")
        trial.set_constraint("c", -1.0)
        seen.append(study.trials[-1])
        seen.append(study.get_trials(deepcopy=False)[-1].params)
        seen.append([t.state.name for t in study.trials])
        seen.append(trial.study is study)
        trial.suggest_int("n", 1, 3)
        seen.append(study.trials[-1].params)
        return float(x)

    study.optimize(objective, n_trials=2)
    return seen


@differential
@pytest.mark.parametrize(
    "options", [{"gc_after_trial": True}, {"show_progress_bar": False}], ids=str
)
def test_options_that_change_no_result(lib: Any, options: dict[str, Any]) -> Any:
    study = new_study(lib)
    study.optimize(quadratic, n_trials=2, **options)
    return states(study)


@differential
@pytest.mark.parametrize(
    "options",
    [
        {"n_trials": 2},
        {"n_trials": 2, "timeout": 30.0},
        {"timeout": 0.05},
        {"timeout": 0.05, "n_jobs": 2},
        {"n_trials": 2, "n_jobs": 2},
        {},
    ],
    ids=str,
)
def test_progress_bar(lib: Any, options: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> Any:
    study = new_study(lib)

    def stopper(study: Any, trial: Any) -> None:
        if trial.number >= 1 and "timeout" not in options:
            study.stop()

    outcome = attempt(
        study.optimize, quadratic, show_progress_bar=True, callbacks=[stopper], **options
    )
    bar = capsys.readouterr().err
    return outcome, len(study.trials) >= 2, "Best trial:" in bar, "%" in bar


@differential
def test_values_are_python_numbers(lib: Any) -> Any:
    study = lib.create_study(sampler=lib.samplers.RandomSampler(seed=0))
    seen: list[str] = []

    def objective(trial: Any) -> Any:
        values = [
            trial.suggest_float("x", 0, 1),
            trial.suggest_float("s", 0, 1, step=0.25),
            trial.suggest_float("l", 1e-3, 1, log=True),
            trial.suggest_int("n", 1, 100),
            trial.suggest_int("k", 1, 100, log=True),
            trial.suggest_int("m", 0, 10, step=5),
            trial.suggest_categorical("c", [True, False]),
            trial.suggest_categorical("d", [0.5, 1.5]),
        ]
        seen.append(" ".join(type(v).__name__ for v in values))
        return np.float64(1.0)

    study.optimize(objective, n_trials=3)
    trial = study.trials[0]
    stored = {name: type(value).__name__ for name, value in trial.params.items()}
    return seen, stored, type(trial.value).__name__, type(study.best_value).__name__


@differential
@pytest.mark.parametrize("sampler", ["RandomSampler", "TPESampler"])
def test_the_same_seed_gives_the_same_parameters(lib: Any, sampler: str) -> Any:
    def run(seed: int) -> list[Any]:
        study = lib.create_study(sampler=getattr(lib.samplers, sampler)(seed=seed))
        study.optimize(mixed, n_trials=15)
        return [t.params for t in study.trials]

    return run(1) == run(1), run(1) != run(2)


@differential
def test_the_objective_may_be_any_callable(lib: Any) -> Any:
    class Objective:
        def __call__(self, trial: Any) -> float:
            return quadratic(trial)

    study = lib.create_study(sampler=sweep(lib))
    study.optimize(Objective(), n_trials=1)
    study.optimize(func=quadratic, n_trials=1)
    return states(study), study.best_value


@differential
def test_an_objective_that_is_no_function(lib: Any) -> Any:
    study = new_study(lib)
    return attempt(study.optimize, 3, n_trials=1), states(study)


@differential
def test_positional_arguments_of_optimize(lib: Any) -> Any:
    study = new_study(lib)
    study.optimize(quadratic, 3, None, 1, (), None, False, False)
    return states(study)
