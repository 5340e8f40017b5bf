"""The optimization history: the value of every trial, and the best so far."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from steep.logging import get_logger
from steep.states import StudyDirection, TrialState
from steep.visualization.figure import Axis, Band, Figure, Floats, Line, Mark, Panel, Points
from steep.visualization.palette import BLUE, GREY, GROUPS, VERMILION
from steep.visualization.scales import clipped_range, counted, padded
from steep.visualization.selection import DEFAULT_NAME, Target, check_target, target_values
from steep.visualization.thinning import POINTS, even, marker_size, only, thin, thinning_note

if TYPE_CHECKING:
    from steep.study import Study

__all__ = ["optimization_history"]

_TITLE = "Optimization history"
_logger = get_logger(__name__)


@dataclass(frozen=True, eq=False)
class _History:
    """The complete trials of a study, and the best value after each of its n trials."""

    name: str
    numbers: NDArray[np.int64]  # (k,)
    values: Floats  # (k,), may be infinite
    feasible: NDArray[np.bool_]  # (k,)
    best: Floats | None  # (n,), NaN before the first feasible trial; None = no direction known
    small_is_good: bool
    counts: tuple[int, int, int, int]  # trials, complete, pruned, failed


def optimization_history(
    study: Study | Sequence[Study],
    *,
    target: Target | None = None,
    target_name: str = DEFAULT_NAME,
    error_bar: bool = False,
) -> Figure:
    """Plot the values of all complete trials and the best one so far.

    Args:
        study: The study, or several to compare.
        target: Gives the value of a trial, e.g. ``lambda trial: trial.values[0]``; None = the
            objective value. With a target the best so far is not drawn, since nobody knows
            whether small or large is good.
        target_name: The name of that value.
        error_bar: Draw the mean over the studies with one standard deviation on both sides.

    Returns:
        The figure.

    Raises:
        ValueError: if a study has several objectives and there is no ``target``.

    Example:
        >>> import steep
        >>> study = steep.create_study(sampler=steep.samplers.RandomSampler(seed=0))
        >>> study.optimize(lambda trial: trial.suggest_float("x", 0, 1) ** 2, n_trials=20)
        >>> optimization_history(study).title
        'Optimization history'
    """
    studies = list(study) if isinstance(study, Sequence) else [study]
    check_target(studies, target, target_name)
    histories = [_history(study, target) for study in studies]
    if not studies:
        _logger.warning("There are no studies.")
    if not any(len(history.numbers) for history in histories):
        _logger.warning("There are no complete trials.")
        return Figure(_TITLE, notes=("No complete trials yet.", *_counts(histories)))
    if not error_bar:
        return _figure(histories, target_name)
    if not any(history.feasible.any() for history in histories):
        _logger.warning("There are no feasible trials.")
        return Figure(_TITLE, notes=("No feasible trials yet.", *_counts(histories)))
    return _mean_figure(histories, target_name)


def _history(study: Study, target: Target | None) -> _History:
    table = study.table
    numbers = table.numbers(TrialState.COMPLETE)
    small_is_good = study.directions[0] != StudyDirection.MAXIMIZE
    values = target_values(study, numbers, target)
    feasible = table.violation[numbers] <= 0.0
    best = None if target else _best_so_far(table.n, numbers, values, feasible, small_is_good)
    counts = (
        table.n,
        len(numbers),
        table.n_in(TrialState.PRUNED),
        table.n_in(TrialState.FAIL),
    )
    return _History(study.study_name, numbers, values, feasible, best, small_is_good, counts)


def _best_so_far(
    n: int,
    numbers: NDArray[np.int64],
    values: Floats,
    feasible: NDArray[np.bool_],
    small_is_good: bool,
) -> Floats:
    losses = np.full(n, np.inf)
    sign = 1.0 if small_is_good else -1.0
    losses[numbers[feasible]] = sign * values[feasible]
    best = np.minimum.accumulate(losses)
    return np.where(np.isfinite(best), sign * best, np.nan)


def _figure(histories: list[_History], target_name: str) -> Figure:
    limit = max(2, POINTS // len(histories))
    marks = [
        mark
        for index, history in enumerate(histories)
        for mark in _marks(history, index if len(histories) > 1 else None, target_name, limit)
    ]
    values = np.concatenate([_shown(history) for history in histories])
    known = histories[0].best is not None
    y_range, clipped = clipped_range(values, histories[0].small_is_good) if known else (None, ())
    n_shown = sum(min(limit, len(history.numbers)) for history in histories)
    notes = (
        *_counts(histories),
        *clipped,
        *thinning_note(n_shown, sum(len(history.numbers) for history in histories)),
    )
    return _one_panel(marks, histories, Axis(target_name, range=y_range), notes)


def _one_panel(
    marks: Sequence[Mark], histories: list[_History], y_axis: Axis, notes: tuple[str, ...]
) -> Figure:
    last = max(history.counts[0] for history in histories) - 1.0
    x_axis = Axis("Trial", range=padded(np.array([0.0, last])), integer=True)
    return Figure(_TITLE, (Panel(x_axis, y_axis, tuple(marks)),), notes)


def _marks(
    history: _History, index: int | None, target_name: str, limit: int
) -> list[Points | Line]:
    """Draw one study; ``index`` is its place among several, None where it is the only one."""
    shown = thin(history.values if history.small_is_good else -history.values, limit)
    numbers, values = history.numbers[shown], history.values[shown]
    feasible = history.feasible[shown]
    color = BLUE if index is None else GROUPS[index % len(GROUPS)]
    points = Points(
        numbers.astype(np.float64),
        values,
        color,
        name=target_name if index is None else history.name,
        size=marker_size(len(numbers)),
        opacity=0.6,
        hover=(("trial", numbers), (target_name, values)),
    )
    infeasible = replace(points, color=GREY, symbol="x", name="Infeasible")
    marks: list[Points | Line] = [*only(infeasible, ~feasible), *only(points, feasible)]
    if history.best is not None:
        line = _best_line(history.best, limit)
        named = line if index is None else replace(line, color=color, name=history.name)
        marks.append(named)
    return marks


def _best_line(best: Floats, limit: int) -> Line:
    numbers = np.arange(len(best))
    if len(best) > limit:
        # A step line is exact with its corners alone.
        corner = np.append(True, best[1:] != best[:-1])
        corner[-1] = True
        numbers = numbers[corner & ~np.isnan(best)]
    return Line(
        numbers.astype(np.float64),
        best[numbers],
        VERMILION,
        name="Best value",
        step=True,
        hover=(("after trial", numbers), ("best", best[numbers])),
    )


def _shown(history: _History) -> Floats:
    return history.values[np.isfinite(history.values)]


def _counts(histories: list[_History]) -> tuple[str, ...]:
    n, complete, pruned, failed = (
        sum(history.counts[i] for history in histories) for i in range(4)
    )
    if n == 0:
        return ()
    infinite = sum(len(history.values) - len(_shown(history)) for history in histories)
    parts = [
        f"{complete:,} complete" + (f" ({infinite:,} infinite, not drawn)" if infinite else "")
    ]
    parts += [
        f"{count:,} {state}" for count, state in ((pruned, "pruned"), (failed, "failed")) if count
    ]
    return (f"{counted(n, 'trial')}: {', '.join(parts)}.",)


def _mean_figure(histories: list[_History], target_name: str) -> Figure:
    """Draw mean and standard deviation over the studies, per trial number."""
    if any(not h.feasible.all() or h.counts[1] < h.counts[0] for h in histories):
        _logger.warning(
            "Some trials are infeasible or not complete: the error bars are computed from the "
            "values of the feasible complete trials only."
        )
    n = max(history.counts[0] for history in histories)
    rows = np.full((len(histories), n), np.nan)
    for row, history in zip(rows, histories, strict=True):
        row[history.numbers[history.feasible]] = history.values[history.feasible]
    rows[np.isinf(rows)] = np.nan
    numbers = np.flatnonzero(~np.isnan(rows).all(axis=0))
    marks = _mean_marks(rows, numbers, histories, target_name)
    shown = min(len(numbers), POINTS)
    notes = (
        f"Mean ± one standard deviation of {counted(len(histories), 'study', 'studies')}.",
        *thinning_note(shown, len(numbers), "trial numbers"),
    )
    return _one_panel(marks, histories, Axis(target_name), notes)


def _mean_marks(
    rows: Floats, numbers: NDArray[np.int64], histories: list[_History], target_name: str
) -> list[Mark]:
    numbers = numbers[even(len(numbers), POINTS)]
    x = numbers.astype(np.float64)
    values = rows[:, numbers]
    mean, deviation = np.nanmean(values, axis=0), np.nanstd(values, axis=0)
    points = Points(
        x,
        mean,
        BLUE,
        name=target_name,
        opacity=0.6,
        y_error=deviation,
        hover=(("trial", numbers), ("mean", mean), ("deviation", deviation)),
    )
    if histories[0].best is None:
        return [points]
    best = np.full((len(histories), rows.shape[1]), np.nan)
    for row, history in zip(best, histories, strict=True):
        assert history.best is not None
        row[: len(history.best)] = history.best
    best = best[:, numbers]
    mean, deviation = np.nanmean(best, axis=0), np.nanstd(best, axis=0)
    hover = (("after trial", numbers), ("mean best", mean), ("deviation", deviation))
    return [
        points,
        Band(x, mean - deviation, mean + deviation, VERMILION),
        Line(x, mean, VERMILION, name="Best value", hover=hover),
    ]
