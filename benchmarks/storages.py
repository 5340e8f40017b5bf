"""What keeping studies costs: Optuna, Rustuna and steep on SQLite and on a log file, side by side.

    python benchmarks/storages.py                        # a few minutes
    python benchmarks/storages.py --only file --repeats 5
    python benchmarks/storages.py --run steep sqlite     # one case, one line

Each case runs in a process of its own, in a fresh folder, with random search and logging at
WARNING. Disks differ more than anything else: what counts is the ratio within one run. The time of
one `fsync` in that folder is printed first. steep runs as a user has it, and a second time with
`sync_interval=0`, which brings every single result to the disk before `tell` returns.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parent.parent
if __package__ in (None, ""):  # run as a script: steep may be installed, or is the one in src
    sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from benchmarks.overhead import Unsupported
from benchmarks.shared import library

STRICT = "steep, sync_interval=0"
LIBRARIES = ("optuna", "rustuna", "steep", STRICT)
PROCESSES = 4
SECONDS = 4.0
"""How long the processes run that share a study."""


# ---- cases ---------------------------------------------------------------------------------------


def five(trial: Any) -> float:
    """Suggest five floats."""
    return float(sum(trial.suggest_float(f"x{i}", 0.0, 1.0) for i in range(5)))


def reporting(trial: Any) -> float:
    """Suggest three floats, report fifty values and ask after each whether to stop."""
    level = sum(trial.suggest_float(f"x{i}", 0.0, 1.0) for i in range(3))
    for step in range(50):
        trial.report(level, step)
        trial.should_prune()
    return float(level)


def open_storage(name: str, kind: str, folder: Path) -> Any:
    """Open a storage of a kind in a folder, as the users of a library do."""
    lib = library(name.partition(",")[0])
    if not hasattr(lib.storages, "RDBStorage" if kind == "sqlite" else "JournalStorage"):
        raise Unsupported("no such storage")
    options = {"sync_interval": 0} if name == STRICT else {}
    if kind == "sqlite":
        return lib.storages.RDBStorage(f"sqlite:///{folder / 'study.db'}", **options)
    if lib.__name__ == "steep":
        backend = lib.storages.FileBackend(folder / "study.log", **options)
    elif hasattr(lib.storages, "journal"):
        backend = lib.storages.journal.JournalFileBackend(str(folder / "study.log"))
    else:
        backend = lib.storages.JournalFileBackend(str(folder / "study.log"))
    return lib.storages.JournalStorage(backend)


def new_study(name: str, kind: str, folder: Path) -> Any:
    """Create a study that is searched at random and never prunes."""
    lib = library(name.partition(",")[0])
    options = {"pruner": lib.pruners.NopPruner()} if hasattr(lib, "pruners") else {}
    storage = open_storage(name, kind, folder)
    sampler = lib.samplers.RandomSampler(seed=0)
    return lib.create_study(study_name="tea", storage=storage, sampler=sampler, **options)


def cost(kind: str, objective: Callable[[Any], float]) -> Callable[[str, Path, int], float]:
    """Make the measure of microseconds a trial."""

    def measure(name: str, folder: Path, n: int) -> float:
        study = new_study(name, kind, folder)
        study.optimize(objective, n_trials=3)
        start = time.perf_counter()
        study.optimize(objective, n_trials=n)
        return (time.perf_counter() - start) / n * 1e6

    return measure


def loading(name: str, folder: Path, n: int) -> float:
    """Measure the microseconds until the best of `n` trials on SQLite is known in a new process."""
    if name.startswith("rustuna"):
        raise Unsupported("not measured")
    study = new_study(name, "sqlite", folder)
    lib = library(name.partition(",")[0])
    source = lib.create_study(sampler=lib.samplers.RandomSampler(seed=0))
    source.optimize(five, n_trials=n)
    study.add_trials(source.trials)
    done = subprocess.run(
        [sys.executable, __file__, "--load", name, str(folder)],
        capture_output=True,
        text=True,
        check=True,
    )
    return float(done.stdout.splitlines()[-1])


def load(name: str, folder: Path) -> float:
    """Load the study, read all trials, and return the microseconds; imports are done before."""
    lib = library(name.partition(",")[0])
    lib.create_study(storage="sqlite://").optimize(five, n_trials=1)
    start = time.perf_counter()
    study = lib.load_study(study_name="tea", storage=open_storage(name, "sqlite", folder))
    sum(trial.value for trial in study.trials)
    return (time.perf_counter() - start) * 1e6


def together(kind: str) -> Callable[[str, Path, int], float]:
    """Make the measure of microseconds a trial where four processes share a study."""

    def measure(name: str, folder: Path, n: int) -> float:
        study = new_study(name, kind, folder)
        command = [sys.executable, __file__, "--work", name, kind, str(folder)]
        workers = [subprocess.Popen(command) for _ in range(PROCESSES)]
        if any(worker.wait() for worker in workers):
            raise Unsupported("a worker failed, see above")
        ends = [t.datetime_complete for t in study.trials if t.datetime_complete is not None]
        # Of the seconds in the middle, when all of them run.
        first = min(ends).timestamp() + 1.0
        count = sum(first <= end.timestamp() < first + SECONDS - 1.5 for end in ends)
        return float((SECONDS - 1.5) / max(1, count) * 1e6)

    return measure


def work(name: str, kind: str, folder: Path) -> None:
    """Run trials of the shared study for some seconds."""
    lib = library(name.partition(",")[0])
    storage = open_storage(name, kind, folder)
    study = lib.load_study(
        study_name="tea", storage=storage, sampler=lib.samplers.RandomSampler(seed=os.getpid())
    )
    study.optimize(five, timeout=SECONDS)


class Case(NamedTuple):
    """One line of the table.

    Attributes:
        label: what the user reads.
        measure: gives microseconds, from the library, a folder and a number of trials.
        trials: how many trials the first library runs, and the others.
        times: how many times faster than the first library steep has to be.
        at_most: the microseconds that steep must not exceed, where that is the target.
    """

    label: str
    measure: Callable[[str, Path, int], float]
    trials: tuple[int, int]
    times: float = 0.0
    at_most: float = float("inf")

    @property
    def target(self) -> str:
        """The target as text."""
        return f"≥ {self.times:g} x" if self.times else f"≤ {show(self.at_most)}"

    def is_met(self, microseconds: float, ratio: float) -> bool:
        """Return whether steep reaches the target."""
        return microseconds <= self.at_most and ratio >= self.times


CASES = {
    "sqlite": Case("SQLite, 5 parameters", cost("sqlite", five), (30, 500), 40),
    "sqlite_reports": Case(
        "SQLite, 3 parameters, 50 reports", cost("sqlite", reporting), (10, 200), 25
    ),
    "file": Case("file log, 5 parameters", cost("file", five), (100, 1000), 10),
    "load": Case("load 2,000 trials, SQLite", loading, (2000, 2000), at_most=30_000),
    "sqlite_together": Case("4 processes, SQLite", together("sqlite"), (0, 0), at_most=1e6 / 800),
    "file_together": Case("4 processes, file log", together("file"), (0, 0), at_most=1e6 / 2000),
}


# ---- running -------------------------------------------------------------------------------------


@contextmanager
def fresh_folder() -> Iterator[Path]:
    """Give a folder on the disk of the checkout, which is more likely a real one than /tmp."""
    (ROOT / "build").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=ROOT / "build") as folder:
        yield Path(folder)


def seconds_of_fsync() -> float:
    """Return the median seconds of a small write and its fsync."""
    times = []
    with fresh_folder() as folder, (folder / "probe").open("wb", buffering=0) as file:
        for _ in range(50):
            start = time.perf_counter()
            file.write(b"x" * 300)
            os.fsync(file.fileno())
            times.append(time.perf_counter() - start)
    return statistics.median(times)


def run(name: str, case: Case) -> float:
    """Run one case in this process."""
    with fresh_folder() as folder:
        return case.measure(name, folder, case.trials[0 if name == "optuna" else 1])


def run_apart(name: str, case: str) -> float | None:
    """Run one case in a process of its own; None where the library cannot."""
    done = subprocess.run(
        [sys.executable, __file__, "--run", name, case], capture_output=True, text=True, check=False
    )
    if done.returncode and "Unsupported" not in done.stderr:
        last = done.stderr.strip().splitlines()[-1:] or ["no message"]
        print(f"- {name}, {case}: {last[0]}", file=sys.stderr)
    if done.returncode:
        return None
    return float(json.loads(done.stdout.splitlines()[-1]))


def medians(case: str, libraries: list[str], repeats: int) -> dict[str, float]:
    """Run one case for each library in turn, and return the medians of microseconds."""
    times: dict[str, list[float]] = {name: [] for name in libraries}
    for _ in range(repeats):
        for name in libraries:
            found = run_apart(name, case)
            if found is not None:
                times[name].append(found)
    return {name: statistics.median(found) for name, found in times.items() if found}


def show(microseconds: float | None) -> str:
    """Return a time as text."""
    if microseconds is None:
        return "–"
    return f"{microseconds:,.0f} µs" if microseconds < 9_999.5 else f"{microseconds / 1e3:,.0f} ms"


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--libraries", default="; ".join(LIBRARIES), help="separated by ;")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--only", default="", help="cases whose name contains this text")
    parser.add_argument("--run", nargs=2, metavar=("LIBRARY", "CASE"), help="one case")
    parser.add_argument("--load", nargs=2, help=argparse.SUPPRESS)
    parser.add_argument("--work", nargs=3, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.run:
        print(json.dumps(run(arguments.run[0], CASES[arguments.run[1]])))
    elif arguments.load:
        print(load(arguments.load[0], Path(arguments.load[1])))
    elif arguments.work:
        work(arguments.work[0], arguments.work[1], Path(arguments.work[2]))
    else:
        libraries = [name.strip() for name in arguments.libraries.split(";")]
        print_table(libraries, arguments.only, arguments.repeats)


def print_table(libraries: list[str], only: str, repeats: int) -> None:
    """Run the cases and print a Markdown table, one line as soon as it is known."""
    print(f"One fsync takes {seconds_of_fsync() * 1e3:.2f} ms here.\n")
    print("|", " | ".join(["time a trial", *libraries, "ratio", "target", ""]), "|")
    print("|", " | ".join([":--", *["--:"] * (len(libraries) + 3)]), "|", flush=True)
    for key, case in CASES.items():
        if only not in key:
            continue
        found = medians(key, libraries, repeats)
        first, ours = found.get(libraries[0]), found.get("steep")
        ratio = first / ours if first and ours else None
        verdict = "–"
        if ours and ratio:
            verdict = "ok" if case.is_met(ours, ratio) else "MISSED"
        cells = [case.label, *(show(found.get(name)) for name in libraries)]
        cells += ["–" if ratio is None else f"{ratio:,.0f} x", case.target, verdict]
        print("|", " | ".join(cells), "|", flush=True)


if __name__ == "__main__":
    main()
