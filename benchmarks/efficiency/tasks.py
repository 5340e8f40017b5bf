"""A task: a space, a function of one configuration, and how good its losses are.

| family | tasks | where |
|---|---|---|
| HPOBench, HPOLib, NASBench201 | 15 tables of real results | `tables` |
| bbob-5, bbob-10, mixint-5, mixint-10 | 24 functions each; the seed is the instance | `coco` |
| models | real scikit-learn models, mixed and conditional | `models` |
| pareto | ZDT and DTLZ: two and three objectives | `pareto` |

A name is `FAMILY/TASK`.
"""

from __future__ import annotations

import fnmatch
import functools
import importlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from benchmarks.efficiency.spaces import Configuration, Space

__all__ = ["FAMILIES", "HALVES", "Task", "family_of", "load", "names", "scorer"]

FAMILIES = {
    "HPOBench": "tables",
    "HPOLib": "tables",
    "NASBench201": "tables",
    "bbob-5": "coco",
    "bbob-10": "coco",
    "mixint-5": "coco",
    "mixint-10": "coco",
    "models": "models",
    "pareto": "pareto",
}
HALVES = Path(__file__).parent / "halves.json"
_GROUPS = {
    "tables": ("HPOBench", "HPOLib", "NASBench201"),
    "coco": ("bbob-5", "bbob-10", "mixint-5", "mixint-10"),
}


class Task(Protocol):
    """What is to be optimized.

    Attributes:
        space: What there is to choose.
        objectives: How many losses an evaluation has.
    """

    space: Space
    objectives: int

    def evaluate(self, configuration: Configuration) -> list[float]:
        """Give the losses of a configuration."""
        ...


class Family(Protocol):
    """What a module of tasks has."""

    def names(self, family: str) -> list[str]:
        """Give the names of its tasks."""
        ...

    def load(self, family: str, name: str, seed: int) -> Task:
        """Make a task."""
        ...

    def score(self, family: str, name: str, best: NDArray[np.float64]) -> NDArray[np.float64]:
        """Turn the best losses so far into what a report averages; small is good."""
        ...


def family_of(task: str) -> str:
    """Give the family in the name of a task."""
    return task.partition("/")[0]


def load(task: str, seed: int) -> Task:
    """Make the task of this name; the seed chooses the instance where there are several."""
    family, _, name = task.partition("/")
    return _module(family).load(family, name, seed)


def scorer(task: str, best: NDArray[np.float64]) -> NDArray[np.float64]:
    """Turn the best losses so far into regrets."""
    family, _, name = task.partition("/")
    return _module(family).score(family, name, best)


@functools.cache
def _all_names() -> list[str]:
    return [f"{family}/{name}" for family in FAMILIES for name in _module(family).names(family)]


def names(patterns: Sequence[str]) -> list[str]:
    """Give the names of the tasks that are meant.

    Args:
        patterns: Families, `tables`, `coco`, `tuning`, `confirmation`, or shell patterns such as
            `bbob-5/*`. With `confirmation` or `tuning` among them only that half is meant.

    Raises:
        ValueError: If a pattern means none.
    """
    halves = json.loads(HALVES.read_text())
    wanted = [p for p in patterns if p not in halves] or list(FAMILIES)
    found = [name for pattern in wanted for name in _matching(pattern)]
    for half in set(patterns) & halves.keys():
        found = [name for name in found if name in halves[half]]
    return list(dict.fromkeys(found))


def _matching(pattern: str) -> list[str]:
    families = _GROUPS.get(pattern, (pattern,))
    found = [
        name
        for name in _all_names()
        if family_of(name) in families or fnmatch.fnmatch(name, pattern)
    ]
    if not found:
        raise ValueError(f"No task is meant by {pattern!r}; families are {list(FAMILIES)}.")
    return found


def _module(family: str) -> Family:
    module: Family = importlib.import_module(f"benchmarks.efficiency.{FAMILIES[family]}")
    return module
