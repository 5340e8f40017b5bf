"""The GP sampler where there are constraints, failures, or several objectives."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from gp_objectives import Burnt, always_nan, bowl, failing, mixed, run, wide

import steep
from steep.kernels.hypervolume import hypervolume
from steep.samplers import GPSampler


def test_constraints_func_is_deprecated_and_works() -> None:
    with pytest.warns(FutureWarning, match="set_constraint"):
        sampler = GPSampler(seed=0, n_startup_trials=5, constraints_func=lambda t: (t.params["x"],))
    study = steep.create_study(sampler=sampler)
    study.optimize(bowl, n_trials=25)
    assert study.best_trial.params["x"] <= 0
    assert study.best_value < 2


WAYS: dict[str, Callable[[float], float]] = {
    "as it is": lambda c: c,
    "cut off": lambda c: max(0.0, c),
    "yes or no": lambda c: 1.0 if c > 0 else -1.0,
}


@pytest.mark.parametrize("way", WAYS)
def test_the_constrained_optimum_is_found_however_a_constraint_is_told(way: str) -> None:
    def constrained(trial: steep.Trial) -> float:
        """Be best, with 2, where a line touches a circle around the optimum: at (0, -1)."""
        value = bowl(trial)
        trial.set_constraint("line", WAYS[way](trial.params["x"] - trial.params["y"] - 1))
        return value

    best = [run(constrained, 30, seed).best_value for seed in range(3)]
    assert np.median(best) < (2.1 if way == "as it is" else 2.5)


def rarely_feasible(trial: steep.Trial) -> float:
    """Be feasible in one of 2,500 places."""
    value = bowl(trial)
    x, y = trial.params["x"], trial.params["y"]
    trial.set_constraint("circle", (x + 3) ** 2 + (y - 3) ** 2 - 0.01)
    return value


def test_where_nothing_is_feasible_yet_a_feasible_point_is_looked_for() -> None:
    study = run(rarely_feasible, 30)
    assert study.trials[0].constraints["circle"] > 0
    assert study.best_value < 16 + 25


def breaking(trial: steep.Trial) -> float:
    """Be best, with 1, at the edge of what fails."""
    value = bowl(trial)
    if trial.params["x"] > 0:
        raise Burnt
    return value


def test_failures_teach_where_the_edge_is() -> None:
    best = []
    for seed in range(3):
        sampler = GPSampler(seed=seed, n_startup_trials=5, failures="infeasible")
        study = steep.create_study(sampler=sampler)
        study.optimize(breaking, n_trials=40, catch=Burnt)
        best.append(study.best_value)
    assert np.median(best) < 1.1  # 1.13 where they only rank last, 2.5 at random


def test_failures_are_worst_or_infeasible() -> None:
    with pytest.raises(ValueError, match=r"failures='bad'"):
        GPSampler(failures="bad")  # type: ignore[arg-type]


def sphere(trial: steep.Trial, k: int) -> list[float]:
    """Have a quarter of a sphere around (1, 1, ...) as the front."""
    angles = [trial.suggest_float(f"angle{i}", 0, 1) * math.pi / 2 for i in range(k - 1)]
    radius = 1 - abs(trial.suggest_float("far", 0, 1) - 0.3)
    values = []
    for i in range(k):
        sines = math.prod(math.sin(a) for a in angles[: k - 1 - i])
        values.append(1 - radius * sines * (math.cos(angles[k - 1 - i]) if i else 1))
    return values


def run_several(objective: Callable[[steep.Trial], list[float]], k: int, n: int) -> steep.Study:
    directions = ["minimize"] * k
    study = steep.create_study(sampler=GPSampler(seed=0), directions=directions)
    study.optimize(objective, n_trials=n)
    return study


def test_many_objectives_are_searched_four_at_a_time() -> None:
    study = run_several(lambda trial: sphere(trial, 5), 5, 30)
    late = [trial.params["far"] for trial in study.trials[15:]]
    assert np.median(np.abs(np.array(late) - 0.3)) < 0.1


@pytest.mark.parametrize(("k", "missing"), [(2, 0.06), (3, 0.24), (4, 0.55)])
def test_the_front_of_several_objectives_is_covered(k: int, missing: float) -> None:
    study = run_several(lambda trial: sphere(trial, k), k, 40)
    found = hypervolume(np.array([trial.values for trial in study.best_trials]), np.ones(k))
    assert found > (1 - missing) * {2: math.pi / 4, 3: math.pi / 6, 4: math.pi**2 / 32}[k]


def test_several_objectives_of_any_value_are_no_obstacle() -> None:
    bad: list[Callable[[int], list[float]]] = [
        lambda n: [1.0, 1.0, 1.0],
        lambda n: [1e300 * n, -math.inf if n % 3 else 0.0, (-1) ** n * 1e300],
        lambda n: [n % 2, math.inf, n],
    ]
    for values in bad:
        study = run_several(lambda trial: (mixed(trial), values(trial.number))[1], 3, 16)  # noqa: B023
        assert len(study.trials) == 16


def test_several_objectives_of_200_parameters_are_no_obstacle() -> None:
    assert len(run_several(lambda trial: [wide(trial), -wide(trial)], 2, 13).trials) == 13


def test_running_trials_of_several_objectives_are_not_proposed_again() -> None:
    def asked(trial: steep.Trial) -> list[float]:
        n, m = (trial.suggest_int(name, 0, 5) for name in "nm")
        trial.set_constraint("sum", n + m - 8)
        return [n - m, (m - 3) ** 2 + n]

    study = run_several(asked, 2, 12)
    running = [study.ask() for _ in range(8)]
    points = [tuple(trial.suggest_int(name, 0, 5) for name in "nm") for trial in running]
    assert len(set(points)) == 8
    assert not {tuple(trial.params.values()) for trial in study.trials[10:12]} & set(points)


def unsteady_constraints(trial: steep.Trial) -> float:
    """Constrain with every value there is; each constraint is set in some trials only."""
    value = mixed(trial)
    values = [0.0, -math.inf, math.inf, 1e300, -1e300, 5e-324, 1.0]
    trial.set_constraint(f"c{trial.number % 3}", values[trial.number % 7])
    trial.set_constraint("constant", 0.0)
    return value


def never_feasible(trial: steep.Trial) -> float:
    trial.set_constraint("always", 1.0)
    return mixed(trial)


def mostly_failing(trial: steep.Trial) -> float:
    value = mixed(trial)
    if trial.number != 4:
        raise Burnt
    return value


@pytest.mark.parametrize("failures", ["worst", "infeasible"])
@pytest.mark.parametrize(
    "objective", [unsteady_constraints, never_feasible, mostly_failing, failing, always_nan]
)
def test_ill_constraints_get_a_valid_suggestion(
    objective: Callable[[steep.Trial], float], failures: str
) -> None:
    study = run(objective, 25, failures=failures)
    assert all(trial.params["n"] in range(21) for trial in study.trials)
