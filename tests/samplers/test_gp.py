"""The GP sampler: it optimizes, it repeats nothing, and no input makes it fail."""

from __future__ import annotations

import math
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from gp_objectives import always_nan, bowl, failing, mixed, run, wide

import steep
from steep.samplers import GPSampler
from steep.samplers.gp.activity import Activity, Branch
from steep.samplers.gp.candidates import Candidates
from steep.samplers.gp.features import Features
from steep.samplers.gp.schedule import MOST_POINTS, fits_until
from steep.space import Space

FLOAT = steep.distributions.FloatDistribution
INT = steep.distributions.IntDistribution
CHOICE = steep.distributions.CategoricalDistribution


@pytest.mark.parametrize("is_exact", [False, True])
def test_a_smooth_function_is_optimized_quickly(is_exact: bool) -> None:
    best = [run(bowl, 25, seed, deterministic_objective=is_exact).best_value for seed in range(5)]
    assert np.median(best) < 0.01


def test_a_mixed_function_is_optimized_quickly() -> None:
    best = [run(mixed, 50, seed).best_value for seed in range(3)]
    assert np.median(best) < 0.1


def test_noise_is_no_obstacle() -> None:
    rng = np.random.default_rng(0)
    study = run(lambda trial: bowl(trial) + rng.standard_normal(), 60)
    late = [trial.params for trial in study.trials[45:]]
    assert np.median([abs(params["x"] - 1) for params in late]) < 1
    assert np.median([abs(params["y"] + 2) for params in late]) < 1


def test_a_finite_space_is_used_up_before_anything_is_repeated() -> None:
    def objective(trial: steep.Trial) -> float:
        n = trial.suggest_int("n", 0, 5)
        step = trial.suggest_float("step", 0, 1, step=0.25)
        return n * step + (trial.suggest_categorical("kind", "ab") == "a")

    study = steep.create_study(sampler=GPSampler(seed=0, n_startup_trials=1))
    study.optimize(objective, n_trials=60)
    assert len({repr(trial.params) for trial in study.trials}) == 60
    study.optimize(objective, n_trials=3)
    assert len(study.trials) == 63


def test_running_trials_are_not_proposed_again() -> None:
    study = run(lambda trial: trial.suggest_int("n", 0, 30) % 7, 8)
    asked = [study.ask() for _ in range(10)]
    values = [trial.suggest_int("n", 0, 30) for trial in asked]
    assert len(set(values)) == 10
    assert not {trial.params["n"] for trial in study.trials[5:8]} & set(values)


def test_a_running_trial_may_have_asked_for_a_part_only() -> None:
    study = run(mixed, 8)
    asked = [study.ask() for _ in range(3)]
    for trial in asked[:2]:
        trial.suggest_float("x", 1e-3, 1e3, log=True)
    assert math.isfinite(mixed(asked[2]))


def test_parallel_trials_spread_out() -> None:
    study = run(bowl, 20)
    asked = [study.ask() for _ in range(4)]
    points = np.array([[t.suggest_float("x", -5, 5), t.suggest_float("y", -5, 5)] for t in asked])
    distances = np.sqrt(((points[:, None] - points) ** 2).sum(axis=2))
    assert distances[np.triu_indices(4, 1)].min() > 1e-3


def constant(trial: steep.Trial) -> float:
    mixed(trial)
    return 1.0


def huge(trial: steep.Trial) -> float:
    mixed(trial)
    return [1e300, -1e300, math.inf, -math.inf, 0.0][trial.number % 5]


def one_valued(trial: steep.Trial) -> float:
    trial.suggest_int("one", 3, 3)
    trial.suggest_categorical("only", ["x"])
    return trial.suggest_float("flat", 0.5, 0.5) + trial.number


def many_choices(trial: steep.Trial) -> float:
    return abs(trial.suggest_categorical("c", range(1000)) - 500)


def large_grid(trial: steep.Trial) -> float:
    log = trial.suggest_int("log", 1, 10**9, log=True)
    return log / 1e9 + abs(trial.suggest_int("n", 0, 10**12, step=10) - 10**6) / 1e12


def duplicates(trial: steep.Trial) -> float:
    return trial.suggest_int("n", 0, 1) + trial.number % 2


def wide_range(trial: steep.Trial) -> float:
    return abs(trial.suggest_float("x", -1.7e308, 1.7e308)) / 1e308


@pytest.mark.parametrize(
    "objective",
    [constant, always_nan, huge, one_valued, many_choices, large_grid, duplicates, failing,
     wide_range],
)  # fmt: skip
def test_ill_input_gets_a_valid_suggestion(objective: Callable[[steep.Trial], float]) -> None:
    study = run(objective, 25)
    assert len(study.trials) == 25


def test_200_parameters_are_no_obstacle() -> None:
    assert len(run(wide, 10).trials) == 10


def test_trials_added_by_hand_with_other_ranges_are_no_obstacle() -> None:
    study = run(mixed, 8)
    for trial in study.trials:
        trial.distributions["n"] = INT(0, 40)
        study.add_trial(trial)
    study.optimize(mixed, n_trials=5)
    assert len(study.trials) == 21


