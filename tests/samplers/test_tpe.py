"""What TPE promises as a sampler; the contract of all samplers is in test_contract.py."""

from __future__ import annotations

import copy
import inspect
import math
import pickle
import subprocess
import sys
import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import optuna
import pytest

import steep
from steep.distributions import CategoricalDistribution, FloatDistribution
from steep.samplers import PartialFixedSampler, TPESampler
from steep.trial import TrialState, create_trial

UNIT = FloatDistribution(0, 1)


def bowl(trial: Any) -> float:
    x = trial.suggest_float("x", -5, 5)
    n = trial.suggest_int("n", 1, 9)
    kind = trial.suggest_categorical("kind", ["a", "b", "c"])
    return float((x - 1) ** 2 + abs(n - 3) + (kind != "b"))


def branches(trial: Any) -> float:
    kind = trial.suggest_categorical("kind", ["left", "right"])
    if kind == "left":
        return float((trial.suggest_float("l", 0, 1) - 0.2) ** 2)
    r = trial.suggest_float("r", 0, 1)
    return float((r - trial.suggest_float("s", 0, 1)) ** 2 + 0.1)


def run(objective: Callable[..., Any], n_trials: int, **options: Any) -> steep.Study:
    directions = options.pop("directions", ["minimize"])
    study = steep.create_study(directions=directions, sampler=TPESampler(**{"seed": 0} | options))
    study.optimize(objective, n_trials=n_trials)
    return study


def params(study: steep.Study) -> list[dict[str, Any]]:
    return [trial.params for trial in study.trials]


# ---- arguments -----------------------------------------------------------------------------------


def test_the_arguments_are_those_of_optuna() -> None:
    def arguments(cls: type) -> dict[str, tuple[Any, Any]]:
        signature = inspect.signature(cls)
        return {name: (p.kind, p.default) for name, p in signature.parameters.items()}

    assert arguments(TPESampler) == arguments(optuna.samplers.TPESampler)


@pytest.mark.parametrize(
    "options",
    [
        {"consider_prior": False},
        {"prior_weight": 0.5},
        {"consider_magic_clip": False},
        {"consider_endpoints": True},
        {"gamma": lambda n: min(n, 3)},
        {"weights": np.ones},
        {"warn_independent_sampling": False},
        {"constraints_func": lambda trial: (0.0,)},
    ],
    ids=lambda options: next(iter(options)),
)
def test_what_optuna_has_deprecated_warns_and_works(options: dict[str, Any]) -> None:
    with pytest.warns(FutureWarning, match=next(iter(options))):
        optuna.samplers.TPESampler(**options)
    with pytest.warns(FutureWarning, match=next(iter(options))):
        study = run(bowl, 20, n_startup_trials=4, **options)
    assert len(study.trials) == 20


@pytest.mark.parametrize(
    "options",
    [
        {"group": True, "multivariate": False},
        {"n_ei_candidates": 0},
        {"n_ei_candidates": -3},
    ],
)
def test_arguments_that_contradict_are_named(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=f"{next(iter(options))}="):
        TPESampler(**options)


@pytest.mark.filterwarnings("ignore::FutureWarning")
def test_a_negative_weight_of_the_prior_is_an_error() -> None:
    with pytest.raises(ValueError, match="prior_weight=-1"):
        TPESampler(prior_weight=-1)


@pytest.mark.filterwarnings("ignore::FutureWarning")
@pytest.mark.parametrize(
    "weights", [lambda n: -np.ones(n), np.zeros, lambda n: np.full(n, np.nan), lambda n: [1.0]]
)
def test_weights_that_are_none_are_an_error(weights: Any) -> None:
    with pytest.raises(ValueError, match="weights="):
        run(bowl, 12, n_startup_trials=4, weights=weights)


@pytest.mark.filterwarnings("ignore::FutureWarning")
@pytest.mark.parametrize("size", [0, -3, 10**9])
def test_any_size_of_the_good_set_works(size: int) -> None:
    assert len(run(bowl, 30, n_startup_trials=4, gamma=lambda n: size).trials) == 30


