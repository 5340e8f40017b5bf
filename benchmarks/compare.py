"""Optuna, Rustuna and steep side by side, with ratios and the speed that steep has to reach.

    python benchmarks/compare.py                       # a few minutes
    python benchmarks/compare.py --only tpe --repeats 5

Machines differ and are disturbed, so only numbers of one run compare: each library runs each case
in a process of its own, in turn, several times, and the medians are shown. "steep" is the package
in `src`; --libraries compares others.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent


@dataclass(frozen=True)
class Row:
    """One line of the table.

    Attributes:
        label: what the user reads.
        case: a case of `overhead.py`, with its options.
        measure: which of its measures is compared.
        target: what steep must not exceed, in the unit of the measure.
        per: a measure of the same run that the measure is divided by.
        only: libraries to run; the others would take too long.
    """

    label: str
    case: str
    target: float
    measure: str = "overall_us"
    per: str | None = None
    only: tuple[str, ...] = ()


ROWS = (
    Row("import, against NumPy", "import 7", 1.4, per="numpy_us"),
    Row("random, 5 mixed, 10,000", "random 10000", 20),
    Row("TPE, 5 mixed, 1,000", "tpe_mixed 1000", 400),
    Row("TPE, 5 mixed, at 5,000", "tpe_mixed 60 --history 4940", 400),
    Row("TPE, 5 mixed, at 100,000", "tpe_mixed 100000", 400, "end_us", only=("steep",)),
    Row(
        "... against its cost at 1,000",
        "tpe_mixed 100000",
        1.5,
        "end_us",
        per="at_1000_us",
        only=("steep",),
    ),
    Row("... bytes a trial", "tpe_mixed 100000 --memory", 600, "kept_bytes", only=("steep",)),
    Row("TPE, 10 floats, 1,000", "tpe_floats 1000", 350),
    Row("TPE, conditional, group, 1,000", "tpe_group 1000", 600),
    Row("TPE, 2 objectives, 300", "tpe_two_objectives 300", 500),
    Row("CMA-ES, 5 floats, 2,000", "cmaes 2000", 150),
    Row("QMC, 2,000", "qmc 2000", 150),
    Row("NSGA-II, 5 floats, 2,000", "nsgaii 2000", 80),
    Row("50 reports + should_prune, 2,000", "reports 2000", 90),
    Row("best_trials of 5,000", "best_trials 5000", 10_000),
)

Results = dict[str, dict[str, Any]]


def run(library: str, case: str) -> dict[str, Any]:
    """Run one case in a process of its own."""
    script = str(ROOT / "benchmarks" / "overhead.py")
    path = os.pathsep.join([str(ROOT / "src"), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        [sys.executable, script, library, *case.split(), "--json"],
        env={**os.environ, "PYTHONPATH": path},
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        return {"unsupported": f"failed with exit code {done.returncode}, see above"}
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def run_case(case: str, libraries: list[str], repeats: int) -> Results:
    """Run one case for each library in turn, and return the medians."""
    runs: dict[str, list[dict[str, Any]]] = {name: [] for name in libraries}
    for _ in range(repeats):
        for name in libraries:
            if not (runs[name] and "unsupported" in runs[name][-1]):
                runs[name].append(run(name, case))
    return {name: medians(results) for name, results in runs.items()}


def medians(results: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the median of each measure, or why there is none."""
    if "unsupported" in results[-1]:
        return results[-1]
    return {key: statistics.median(result[key] for result in results) for key in results[0]}


def value_of(row: Row, result: dict[str, Any]) -> float | None:
    """Return the number that a row shows for one library."""
    if row.measure not in result:
        return None
    return float(result[row.measure] / (result[row.per] if row.per else 1))


def show(row: Row, value: float | None) -> str:
    """Return a number in the unit of its row."""
    if value is None:
        return "–"
    if row.per:
        return f"{value:.2f} x"
    if row.measure.endswith("_bytes"):
        return f"{value:,.0f} B"
    return f"{value:,.0f} µs" if value < 9_999.5 else f"{value / 1000:,.0f} ms"


def table_line(row: Row, results: Results, libraries: list[str]) -> list[str]:
    """Return the cells of one row: values, the ratio of first to last library, the verdict."""
    values = [value_of(row, results.get(name, {})) for name in libraries]
    first, last = values[0], values[-1]
    ratio = f"{first / last:,.1f} x" if first and last and len(values) > 1 else "–"
    verdict = "–" if last is None else "ok" if last <= row.target else "MISSED"
    cells = [show(row, value) for value in values]
    return [row.label, *cells, ratio, f"≤ {show(row, row.target)}", verdict]


def print_line(cells: list[str]) -> None:
    """Print the cells of a row as a line of a Markdown table."""
    print("|", " | ".join([f"{cells[0]:32s}", *(f"{c:>10s}" for c in cells[1:])]), "|", flush=True)


def main() -> int:
    """Run all rows, print the table, and return how many targets were missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--libraries", default="optuna,rustuna,steep", help="the last has targets")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--only", default="", help="rows whose case contains this text")
    arguments = parser.parse_args()
    libraries = arguments.libraries.split(",")
    print_line(["", *libraries, "ratio", "target", ""])
    print_line([":--", *["--:"] * (len(libraries) + 3)])
    missed = 0
    notes: dict[tuple[str, str], str] = {}
    done: dict[str, Results] = {}
    for row in ROWS:
        chosen = [name for name in libraries if not row.only or name in row.only]
        if arguments.only not in row.case or not chosen:
            continue
        if row.case not in done:
            done[row.case] = run_case(row.case, chosen, 1 if row.only else arguments.repeats)
        cells = table_line(row, done[row.case], libraries)
        print_line(cells)
        missed += cells[-1] == "MISSED"
        notes |= reasons(row, done[row.case])
    print("\nThe ratio is the first library to the last. – means that there is nothing to compare.")
    for (name, case), reason in notes.items():
        print(f"- {name}, {case}: {reason}")
    return missed


def reasons(row: Row, results: Results) -> dict[tuple[str, str], str]:
    """Return why libraries have no number in a row."""
    return {
        (name, row.case): result["unsupported"]
        for name, result in results.items()
        if "unsupported" in result
    }


if __name__ == "__main__":
    sys.exit(main())