def test_a_long_study_keeps_at_most_256_points() -> None:
    rng = np.random.default_rng(0)
    study = steep.create_study(sampler=GPSampler(seed=0))
    space = {"x": FLOAT(-5, 5), "y": FLOAT(-5, 5)}
    for x, y in rng.uniform(-5, 5, (400, 2)).tolist():
        params, value = {"x": x, "y": y}, (x - 1) ** 2 + (y + 2) ** 2
        study.add_trial(steep.trial.create_trial(params=params, distributions=space, value=value))
    study.optimize(bowl, n_trials=20)
    assert study.best_value < 1e-3


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_a_study_replays(tmp_path: Path, n_jobs: int) -> None:
    sampler = GPSampler(seed=3, n_startup_trials=5)
    study = steep.create_study(sampler=sampler, storage=f"sqlite:///{tmp_path}/a.db")
    study.optimize(mixed, n_trials=35, n_jobs=n_jobs)
    replay = study.replay()
    assert replay.confirmed == 105
    assert not replay.differing


PROGRAM = """
import sys, steep
sys.path.insert(0, {folder!r})
import test_gp
steep.logging.set_verbosity(steep.logging.ERROR)
study = steep.load_study(study_name="tea", storage={url!r})
study.sampler = test_gp.GPSampler(seed=0, n_startup_trials=5)
study.optimize(test_gp.mixed, n_trials=3)
print([trial.params for trial in study.trials[-3:]])
"""