def test_the_parameters_of_hyperopt_are_those_of_optuna() -> None:
    with pytest.warns(FutureWarning, match="hyperopt_parameters"):
        ours = TPESampler.hyperopt_parameters()
    with pytest.warns(FutureWarning, match="hyperopt_parameters"):
        theirs = optuna.samplers.TPESampler.hyperopt_parameters()
    assert ours.keys() == theirs.keys()
    for name, value in theirs.items():
        if not callable(value):
            assert ours[name] == value
    for n in (1, 7, 26, 300, 10**5):
        assert ours["gamma"](n) == theirs["gamma"](n)
    for n in (0, 1, 25, 26, 60):
        assert ours["weights"](n) == pytest.approx(theirs["weights"](n))


# ---- what is sampled jointly ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "n_objectives"),
    [
        ({}, 1),
        ({"multivariate": True}, 1),
        ({"multivariate": False}, 1),
        ({}, 2),
        ({"multivariate": True}, 2),
        ({"multivariate": True, "group": True}, 1),
    ],
)
@pytest.mark.filterwarnings("ignore::optuna.exceptions.ExperimentalWarning")
def test_the_joint_space_is_that_of_optuna(options: dict[str, Any], n_objectives: int) -> None:
    spaces = []
    for lib in (optuna, steep):
        sampler = lib.samplers.TPESampler(seed=0, n_startup_trials=2, **options)
        study = lib.create_study(directions=["minimize"] * n_objectives, sampler=sampler)
        unit, point = lib.distributions.FloatDistribution(0, 1), {"b": 0.5, "only": 1}
        single = lib.distributions.IntDistribution(1, 1)
        for extra in ("a", "c", "a"):
            study.add_trial(
                lib.create_trial(
                    params=point | {extra: 0.1},
                    distributions={"b": unit, "only": single, extra: unit},
                    values=[1.0] * n_objectives,
                )
            )
        trial = study.ask()
        trial.suggest_float("b", 0, 1)
        spaces.append({name: str(d) for name, d in trial.relative_search_space.items()})
        assert set(trial.relative_params) == set(spaces[-1])
    assert spaces[0] == spaces[1]


def test_pruned_trials_count_and_failed_ones_do_not() -> None:
    study = steep.create_study(sampler=TPESampler(seed=0, n_startup_trials=3))
    for names, state in (("xy", "COMPLETE"), ("x", "PRUNED"), ("z", "FAIL"), ("xy", "COMPLETE")):
        study.add_trial(
            create_trial(
                state=TrialState[state],
                value=1.0 if state == "COMPLETE" else None,
                params=dict.fromkeys(names, 0.5),
                distributions=dict.fromkeys(names, UNIT),
            )
        )
    trial = study.ask()
    trial.suggest_float("x", 0, 1)
    assert set(trial.relative_params) == {"x"}


def test_startup_trials_are_random_and_running_ones_do_not_count() -> None:
    study = steep.create_study(sampler=TPESampler(seed=0, n_startup_trials=3))
    running = [study.ask() for _ in range(5)]
    for trial in running:
        assert 0 <= trial.suggest_float("x", 0, 1) <= 1
    for trial in running[:2]:
        study.tell(trial, 1.0)
    trial = study.ask()
    trial.suggest_float("x", 0, 1)
    assert trial.relative_params == {}
    study.tell(running[2], 1.0)
    trial = study.ask()
    trial.suggest_float("x", 0, 1)
    assert set(trial.relative_params) == {"x"}


# ---- results -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "options",
    [{}, {"group": True}, {"multivariate": False}, {"n_ei_candidates": 1}],
    ids=["joint", "group", "alone", "one candidate"],
)
def test_it_finds_the_bottom_of_a_bowl(options: dict[str, Any]) -> None:
    best = [run(bowl, 80, seed=seed, **options).best_value for seed in range(12)]
    random = []
    for seed in range(12):
        study = steep.create_study(sampler=steep.samplers.RandomSampler(seed=seed))
        study.optimize(bowl, n_trials=80)
        random.append(study.best_value)
    assert np.mean(best) < 0.5 * np.mean(random)


