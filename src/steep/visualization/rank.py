"""Ranks: each pair of parameters, coloured by the place of the trial among all."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from steep.logging import get_logger
from steep.visualization.figure import (
    Axis,
    ColorScale,
    Dimension,
    Figure,
    Floats,
    Mark,
    Panel,
    Points,
)
from steep.visualization.pairs import pair_figure, pair_names
from steep.visualization.palette import GREY, VIRIDIS
from steep.visualization.scales import number_text, padded, param_dimension, readable
from steep.visualization.selection import DEFAULT_NAME, Selection, Target, select
from steep.visualization.thinning import POINTS, marker_size, only, thin, thinning_note

if TYPE_CHECKING:
    from steep.study import Study

__all__ = ["rank"]

_CONTEXT = 800  # trials on one panel among many
_logger = get_logger(__name__)


def rank(
    study: Study,
    params: list[str] | None = None,
    *,
    target: Target | None = None,
    target_name: str = DEFAULT_NAME,
) -> Figure:
    """Plot the trials over each pair of parameters, coloured by the rank of their value.

    Ranks tell good from bad where the values themselves are spread unevenly. Infinite values
    have a rank, too.

    Args:
        study: The study.
        params: The parameters; None = all, of many the eight most important. The value takes
            the vertical axis where there is one parameter only.
        target: Gives the value of a trial, e.g. ``lambda trial: trial.values[0]``; None = the
            objective value.
        target_name: The name of that value.

    Returns:
        The figure. Dark is good.

    Raises:
        ValueError: if no complete trial has one of ``params``, or the study has several
            objectives and there is no ``target``.

    Example:
        >>> import steep
        >>> def objective(trial):
        ...     return trial.suggest_float("x", 0, 1) ** 2 + trial.suggest_float("y", 0, 1)
        >>> study = steep.create_study(sampler=steep.samplers.RandomSampler(seed=0))
        >>> study.optimize(objective, n_trials=3)
        >>> rank(study).panels[0].marks[0].color  # the best is drawn last
        array([1. , 0.5, 0. ])
    """
    title = f"Rank ({target_name})"
    chosen = select(study, target, target_name, keep_infinite=True)
    if len(chosen.numbers) == 0:
        return Figure(title, notes=("No complete trials yet.", *chosen.left_out()))
    names, few = pair_names(chosen, params, "plot_rank")
    if params is not None:
        names = list(dict.fromkeys(params))  # the first is the horizontal one
    if not names:
        _logger.warning("plot_rank(params=[]): there is no parameter to draw.")
        return Figure(title, notes=("No parameters to show.",))
    return _figure(title, chosen, names, target_name, few)


def _figure(
    title: str, chosen: Selection, names: list[str], target_name: str, few: tuple[str, ...]
) -> Figure:
    sign = 1.0 if chosen.small_is_good else -1.0
    is_single = len(names) <= 2
    shown = thin(sign * chosen.values, POINTS if is_single else _CONTEXT)
    draw = _Draw(chosen, shown, target_name, _ranks(chosen.values)[shown], is_single)
    dimensions = [param_dimension(chosen.table, name, chosen.numbers) for name in names]
    notes = (*chosen.left_out(), *few, *thinning_note(len(shown), len(chosen.numbers)))
    colors = _scale(chosen, target_name)
    if len(names) > 1:
        return pair_figure(title, dimensions, draw.marks, notes, colors)
    finite = np.where(np.isfinite(chosen.values), chosen.values, np.nan)
    value = Dimension(Axis(target_name, range=padded(finite)), finite)
    panel = Panel(dimensions[0].axis, value.axis, draw.marks(dimensions[0], value))
    return Figure(title, (panel,), notes, colors)


def _ranks(values: Floats) -> Floats:
    """Give the place of each value among all, 0 to 1; equal ones share the mean of theirs."""
    if len(values) == 1:
        return np.array([0.5])
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    places = np.cumsum(counts) - 0.5 * (counts + 1)
    ranks: Floats = places[inverse] / (len(values) - 1)
    return ranks


def _scale(chosen: Selection, target_name: str) -> ColorScale:
    shares = (0.0, 0.25, 0.5, 0.75, 1.0)
    names = ("min", "25 %", "50 %", "75 %", "max")
    at = np.quantile(chosen.values, shares, method="nearest")
    ticks = tuple(
        (share, f"{name} ({number_text(value)})")
        for share, name, value in zip(shares, names, at.tolist(), strict=True)
    )
    colors = VIRIDIS if chosen.small_is_good else VIRIDIS[::-1]
    return ColorScale(target_name, 0.0, 1.0, colors, ticks)


@dataclass(frozen=True, eq=False)
class _Draw:
    """Draw the panels of one figure."""

    chosen: Selection
    shown: NDArray[np.int64]
    target_name: str
    ranks: Floats  # of the trials shown
    is_single: bool

    def marks(self, x: Dimension, y: Dimension) -> tuple[Mark, ...]:
        """Give the trials of one pair, the best on top."""
        order = np.argsort(self.ranks, kind="stable")
        order = order[::-1] if self.chosen.small_is_good else order
        at = self.shown[order]
        hover: tuple[tuple[str, NDArray[np.generic]], ...] = (
            ("trial", self.chosen.numbers[at]),
            (x.axis.title, readable(x)[at]),
            (y.axis.title, readable(y)[at]),
        )
        if y.axis.title != self.target_name:
            hover = (*hover, (self.target_name, self.chosen.values[at]))
        points = Points(
            x.values[at],
            y.values[at],
            self.ranks[order],
            size=marker_size(len(at), 8.0) if self.is_single else 4.5,
            opacity=0.9,
            hover=hover,
        )
        has = ~np.isnan(points.x) & ~np.isnan(points.y)
        feasible = self.chosen.feasible[at]
        crosses = replace(points, color=GREY, symbol="x", name="Infeasible")
        return (*only(crosses, has & ~feasible), *only(points, has & feasible))