def test_a_fresh_process_proposes_what_a_running_one_does(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/tea.db"
    study = steep.create_study(
        sampler=GPSampler(seed=0, n_startup_trials=5), storage=url, study_name="tea"
    )
    study.optimize(mixed, n_trials=42)
    program = PROGRAM.format(folder=__file__.rpartition("/")[0], url=url)
    run = subprocess.run(
        [sys.executable, "-c", program],
        env=os.environ | {"PYTHONPATH": ":".join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )
    whole = steep.create_study(sampler=GPSampler(seed=0, n_startup_trials=5), study_name="tea")
    whole.optimize(mixed, n_trials=45)
    assert run.stdout.strip() == str([trial.params for trial in whole.trials[-3:]])


THREADS = """
import sys
sys.path.insert(0, {folder!r})
from gp_objectives import mixed
import steep

steep.logging.set_verbosity(steep.logging.WARNING)
study = steep.create_study(sampler=steep.samplers.GPSampler(seed=0))
study.optimize(mixed, n_trials=50)
print(study.trials[-1].params)
"""


def test_the_number_of_blas_threads_changes_nothing() -> None:
    program = THREADS.format(folder=__file__.rpartition("/")[0])
    paths = {"PYTHONPATH": ":".join(sys.path)}
    printed = {
        subprocess.run(
            [sys.executable, "-c", program],
            env=os.environ | paths | {"OPENBLAS_NUM_THREADS": n},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for n in "12"
    }
    assert len(printed) == 1


def test_columns_are_the_same_ones_whether_they_are_next_to_each_other_or_not() -> None:
    ranges = {"c": CHOICE("abc"), "x": FLOAT(0, 2), "y": FLOAT(0, 1), "n": INT(1, 5)}
    features = Features(Space(ranges))
    columns = np.arange(features.width)
    assert columns[features.places(np.array([1, 2, 3]))].tolist() == [3, 4, 5]
    assert columns[features.places(np.array([0, 2]))].tolist() == [0, 4]
    assert columns[features.places(np.array([2]))].tolist() == [4]
    assert columns[features.places(np.zeros(0, dtype=np.intp))].tolist() == []


def test_choices_are_one_apart_and_ranges_are_one_column() -> None:
    features = Features(Space({"c": CHOICE("abc"), "x": FLOAT(0, 2)}))
    assert features.groups.tolist() == [0, 0, 0, 1]
    columns = features(np.array([[1 / 6, 0.5], [0.5, 0.5], [5 / 6, 0.75]]))
    assert columns[:, 3].tolist() == [0.5, 0.5, 0.75]
    assert ((columns[0] - columns[1]) ** 2).sum() == pytest.approx(1)
    assert ((columns[1, :3] - columns[2, :3]) ** 2).sum() == pytest.approx(1)


def test_candidates_lie_on_their_grids() -> None:
    space = Space(
        {"n": INT(0, 9), "log": INT(1, 500, log=True), "s": FLOAT(0, 1, step=0.25),
         "c": CHOICE("abc"), "x": FLOAT(0, 1)}
    )  # fmt: skip
    candidates, rng = Candidates(space), np.random.default_rng(0)
    start = candidates.random(rng, 1)[0]
    for points in (candidates.random(rng, 99), candidates.around(start, rng, 99)):
        assert candidates.snapped(points) == pytest.approx(points)
    neighbours = candidates.exchanges(start)
    assert candidates.snapped(neighbours) == pytest.approx(neighbours)
    changed = (neighbours != start).sum(axis=1)
    assert (changed == 1).all()
    assert len(np.unique(neighbours, axis=0)) == len(neighbours) >= 9 + 3 + 2 + 9


@pytest.mark.parametrize("sign", [1, -1])
def test_the_very_ends_of_a_range_are_not_proposed(sign: int) -> None:
    """A penalty of 0, or a share of 1: what is best is next to what is not valid."""

    def objective(trial: steep.Trial) -> float:
        share, n = trial.suggest_float("share", 0, 1), trial.suggest_int("n", 1, 5)
        assert 0 < share < 1
        return sign * share + n

    study = steep.create_study(sampler=steep.samplers.GPSampler(seed=1))
    study.optimize(objective, n_trials=30)
    best = study.best_params
    assert best["n"] == 1
    assert abs(best["share"] - (sign < 0)) < 1e-5


def test_a_fit_that_starts_from_the_prior_is_never_far() -> None:
    for n in range(1, 3000):
        fits = fits_until(n)
        assert len(fits) <= 20
        assert fits[-1] <= n
        assert fits[0] <= fits[-1]
        # The same fits follow whether the sampler has been running or begins now.
        assert fits_until(fits[-1]) == fits
        if n > MOST_POINTS:
            assert n - fits[-1] < 16


def test_a_parameter_that_no_trial_has_had_is_left_to_the_other_sampler(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def objective(trial: steep.Trial) -> float:
        x = trial.suggest_float("x", 0, 1)
        return x + (trial.suggest_float("late", 0, 1) if trial.number == 7 else 0)

    steep.logging.enable_propagation()
    run(objective, 8)
    assert "is left to RandomSampler" in caplog.text


def branches(trial: steep.Trial) -> float:
    """Ask for other parameters in each branch; the best of them is 0 at a = 3 in branch "c"."""
    branch = trial.suggest_categorical("branch", "abc")
    if branch == "a":
        return 2 + abs(trial.suggest_float("x", -5, 5))
    layers = trial.suggest_int("layers", 1, 3)
    units = [trial.suggest_int(f"units{i}", 1, 64, log=True) for i in range(layers)]
    size = abs(math.log(units[-1] / 8)) + layers
    if branch == "b":
        return 1 + size
    return size - 1 + (trial.suggest_float("a", 0, 10) - 3) ** 2


def test_a_conditional_space_is_proposed_as_a_whole(caplog: pytest.LogCaptureFixture) -> None:
    study = run(branches, 30)
    assert {"x", "layers", "units2", "a"} <= study.table.columns.keys()
    caplog.clear()
    steep.logging.enable_propagation()
    study.optimize(branches, n_trials=5)
    assert "is left to" not in caplog.text


def test_a_branch_that_looked_best_at_first_is_left() -> None:
    # Branch "a" reaches 2 at once, and most of "c" is worse. Only there is anything below 1.
    studies = [run(branches, 40, seed) for seed in range(5)]
    assert np.median([study.best_value for study in studies]) < 1.01
    for study in studies:
        chosen = [trial.params["branch"] for trial in study.trials]
        assert min(chosen.count(branch) for branch in "abc") >= 4


def test_the_branch_that_has_had_the_least_of_its_due_is_neglected() -> None:
    nan, places = math.nan, np.array([1, 3, 5]) / 6
    # In branch 0 there is one parameter, in branch 1 there are two, and 2 was never seen.
    rows = [[places[0], 0.1, nan, nan]] * 6 + [[places[1], nan, 0.3, 0.4]] * 5
    past = np.array(rows)
    activity = Activity([[1], [2, 3]], [0]).learnt(past)
    assert activity.neglected(past, {0: places}) == Branch(0, places[2])
    seen = np.concatenate([past, [[places[2], nan, 0.3, 0.4]] * 8])
    assert activity.neglected(seen, {0: places}) == Branch(0, places[1])
    enough = np.concatenate([seen, past[-3:]])
    assert activity.neglected(enough, {0: places}) is None


def test_what_decides_is_learnt() -> None:
    nan = math.nan
    past = np.array([[0.25, 0.1, nan], [0.75, nan, 0.3], [0.25, 0.9, nan], [0.75, nan, 0.2]])
    activity = Activity([[1], [2]], [0]).learnt(past)
    masked = activity.masked(np.array([[0.25, 0.5, 0.5], [0.75, 0.5, 0.5]]))
    assert np.isnan(masked).tolist() == [[False, False, True], [False, True, False]]
    undecided = Activity([[1]], [0]).learnt(np.array([[0.25, 0.1], [0.25, nan]]))
    assert not np.isnan(undecided.masked(np.array([[0.25, 0.5]]))).any()


def test_parameters_that_are_not_active_are_in_the_middle() -> None:
    features = Features(Space({"c": CHOICE("ab"), "x": FLOAT(0, 1)}), [[0], [1]])
    columns = features(np.array([[0.25, math.nan], [math.nan, 0.25]]))
    assert columns == pytest.approx(
        np.array([[0.5**0.5, 0, 0.5, 1, 0], [0.125**0.5, 0.125**0.5, 0.25, 0, 1]])
    )
