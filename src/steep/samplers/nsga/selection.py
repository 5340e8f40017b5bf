"""Which trials become parents: the survivors of a generation and of its own parents.

Both keep whole fronts; of the last one NSGA-II keeps those in sparse regions, and NSGA-III those
near reference directions that few are near.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from steep.kernels.crowding import survivors
from steep.kernels.niching import das_dennis, niched_survivors
from steep.kernels.pareto import constrained_ranks

__all__ = ["Crowding", "Niching", "Parents", "Selection"]

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


@dataclass(frozen=True)
class Niching:
    """Choose as NSGA-III does; see :mod:`steep.kernels.niching`.

    Attributes:
        references: The reference points, rows of equal length; None for evenly spread ones.
        divisions: Into how many parts those divide each axis.
    """

    references: tuple[tuple[float, ...], ...] | None
    divisions: int

    def choose(
        self, losses: Array, violation: Array, k: int, rng: np.random.Generator
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Choose k points.

        Raises:
            ValueError: If the reference points have another number of coordinates than there are
                objectives.
        """
        m = losses.shape[1]
        points = das_dennis(m, self.divisions)
        if self.references is not None:
            points = np.array(self.references, dtype=np.float64)
            if points.ndim != 2 or points.shape[1] != m:
                raise ValueError(
                    f"NSGAIIISampler(reference_points=...) has the shape {points.shape}; for "
                    f"{m} objectives give an array of shape (n, {m})."
                )
        return niched_survivors(losses, violation, k, points, rng)
