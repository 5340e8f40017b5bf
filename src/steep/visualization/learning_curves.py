"""Learning curves: who was pruned, when, and against what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from steep.logging import get_logger
from steep.states import TrialState
from steep.table import Table
from steep.visualization.curves import (
    Curves,
    choose_trials,
    count_reporting,
    read_curves,
    report_range,
    with_fewer_steps,
)
from steep.visualization.figure import Axis, Band, Figure, Line, Mark, Panel, Points
from steep.visualization.palette import BLUE, INK, MUTED, ORANGE, VERMILION
from steep.visualization.pruner_bar import Bar, bar_of
from steep.visualization.scales import padded
from steep.visualization.thinning import thinning_note

if TYPE_CHECKING:
    from steep.study import Study

__all__ = ["learning_curves"]

_TITLE = "Learning curves and pruning"
_logger = get_logger(__name__)


def learning_curves(study: Study) -> Figure:
    """Plot who was pruned, when, and against what.

    Above, every curve; a pruned one ends in a cross, and a thin line joins it to the bar that
    it would have had to clear: what the pruner compares with, from the trials that were complete
    by then. Below, how many trials went on beyond each step.

    Args:
        study: The study.

    Returns:
        The figure. The bar is that of the pruner of the study where it compares with a
        percentile or with fixed bounds, else the median of the complete trials.

    Example:
        >>> import steep
        >>> def objective(trial):
        ...     for step in range(3):
        ...         trial.report(trial.number, step)
        ...         if trial.should_prune():
        ...             raise steep.TrialPruned()
        ...     return trial.number
        >>> study = steep.create_study(pruner=steep.pruners.MedianPruner(n_startup_trials=2))
        >>> study.optimize(objective, n_trials=4)
        >>> learning_curves(study).notes[0]
        '4 trials reported: 2 complete, 2 pruned. Pruning saved 33 % of the steps.'
    """
    table = study.table
    curves = read_curves(table)
    if len(curves.numbers) == 0:
        _logger.warning("No trial has reported intermediate values.")
        return Figure(_TITLE, notes=("No reports yet: call trial.report(value, step).",))
    return _figure(table, curves, bar_of(study.pruner, table))


def _figure(table: Table, curves: Curves, bar: Bar) -> Figure:
    reporting = np.unique(curves.numbers)
    chosen = choose_trials(table, reporting)
    shown, fewer = with_fewer_steps(curves.of(chosen), len(chosen))
    y_range, clipped = report_range(table, shown.values)
    steps = padded(curves.steps.astype(np.float64))
    notes = (
        f"{count_reporting(table, reporting)}{_saved(table, curves)}",
        bar.note,
        *clipped,
        *thinning_note(len(chosen), len(reporting), "curves"),
        *fewer,
    )
    draw = _Draw(table, shown, curves, bar)
    top = Panel(
        Axis("", range=steps, integer=True), Axis("Intermediate Value", range=y_range), draw.marks()
    )
    below = Panel(
        Axis("Step", range=steps, integer=True),
        Axis("Trials left", range=(0.0, 1.08 * len(reporting)), integer=True),
        _survivors(curves),
        row=1,
    )
    return Figure(
        _TITLE,
        (top, below),
        notes,
        rows=2,
        shared_x=True,
        height=640,
        row_shares=(3.0, 1.0),
    )


def _saved(table: Table, curves: Curves) -> str:
    """Say how many steps pruning saved, if pruned trials had gone as far as the complete ones."""
    numbers, lengths = np.unique(curves.numbers, return_counts=True)
    state = table.state[numbers]
    full, cut = lengths[state == TrialState.COMPLETE], lengths[state == TrialState.PRUNED]
    if len(full) == 0 or len(cut) == 0:
        return ""
    saved = np.maximum(0.0, np.median(full) - cut).sum()
    return f" Pruning saved {100.0 * saved / (saved + lengths.sum()):.0f} % of the steps."


def _survivors(curves: Curves) -> tuple[Mark, ...]:
    """Draw how many trials reported at each step or later."""
    steps = np.unique(curves.steps)
    ends = np.sort(curves.steps[curves.last])
    going = len(ends) - np.searchsorted(ends, steps).astype(np.float64)
    x = steps.astype(np.float64)
    return (
        Band(x, np.zeros(len(x)), going, MUTED),
        Line(x, going, MUTED, hover=(("step", steps), ("trials", going.astype(np.int64)))),
    )


@dataclass(frozen=True, eq=False)
class _Draw:
    """Draw the curves and the bars."""

    table: Table
    shown: Curves
    all: Curves
    bar: Bar

    def marks(self) -> tuple[Mark, ...]:
        """Draw the curves, the lowest first: pruned, others, the best, then the bars."""
        numbers = np.unique(self.shown.numbers)
        pruned = numbers[self.table.state[numbers] == TrialState.PRUNED]
        best = numbers[numbers == (-1 if self.table.best is None else self.table.best)]
        others = np.setdiff1d(numbers, np.union1d(pruned, best))
        thinner = 1.0 if len(numbers) <= 100 else 0.6
        return (
            *self._curves(pruned, ORANGE, "Pruned", 0.6, thinner),
            *self._curves(others, BLUE, "Not pruned", 0.4, 1.2 * thinner),
            *self._curves(best, INK, f"Best: trial {self.table.best}", 1.0, 2.5),
            *self._bar_lines(),
            *self._ends(pruned),
        )

    def _curves(
        self, numbers: NDArray[np.int64], color: str, name: str, opacity: float, width: float
    ) -> tuple[Line, ...]:
        if len(numbers) == 0:
            return ()
        trials, x, y = self.shown.of(numbers).joined()
        hover = (("trial", trials), ("step", x), ("value", y))
        return (Line(x, y, color, name=name, width=width, opacity=opacity, hover=hover),)

    def _bar_lines(self) -> tuple[Line, ...]:
        steps = np.unique(self.shown.steps)
        return tuple(
            Line(
                steps.astype(np.float64),
                values,
                VERMILION,
                name=self.bar.name,
                dash="dash",
                hover=(("step", steps), (self.bar.name, values)),
            )
            for values in self.bar.over(self.all, steps)
        )

    def _ends(self, pruned: NDArray[np.int64]) -> tuple[Mark, ...]:
        """Draw a cross where a trial was pruned, and a line from it to its bar."""
        if len(pruned) == 0:
            return ()
        group = self.shown.of(pruned)
        steps, values = group.steps[group.last], group.values[group.last]
        bars = self.bar.at(self.all, pruned, steps, values)
        x, gap = steps.astype(np.float64), np.full(len(steps), np.nan)
        links = Line(
            np.stack([x, x, gap], axis=1).ravel(),
            np.stack([values, bars, gap], axis=1).ravel(),
            VERMILION,
            width=0.8,
            opacity=0.6,
        )
        hover = (("pruned: trial", pruned), ("step", steps), ("value", values), ("bar", bars))
        size = 7.0 if len(pruned) <= 100 else 5.0
        return links, Points(x, values, VERMILION, symbol="x", size=size, hover=hover)
