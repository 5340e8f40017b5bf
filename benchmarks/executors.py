"""What running objectives in child processes gains, and what it costs.

    python benchmarks/executors.py speed      # a pure-Python objective of 0.2 s, alone and by two
    python benchmarks/executors.py overhead   # what a trial costs above its objective

`speed` runs the same trials by one worker, by two processes, and by two threads, and Optuna by two
threads beside them: threads of one process take turns at pure Python. The objective does a fixed
amount of work, which takes 0.2 s alone on the machine of the day. Each way starts its processes
once before the clock does (the first trial of each child), and `--repeats` rounds alternate between
the ways, so that a machine with others on it disturbs all alike; the median counts.

`overhead` gives microseconds a trial for objectives that do nothing but suggest some floats: by a
child process, how long it takes and how much of a core both processes use meanwhile, and by the
calling thread. The least of the rounds counts, as others on the machine only add to it.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parent.parent
if __package__ in (None, ""):  # run as a script: steep may be installed, or is the one in src
    sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from benchmarks.shared import library

SECONDS = 0.2
CHUNK = 20_000


def chunk() -> int:
    """Do some pure Python, about a millisecond."""
    total = 0
    for i in range(CHUNK):
        total += i * i % 7
    return total


class Work:
    """Be an objective of pure Python that always does the same.

    Args:
        chunks: How much.
    """

    def __init__(self, chunks: int) -> None:
        self.chunks = chunks

    def __call__(self, trial: Any) -> float:
        """Work."""
        x = float(trial.suggest_float("x", -1.0, 1.0))
        for _ in range(self.chunks):
            chunk()
        return x**2


class Suggest:
    """Be an objective that only suggests, and returns how much of a core its process has used.

    Args:
        n: How many parameters.
    """

    def __init__(self, n: int) -> None:
        self.n = n

    def __call__(self, trial: Any) -> float:
        """Suggest."""
        for i in range(self.n):
            trial.suggest_float(f"x{i}", 0.0, 1.0)
        return time.process_time()


def calibrated(seconds: float) -> int:
    """Give how many chunks take so long, alone."""
    best = min(_timed(chunk) for _ in range(50))
    return max(1, round(seconds / best))


def _timed(call: Callable[[], Any]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


class Costs(NamedTuple):
    """Hold the seconds that trials took after the first of each worker had ended.

    Attributes:
        real: By the clock.
        here: Of a core, in this process.
        there: The difference of what the last and the first objective returned.
    """

    real: float
    here: float
    there: float


def costs_of(name: str, objective: Any, n_trials: int, **how: Any) -> Costs:
    """Run trials."""
    lib = library(name)
    study = lib.create_study(sampler=lib.samplers.RandomSampler(seed=0))
    n_warm = how.get("n_jobs", 1)
    ends: list[Costs] = []

    def end(_: Any, trial: Any) -> None:
        ends.append(Costs(time.perf_counter(), time.process_time(), trial.value))

    study.optimize(objective, n_trials=n_trials + n_warm, callbacks=[end], **how)
    first, last = ends[n_warm - 1], ends[-1]
    return Costs(*(after - before for before, after in zip(first, last, strict=True)))


def speed(n_trials: int, repeats: int) -> None:
    """Print how long the ways take, and how much faster they are than one worker."""
    work = Work(calibrated(SECONDS))
    ways: dict[str, dict[str, Any]] = {
        "steep, alone": {"name": "steep"},
        'steep, executor="process", n_jobs=2': {
            "name": "steep",
            "executor": "process",
            "n_jobs": 2,
        },
        "steep, n_jobs=2": {"name": "steep", "n_jobs": 2},
        "optuna, alone": {"name": "optuna"},
        "optuna, n_jobs=2": {"name": "optuna", "n_jobs": 2},
    }
    found: dict[str, list[float]] = {way: [] for way in ways}
    for _ in range(repeats):
        for way, how in ways.items():
            found[way].append(costs_of(objective=work, n_trials=n_trials, **how).real / n_trials)
    print(f"| way | seconds a trial, median of {repeats} | speed-up, median (least, most) |")
    print("|---|---|---|")
    for way, seconds in found.items():
        alone = found[f"{ways[way]['name']}, alone"]
        gains = sorted(one / other for one, other in zip(alone, seconds, strict=True))
        told = f"{statistics.median(gains):.2f} ({gains[0]:.2f}, {gains[-1]:.2f})"
        print(f"| {way} | {statistics.median(seconds):.3f} | {told} |")


def overhead(n_trials: int, repeats: int) -> None:
    """Print what a trial costs that does nothing but suggest."""
    print("| suggests | a process trial, µs | of a core, µs | in the calling thread, µs |")
    print("|---|---|---|---|")
    for n in (1, 5, 20):
        elsewhere = [
            costs_of("steep", Suggest(n), n_trials, executor="process") for _ in range(repeats)
        ]
        here = [costs_of("steep", Suggest(n), n_trials) for _ in range(repeats)]
        cells = (
            min(cost.real for cost in elsewhere),
            min(cost.here + cost.there for cost in elsewhere),
            min(cost.real for cost in here),
        )
        print(f"| {n} | {' | '.join(f'{cell / n_trials * 1e6:.0f}' for cell in cells)} |")


def main() -> None:
    """Read the command line and do what it says."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("what", choices=["speed", "overhead"])
    parser.add_argument("--trials", type=int, help="trials a round; 20, or 1000 for the overhead")
    parser.add_argument("--repeats", type=int, default=3)
    arguments = parser.parse_args()
    if arguments.what == "speed":
        speed(arguments.trials or 20, arguments.repeats)
    else:
        overhead(arguments.trials or 1000, arguments.repeats)


if __name__ == "__main__":
    main()
