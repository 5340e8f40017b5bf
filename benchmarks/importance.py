"""How long do importances take, and how many times longer in Optuna?

    $ python benchmarks/importance.py                 # steep, and Optuna on 200 trials
    $ python benchmarks/importance.py --trials 1000   # Optuna's fANOVA then takes half a minute

Times are of the processor, the best of several runs. Both libraries rate the same function.
"""

from __future__ import annotations

import argparse
import functools
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[1] / "src")]

from benchmarks.shared import library

EVALUATORS = (
    "FanovaImportanceEvaluator",
    "MeanDecreaseImpurityImportanceEvaluator",
    "PedAnovaImportanceEvaluator",
)


def studied(lib: Any, n: int, d: int) -> Any:
    """Run n random trials of d parameters, of which five matter."""
    study = lib.create_study(sampler=lib.samplers.RandomSampler(seed=0))

    def friedman(trial: Any) -> float:
        u = [trial.suggest_float(f"x{j}", 0, 1) for j in range(max(d, 5))]
        return float(10 * u[0] * u[1] + 20 * (u[2] - 0.5) ** 2 + 10 * u[3] + 5 * u[4])

    study.optimize(friedman, n_trials=n)
    return study


def seconds(call: Callable[[], Any], repeats: int) -> float:
    """Return the least processor time of several calls."""
    times = []
    for _ in range(repeats):
        start = time.process_time()
        call()
        times.append(time.process_time() - start)
    return min(times)


def evaluator(lib: Any, name: str) -> Any:
    """Make an evaluator by its name, with a seed where it takes one."""
    kind = getattr(lib.importance, name)
    return kind() if name.startswith("Ped") else kind(seed=0)


def main(arguments: Sequence[str] | None = None) -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--trials", type=int, default=200, help="for the comparison with Optuna")
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args(arguments)
    steep = library("steep")
    for n, d in ((options.trials, 5), (1_000, 5), (10_000, 20)):
        study = studied(steep, n, d)
        for name in EVALUATORS:
            rule = evaluator(steep, name)
            own = seconds(functools.partial(rule.evaluate, study), options.repeats)
            errors = seconds(functools.partial(rule.evaluate_with_errors, study), 1)
            print(f"{n:6} x {d:2} {name:40} {own:7.3f} s, with errors {errors:7.3f} s")
    optuna = library("optuna")
    study = studied(optuna, options.trials, 5)
    for name in EVALUATORS:
        rule = evaluator(optuna, name)
        theirs = seconds(functools.partial(rule.evaluate, study), 1)
        print(f"{options.trials:6} x  5 {name:40} {theirs:7.3f} s in Optuna")


if __name__ == "__main__":
    main()
