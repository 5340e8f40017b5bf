"""The main job under several libraries: which accuracy is reached after how many epochs?

    python benchmarks/fashion_mnist.py run optuna --seeds 0-9 --out build/fashion.jsonl
    python benchmarks/fashion_mnist.py run steep --seeds 0-9 --out build/fashion.jsonl
    python benchmarks/fashion_mnist.py summary build/fashion.jsonl

The example in `examples/fashion_mnist.py` runs unchanged, with the name `steep` bound to the
library under test. Its networks start from (seed, trial number), so libraries differ only in what
they choose. The best accuracy after so many epochs counts the complete trials that ended within
them: that is what `study.best_value` shows then.
"""

from __future__ import annotations

import argparse
import functools
import importlib
import sys
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).parent.parent
if __package__ in (None, ""):  # run as a script: steep may be installed, or is the one in src
    sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from benchmarks.shared import Record, append, format_interval, library, missing, read, seeds

EXAMPLES = ROOT / "examples"
BUDGETS = (100, 200, 400)  # epochs in total
MEASURES = ("best", *(f"best at {budget} epochs" for budget in BUDGETS), "complete", "epochs")


def load_example(name: str) -> Any:
    """Import the example with `steep` meaning the library of this name."""
    sys.modules["steep"] = library(name)
    sys.path.insert(0, str(EXAMPLES))
    return importlib.import_module("fashion_mnist")


def run(arguments: argparse.Namespace) -> None:
    """Run the seeds that the file lacks."""
    import torch

    torch.set_num_threads(1)
    lib = library(arguments.library)
    example = load_example(arguments.library)
    wanted: list[Record] = [
        {
            "library": arguments.library,
            "sampler": arguments.sampler or _default_sampler(lib),
            "pruner": arguments.pruner,
            "trials": arguments.trials,
            "seed": seed,
        }
        for seed in arguments.seeds
    ]
    task = example.make_task(arguments.data, epochs=10, seed=0)
    for key in missing(arguments.out, wanted):
        record = key | run_once(lib, example, task._replace(seed=key["seed"]), key)
        append(arguments.out, record)
        print(record["seed"], measures(record), f"{record['seconds']:.1f} s", flush=True)


def _default_sampler(lib: Any) -> str:
    return type(lib.create_study().sampler).__name__


def run_once(lib: Any, example: Any, task: Any, record: Record) -> Record:
    """Run one study, and return what each trial reported and how long all took."""
    sampler = getattr(lib.samplers, record["sampler"])(seed=record["seed"])
    pruner = getattr(lib.pruners, record["pruner"])() if record["pruner"] else None
    study = lib.create_study(direction="maximize", sampler=sampler, pruner=pruner)
    start = time.perf_counter()
    study.optimize(functools.partial(example.objective, task=task), n_trials=record["trials"])
    seconds = time.perf_counter() - start
    history = [(t.state.name, list(t.intermediate_values.values())) for t in study.trials]
    return {"history": history, "seconds": seconds}


def measures(record: Record) -> dict[str, float]:
    """Return the measures of one run."""
    epochs = np.cumsum([len(accuracies) for _, accuracies in record["history"]])
    values = [a[-1] if state == "COMPLETE" else 0.0 for state, a in record["history"]]
    best = np.maximum.accumulate(values)
    at_budget = [float(best[: np.sum(epochs <= budget)].max(initial=0.0)) for budget in BUDGETS]
    complete = sum(state == "COMPLETE" for state, _ in record["history"])
    return dict(
        zip(MEASURES, (float(best[-1]), *at_budget, complete, int(epochs[-1])), strict=True)
    )


def summary(arguments: argparse.Namespace) -> None:
    """Print the mean of each measure, and compare with the baseline seed by seed."""
    runs: dict[str, dict[int, dict[str, float]]] = defaultdict(dict)
    for record in read(arguments.files):
        name = " ".join(record[key] or "" for key in ("library", "sampler", "pruner")).strip()
        runs[name][record["seed"]] = measures(record)
    baseline = next((name for name in runs if name.startswith(arguments.baseline)), None)
    for name, by_seed in runs.items():
        print(f"{name}: {len(by_seed)} seeds")
        for measure in MEASURES:
            mean = np.mean([values[measure] for values in by_seed.values()])
            line = f"  {measure:20s} {mean:8.4f}"
            if baseline not in (None, name):
                line += "   " + compare(by_seed, runs[baseline], measure)
            print(line)


def compare(ours: dict[int, Any], theirs: dict[int, Any], measure: str) -> str:
    """Return the paired difference of one measure over the seeds that both have."""
    common = sorted(ours.keys() & theirs.keys())
    if len(common) < 2:
        return "(fewer than two seeds in common)"
    return format_interval([[ours[seed][measure] - theirs[seed][measure] for seed in common]])


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    commands = parser.add_subparsers(required=True)
    runner = commands.add_parser("run", help="run a library for some seeds")
    runner.add_argument("library")
    runner.add_argument(
        "--sampler", help="a class of the library's samplers; default: the one it takes itself"
    )
    runner.add_argument(
        "--pruner", help="a class of the library's pruners; default: its own choice"
    )
    runner.add_argument("--seeds", type=seeds, default=list(range(10)), help='such as "0-9"')
    runner.add_argument("--trials", type=int, default=100)
    runner.add_argument("--data", type=Path, help="folder with the IDX files")
    runner.add_argument("--out", type=Path, default=Path("build/fashion_mnist.jsonl"))
    runner.set_defaults(command=run)
    reader = commands.add_parser("summary", help="print the means and compare with a baseline")
    reader.add_argument("files", type=Path, nargs="+")
    reader.add_argument("--baseline", default="optuna")
    reader.set_defaults(command=summary)
    arguments = parser.parse_args()
    arguments.command(arguments)


if __name__ == "__main__":
    main()
