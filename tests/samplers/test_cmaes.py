from __future__ import annotations

import logging
import sys
from typing import Any

import cmaes
import numpy as np
import pytest

import steep
from steep.distributions import FloatDistribution, IntDistribution
from steep.samplers import CmaEsSampler, RandomSampler
from steep.samplers.cma.evolution import pulled
from steep.samplers.cma.frames import CubeFrame, GridFrame
from steep.study.config import describe
from steep.trial import TrialState

QUIET = {"warn_independent_sampling": False}


def sphere(trial: steep.Trial) -> float:
    return sum((trial.suggest_float(f"x{i}", -5, 5) - 1) ** 2 for i in range(3))


def run(sampler: CmaEsSampler, n: int, objective: Any = sphere, **options: Any) -> steep.Study:
    study = steep.create_study(sampler=sampler, study_name="tea", **options)
    study.optimize(objective, n_trials=n)
    return study


KINDS: dict[str, dict[str, Any]] = {
    "plain": {},
    "separable": {"use_separable_cma": True},
    "margin": {"with_margin": True},
    "learning rate": {"lr_adapt": True},
}


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_finds_the_minimum(name: str) -> None:
    random = steep.create_study(sampler=RandomSampler(seed=0))
    random.optimize(sphere, n_trials=300)
    study = run(CmaEsSampler(seed=0, **KINDS[name]), 300)
    assert study.best_value < 0.05 < random.best_value


def test_it_is_the_algorithm_of_the_package() -> None:
    study = run(CmaEsSampler(seed=0), 29)
    optimizer = cmaes.CMA(mean=np.full(3, 0.5), sigma=1 / 6, bounds=np.array([[0, 1]] * 3))
    size = optimizer.population_size
    told = study.trials[1 : 1 + 4 * size]
    for start in range(0, 4 * size, size):
        optimizer.tell(
            [
                ((np.array(list(t.params.values())) + 5) / 10, t.value)
                for t in told[start : start + size]
            ]
        )
    (book,) = study.table._memo.values()
    (evolution,) = book._evolutions.values()
    evolution._follow(study)
    assert evolution._optimizer.mean == pytest.approx(optimizer.mean, rel=1e-9)


def test_the_other_direction() -> None:
    study = run(CmaEsSampler(seed=0), 200, lambda t: -sphere(t), direction="maximize")
    assert study.best_value > -0.01


def test_no_attributes_are_written() -> None:
    study = run(CmaEsSampler(seed=0, with_margin=True), 30)
    assert study.table.system_attrs == {}
    assert study.table.study_system_attrs == {}


@pytest.mark.parametrize("name", KINDS)
def test_ints_grids_and_logarithms(name: str) -> None:
    def objective(trial: steep.Trial) -> float:
        n = trial.suggest_int("n", 0, 20, step=2)
        units = trial.suggest_int("units", 1, 1000, log=True)
        share = trial.suggest_float("share", 0, 1, step=0.25)
        lr = trial.suggest_float("lr", 1e-6, 1, log=True)
        trial.suggest_int("only", 3, 3)
        return abs(n - 14) + abs(np.log(units / 30)) + abs(share - 0.75) + abs(np.log(lr / 1e-3))

    study = run(CmaEsSampler(seed=1, **QUIET, **KINDS[name]), 300, objective)
    assert study.best_params["n"] == 14
    assert study.best_value < 1
    space = study.sampler.infer_relative_search_space(study, study.trials[0])
    assert list(space) == ["lr", "n", "share", "units"]


def test_a_margin_keeps_neighbours_within_reach() -> None:
    def objective(trial: steep.Trial) -> float:
        return sphere(trial) + 9 * trial.suggest_int("flag", 0, 1)

    study = run(CmaEsSampler(seed=0, with_margin=True), 400, objective)
    assert 0 < sum(t.params["flag"] for t in study.trials[-100:]) < 50


def test_a_frame_of_grids_holds_the_values_themselves() -> None:
    space = {
        "n": IntDistribution(2, 10, step=4),
        "f": FloatDistribution(-1, 1, step=0.5),
        "u": FloatDistribution(0, 4),
        "l": IntDistribution(1, 8, log=True),
    }
    frame = GridFrame(space)
    assert frame.steps.tolist() == [0.5, 0.25, 0, 0]
    rows = np.array([[2.0, -1.0, 1.0, 4.0], [6.0, 0.5, 4.0, 8.0], [10.0, 1.0, 0.0, 1.0]])
    points = frame.encode(rows)
    assert points[:, :3].tolist() == [[0, 0, 0.25], [0.5, 0.75, 1], [1, 1, 0]]
    for one in (frame, CubeFrame(space)):
        assert one.decode(one.encode(rows)) == pytest.approx(rows)


