"""The learning curves: what every trial reported, and which ones were pruned."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from steep.logging import get_logger
from steep.states import StudyDirection, TrialState
from steep.table import Table
from steep.visualization.figure import Axis, Figure, Floats, Line, Panel, Points
from steep.visualization.palette import BLUE, GREEN, GREY, INK, ORANGE
from steep.visualization.scales import clipped_range, counted, padded
from steep.visualization.thinning import even, thinning_note

if TYPE_CHECKING:
    from steep.study import Study

__all__ = ["intermediate_values"]

_TITLE = "Intermediate values"
_CURVES = 300  # more lines than this cannot be told apart
_REPORTS = 20_000  # of all curves together
# Learning curves start far from where they end: only what lies very far out is an outlier.
_FAR = 10.0
_logger = get_logger(__name__)


@dataclass(frozen=True, eq=False)
class _Curves:
    """All reports as columns, ordered by trial and step."""

    numbers: NDArray[np.int64]
    steps: NDArray[np.int64]
    values: Floats

    def of(self, numbers: NDArray[np.int64]) -> _Curves:
        """Keep the curves of some trials."""
        kept = np.isin(self.numbers, numbers)
        return _Curves(self.numbers[kept], self.steps[kept], self.values[kept])


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
    curves = _read(table)
    if len(curves.numbers) == 0:
        return _nothing(table)
    reporting = np.unique(curves.numbers)
    chosen = _choose(table, reporting)
    shown = _shorten(curves.of(chosen), len(chosen))
    y_range, clipped = _y_range(table, shown.values)
    notes = (
        _counts(table, reporting),
        *clipped,
        *thinning_note(len(chosen), len(reporting), "curves"),
        *(
            ("Long curves are drawn with fewer steps.",)
            if _is_shorter(shown, curves, chosen)
            else ()
        ),
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


def _read(table: Table) -> _Curves:
    columns = table.reports.flat()
    running = [
        (number, step, value)
        for number, reports in table.reports.running.items()
        for step, value in reports.items()
    ]
    extra = np.array(running, dtype=np.float64).reshape(-1, 3)
    numbers = np.concatenate([columns[0], extra[:, 0]]).astype(np.int64)
    steps = np.concatenate([columns[1], extra[:, 1]]).astype(np.int64)
    values = np.concatenate([columns[2], extra[:, 2]])
    states = (TrialState.COMPLETE, TrialState.PRUNED, TrialState.RUNNING)
    order = np.lexsort((steps, numbers))
    order = order[np.isin(table.state[numbers[order]], states)]
    return _Curves(numbers[order], steps[order], values[order])


def _choose(table: Table, reporting: NDArray[np.int64]) -> NDArray[np.int64]:
    chosen = reporting[even(len(reporting), _CURVES)]
    if table.best is not None and table.best in reporting:
        chosen = np.union1d(chosen, [table.best])
    return chosen


def _shorten(curves: _Curves, n_curves: int) -> _Curves:
    """Draw at most ``_REPORTS`` points: of each long curve an even sample with both ends."""
    limit = max(2, _REPORTS // n_curves)
    starts = np.flatnonzero(np.diff(curves.numbers, prepend=-1))
    lengths = np.diff(starts, append=len(curves.numbers))
    if lengths.max() <= limit:
        return curves
    kept = np.concatenate(
        [start + even(length, limit) for start, length in zip(starts, lengths, strict=True)]
    )
    return _Curves(curves.numbers[kept], curves.steps[kept], curves.values[kept])


def _is_shorter(shown: _Curves, curves: _Curves, chosen: NDArray[np.int64]) -> bool:
    return len(shown.numbers) < int(np.isin(curves.numbers, chosen).sum())


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
    curves: _Curves,
    name: str,
    numbers: NDArray[np.int64],
    color: str,
    opacity: float,
    width: float,
) -> list[Line | Points]:
    """Draw one group as a single line that is lifted between trials, and a mark at each end."""
    group = curves.of(numbers)
    last = np.flatnonzero(np.diff(group.numbers, append=-1))
    gaps = last[:-1] + 1
    x = np.insert(group.steps.astype(np.float64), gaps, np.nan)
    y = np.insert(group.values, gaps, np.nan)
    trials = np.insert(group.numbers, gaps, -1)
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


def _y_range(table: Table, values: Floats) -> tuple[tuple[float, float] | None, tuple[str, ...]]:
    if len(table.directions) != 1:
        return None, ()
    small_is_good = table.directions[0] != StudyDirection.MAXIMIZE
    return clipped_range(values[np.isfinite(values)], small_is_good, "report", far=_FAR)


def _counts(table: Table, reporting: NDArray[np.int64]) -> str:
    state = table.state[reporting]
    kinds = ((TrialState.COMPLETE, "complete"), (TrialState.PRUNED, "pruned"))
    parts = [f"{n:,} {name}" for kind, name in kinds if (n := int((state == kind).sum()))]
    running = int((state == TrialState.RUNNING).sum())
    parts += [f"{running:,} running"] if running else []
    return f"{counted(len(reporting), 'trial')} reported: {', '.join(parts)}."
