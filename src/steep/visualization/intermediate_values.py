"""The learning curves: what every trial reported, and which ones were pruned."""

from __future__ import annotations

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
from steep.visualization.figure import Axis, Figure, Line, Panel, Points
from steep.visualization.palette import BLUE, GREEN, GREY, INK, ORANGE
from steep.visualization.scales import padded
from steep.visualization.thinning import thinning_note

if TYPE_CHECKING:
    from steep.study import Study

__all__ = ["intermediate_values"]

_TITLE = "Intermediate values"
_logger = get_logger(__name__)


def intermediate_values(study: Study) -> Figure:
    """Plot the intermediate values of all trials against the step.

    Pruned trials stand back and end in a cross, complete trials stand out, and the best one is
    drawn bold.

    Args:
        study: The study.

    Returns:
        The figure.

    Example:
        >>> import steep
        >>> def objective(trial):
        ...     x = trial.suggest_float("x", 0, 1)
        ...     for step in range(5):
        ...         trial.report(x / (step + 1), step)
        ...     return x / 5
        >>> study = steep.create_study(sampler=steep.samplers.RandomSampler(seed=0))
        >>> study.optimize(objective, n_trials=8)
        >>> intermediate_values(study).notes
        ('8 trials reported: 8 complete.',)
    """
    table = study.table
    curves = read_curves(table)
    if len(curves.numbers) == 0:
        return _nothing(table)
    reporting = np.unique(curves.numbers)
    chosen = choose_trials(table, reporting)
    shown, fewer = with_fewer_steps(curves.of(chosen), len(chosen))
    y_range, clipped = report_range(table, shown.values)
    notes = (
        count_reporting(table, reporting),
        *clipped,
        *thinning_note(len(chosen), len(reporting), "curves"),
        *fewer,
    )
    marks = tuple(mark for group in _groups(table, chosen) for mark in _draw(shown, *group))
    y_axis = Axis("Intermediate Value", range=y_range)
    x_axis = Axis("Step", range=padded(shown.steps.astype(np.float64)), integer=True)
    return Figure(_TITLE, (Panel(x_axis, y_axis, marks),), notes)


def _nothing(table: Table) -> Figure:
    if len(table.numbers(TrialState.COMPLETE, TrialState.PRUNED, TrialState.RUNNING)) == 0:
        _logger.warning("The study does not contain trials.")
        return Figure(_TITLE, notes=("No trials yet.",))
    _logger.warning(
        "No trial has reported intermediate values: call trial.report(value, step) in the "
        "objective."
    )
    return Figure(_TITLE, notes=("No reports yet: call trial.report(value, step).",))


def _groups(
    table: Table, chosen: NDArray[np.int64]
) -> list[tuple[str, NDArray[np.int64], str, float, float]]:
    """Give name, trials, colour, opacity and width of each group, the lowest first."""
    state, feasible = table.state[chosen], table.violation[chosen] <= 0.0
    best = chosen == (-1 if table.best is None else table.best)
    faint, thinner = (0.45, 1.0) if len(chosen) <= 100 else (0.35, 0.6)
    groups = [
        ("Pruned", (state == TrialState.PRUNED) & feasible, ORANGE, faint, thinner),
        ("Infeasible", ~feasible, GREY, 0.7, 1.0),
        ("Running", (state == TrialState.RUNNING) & feasible, GREEN, 0.7, 1.5),
        ("Complete", (state == TrialState.COMPLETE) & feasible & ~best, BLUE, faint, 1.3 * thinner),
        (f"Best: trial {table.best}", best, INK, 1.0, 3.0),
    ]
    return [(name, chosen[mask], *style) for name, mask, *style in groups if mask.any()]


def _draw(
    curves: Curves,
    name: str,
    numbers: NDArray[np.int64],
    color: str,
    opacity: float,
    width: float,
) -> list[Line | Points]:
    """Draw one group as a single line that is lifted between trials, and a mark at each end."""
    group = curves.of(numbers)
    last = group.last
    trials, x, y = group.joined()
    line = Line(
        x,
        y,
        color,
        name=name,
        width=width,
        opacity=opacity,
        hover=(("trial", trials), ("step", x), ("value", y)),
    )
    ends = Points(
        group.steps[last].astype(np.float64),
        group.values[last],
        color,
        symbol="x" if name == "Pruned" else "circle",
        size=6.0 if width < 3.0 else 9.0,
        opacity=min(1.0, opacity + 0.3),
        hover=(("trial", numbers), ("last step", group.steps[last]), ("value", group.values[last])),
    )
    return [line, ends]
