"""What parallel workers cost in evaluations: many against one, with the same number in all.

    python benchmarks/parallel_efficiency.py --tasks HPOBench 'bbob-5/f1*' --seeds 0-4
    python benchmarks/parallel_efficiency.py --library optuna --workers 1 16

Who evaluates 16 configurations at once proposes each of them while 15 others are not known yet.
Workers are simulated and work asynchronously: each evaluation takes a random time (lognormal,
σ = ½, the same for evaluation number k whoever runs it), and a worker that ends asks for the next
one at once. Nothing waits in reality, so a run takes as long as its proposals.

The report has, for each number of workers and family of tasks, the mean regret after all
evaluations (what a regret is, see `benchmarks/efficiency`), its difference to one worker with a 95%
bootstrap interval, and the number of evaluations in which one worker gets as far. That is for the
family's mean curve, since a single curve is all steps.
"""

from __future__ import annotations

import argparse
import heapq
import sys
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).parent.parent
if __package__ in (None, ""):  # run as a script: steep may be installed, or is the one in src
    sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from benchmarks.efficiency import tasks
from benchmarks.efficiency.peers.define_by_run import suggest
from benchmarks.efficiency.runs import improvements, progress, trace
from benchmarks.efficiency.spaces import Configuration, Space
from benchmarks.shared import Record, append, format_interval, library, missing, read, seeds

SIGMA = 0.5  # of the logarithm of the time that an evaluation takes
DEFAULT = ["HPOBench", "HPOLib", "bbob-5/f1", "bbob-5/f8", "bbob-5/f15", "bbob-5/f20"]

Vector = NDArray[np.float64]


def simulate(study: Any, task: tasks.Task, n: int, workers: int, seed: int) -> list[list[float]]:
    """Evaluate a task by simulated workers.

    Args:
        study: Proposes configurations.
        task: The task.
        n: How many evaluations there are in all.
        workers: How many of them run at once.
        seed: Of the times that evaluations take.

    Returns:
        The losses of n evaluations, in the order in which they ended.
    """
    times = np.random.default_rng(seed).lognormal(0.0, SIGMA, size=n).tolist()
    running: list[tuple[float, int, Any, list[float]]] = []
    ended: list[list[float]] = []
    now = 0.0
    for number in range(n + workers):
        if number < n:
            trial = study.ask()
            losses = task.evaluate(configuration_of(trial, task.space))
            heapq.heappush(running, (now + times[number], number, trial, losses))
        if number >= workers - 1 and running:
            now, _, trial, losses = heapq.heappop(running)
            study.tell(trial, losses)
            ended.append(losses)
    return ended


def configuration_of(trial: Any, space: Space) -> Configuration:
    """Let a trial suggest the parameters that are there."""
    chosen: Configuration = {}
    for parameter in space:
        if parameter.is_active(chosen):
            chosen[parameter.name] = suggest(trial, parameter)
    return chosen


def run(key: Record) -> Record:
    """Run what a record asks for: library, sampler, task, seed, number of workers."""
    warnings.simplefilter("ignore")  # experimental, deprecated: no news here
    lib = library(key["library"])
    task = tasks.load(key["task"], key["seed"])
    directions = ["minimize"] * task.objectives
    default = type(lib.create_study(directions=directions).sampler)
    sampler = default if key["sampler"] is None else getattr(lib.samplers, key["sampler"])
    study = lib.create_study(directions=directions, sampler=sampler(seed=key["seed"]))
    losses = simulate(study, task, key["n"], key["workers"], key["seed"])
    return key | {"trace": improvements(progress(task, losses))}


# ---- the report --------------------------------------------------------------------------------


def report(records: Sequence[Record]) -> str:
    """Compare the numbers of workers, in Markdown.

    Args:
        records: Of one library and sampler, with one worker among the numbers.
    """
    columns = ("family", "workers", "regret", "against one worker", "one worker needs")
    rows = [f"| {' | '.join(columns)} |", "|---" * len(columns) + "|"]
    for family in dict.fromkeys(tasks.family_of(record["task"]) for record in records):
        own = [record for record in records if tasks.family_of(record["task"]) == family]
        numbers = sorted({record["workers"] for record in own})
        rows += [_row(family, n, _curves(own, 1), _curves(own, n)) for n in numbers]
    return "\n".join(rows)


def _curves(records: Sequence[Record], workers: int) -> dict[str, Vector]:
    """Give the regrets of each task: (seeds, n) float64."""
    found: dict[str, list[Vector]] = {}
    for record in sorted(records, key=lambda record: record["seed"]):
        if record["workers"] == workers:
            curve = tasks.scorer(record["task"], trace(record))
            found.setdefault(record["task"], []).append(curve)
    return {task: np.array(curves) for task, curves in found.items()}


def _row(family: str, workers: int, one: dict[str, Vector], many: dict[str, Vector]) -> str:
    last = float(np.mean([curves[:, -1].mean() for curves in many.values()]))
    if workers == 1:
        return f"| {family} | 1 | {last:.3g} | | |"
    differences = [(many[task][:, -1] - one[task][:, -1]).tolist() for task in many]
    mean_curve = np.mean([curves.mean(axis=0) for curves in one.values()], axis=0)
    needed = needed_for(mean_curve, last)
    return f"| {family} | {workers} | {last:.3g} | {format_interval(differences, 3)} | {needed} |"


def needed_for(curve: Vector, level: float) -> str:
    """Tell in how many evaluations a curve gets down to a level.

    Args:
        curve: (n,) float64, what is reached after each evaluation.
        level: What is to be reached.

    Example:
        >>> needed_for(np.array([3.0, 2.0, 1.0]), 2.5), needed_for(np.array([3.0, 2.0]), 1.0)
        ('2 of 3', 'more than 2')
    """
    reached = np.flatnonzero(curve <= level)
    return f"{reached[0] + 1} of {len(curve)}" if len(reached) else f"more than {len(curve)}"


def main() -> None:
    """Run what the file lacks, and print the report."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--library", default="steep")
    parser.add_argument("--sampler", help="a class of its samplers; its default if left out")
    parser.add_argument("--tasks", nargs="*", default=DEFAULT, help="see benchmarks/efficiency")
    parser.add_argument("--seeds", type=seeds, default=list(range(5)), help='such as "0-4"')
    parser.add_argument("--evaluations", type=int, default=100)
    parser.add_argument("--workers", type=int, nargs="*", default=[1, 16])
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "parallel_efficiency.jsonl")
    arguments = parser.parse_args()
    wanted: list[Record] = [
        {
            "library": arguments.library,
            "sampler": arguments.sampler,
            "task": task,
            "seed": seed,
            "n": arguments.evaluations,
            "workers": workers,
        }
        for task in tasks.names(arguments.tasks)
        for seed in arguments.seeds
        for workers in arguments.workers
    ]
    for key in missing(arguments.out, wanted):
        append(arguments.out, run(key))
    records = read([arguments.out])
    print(report([record for record in records if {k: record[k] for k in wanted[0]} in wanted]))


if __name__ == "__main__":
    main()
