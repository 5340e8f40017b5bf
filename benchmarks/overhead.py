"""What a library costs by itself: the time and the memory of a trial whose objective is trivial.

    python benchmarks/overhead.py steep tpe_mixed 1000
    python benchmarks/overhead.py optuna tpe_mixed 100 --history 4900
    python benchmarks/overhead.py steep tpe_mixed 100000 --memory

The cost of a trial is everything that `study.optimize` does from one call of the objective to the
next. It is given for the whole run, around trial 1,000, and for the last tenth, so that growth with
the number of trials shows. `--history` adds that many random trials first, where running up to them
would take too long. Logging is at WARNING; the study is in memory.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import statistics
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).parent.parent
if __package__ in (None, ""):  # run as a script: steep may be installed, or is the one in src
    sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from benchmarks.shared import Record, library

WARM_UP = 20  # trials in a study of its own: late imports are no cost of a trial


class Unsupported(Exception):
    """The library has no such feature."""


# ---- spaces ------------------------------------------------------------------------------------


def mixed(trial: Any) -> float:
    """Suggest five parameters of five kinds."""
    return two_objectives(trial)[0]


def floats(trial: Any, n: int = 10) -> float:
    """Suggest floats, ten or `n`."""
    return float(sum(trial.suggest_float(f"x{i}", -5.0, 5.0) ** 2 for i in range(n)))


def conditional(trial: Any) -> float:
    """Suggest one parameter for all, and three more that depend on a choice."""
    kind = trial.suggest_categorical("kind", ("svm", "forest", "network"))
    shared = trial.suggest_float("shared", 0.0, 1.0)
    if kind == "svm":
        c = trial.suggest_float("c", 1e-3, 1e3, log=True)
        gamma = trial.suggest_float("gamma", 1e-4, 1e1, log=True)
        return float(shared + abs(np.log10(c)) + abs(np.log10(gamma)))
    if kind == "forest":
        depth = trial.suggest_int("depth", 2, 32)
        share = trial.suggest_float("share", 0.1, 1.0)
        return float(shared + abs(depth - 9) / 10 + share)
    lr = trial.suggest_float("lr", 1e-5, 1e-1, log=True)
    dropout = trial.suggest_float("dropout", 0.0, 0.5)
    return float(shared + abs(np.log10(lr) + 3) + dropout)


def two_objectives(trial: Any) -> tuple[float, float]:
    """Suggest five parameters of five kinds; the objectives want opposite ends of three of them."""
    x = trial.suggest_float("x", -5.0, 5.0)
    lr = trial.suggest_float("lr", 1e-5, 1e-1, log=True)
    layers = trial.suggest_int("layers", 1, 8)
    units = trial.suggest_int("units", 4, 512, log=True)
    kind = trial.suggest_categorical("kind", ("a", "b", "c"))
    value = float(x * x + abs(np.log(lr / 1e-3)) + layers / 8 + units / 512 + (kind == "b"))
    return value, (x - 2.0) ** 2 + (kind == "a") - layers / 8


# ---- cases -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Case:
    """One kind of study.

    Attributes:
        about: what is measured, for `--help`.
        objective: what each trial runs, given the library and the trial.
        sampler: makes the sampler from the module `samplers` and a seed.
        directions: one for each objective.
    """

    about: str
    objective: Callable[[Any, Any], Any]
    sampler: Callable[[Any, int], Any]
    directions: tuple[str, ...] = ("minimize",)


def reporting(lib: Any, trial: Any) -> float:
    """Report fifty values of a curve, and ask after each whether to stop."""
    level = trial.suggest_float("x", 0.0, 1.0)
    for step in range(50):
        trial.report(level + 1.0 / (step + 1), step)
        if trial.should_prune():
            raise lib.TrialPruned
    return float(level)


def random_sampler(samplers: Any, seed: int) -> Any:
    """Return the sampler that looks at nothing."""
    return samplers.RandomSampler(seed=seed)


def tpe(samplers: Any, seed: int) -> Any:
    """Return TPE as a new user has it."""
    return samplers.TPESampler(seed=seed)


def five_floats_twice(trial: Any) -> tuple[float, float]:
    """Suggest five floats; the two objectives (ZDT1) want opposite ends of the first."""
    x = [trial.suggest_float(f"x{i}", 0.0, 1.0) for i in range(5)]
    g = 1.0 + 9.0 * sum(x[1:]) / 4.0
    return x[0], float(g - np.sqrt(x[0] * g))


CASES = {
    "random": Case("5 mixed parameters, random", lambda _, t: mixed(t), random_sampler),
    "tpe_mixed": Case("5 mixed parameters, TPE", lambda _, t: mixed(t), tpe),
    "tpe_floats": Case("10 floats, TPE", lambda _, t: floats(t), tpe),
    "tpe_group": Case(
        "a conditional space, TPE with group=True",
        lambda _, t: conditional(t),
        lambda samplers, seed: samplers.TPESampler(seed=seed, multivariate=True, group=True),
    ),
    "tpe_two_objectives": Case(
        "5 mixed parameters and two objectives, TPE",
        lambda _, t: two_objectives(t),
        tpe,
        ("minimize", "minimize"),
    ),
    "nsgaii": Case(
        "5 floats and two objectives, NSGA-II",
        lambda _, t: five_floats_twice(t),
        lambda samplers, seed: samplers.NSGAIISampler(seed=seed),
        ("minimize", "minimize"),
    ),
    "cmaes": Case(
        "5 floats, CMA-ES",
        lambda _, t: floats(t, 5),
        lambda samplers, seed: samplers.CmaEsSampler(seed=seed),
    ),
    "qmc": Case(
        "5 floats, quasi-random",
        lambda _, t: floats(t, 5),
        lambda samplers, seed: samplers.QMCSampler(seed=seed),
    ),
    "reports": Case("50 reports and should_prune a trial, random", reporting, random_sampler),
}
OTHER_CASES = {
    "import": "a fresh process that imports the library, N times",
    "best_trials": "the Pareto front of N trials with two objectives",
}


def new_study(lib: Any, case: Case, seed: int) -> Any:
    """Create a study for a case, or tell what the library lacks."""
    if case.objective is reporting and not hasattr(lib, "pruners"):
        raise Unsupported("no reports and no pruners")
    try:
        sampler = case.sampler(lib.samplers, seed)
    except (AttributeError, TypeError) as error:
        raise Unsupported(str(error)) from error
    return lib.create_study(directions=list(case.directions), sampler=sampler)


def add_history(lib: Any, study: Any, case: Case, n: int) -> None:
    """Add trials that a random search has made in the same space."""
    source = lib.create_study(
        directions=list(case.directions), sampler=lib.samplers.RandomSampler(seed=1)
    )
    source.optimize(lambda trial: case.objective(lib, trial), n_trials=n)
    for trial in source.trials:
        study.add_trial(trial)


# ---- measures ----------------------------------------------------------------------------------


def timed_run(lib: Any, study: Any, case: Case, n: int) -> NDArray[np.float64]:
    """Run `n` trials, and return the seconds of each: (n,), the last one up to the end."""
    clock = np.zeros(n + 1)
    calls = iter(range(n))

    def objective(trial: Any) -> Any:
        clock[next(calls)] = time.perf_counter()
        return case.objective(lib, trial)

    study.optimize(objective, n_trials=n)
    clock[n] = time.perf_counter()
    return np.diff(clock)


def measure_time(lib: Any, case: Case, n: int, history: int, seed: int) -> Record:
    """Return microseconds a trial, and the growth of the process in bytes a trial."""
    new_study(lib, case, seed).optimize(lambda t: case.objective(lib, t), n_trials=WARM_UP)
    study = new_study(lib, case, seed)
    add_history(lib, study, case, history)
    gc.collect()
    before = resident_bytes()
    seconds = timed_run(lib, study, case, n)
    result = {"rss_bytes": (resident_bytes() - before) / n}
    if history:  # the first trial reads the history: it is told apart, not spread over the rest
        result["first_us"], seconds = seconds[0] * 1e6, seconds[1:]
    result["overall_us"] = seconds.mean() * 1e6
    if n >= 1000:
        result["at_1000_us"] = seconds[900:1000].mean() * 1e6
    result["end_us"] = seconds[-max(1, n // 10) :].mean() * 1e6
    return result


def measure_memory(lib: Any, case: Case, n: int, history: int, seed: int) -> Record:
    """Return the traced bytes a trial that a study keeps, and those at the peak."""
    new_study(lib, case, seed).optimize(lambda t: case.objective(lib, t), n_trials=WARM_UP)
    gc.collect()
    tracemalloc.start()
    study = new_study(lib, case, seed)
    add_history(lib, study, case, history)
    study.optimize(lambda trial: case.objective(lib, trial), n_trials=n)
    gc.collect()
    kept, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return {"kept_bytes": kept / (n + history), "peak_bytes": peak / (n + history)}


def resident_bytes() -> int:
    """Return the memory of this process that is in RAM, 0 where the system does not tell."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


