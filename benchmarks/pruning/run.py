"""Search pools of real learning curves under several pruners: what is reached after how much?

    python -m benchmarks.pruning.run --seeds 0-39
    python -m benchmarks.pruning.run --seeds 0-39 --sampler AutoSampler

Random search draws configurations of a pool, the same ones under every pruner; or a sampler of
steep searches the space that the pool was drawn from, where what it learns from pruned trials
counts too. A trial reports the curve of its configuration. Cost is counted in full trainings: the
reports of all trials by those of a whole curve. Regret is (best - least) / (median - least) of the
last losses: of the COMPLETE trials so far and of the pool.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from benchmarks.pruning.curves import CURVES, Array
from benchmarks.pruning.landscape import Landscape
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


def objective(trial: Any, lib: Any, choose: Callable[[Any], Array], budget: list[int]) -> float:
    """Report the curve of a configuration until the pruner or the budget ends it."""
    curve = choose(trial)
    for step, value in enumerate(curve.tolist()):
        if budget[0] == 0:
            trial.study.stop()
            raise lib.TrialPruned
        budget[0] -= 1
        trial.report(value, step)
        if trial.should_prune():
            raise lib.TrialPruned
    return float(curve[-1])


def run(
    lib: Any, pruner: Any, curves: Array, seed: int, kind: str = "", sampler: str | None = None
) -> list[float]:
    """Return the regret at each budget: of random search, or of a sampler."""
    length = curves.shape[1]
    budget = [max(BUDGETS) * length]
    chosen = getattr(lib.samplers, sampler)(seed=seed) if sampler else None
    study = lib.create_study(study_name=f"curves {seed}", sampler=chosen, pruner=pruner)
    drawn = curves[np.random.default_rng(seed).integers(len(curves), size=budget[0])]
    choose = Landscape(kind, curves).suggest if sampler else lambda trial: drawn[trial.number]
    study.optimize(partial(objective, lib=lib, choose=choose, budget=budget), n_trials=budget[0])
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
    parser.add_argument("--sampler", help="a class of steep's samplers; default: random search")
    arguments = parser.parse_args()
    sampler = arguments.sampler
    pruners = {k: v for k, v in PRUNERS.items() if not sampler or v[0] == "steep"}
    pools = dict(np.load(CURVES))
    for kind in ("networks", "boosting"):
        tasks = {name: curves for name, curves in pools.items() if name.startswith(kind)}
        regrets: dict[str, list[list[list[float]]]] = defaultdict(list)
        for label, (name, make) in pruners.items():
            lib = library(name)
            for curves in tasks.values():
                runs = [
                    run(lib, make(lib.pruners), curves, seed, kind, sampler)
                    for seed in arguments.seeds
                ]
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