def test_maximising_is_minimising_the_negative() -> None:
    down = run(bowl, 40)
    up = run(lambda trial: -bowl(trial), 40, directions=["maximize"])
    assert params(down) == params(up)


@pytest.mark.parametrize("options", [{}, {"multivariate": False}, {"group": True}])
def test_conditional_spaces_are_searched(options: dict[str, Any]) -> None:
    best = [run(branches, 60, seed=seed, **options).best_value for seed in range(4)]
    assert np.mean(best) < 0.003


def test_groups_hold_parameters_that_trials_have_together() -> None:
    study = run(branches, 30, group=True)
    trial = study.ask()
    trial.suggest_categorical("kind", ["left", "right"])
    assert set(trial.relative_params) == {"kind", "l", "r", "s"}


def test_several_objectives_spread_over_the_front() -> None:
    def objective(trial: Any) -> tuple[float, float]:
        x, y = trial.suggest_float("x", 0, 1), trial.suggest_float("y", 0, 1)
        return x + y**2, (1 - x) + y**2

    study = run(objective, 120, directions=["minimize", "minimize"])
    front = np.array([trial.values for trial in study.best_trials])
    assert len(front) > 5
    assert np.ptp(front[:, 0]) > 0.6
    assert np.mean([trial.params["y"] for trial in study.trials[60:]]) < 0.35


def test_constraints_are_learnt() -> None:
    def objective(trial: Any) -> float:
        x = trial.suggest_float("x", -1, 1)
        trial.set_constraint("right", 0.3 - x)
        return float(x)

    studies = [run(objective, 60, seed=seed) for seed in range(6)]
    for study in studies:
        assert study.best_trial.params["x"] == pytest.approx(0.3, abs=0.05)
    late = [trial.params["x"] >= 0.3 for study in studies for trial in study.trials[30:]]
    # Random points are feasible in 35% of the trials.
    assert np.mean(late) > 0.5


@pytest.mark.filterwarnings("ignore::FutureWarning")
def test_constraints_func_is_asked_for_complete_and_pruned_trials() -> None:
    asked = []

    def objective(trial: Any) -> float:
        x = float(trial.suggest_float("x", 0, 1))
        if trial.number == 1:
            raise steep.TrialPruned
        if trial.number == 2:
            raise RuntimeError
        return x

    def constraints(trial: Any) -> tuple[float, float]:
        asked.append((trial.number, trial.state, trial.values))
        return (trial.params["x"] - 0.5, -1.0)

    study = steep.create_study(sampler=TPESampler(seed=0, constraints_func=constraints))
    study.optimize(objective, n_trials=4, catch=RuntimeError)
    assert asked == [(number, TrialState.RUNNING, None) for number in (0, 1, 3)]
    for trial in study.trials:
        wanted = {} if trial.number == 2 else {"0": trial.params["x"] - 0.5, "1": -1.0}
        assert trial.constraints == wanted


@pytest.mark.filterwarnings("ignore::FutureWarning")
@pytest.mark.parametrize(
    ("returned", "error"),
    [((math.nan,), ValueError), ("abc", TypeError), (1.0, TypeError), ((None,), TypeError)],
)
def test_constraints_that_are_none_are_an_error(returned: Any, error: type[Exception]) -> None:
    study = steep.create_study(sampler=TPESampler(constraints_func=lambda trial: returned))
    with pytest.raises(error, match="constraint|float"):
        study.optimize(bowl, n_trials=1)


# ---- finite spaces -------------------------------------------------------------------------------


def grid(trial: Any) -> float:
    i = trial.suggest_int("i", 0, 2)
    c = trial.suggest_categorical("c", ["p", "q", "r"])
    step = trial.suggest_float("step", 0, 1, step=0.5)
    trial.suggest_int("single", 7, 7)
    return float(i + (c != "q") + step)


def test_a_finite_space_is_exhausted_before_a_point_is_repeated() -> None:
    points = [tuple(p.values()) for p in params(run(grid, 60, n_startup_trials=1))]
    assert len(set(points[:27])) == 27
    assert len(points) == 60


