"""Slices: the value of every trial against each of its parameters."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from steep.visualization.figure import Axis, ColorScale, Figure, Panel, Points
from steep.visualization.palette import GREY, VIRIDIS
from steep.visualization.scales import clipped_range, padded, param_dimension, readable
from steep.visualization.selection import DEFAULT_NAME, Selection, Target, select
from steep.visualization.thinning import POINTS, marker_size, only, thin, thinning_note

if TYPE_CHECKING:
    from steep.study import Study

__all__ = ["slice"]

_TITLE = "Slices"
_COLUMNS = 4
_ALL_POINTS = 20_000  # of all panels together
_ROW, _ROOM = 270, 150  # pixels: a row of panels, and the title


def slice(  # noqa: A001 - the plot's name
    study: Study,
    params: list[str] | None = None,
    *,
    target: Target | None = None,
    target_name: str = DEFAULT_NAME,
) -> Figure:
    """Plot the value of every complete trial against each parameter, one panel a parameter.

    Args:
        study: The study.
        params: The parameters to show; None = all. A trial appears in the panels of the
            parameters that it has.
        target: Gives the value of a trial, e.g. ``lambda trial: trial.values[0]``; None = the
            objective value.
        target_name: The name of that value.

    Returns:
        The figure. Dark points are late trials.

    Raises:
        ValueError: if no complete trial has one of ``params``, or the study has several
            objectives and there is no ``target``.

    Example:
        >>> import steep
        >>> study = steep.create_study(sampler=steep.samplers.RandomSampler(seed=0))
        >>> study.optimize(lambda trial: trial.suggest_float("x", 0, 1) ** 2, n_trials=20)
        >>> [panel.x.title for panel in slice(study).panels]
        ['x']
    """
    chosen = select(study, target, target_name)
    if len(chosen.numbers) == 0:
        return Figure(_TITLE, notes=("No complete trials yet.", *chosen.left_out()))
    names = chosen.param_names(params, "plot_slice")
    if not names:
        return Figure(_TITLE, notes=("No parameters to show.",))
    limit = min(POINTS, max(200, _ALL_POINTS // len(names)))
    sign = 1.0 if chosen.small_is_good else -1.0
    shown = thin(sign * chosen.values, limit)
    y_range, clipped = clipped_range(chosen.values, chosen.small_is_good)
    y_axis = Axis(target_name, range=y_range or padded(chosen.values))
    columns = min(_COLUMNS, len(names))
    rows = -(-len(names) // columns)
    notes = (*chosen.left_out(), *clipped, *thinning_note(len(shown), len(chosen.numbers)))
    return Figure(
        _TITLE,
        tuple(
            _panel(chosen, shown, name, y_axis, divmod(index, columns))
            for index, name in enumerate(names)
        ),
        notes,
        colors=_trial_scale(int(chosen.numbers[-1])),
        rows=rows,
        columns=columns,
        shared_y=True,
        height=max(480, _ROOM + _ROW * rows) if rows > 1 else None,
    )


def _trial_scale(last: int) -> ColorScale:
    few = tuple((float(number), str(number)) for number in range(last + 1)) if last < 5 else None
    return ColorScale("Trial", 0.0, max(1.0, float(last)), VIRIDIS[::-1], few)


def _panel(
    chosen: Selection, shown: NDArray[np.int64], name: str, y_axis: Axis, place: tuple[int, int]
) -> Panel:
    numbers, values = chosen.numbers[shown], chosen.values[shown]
    dimension = param_dimension(chosen.table, name, numbers)
    has, feasible = ~np.isnan(dimension.values), chosen.feasible[shown]
    hover = (("trial", numbers), (name, readable(dimension)), (y_axis.title, values))
    points = Points(
        dimension.values,
        values,
        numbers.astype(np.float64),
        size=marker_size(len(numbers), 6.5),
        opacity=0.8,
        hover=hover,
    )
    infeasible = replace(points, color=GREY, symbol="x", name="Infeasible")
    marks = (*only(infeasible, has & ~feasible), *only(points, has & feasible))
    if place[1]:
        y_axis = replace(y_axis, title="")
    return Panel(dimension.axis, y_axis, marks, *place)
