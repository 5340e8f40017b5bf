"""Learning curves, and what a pruner says to them under Optuna and under steep.

A curve is a list of (step, value); trial i of a study reports curve i. The decisions are what
``should_prune`` answers after each report.
"""

from __future__ import annotations

import math
import random
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import optuna

import steep

Curve = list[tuple[int, float]]
Decisions = list[list[bool]]
Make = Callable[[Any], Any]
"""Makes a pruner from the module ``pruners`` of one of the libraries."""


def curve(*values: float) -> Curve:
    """Return a curve that reports these values at steps 0, 1, 2, ..."""
    return list(enumerate(values))


def new_study(lib: Any, pruner: Any, direction: str = "minimize") -> Any:
    """Create a study that always has the same name, as Hyperband deals by name."""
    sampler = lib.samplers.RandomSampler(seed=0)
    return lib.create_study(
        study_name="curves", direction=direction, pruner=pruner, sampler=sampler
    )


def run(study: Any, curves: Sequence[Curve], obey: bool = True) -> Decisions:
    """Run one trial a curve, stopped where the pruner says so if it is obeyed."""
    lib = steep if isinstance(study, steep.Study) else optuna
    decisions: Decisions = []

    def objective(trial: Any) -> float:
        mine: list[bool] = []
        decisions.append(mine)
        for step, value in curves[len(decisions) - 1]:
            trial.report(value, step)
            mine.append(trial.should_prune())
            if obey and mine[-1]:
                raise lib.TrialPruned
        return 0.0

    study.optimize(objective, n_trials=len(curves))
    return decisions


def decide(
    make: Make, curves: Sequence[Curve], direction: str = "minimize", **how: Any
) -> Decisions:
    """Return the decisions under steep, after making sure that Optuna's are the same."""
    with warnings.catch_warnings():
        # NumPy's warnings of NaN and infinity, and Optuna's of experimental features.
        warnings.simplefilter("ignore")
        wanted = run(new_study(optuna, make(optuna.pruners), direction), curves, **how)
    found = run(new_study(steep, make(steep.pruners), direction), curves, **how)
    assert found == wanted
    return found


def random_curves(seed: int, gaps: bool = True, finite: bool = False) -> list[Curve]:
    """Draw up to twenty curves: some empty, some with gaps, ties, NaN, infinity or in disorder."""
    rng = random.Random(seed)
    return [_random_curve(rng, gaps, finite) for _ in range(rng.choice([4, 10, 20]))]


def _random_curve(rng: random.Random, gaps: bool, finite: bool) -> Curve:
    length = rng.choice([0, 1, 3, 8, 16])
    steps = sorted(rng.sample(range(30), length)) if gaps and rng.random() < 0.5 else range(length)
    if gaps and rng.random() < 0.15:
        steps = rng.sample(list(steps), length)
    odd = 0.0 if finite else rng.choice([0.0, 0.0, 0.1, 0.5])
    has_ties = rng.random() < 0.5
    return [(step, _random_value(rng, odd, has_ties)) for step in steps]


def _random_value(rng: random.Random, odd: float, has_ties: bool) -> float:
    if rng.random() < odd:
        return rng.choice([math.nan, math.nan, math.inf, -math.inf])
    return float(rng.randint(0, 8)) if has_ties else rng.gauss(4, 2)


def run_interleaved(study: Any, seed: int, n_workers: int = 4, n_trials: int = 16) -> list[Any]:
    """Run several trials at a time, in a random but fixed order; return all decisions."""
    lib = steep if isinstance(study, steep.Study) else optuna
    rng = random.Random(seed)
    running: list[Any] = []
    n_asked, decisions = 0, []
    while n_asked < n_trials or running:
        if n_asked < n_trials and len(running) < n_workers:
            running.append([study.ask(), 0, rng.uniform(0, 3)])
            n_asked += 1
            continue
        turn = rng.choice(running)
        trial, step, level = turn
        state = lib.trial.TrialState.COMPLETE if step == 10 else None
        if state is None:
            trial.report(level + rng.gauss(0, 0.5), step)
            turn[1] += 1
            decisions.append((trial.number, step, trial.should_prune()))
            state = lib.trial.TrialState.PRUNED if decisions[-1][2] else None
        if state is not None:
            values = level if state == lib.trial.TrialState.COMPLETE else None
            study.tell(trial, values, state)
            running.remove(turn)
    return decisions


def decide_interleaved(make: Make, seed: int, direction: str = "minimize") -> list[Any]:
    """Return the decisions of concurrent trials, after making sure that Optuna's are the same."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        wanted = run_interleaved(new_study(optuna, make(optuna.pruners), direction), seed)
    found = run_interleaved(new_study(steep, make(steep.pruners), direction), seed)
    assert found == wanted
    return found
