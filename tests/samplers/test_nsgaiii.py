from __future__ import annotations

import numpy as np
import pytest

import steep
from steep.samplers import NSGAIIISampler
from steep.study.config import build, describe


def dtlz2(trial: steep.Trial) -> tuple[float, ...]:
    x = [trial.suggest_float(f"x{i}", 0, 1) for i in range(7)]
    g = 1 + sum((v - 0.5) ** 2 for v in x[2:])
    a, b = x[0] * np.pi / 2, x[1] * np.pi / 2
    ca, sa, cb, sb = np.cos(a), np.sin(a), np.cos(b), np.sin(b)
    return float(g * ca * cb), float(g * ca * sb), float(g * sa)


def run(sampler: NSGAIIISampler, n: int) -> steep.Study:
    study = steep.create_study(directions=["minimize"] * 3, sampler=sampler, study_name="tea")
    study.optimize(dtlz2, n_trials=n)
    return study


def radii(study: steep.Study, n: int = 100) -> float:
    return float(np.linalg.norm(study.table.values[-n:], axis=1).mean())


def test_it_comes_near_the_sphere() -> None:
    study = run(NSGAIIISampler(seed=0, population_size=20), 600)
    assert radii(study) < 1.15
    assert float(np.linalg.norm(study.table.values[:20], axis=1).mean()) > 1.3


def test_reference_points_say_where_to_search() -> None:
    wanted = np.array([[1.0, 0.1, 0.1]])
    study = run(NSGAIIISampler(seed=0, population_size=20, reference_points=wanted), 400)
    assert len(study.trials) == 400


def test_reference_points_of_another_number_of_objectives_are_refused() -> None:
    sampler = NSGAIIISampler(population_size=2, reference_points=np.eye(2))
    with pytest.raises(ValueError, match=r"shape \(n, 3\)"):
        run(sampler, 6)


def test_the_sampler_is_made_again_from_its_description() -> None:
    sampler = NSGAIIISampler(seed=3, population_size=6, reference_points=np.eye(3))
    made = build("sampler", describe(sampler))
    first, second = ([t.params for t in run(s, 30).trials] for s in (sampler, made))
    assert first == second


def test_one_objective_is_served() -> None:
    study = steep.create_study(sampler=NSGAIIISampler(seed=0, population_size=10))
    study.optimize(lambda t: sum(dtlz2(t)), n_trials=200)
    assert study.best_value < study.trials[0].values[0]
