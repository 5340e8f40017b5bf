"""Which trials become parents: the survivors of a generation and of its own parents.

The crowded selection of NSGA-II keeps whole fronts, and of the last one those in sparse regions.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from steep.kernels.crowding import survivors
from steep.kernels.pareto import constrained_ranks

__all__ = ["Crowding", "Parents", "Selection"]

Array = NDArray[np.float64]


class Parents(NamedTuple):
    """Hold the parents of a generation.

    Attributes:
        numbers: (p,) int64, the trials.
        places: (p,) int64, small for those that win a tournament.
    """

    numbers: NDArray[np.int64]
    places: NDArray[np.int64]

    @classmethod
    def ranked(cls, numbers: NDArray[np.int64], losses: Array, violation: Array) -> Parents:
        """Make parents of trials that somebody else has chosen.

        Args:
            numbers: (p,) int64, the trials.
            losses: (p, m) float64, small is good.
            violation: (p,) float64, 0 where feasible.
        """
        return cls(numbers, constrained_ranks(losses, violation))


class Selection(Protocol):
    """Choose the survivors; hashable, equal where the settings are."""

    def choose(
        self, losses: Array, violation: Array, k: int, rng: np.random.Generator
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Choose k of n points.

        Args:
            losses: (n, m) float64, small is good.
            violation: (n,) float64, 0 where feasible.
            k: How many survive.
            rng: Where the randomness comes from.

        Returns:
            Positions and places, (k,) int64 each.
        """
        ...


@dataclass(frozen=True)
class Crowding:
    """Choose as NSGA-II does; see :mod:`steep.kernels.crowding`."""

    def choose(
        self, losses: Array, violation: Array, k: int, rng: np.random.Generator
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Choose k points; nothing about it is random."""
        return survivors(losses, violation, k)