def test_points_that_run_are_not_proposed_again() -> None:
    study = steep.create_study(sampler=TPESampler(seed=0, n_startup_trials=1))
    study.optimize(grid, n_trials=1)
    running = [study.ask() for _ in range(26)]
    for trial in running:
        grid(trial)
    assert len({tuple(trial.params.values()) for trial in [*running, study.trials[0]]}) == 27


def test_parts_of_a_conditional_space_may_repeat() -> None:
    def objective(trial: Any) -> float:
        i = trial.suggest_int("i", 0, 1)
        return float(i + trial.suggest_float("x", 0, 1) if trial.number % 2 else i)

    study = run(objective, 40, n_startup_trials=4)
    late = [trial.params["i"] for trial in study.trials[20:]]
    assert np.mean(late) < 0.4


# ---- running trials ------------------------------------------------------------------------------


def spread(n_running: int, seed: int, **options: Any) -> float:
    study = steep.create_study(sampler=TPESampler(seed=seed, **options))
    study.optimize(lambda trial: (trial.suggest_float("x", 0, 1) - 0.5) ** 2, n_trials=20)
    values = [study.ask().suggest_float("x", 0, 1) for _ in range(n_running)]
    return float(np.std(values))


@pytest.mark.parametrize("multivariate", [True, False])
def test_the_constant_liar_spreads_running_trials(multivariate: bool) -> None:
    lying = [spread(8, s, multivariate=multivariate) for s in range(10)]
    honest = [spread(8, s, multivariate=multivariate, constant_liar=False) for s in range(10)]
    assert np.mean(lying) > 1.1 * np.mean(honest)


def test_what_is_proposed_counts_before_it_is_suggested() -> None:
    def study_with(n_running: int) -> steep.Study:
        study = run(lambda trial: trial.suggest_int("i", 0, 3), 1, n_startup_trials=1)
        for _ in range(n_running):
            study.ask().suggest_int("i", 0, 3)
        return study

    values = {study_with(n).ask().suggest_int("i", 0, 3) for n in range(3)}
    assert len(values) == 3


def test_running_trials_that_have_only_some_parameters_are_no_problem() -> None:
    study = run(bowl, 15)
    study.enqueue_trial({"x": 0.0})
    half = study.ask({"x": FloatDistribution(-5, 5)})
    foreign = study.ask({"other": FloatDistribution(0, 1)})
    trial = study.ask()
    assert math.isfinite(bowl(trial))
    for other in (half, foreign, trial):
        study.tell(other, 1.0)
    study.optimize(bowl, n_trials=5)


# ---- odd histories -------------------------------------------------------------------------------


@pytest.mark.parametrize("options", [{}, {"multivariate": False}, {"group": True}])
def test_ranges_that_move_are_kept_up_with(options: dict[str, Any]) -> None:
    def objective(trial: Any) -> float:
        high = 10.0 if trial.number < 30 else 1.0
        x = trial.suggest_float("x", 0, high)
        assert 0 <= x <= high
        return float(x + trial.suggest_float("y", 0, 1 + trial.number))

    assert len(run(objective, 50, **options).trials) == 50


@pytest.mark.parametrize("options", [{}, {"multivariate": False}])
def test_infinite_losses_and_failures_are_no_problem(options: dict[str, Any]) -> None:
    def objective(trial: Any) -> float:
        x = trial.suggest_float("x", 0, 1)
        if trial.number % 5 == 0:
            return math.nan
        return math.inf if x > 0.8 else -math.inf if x < 0.1 else float(x)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("warnings.warn", lambda *_, **__: None)
        study = run(objective, 60, **options)
    assert study.best_value == -math.inf


def test_equal_losses_and_equal_points_are_no_problem() -> None:
    study = steep.create_study(sampler=TPESampler(seed=0))
    for _ in range(200):
        study.add_trial(create_trial(value=1.0, params={"x": 0.5}, distributions={"x": UNIT}))
    study.optimize(lambda trial: trial.suggest_float("x", 0, 1), n_trials=10)
    assert len({trial.params["x"] for trial in study.trials[200:]}) == 10