def test_far_points_are_pulled_and_near_ones_are_not() -> None:
    optimizer = cmaes.CMA(mean=np.full(2, 0.5), sigma=0.01, cov=np.diag([1.0, 4.0]))
    near = np.array([[0.51, 0.5], [0.5, 0.46]])
    assert pulled(optimizer, near) == pytest.approx(near)
    far = pulled(optimizer, np.array([[0.9, 0.5], [0.5, 0.9], [0.5, 0.5]]))
    limit = 2**0.5 + 3
    expected = np.array([[0.5 + 0.01 * limit, 0.5], [0.5, 0.5 + 0.02 * limit], [0.5, 0.5]])
    assert far == pytest.approx(expected)


def test_an_enqueued_point_far_away_leads_there() -> None:
    def needle(trial: steep.Trial) -> float:
        return sphere(trial) - 1000 * (trial.params["x0"] < -4.5)

    study = run(CmaEsSampler(seed=0), 150, needle)
    study.enqueue_trial({"x0": -4.9, "x1": 4.0, "x2": 4.0})
    study.optimize(needle, n_trials=10)
    assert np.isfinite(list(study.trials[-1].params.values())).all()


def test_two_samplers_without_a_seed_share_their_trials() -> None:
    study = steep.create_study()
    for _ in range(120):
        study.sampler = CmaEsSampler()
        study.optimize(sphere, n_trials=1)
    assert study.best_value < 0.5


def test_workers_in_parallel_use_all_their_trials() -> None:
    study = steep.create_study(sampler=CmaEsSampler(seed=0))
    for _ in range(40):
        for trial in [study.ask() for _ in range(5)]:
            study.tell(trial, sphere(trial))
    assert study.best_value < 0.1


def test_it_begins_anew_where_it_has_converged() -> None:
    study = run(CmaEsSampler(seed=0), 1500)
    xs = np.array([t.params["x0"] for t in study.trials])
    assert np.abs(xs[300:400] - 1).max() < 0.5
    assert np.abs(xs[400:] - 1).max() > 1
    assert study.best_value < 1e-12


@pytest.mark.parametrize("value", [0.0, float("inf"), -float("inf"), 1e300])
@pytest.mark.parametrize("name", KINDS)
def test_constant_objectives_do_no_harm(name: str, value: float) -> None:
    def objective(trial: steep.Trial) -> float:
        sphere(trial)
        trial.suggest_int("n", 0, 3)
        return value

    study = run(CmaEsSampler(seed=0, **QUIET, **KINDS[name]), 400, objective)
    assert len(study.trials) == 400


def test_pruned_trials_count_if_asked_for() -> None:
    def objective(trial: steep.Trial) -> float:
        value = sphere(trial)
        if trial.number % 7 == 3:
            raise steep.TrialPruned
        trial.report(value, 1)
        if trial.number > 0:
            raise steep.TrialPruned
        return value

    study = run(CmaEsSampler(seed=0, consider_pruned_trials=True), 200, objective)
    best = min(t.intermediate_values[1] for t in study.trials if t.intermediate_values)
    ignoring = run(CmaEsSampler(seed=0), 200, objective)
    worse = min(t.intermediate_values[1] for t in ignoring.trials if t.intermediate_values)
    assert best < 0.1 < worse


def test_a_pruned_trial_that_lacks_a_parameter() -> None:
    def objective(trial: steep.Trial) -> float:
        x = trial.suggest_float("x", 0, 1)
        if trial.number % 3 == 2:
            trial.report(x, 0)
            raise steep.TrialPruned
        return x + trial.suggest_float("y", 0, 1)

    study = run(CmaEsSampler(seed=0, consider_pruned_trials=True), 150, objective)
    assert study.best_value < 0.1


def test_the_start_is_where_the_user_says() -> None:
    with pytest.warns(FutureWarning, match="deprecated"):
        sampler = CmaEsSampler(seed=0, x0={"x0": 4, "x1": -4, "x2": 0}, sigma0=0.001)
    study = run(sampler, 6)
    last = study.trials[-1].params
    assert [last["x0"], last["x1"], last["x2"]] == pytest.approx([4, -4, 0], abs=0.1)


