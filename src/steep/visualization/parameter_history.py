"""The parameter history: where the sampler has looked, parameter by parameter, trial by trial."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from steep.states import TrialState
from steep.visualization.figure import Axis, Dimension, Figure, Floats, Line, Mark, Panel, Points
from steep.visualization.palette import GREY, INK, ORANGE, VERMILION
from steep.visualization.scales import color_scale, padded, param_dimension, readable
from steep.visualization.selection import DEFAULT_NAME, Selection, Target, select
from steep.visualization.thinning import POINTS, even, marker_size, only, thin, thinning_note

if TYPE_CHECKING:
    from steep.study import Study
    from steep.table import Table

__all__ = ["parameter_history"]

_TITLE = "Parameter history"
_ALL_POINTS = 20_000  # of all panels together
_ROW, _ROOM = 170, 150  # pixels: a row of panels, and the title
_OTHERS = (("Pruned", TrialState.PRUNED, ORANGE), ("Failed", TrialState.FAIL, VERMILION))


def parameter_history(
    study: Study,
    params: list[str] | None = None,
    *,
    target: Target | None = None,
    target_name: str = DEFAULT_NAME,
) -> Figure:
    """Plot the value of each parameter against the number of the trial, one panel a parameter.

    It shows whether the sampler has settled, on what, and which regions failed or were pruned.

    Args:
        study: The study.
        params: The parameters to show; None = all. A trial appears in the panels of the
            parameters that it has.
        target: Gives the value of a trial, e.g. ``lambda trial: trial.values[0]``; None = the
            objective value. With a target the best so far is not drawn, since nobody knows
            whether small or large is good.
        target_name: The name of that value.

    Returns:
        The figure. Dark is good; the line is the parameter of the best trial so far.

    Raises:
        ValueError: if no complete trial has one of ``params``, or the study has several
            objectives and there is no ``target``.

    Example:
        >>> import steep
        >>> study = steep.create_study(sampler=steep.samplers.RandomSampler(seed=0))
        >>> study.optimize(lambda trial: trial.suggest_float("x", 0, 1) ** 2, n_trials=20)
        >>> [panel.y.title for panel in parameter_history(study).panels]
        ['x']
    """
    chosen = select(study, target, target_name)
    if len(chosen.numbers) == 0:
        return Figure(_TITLE, notes=("No complete trials yet.", *chosen.left_out()))
    names = chosen.param_names(params, "plot_parameter_history")
    if not names:
        return Figure(_TITLE, notes=("No parameters to show.",))
    best = None if target else _best_so_far(chosen)
    return _figure(chosen, names, target_name, best)


def _best_so_far(chosen: Selection) -> NDArray[np.int64]:
    """Give the trials that were the best when they finished, by their numbers."""
    losses = chosen.values if chosen.small_is_good else -chosen.values
    losses = np.where(chosen.feasible, losses, np.inf)
    before = np.concatenate([[np.inf], np.minimum.accumulate(losses)[:-1]])
    return chosen.numbers[losses < before]


def _figure(
    chosen: Selection, names: list[str], target_name: str, best: NDArray[np.int64] | None
) -> Figure:
    colors, clipped = color_scale(target_name, chosen.values, chosen.small_is_good)
    limit = min(POINTS, max(200, _ALL_POINTS // len(names)))
    sign = 1.0 if chosen.small_is_good else -1.0
    shown = thin(sign * chosen.values, limit)
    others = _others(chosen.table, limit)
    columns = 1 if len(names) < 3 else 2 if len(names) < 9 else 3
    rows = -(-len(names) // columns)
    draw = _Draw(chosen, shown, others, target_name, best)
    panels = tuple(draw.panel(name, divmod(i, columns)) for i, name in enumerate(names))
    n_all = len(chosen.numbers) + sum(chosen.table.n_in(kind) for _, kind, _ in _OTHERS)
    n_shown = len(shown) + sum(len(numbers) for numbers, _, _ in others)
    notes = (
        *chosen.left_out(),
        *((clipped,) if clipped else ()),
        *thinning_note(n_shown, n_all),
    )
    return Figure(
        _TITLE,
        _titled_below(panels, columns),
        notes,
        colors,
        rows=rows,
        columns=columns,
        shared_x=True,
        height=max(420, _ROOM + _ROW * rows),
    )


def _titled_below(panels: tuple[Panel, ...], columns: int) -> tuple[Panel, ...]:
    """Title the horizontal axis of the lowest panel of each column only."""
    return tuple(
        panel if index + columns >= len(panels) else replace(panel, x=replace(panel.x, title=""))
        for index, panel in enumerate(panels)
    )


def _others(table: Table, limit: int) -> list[tuple[NDArray[np.int64], str, str]]:
    """Give the pruned and the failed trials with name and colour, thinned."""
    found = [(table.numbers(kind), name, color) for name, kind, color in _OTHERS]
    return [(of[even(len(of), limit // 4)], name, color) for of, name, color in found]


@dataclass(frozen=True, eq=False)
class _Draw:
    """Draw the panels of one figure."""

    chosen: Selection
    shown: NDArray[np.int64]
    others: list[tuple[NDArray[np.int64], str, str]]
    target_name: str
    best: NDArray[np.int64] | None

    def panel(self, name: str, place: tuple[int, int]) -> Panel:
        """Draw one parameter; the axis holds all trials, not only the complete ones."""
        table = self.chosen.table
        whole = param_dimension(table, name, np.arange(table.n))
        x_axis = Axis("Trial", range=padded(np.array([0.0, table.n - 1.0])), integer=True)
        marks: list[Mark] = []
        for numbers, state, color in self.others:
            marks += self._crosses(whole, numbers, state, color)
        marks += self._best_line(whole)
        marks += self._complete(whole)
        return Panel(x_axis, whole.axis, tuple(marks), *place)

    def _crosses(
        self, whole: Dimension, numbers: NDArray[np.int64], state: str, color: str
    ) -> tuple[Points, ...]:
        at = Dimension(whole.axis, whole.values[numbers])
        points = Points(
            numbers.astype(np.float64),
            at.values,
            color,
            name=state,
            symbol="x",
            size=marker_size(len(numbers), 5.5),
            opacity=0.7,
            hover=(("trial", numbers), (whole.axis.title, readable(at))),
        )
        return only(points, ~np.isnan(at.values))

    def _complete(self, whole: Dimension) -> tuple[Points, ...]:
        numbers, values = self.chosen.numbers[self.shown], self.chosen.values[self.shown]
        at = Dimension(whole.axis, whole.values[numbers])
        points = Points(
            numbers.astype(np.float64),
            at.values,
            values,
            size=marker_size(len(numbers), 6.5),
            opacity=0.9,
            hover=(
                ("trial", numbers),
                (whole.axis.title, readable(at)),
                (self.target_name, values),
            ),
        )
        has, feasible = ~np.isnan(at.values), self.chosen.feasible[self.shown]
        crosses = replace(points, color=GREY, symbol="x", name="Infeasible")
        return (*only(crosses, has & ~feasible), *only(points, has & feasible))

    def _best_line(self, whole: Dimension) -> tuple[Line, ...]:
        if self.best is None or len(self.best) == 0:
            return ()
        x = np.append(self.best, self.chosen.table.n - 1).astype(np.float64)
        y: Floats = whole.values[np.append(self.best, self.best[-1])]
        line = Line(x, y, INK, name="Best so far", width=1.2, step=True, opacity=0.8)
        return (line,)