def test_values_out_of_range_are_left_out() -> None:
    study = steep.create_study(sampler=TPESampler(seed=0, n_startup_trials=2))
    for value in (0.2, 0.4, 0.6):
        study.enqueue_trial({"x": 5.0 + value})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("warnings.warn", lambda *_, **__: None)
        study.optimize(lambda trial: trial.suggest_float("x", 0, 1), n_trials=3)
    study.optimize(lambda trial: trial.suggest_float("x", 0, 1), n_trials=20)
    assert all(0 <= trial.params["x"] <= 1 for trial in study.trials[3:])


def test_many_parameters_and_many_choices() -> None:
    def objective(trial: Any) -> float:
        total = sum(trial.suggest_float(f"x{i}", 0, 1) for i in range(120))
        return float(total + trial.suggest_categorical("c", range(1000)))

    assert len(run(objective, 15).trials) == 15


# ---- state ---------------------------------------------------------------------------------------


def test_one_sampler_serves_several_studies() -> None:
    shared = TPESampler(seed=3)
    studies = [steep.create_study(sampler=shared) for _ in range(2)]
    for _ in range(25):
        studies[0].optimize(bowl, n_trials=1)
        studies[1].optimize(branches, n_trials=1)
    alone = steep.create_study(sampler=TPESampler(seed=3))
    alone.optimize(bowl, n_trials=25)
    assert params(studies[0]) == params(alone)


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda s: pickle.loads(pickle.dumps(s))])
def test_a_copied_sampler_goes_on_as_the_first_would(copied: Callable[[Any], Any]) -> None:
    whole = run(bowl, 40)
    study = run(bowl, 20)
    study.sampler = copied(study.sampler)
    study.optimize(bowl, n_trials=20)
    assert params(study) == params(whole)


def test_a_sampler_that_comes_late_proposes_the_same() -> None:
    whole = run(bowl, 60)
    study = steep.create_study()
    study.add_trials(whole.trials[:50])
    study.sampler = TPESampler(seed=0)
    study.optimize(bowl, n_trials=10)
    for late, early in zip(study.trials[50:], whole.trials[50:], strict=True):
        assert late.params == pytest.approx(early.params)


def test_threads_share_a_sampler() -> None:
    study = steep.create_study(sampler=TPESampler(seed=0, n_startup_trials=4))
    threads = [
        threading.Thread(target=study.optimize, args=(bowl,), kwargs={"n_trials": 30})
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [trial.state for trial in study.trials] == [TrialState.COMPLETE] * 120
    assert study.best_value < 1.0


def test_the_same_seed_gives_the_same_parameters_in_every_process() -> None:
    script = (
        "import steep\n"
        "steep.logging.set_verbosity(50)\n"
        "study = steep.create_study(sampler=steep.samplers.TPESampler(seed=5))\n"
        "study.optimize(lambda t: t.suggest_float('x', 0, 1)**2 + t.suggest_int('n', 0, 9), 30)\n"
        "print([t.params for t in study.trials])\n"
    )
    outputs = {
        subprocess.run([sys.executable, "-c", script], check=True, capture_output=True).stdout
        for _ in range(2)
    }
    assert len(outputs) == 1


def test_partial_fixing_leaves_the_others_to_tpe() -> None:
    sampler = PartialFixedSampler({"kind": "b"}, TPESampler(seed=0))
    study = steep.create_study(sampler=sampler)
    study.optimize(bowl, n_trials=60)
    assert {trial.params["kind"] for trial in study.trials} == {"b"}
    assert study.best_value < 0.2


def test_the_warning_about_independent_sampling_is_logged_on_demand(
    caplog: pytest.LogCaptureFixture,
) -> None:
    steep.logging.enable_propagation()
    try:
        with pytest.warns(FutureWarning, match="warn_independent_sampling"):
            run(branches, 30, warn_independent_sampling=True)
    finally:
        steep.logging.disable_propagation()
    assert any("by itself" in record.getMessage() for record in caplog.records)


def test_a_categorical_of_another_kind_of_parameter_is_no_confusion() -> None:
    choices = CategoricalDistribution([0.0, 1.0])
    study = run(lambda trial: trial.suggest_categorical("x", [0.0, 1.0]), 15)
    assert all(choices.contains(choices.to_internal_repr(p["x"])) for p in params(study))