def measure_import(name: str, n: int) -> Record:
    """Return the microseconds of an import in a fresh process, and those of NumPy alone."""
    code = "import time; t = time.perf_counter(); import {}; print(time.perf_counter() - t)"
    times: dict[str, list[float]] = {name: [], "numpy": []}
    for _ in range(n + 1):  # the first one writes the byte code, and is left out
        for module, seconds in times.items():
            command = [sys.executable, "-c", code.format(module)]
            done = subprocess.run(
                command,
                env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
                capture_output=True,
                text=True,
                check=True,
            )
            seconds.append(float(done.stdout))
    ours, numpy = (statistics.median(seconds[1:]) * 1e6 for seconds in times.values())
    return {"overall_us": ours, "numpy_us": numpy}


def measure_best_trials(lib: Any, n: int, seed: int) -> Record:
    """Return the microseconds of `best_trials`, each time after one more trial."""
    case = Case("", lambda _, t: two_objectives(t), random_sampler, ("minimize", "minimize"))
    study = new_study(lib, case, seed)
    study.optimize(two_objectives, n_trials=n)
    seconds = []
    for _ in range(5):
        study.optimize(two_objectives, n_trials=1)
        start = time.perf_counter()
        study.best_trials  # noqa: B018
        seconds.append(time.perf_counter() - start)
    return {"overall_us": statistics.median(seconds) * 1e6, "first_us": seconds[0] * 1e6}


