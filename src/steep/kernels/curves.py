"""Learning curves, and where trials that were stopped early stood when they stopped.

Losses of different steps cannot be compared, but places can: a trial's place at a step is the share
of the trials which came as far that are better than it there. What a trial stands at when it is
stopped is what is to be expected of its end, and only the order of losses at a step matters.

Example:
    >>> import numpy as np
    >>> losses = np.array([4.0, 1.0, 6.0, 3.0, 5.0])
    >>> curves = Curves(np.array([0, 2, 4, 5]), np.array([0, 1, 0, 1, 0]), losses)
    >>> places(curves, np.arange(3), np.array([False, False, True]))
    array([0.5])
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["Curves", "places"]

Vector = NDArray[np.float64]
Matrix = NDArray[np.float64]
Steps = NDArray[np.int64]
Indices = NDArray[np.intp]
Mask = NDArray[np.bool_]

_MOST_STEPS = 16
_MOST_TRIALS = 256
"""Of more steps, and of more trials to compare with, some say as much."""


class Curves(NamedTuple):
    """Hold the curves of n trials, one after the other.

    Attributes:
        bounds: (n+1,) int, curve i has the losses from bounds[i] to bounds[i+1].
        steps: (m,) int64, ascending within a curve.
        losses: (m,) float64 without NaN, small is good.

    Example:
        >>> curves = Curves(np.array([0, 2, 3]), np.array([0, 2, 1]), np.array([0.5, 0.25, 0.75]))
        >>> curves.at(np.array([0, 1]), np.array([True, False]), np.array([0, 1, 2]))
        array([[0.5 , 0.5 , 0.25],
               [ nan, 0.75,  nan]])
    """

    bounds: Indices
    steps: Steps
    losses: Vector

    def lengths(self, rows: Indices) -> Indices:
        """Give how many losses curves have: (n,) int.

        Args:
            rows: (n,) which curves.
        """
        return self.bounds[rows + 1] - self.bounds[rows]

    def last(self, rows: Indices) -> tuple[Steps, Vector]:
        """Give the last steps of curves, and the losses there: (n,) int64 and (n,) float64.

        Args:
            rows: (n,) which curves; each has a loss.
        """
        ends = self.bounds[rows + 1] - 1
        return self.steps[ends], self.losses[ends]

    def at(self, rows: Indices, is_whole: Mask, steps: Steps) -> Matrix:
        """Give the losses at some steps, or the last ones before.

        Args:
            rows: (n,) which curves.
            is_whole: (n,) bool, which of them were not stopped: their last loss stays.
            steps: (s,) int64, ascending.

        Returns:
            (n, s) float64, NaN before a curve begins and after it was stopped.
        """
        lengths = self.lengths(rows)
        curve = np.repeat(np.arange(len(rows)), lengths)
        entries = np.arange(len(curve)) + (self.bounds[rows + 1] - np.cumsum(lengths))[curve]
        # The first of the steps at which a loss is there. Where several are, the last one stays.
        since = np.searchsorted(steps, self.steps[entries])
        latest = np.full((len(rows), len(steps) + 1), -1)
        latest[curve, since] = entries
        latest = np.maximum.accumulate(latest[:, :-1], axis=1)
        reach = np.full((len(rows), 1), -1)
        reach[curve, 0] = since
        has_come = (reach >= np.arange(len(steps))) | is_whole[:, None]
        known = has_come & (latest >= 0)
        found = np.full(known.shape, np.nan)
        found[known] = self.losses[latest[known]]
        return found


def places(curves: Curves, rows: Indices, is_stopped: Mask) -> Vector:
    """Say where trials that were stopped stood at their last steps, among all that came as far.

    Args:
        curves: The curves.
        rows: (n,) the trials.
        is_stopped: (n,) bool, which of them were stopped; the others came to every step.

    Returns:
        (k,) float64 in [0, 1] for the stopped ones: the share of those that were better, half of
        those that were as good; 1 for a trial that reported nothing.
    """
    stopped = rows[is_stopped]
    found = np.ones(len(stopped))
    known = np.flatnonzero(curves.lengths(stopped))
    last, losses = curves.last(stopped[known])
    steps = _some(np.unique(last), _MOST_STEPS)
    at = curves.at(_some(rows, _MOST_TRIALS), ~_some(is_stopped, _MOST_TRIALS), steps)
    at.sort(axis=0)  # NaN comes last
    n_came = np.count_nonzero(~np.isnan(at), axis=0)
    stopped_at = np.searchsorted(steps, last)
    for j in range(len(steps)):
        others, mine = at[: n_came[j], j], np.flatnonzero(stopped_at == j)
        twice = others.searchsorted(losses[mine]) + others.searchsorted(losses[mine], "right")
        found[known[mine]] = 0.5 * twice / max(n_came[j], 1)
    return found


def _some(values: NDArray[Any], most: int) -> NDArray[Any]:
    """Choose some of many values evenly, the last one among them."""
    every = max(-(-len(values) // most), 1)
    return values[(len(values) - 1) % every :: every]
