"""What the benchmarks share: libraries by name, results as JSON lines, paired comparisons.

A library is named by its module (`steep`, `optuna`, `rustuna`): the programs only use the interface
that all of them have. Each run appends one JSON line to a file, so that runs of several days and
machines add up, and a run that is already there is not repeated.
"""

from __future__ import annotations

import importlib
import json
import warnings
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

Record = dict[str, Any]
FEW = 6  # below so many seeds a bootstrap knows too little of the spread


def library(name: str) -> Any:
    """Import a library by its name, and make it quiet."""
    module = importlib.import_module(name)
    if hasattr(module, "logging"):
        module.logging.set_verbosity(module.logging.WARNING)
    # All three warn that some samplers may change; here that is no news.
    warnings.filterwarnings("ignore", category=FutureWarning, module=name)
    experimental = getattr(getattr(module, "exceptions", None), "ExperimentalWarning", None)
    if experimental is not None:
        warnings.filterwarnings("ignore", category=experimental)
    return module


def seeds(text: str) -> list[int]:
    """Read seeds such as "0-9" or "3,5,8"."""
    result: list[int] = []
    for part in text.split(","):
        first, _, last = part.partition("-")
        result += range(int(first), int(last or first) + 1)
    return result


def read(paths: Sequence[Path]) -> list[Record]:
    """Read the records of several files."""
    return [json.loads(line) for path in paths for line in path.read_text().splitlines() if line]


def append(path: Path, record: Mapping[str, Any]) -> None:
    """Add one record to a file; the line is complete or absent."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(record) + "\n")


def missing(path: Path, wanted: Sequence[Record]) -> Iterator[Record]:
    """Yield the records wanted whose keys no record of the file has with these values."""
    done = read([path]) if path.exists() else []
    for record in wanted:
        if not any(all(old.get(key) == value for key, value in record.items()) for old in done):
            yield record


def paired_interval(
    groups: Sequence[Sequence[float]], confidence: float = 0.95, resamples: int = 10_000
) -> tuple[float, float, float]:
    """Return the mean of paired differences with a bootstrap interval.

    Differences are drawn anew within each group (one group for each task), because the tasks are
    given and only the seeds are chance; the mean is over the means of the groups.

    Args:
        groups: for each task, the differences of the seeds.
        confidence: the share of resampled means within the interval.
        resamples: how often to draw.

    Returns:
        The mean, the lower and the upper end.
    """
    rng = np.random.default_rng(0)
    means = np.zeros(resamples)
    for group in groups:
        values = np.asarray(group)
        means += values[rng.integers(len(values), size=(resamples, len(values)))].mean(axis=1)
    low, high = np.quantile(means / len(groups), [0.5 - confidence / 2, 0.5 + confidence / 2])
    return float(np.mean([np.mean(group) for group in groups])), float(low), float(high)


def format_interval(groups: Sequence[Sequence[float]], digits: int = 4) -> str:
    """Return the interval of `paired_interval` as text, with a word on what it says."""
    mean, low, high = paired_interval(groups)
    verdict = "no clear difference" if low <= 0 <= high else "clear"
    if min(map(len, groups)) < FEW:
        verdict = "(few seeds: the interval is too narrow)"
    return f"{mean:+.{digits}f} [{low:+.{digits}f}, {high:+.{digits}f}] {verdict}"
