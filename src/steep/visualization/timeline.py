"""The timeline: when each trial ran, and how it ended."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from steep.logging import get_logger
from steep.states import TrialState
from steep.table import DELETED, Table
from steep.visualization.figure import Axis, Figure, Floats, Panel, Spans
from steep.visualization.palette import BLUE, GREEN, GREY, ORANGE, VERMILION
from steep.visualization.scales import counted, duration_text
from steep.visualization.thinning import even

if TYPE_CHECKING:
    from steep.study import Study

__all__ = ["timeline"]

_TITLE = "Timeline"
_SPANS = 2_000  # more are thinner than a pixel
_logger = get_logger(__name__)

_STATES = (
    ("Complete", TrialState.COMPLETE, BLUE),
    ("Pruned", TrialState.PRUNED, ORANGE),
    ("Failed", TrialState.FAIL, VERMILION),
    ("Running", TrialState.RUNNING, GREEN),
)


def timeline(study: Study, n_recent_trials: int | None = None) -> Figure:
    """Plot when each trial ran as a bar, coloured by how it ended.

    Args:
        study: The study.
        n_recent_trials: Draw only so many trials, those with the largest numbers, ≥ 1; None =
            all.

    Returns:
        The figure, in local time. A running trial reaches until now.

    Raises:
        ValueError: if ``n_recent_trials`` is less than 1.
        TypeError: if it is not an integer.

    Example:
        >>> import steep
        >>> study = steep.create_study()
        >>> study.optimize(lambda trial: 1.0, n_trials=3)
        >>> timeline(study, n_recent_trials=2).panels[0].marks[0].y
        array([1., 2.])
    """
    _check(n_recent_trials)
    table = study.table
    numbers = np.flatnonzero(table.state != DELETED)
    if n_recent_trials is not None:
        numbers = numbers[-n_recent_trials:]
    if len(numbers) == 0:
        _logger.warning("The study does not have any trials.")
        return Figure(_TITLE, notes=("No trials yet.",))
    started = numbers[~np.isnan(table.start[numbers])]
    waiting = len(numbers) - len(started)
    waits = (f"Not drawn: {counted(waiting, 'trial')} without a start.",) if waiting else ()
    if len(started) == 0:
        return Figure(_TITLE, notes=("No trial has started yet.", *waits))
    return _figure(table, started, waits)


def _check(n_recent_trials: int | None) -> None:
    if n_recent_trials is None:
        return
    if not isinstance(n_recent_trials, int):
        raise TypeError(f"plot_timeline(n_recent_trials={n_recent_trials!r}): give an integer.")
    if n_recent_trials < 1:
        raise ValueError(
            f"plot_timeline(n_recent_trials={n_recent_trials}): give a positive integer, or None "
            "for all trials."
        )


def _figure(table: Table, numbers: NDArray[np.int64], waits: tuple[str, ...]) -> Figure:
    start = table.start[numbers]
    end = np.where(np.isnan(table.complete[numbers]), time.time(), table.complete[numbers])
    end = np.maximum(start, end)
    shown = even(len(numbers), _SPANS)
    marks = _marks(table, numbers[shown], start[shown], end[shown])
    thinned = f"Drawn: an even sample, {len(shown):,} of {len(numbers):,} trials."
    notes = (
        _summary(start, end),
        *waits,
        *((thinned,) if len(shown) < len(numbers) else ()),
    )
    room = 0.02 * float(end.max() - start.min()) or 0.5
    x_axis = Axis("Time", "time", range=(float(start.min()) - room, float(end.max()) + room))
    span = float(numbers[0]) - 0.6, float(numbers[-1]) + 0.6
    y_axis = Axis("Trial", range=span, integer=True)
    return Figure(_TITLE, (Panel(x_axis, y_axis, marks),), notes)


def _summary(start: Floats, end: Floats) -> str:
    took, busy = float(end.max() - start.min()), float((end - start).sum())
    trials = f"{counted(len(start), 'trial')} within {duration_text(took)}"
    return f"{trials}: together {duration_text(busy)}, up to {_most_at_once(start, end)} at once."


def _most_at_once(start: Floats, end: Floats) -> int:
    """Count the most trials that ran at one time; one that ends as another starts is over."""
    order = np.lexsort((np.repeat([1, 0], len(start)), np.concatenate([start, end])))
    change = np.where(order < len(start), 1, -1)
    return max(1, int(np.cumsum(change).max()))


def _marks(
    table: Table, numbers: NDArray[np.int64], start: Floats, end: Floats
) -> tuple[Spans, ...]:
    state, infeasible = table.state[numbers], table.violation[numbers] > 0.0
    complete = state == TrialState.COMPLETE
    groups = [(name, state == kind, color) for name, kind, color in _STATES]
    groups[0] = ("Complete", complete & ~infeasible, BLUE)
    groups.insert(1, ("Infeasible", complete & infeasible, GREY))
    return tuple(
        Spans(
            numbers[of].astype(np.float64),
            start[of],
            end[of],
            color,
            name=name,
            hover=(("trial", numbers[of]), ("seconds", end[of] - start[of])),
        )
        for name, of, color in groups
        if of.any()
    )
