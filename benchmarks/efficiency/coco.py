"""The functions of COCO (package `coco-experiment`): bbob, and bbob-mixint with ints.

A task is one of the 24 functions in 5 or 10 dimensions; the seed says which of the 15 instances, so
the optimum moves. Regret is log10(best - optimum), at least -8.
"""

from __future__ import annotations

import contextlib
import functools
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.efficiency.spaces import Configuration, Parameter, Space

__all__ = ["Function", "load", "names", "score"]

N_FUNCTIONS = 24
N_INSTANCES = 15
PRECISION = 1e-8


class Function:
    """One function of COCO, less its least value.

    Args:
        problem: The problem of `cocoex`.
    """

    objectives = 1

    def __init__(self, problem: Any) -> None:
        self._problem = problem
        self._least = float(problem(_optimum(problem)))
        n_ints = problem.number_of_integer_variables
        self.space = Space(
            tuple(
                Parameter(f"x{i}", "int" if i < n_ints else "float", float(low), float(high))
                for i, (low, high) in enumerate(
                    zip(problem.lower_bounds, problem.upper_bounds, strict=True)
                )
            )
        )

    def evaluate(self, configuration: Configuration) -> list[float]:
        """Compute how far the value is from the optimum."""
        point = np.array([configuration[p.name] for p in self.space], dtype=np.float64)
        return [float(self._problem(point)) - self._least]


def names(family: str) -> list[str]:
    """Give the names of the functions: "f1", ..., "f24"."""
    return [f"f{number}" for number in range(1, N_FUNCTIONS + 1)]


def load(family: str, name: str, seed: int) -> Function:
    """Make a function in the instance of a seed."""
    suite, _, dimension = family.partition("-")
    problems = _suite("bbob" if suite == "bbob" else "bbob-mixint", int(dimension))
    instance = _instances(problems)[seed % N_INSTANCES]
    return Function(
        problems.get_problem_by_function_dimension_instance(int(name[1:]), int(dimension), instance)
    )


def score(family: str, name: str, best: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give the logarithm of the distance to the optimum."""
    return np.asarray(np.log10(np.maximum(best, PRECISION)))


def _optimum(problem: Any) -> NDArray[np.float64]:
    """Give the best point, which COCO tells by a file in the working directory only."""
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        problem._best_parameter("print")
        return np.atleast_1d(np.loadtxt(Path(folder) / "._bbob_problem_best_parameter.txt"))


@functools.cache
def _suite(name: str, dimension: int) -> Any:
    import cocoex

    return cocoex.Suite(name, "", f"dimensions:{dimension} instance_indices:1-{N_INSTANCES}")


def _instances(suite: Any) -> list[int]:
    """Give the numbers of the instances, which have gaps: 1 to 5 and 71 to 80 in bbob."""
    return sorted({int(name.split("_")[2].removeprefix("i")) for name in suite.ids()})