def measure(arguments: argparse.Namespace) -> Record:
    """Run one case, and return what was measured."""
    if arguments.case == "import":
        return measure_import(arguments.library, arguments.n)
    lib = library(arguments.library)
    if arguments.case == "best_trials":
        return measure_best_trials(lib, arguments.n, arguments.seed)
    run = measure_memory if arguments.memory else measure_time
    case = CASES[arguments.case]
    return run(lib, case, arguments.n, arguments.history, arguments.seed)


def main() -> None:
    """Read the command line, run, and print one line."""
    cases = {name: case.about for name, case in CASES.items()} | OTHER_CASES
    parser = argparse.ArgumentParser(
        description=(__doc__ or "").partition("\n")[0],
        epilog="; ".join(f"{name}: {about}" for name, about in cases.items()),
    )
    parser.add_argument("library", help="a module, such as steep, optuna or rustuna")
    parser.add_argument("case", choices=cases)
    parser.add_argument("n", type=int, help="trials to run")
    parser.add_argument("--history", type=int, default=0, help="random trials to add first")
    parser.add_argument("--memory", action="store_true", help="trace memory instead of time")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", action="store_true", help="print a JSON line")
    arguments = parser.parse_args()
    try:
        result = measure(arguments)
    except Unsupported as error:
        result = {"unsupported": str(error)}
    if arguments.json:
        print(json.dumps(result))
    else:
        print(arguments.library, arguments.case, arguments.n, *map(show, result.items()), sep="  ")


def show(item: tuple[str, Any]) -> str:
    """Return a measure as text."""
    name, value = item
    return f"{name}={value}" if isinstance(value, str) else f"{name}={value:,.1f}"


if __name__ == "__main__":
    main()
