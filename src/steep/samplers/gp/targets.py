"""What the Gaussian processes explain: each objective, each constraint, and whether trials fail.

A target says which trials have a value, and gives these values standardised, small and good alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from steep.kernels.warp import signed_log
from steep.samplers.gp.history import History

__all__ = ["Constraint", "Limit", "Objective", "Success", "Target"]

Vector = NDArray[np.float64]
Indices = NDArray[np.intp]
Mask = NDArray[np.bool_]


class Target(Protocol):
    """Give the values of trials; each method takes positions in the history."""

    def known(self, rows: Indices) -> Mask:
        """Tell which trials have a value: (n,) bool.

        Args:
            rows: (n,) positions in the history.
        """
        ...

    def values(self, rows: Indices) -> Vector:
        """Give standardised values: (n,) float64.

        Args:
            rows: (n,) positions in the history of trials that have a value.
        """
        ...


class Limit(Target, Protocol):
    """A target that is to stay below a limit."""

    def limit(self, rows: Indices) -> float:
        """Give what a constraint value of 0 has become.

        Args:
            rows: The same as for :meth:`values`.
        """
        ...


@dataclass(frozen=True)
class Objective:
    """Explain an objective; trials that were pruned or failed count by their ranks.

    Attributes:
        history: The trials.
        place: Which objective, from 0.
        counts_failed: Whether failed trials count as the worst.
    """

    history: History
    place: int
    counts_failed: bool

    def known(self, rows: Indices) -> Mask:
        """See :class:`Target`."""
        return np.full(len(rows), True) if self.counts_failed else ~self.history.failed(rows)

    def values(self, rows: Indices) -> Vector:
        """See :class:`Target`."""
        return self.history.warped(self.place, rows)


@dataclass(frozen=True)
class Constraint:
    """Explain the values of a constraint, of the trials that have one.

    Attributes:
        history: The trials.
        name: The name of the constraint.
    """

    history: History
    name: str

    def known(self, rows: Indices) -> Mask:
        """See :class:`Target`."""
        return ~np.isnan(self.history.constraint(self.name, rows))

    def values(self, rows: Indices) -> Vector:
        """See :class:`Target`."""
        return signed_log(self.history.constraint(self.name, rows))[0]

    def limit(self, rows: Indices) -> float:
        """See :class:`Limit`."""
        return signed_log(self.history.constraint(self.name, rows))[1]


@dataclass(frozen=True)
class Success:
    """Explain whether a trial fails, as a constraint that is 1 if it does and else -1.

    Attributes:
        history: The trials.
    """

    history: History

    def known(self, rows: Indices) -> Mask:
        """See :class:`Target`."""
        return np.full(len(rows), True)

    def values(self, rows: Indices) -> Vector:
        """See :class:`Target`."""
        return signed_log(self._labels(rows))[0]

    def limit(self, rows: Indices) -> float:
        """See :class:`Limit`."""
        return signed_log(self._labels(rows))[1]

    def _labels(self, rows: Indices) -> Vector:
        return np.where(self.history.failed(rows), 1.0, -1.0)
