"""Search pools of real learning curves under several pruners: what is reached after how much?

    python -m benchmarks.pruning.run --seeds 0-39

Random search draws configurations of a pool, the same ones under every pruner; a trial reports the
curve of its configuration. Cost
is counted in full trainings: the reports of all trials by those of a whole curve. Regret is
(best - least) / (median - least) of the last losses: of the COMPLETE trials so far and of the pool.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from benchmarks.pruning.curves import CURVES, Array
from benchmarks.shared import format_interval, library, seeds

BUDGETS = (5, 10, 20)
PRUNERS: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "Optuna's Median (its default)": ("optuna", lambda p: p.MedianPruner()),
    "Optuna's Hyperband": ("optuna", lambda p: p.HyperbandPruner()),
    "Optuna's halving": ("optuna", lambda p: p.SuccessiveHalvingPruner()),
    "steep's Median": ("steep", lambda p: p.MedianPruner()),
    "steep's default": ("steep", lambda p: p.ASHAPruner()),
    "no pruner": ("steep", lambda p: p.NopPruner()),
}


def objective(trial: Any, lib: Any, drawn: Array, budget: list[int]) -> float:
    """Report the curve of a configuration until the pruner or the budget ends it."""
    curve = drawn[trial.number]
    for step, value in enumerate(curve.tolist()):
        if budget[0] == 0:
            trial.study.stop()
            raise lib.TrialPruned
        budget[0] -= 1
        trial.report(value, step)
        if trial.should_prune():
            raise lib.TrialPruned
    return float(curve[-1])


def run(lib: Any, pruner: Any, curves: Array, seed: int) -> list[float]:
    """Return the regret at each budget."""
    length = curves.shape[1]
    study = lib.create_study(study_name=f"curves {seed}", pruner=pruner)
    budget = [max(BUDGETS) * length]
    drawn = curves[np.random.default_rng(seed).integers(len(curves), size=budget[0])]
    study.optimize(partial(objective, lib=lib, drawn=drawn, budget=budget), n_trials=budget[0])
    trials = study.trials
    costs = np.cumsum([len(trial.intermediate_values) for trial in trials])
    ended = [trial.value if trial.state.name == "COMPLETE" else None for trial in trials]
    values = np.array([np.nan if value is None else value for value in ended])
    finals = curves[:, -1]
    least, median = np.nanmin(finals), np.nanmedian(finals)
    # Before a first trial is complete there is nothing but the worst to show.
    best = [np.nanmin(values[costs <= n * length], initial=np.nanmax(finals)) for n in BUDGETS]
    return [float(value) for value in (np.array(best) - least) / (median - least)]


def main() -> None:
    """Read the command line, run all pruners and print their regrets."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seeds", type=seeds, default=list(range(20)), help='such as "0-9"')
    arguments = parser.parse_args()
    pools = dict(np.load(CURVES))
    for kind in ("networks", "boosting"):
        tasks = {name: curves for name, curves in pools.items() if name.startswith(kind)}
        regrets: dict[str, list[list[list[float]]]] = defaultdict(list)
        for label, (name, make) in PRUNERS.items():
            lib = library(name)
            for curves in tasks.values():
                runs = [run(lib, make(lib.pruners), curves, seed) for seed in arguments.seeds]
                regrets[label].append(runs)
        report(kind, regrets)


def report(kind: str, regrets: dict[str, list[list[list[float]]]]) -> None:
    """Print the mean regrets of one kind of task, and how the default differs from the others."""
    print(f"{kind}: regret after {', '.join(map(str, BUDGETS))} full trainings")
    ours = np.array(regrets["steep's default"])
    for label, runs in regrets.items():
        means = np.mean(runs, axis=(0, 1))
        line = f"  {label:30s} " + "  ".join(f"{mean:.3f}" for mean in means)
        if label != "steep's default":
            differences = format_interval((ours - np.array(runs))[:, :, 1].tolist(), 3)
            line += f"   default's difference at {BUDGETS[1]}: {differences}"
        print(line, flush=True)


if __name__ == "__main__":
    main()
