"""Where the quadratic model is trusted: around the best trial, as far as it has kept its word.

The radius follows from the log: each trial that was proposed with a radius carries it. One that
improves on the best so far lets the radius grow to twice its step; one that does not makes it
smaller. An improvement that another sampler finds counts with its own distance. When the radius is
tiny the region has collapsed, until something better is found elsewhere.

Source: Conn, Scheinberg, Vicente (2009), "Introduction to derivative-free optimization", SIAM,
algorithm 10.1, with success alone instead of the ratio of reductions.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from steep.distributions import BaseDistribution, FloatDistribution, IntDistribution
from steep.samplers.gp.book import book_of
from steep.samplers.gp.candidates import Candidates
from steep.space import Space
from steep.states import TrialState
from steep.table import Table

__all__ = ["KEY", "SAME", "Region", "finite_losses", "is_range", "radius_after", "region_of"]

Matrix = NDArray[np.float64]
Vector = NDArray[np.float64]

KEY = "local:radius"
"""The system attribute of a trial that says with which radius it was proposed."""
SAME = 1e-7
"""Coordinates that differ by no more are one value."""
_FIRST = 0.2
_LARGEST = 0.5
_LEAST = 1e-4
_GROWTH = 2.0
_SHRINKAGE = 0.6
_NOTHING: dict[str, Any] = {}


@dataclass(frozen=True)
class Region:
    """The neighbourhood of the best trial, in the parameters that it has.

    Attributes:
        space: The D parameters of the best trial.
        numeric: (d,) which of them are ranges; the others keep the best trial's values.
        radius: How far from the best trial the model is trusted, in units of the ranges.
        units: (n, D) float64 in [0, 1], the finished trials that have these parameters.
        losses: (n,) float64, inf where a trial has none.
        best: The position of the best trial among them.
    """

    space: Space
    numeric: NDArray[np.intp]
    radius: float
    units: Matrix
    losses: Vector
    best: int

    @property
    def choices(self) -> NDArray[np.intp]:
        """Give the positions of the parameters that are no ranges."""
        return np.setdiff1d(np.arange(len(self.space)), self.numeric)

    def with_other_choices(self) -> NDArray[np.bool_]:
        """Tell which choices of each trial are not the best one's: (n, D - d) bool."""
        chosen = self.units[:, self.choices]
        return np.asarray(np.abs(chosen - chosen[self.best]) > SAME)


def region_of(table: Table) -> Region | None:
    """Give the region in which to look for something better.

    Args:
        table: A study with one objective; constraints are not looked at.

    Returns:
        None where nothing is complete, where the best trial has no numerical parameters, or where
        the region has collapsed.
    """
    return table.memo(_Latest, _Latest).of(table)


class _Latest:
    """Remember the region for as long as no trial finishes."""

    def __init__(self) -> None:
        self._known: tuple[int, Region | None] = (0, None)

    def of(self, table: Table) -> Region | None:
        n, region = self._known
        if n != len(table.finished):
            n = len(table.finished)
            self._known = n, (region := _region(table, table.finished[:n]))
        return region


def _region(table: Table, numbers: NDArray[np.integer[Any]]) -> Region | None:
    joint = book_of(table).joint_space(table)
    losses = finite_losses(table, numbers)
    best = int(losses.argmin())
    if not joint or losses[best] == np.inf:
        return None
    whole = Space(joint)
    units = Candidates(whole).points(table.param_rows(whole.names, numbers))
    is_numeric = np.array([is_range(d) for d in joint.values()])
    is_active = ~np.isnan(units[best])
    if not (is_numeric & is_active).any():
        return None
    radius = radius_after(units[:, is_numeric], losses, _radii(table, numbers))
    if radius < _LEAST:
        return None
    active = np.flatnonzero(is_active)
    names = list(joint)
    space = Space({names[i]: joint[names[i]] for i in active.tolist()})
    known = np.flatnonzero(~np.isnan(units[:, active]).any(axis=1))
    place = int(np.searchsorted(known, best))
    return Region(
        space, np.flatnonzero(is_numeric[active]), radius,
        units[np.ix_(known, active)], losses[known], place,
    )  # fmt: skip


def finite_losses(table: Table, numbers: NDArray[np.integer[Any]]) -> Vector:
    """Give the losses of trials, inf where one is not complete or its loss is infinite.

    Args:
        table: The table.
        numbers: (n,) their numbers.

    Returns:
        (n,) float64; the region is around the least.
    """
    losses = np.where(table.state[numbers] == TrialState.COMPLETE, table.losses[numbers, 0], np.inf)
    losses[~np.isfinite(losses)] = np.inf
    return losses


def _radii(table: Table, numbers: NDArray[np.integer[Any]]) -> Vector:
    """Give the radii with which trials were proposed; one whose worker was lost tells nothing."""
    return np.array(
        [
            0.0 if n in table.reaped else table.system_attrs.get(n, _NOTHING).get(KEY, 0.0)
            for n in numbers.tolist()
        ]
    )


def is_range(distribution: BaseDistribution) -> bool:
    """Tell whether the region moves a parameter.

    Args:
        distribution: What the parameter may be.
    """
    return isinstance(distribution, FloatDistribution | IntDistribution)


def radius_after(units: Matrix, losses: Vector, radii: Vector) -> float:
    """Give the radius after some trials.

    Args:
        units: (n, d) float64 in [0, 1], their numerical parameters in the order in which they
            finished, NaN where absent.
        losses: (n,) float64, inf where a trial has none.
        radii: (n,) float64, the radius with which a trial was proposed; 0 for trials that another
            sampler has proposed.

    Returns:
        The radius.

    Example:
        >>> x = np.array([[0.5], [0.6], [0.9]])
        >>> round(radius_after(x, np.array([1.0, 0.5, 2.0]), np.array([0.0, 0.2, 0.2])), 3)
        0.12
    """
    radius = _FIRST
    before = np.minimum.accumulate(losses)
    improves = np.append(False, losses[1:] < before[:-1])
    best = 0
    for i in np.flatnonzero(improves | (radii > 0.0)).tolist():
        if improves[i]:
            step = float(np.nanmax(np.abs(units[i] - units[best]), initial=0.0))
            growth = _GROWTH if radii[i] else 1.0
            radius = min(max(radius, growth * step), _LARGEST)
            best = i
        else:
            radius = min(radius, _SHRINKAGE * float(radii[i]))
    return radius