def test_a_start_that_lacks_a_parameter_is_refused() -> None:
    with pytest.warns(FutureWarning):
        sampler = CmaEsSampler(x0={"x0": 1.0})
    with pytest.raises(ValueError, match=r"lacks the parameters \['x1', 'x2'\]"):
        run(sampler, 3)


def test_a_warm_start_begins_near_the_best_source_trials() -> None:
    source = steep.create_study(sampler=RandomSampler(seed=0))
    source.optimize(sphere, n_trials=300)
    study = run(CmaEsSampler(seed=0, source_trials=source.trials), 30)
    cold = run(CmaEsSampler(seed=0), 30)
    mean = [np.mean([t.value for t in s.trials[1:] if t.value]) for s in (study, cold)]
    assert mean[0] < mean[1]
    few = run(CmaEsSampler(seed=0, source_trials=source.trials[:3]), 5)
    assert len(few.trials) == 5


def test_source_trials_of_another_space_are_refused() -> None:
    source = steep.create_study()
    source.optimize(lambda t: t.suggest_float("other", 0, 1), n_trials=2)
    with pytest.raises(ValueError, match="exactly the parameters"):
        run(CmaEsSampler(source_trials=source.trials), 3)


def test_a_space_that_shrinks() -> None:
    def objective(trial: steep.Trial) -> float:
        if trial.number < 60:
            trial.suggest_float("gone", 0, 1)
        return sphere(trial)

    assert run(CmaEsSampler(seed=0), 200, objective).best_value < 0.01


def test_parameters_that_are_left_out_are_named(caplog: pytest.LogCaptureFixture) -> None:
    steep.logging.enable_propagation()
    caplog.set_level(logging.WARNING)
    try:
        run(CmaEsSampler(seed=0), 2, lambda t: len(t.suggest_categorical("c", ["a", "bb"])))
        assert "'c'" in caplog.text
        caplog.clear()
        run(CmaEsSampler(**QUIET), 2, lambda t: len(t.suggest_categorical("c", ["a", "bb"])))
        assert not caplog.text
    finally:
        steep.logging.disable_propagation()


def test_constraints_are_not_regarded() -> None:
    def objective(trial: steep.Trial) -> float:
        trial.set_constraint("c", 1.0)
        return sphere(trial)

    with pytest.warns(UserWarning, match="does not regard the constraints"):
        run(CmaEsSampler(), 1, objective)


def test_one_parameter_is_never_separable() -> None:
    with pytest.warns(UserWarning, match="one parameter"):
        run(CmaEsSampler(use_separable_cma=True), 5, lambda t: t.suggest_float("x", 0, 1))


def test_several_objectives_are_refused() -> None:
    study = steep.create_study(directions=["minimize"] * 2, sampler=CmaEsSampler())
    with pytest.raises(ValueError, match="one objective"):
        study.optimize(lambda t: (t.suggest_float("x", 0, 1), 1.0), n_trials=1)


@pytest.mark.parametrize(
    "options",
    [
        {"use_separable_cma": True, "with_margin": True},
        {"lr_adapt": True, "with_margin": True},
        {"lr_adapt": True, "use_separable_cma": True},
        {"source_trials": [], "use_separable_cma": True},
    ],
    ids=str,
)
def test_arguments_that_exclude_each_other(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="excludes"):
        CmaEsSampler(**options)


def test_the_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cmaes", None)
    with pytest.raises(ImportError, match=r"pip install 'steep\[cmaes\]'"):
        run(CmaEsSampler(), 3)


def test_the_first_arguments_may_still_be_given_by_position() -> None:
    with pytest.warns(FutureWarning, match=r"n_startup_trials=5"):
        sampler = CmaEsSampler(None, None, 5)
    assert sampler._settings.n_startup == 5
    assert describe(sampler)["arguments"]["n_startup_trials"] == 5
    with pytest.raises(TypeError):
        CmaEsSampler(*range(7))


def test_failed_trials_are_left_out() -> None:
    study = run(CmaEsSampler(seed=0), 4)
    trial = study.ask()
    trial.suggest_float("x0", -5, 5)
    study.tell(trial, state=TrialState.FAIL)
    study.optimize(sphere, n_trials=20)
    assert study.table.n_in(TrialState.COMPLETE) == 24
