"""The Pareto front: the trials that no other is better than in all objectives."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from steep.kernels.pareto import is_pareto_optimal
from steep.logging import get_logger
from steep.states import StudyDirection, TrialState
from steep.trial import FrozenTrial
from steep.visualization.figure import Axis, Figure, Floats, Line, Mark, Panel, Points
from steep.visualization.palette import BLUE, GREY, VERMILION
from steep.visualization.scales import clipped_range, counted, padded
from steep.visualization.thinning import POINTS, even, marker_size, only

if TYPE_CHECKING:
    from steep.study import Study

__all__ = ["pareto_front"]

Targets: TypeAlias = Callable[[FrozenTrial], Sequence[float]]
Bools: TypeAlias = NDArray[np.bool_]

_TITLE = "Pareto front"
_POINTS_3D = 3_000
_logger = get_logger(__name__)


@dataclass(frozen=True, eq=False)
class _Front:
    """The complete trials of a study, and where they are drawn."""

    numbers: NDArray[np.int64]  # (k,)
    places: Floats  # (k, 2 or 3)
    best: Bools  # (k,) on the front
    feasible: Bools  # (k,)


def pareto_front(
    study: Study,
    *,
    target_names: list[str] | None = None,
    include_dominated_trials: bool = True,
    constraints_func: Targets | None = None,
    targets: Targets | None = None,
) -> Figure:
    """Plot the values of all complete trials, the Pareto front among them.

    Args:
        study: The study, with two or three objectives unless there are ``targets``.
        target_names: The names on the axes; None = the names of the metrics, or "Objective 0",
            "Objective 1", ...
        include_dominated_trials: Draw the feasible trials that are not on the front, too.
        constraints_func: Deprecated, use `Trial.set_constraint`: gives constraint values of a
            trial, positive where it violates them. The front is then made of the others.
        targets: Gives two or three numbers to be drawn of a trial; the front is still that of
            the objectives.

    Returns:
        The figure.

    Raises:
        ValueError: if the number of objectives, targets or names does not fit.

    Example:
        >>> import steep
        >>> study = steep.create_study(directions=["minimize", "minimize"])
        >>> for x in (0.2, 0.8):
        ...     study.enqueue_trial({"x": x})
        >>> study.optimize(lambda trial: (x := trial.suggest_float("x", 0, 1), 1 - x), n_trials=2)
        >>> pareto_front(study, target_names=["size", "error"]).notes[0]
        'On the Pareto front: 2 of 2 feasible trials. Wanted: small size, small error.'
    """
    if constraints_func is not None:
        warnings.warn(
            "plot_pareto_front(constraints_func=...) is deprecated: call "
            "trial.set_constraint(key, value) in the objective.",
            FutureWarning,
            stacklevel=2,
        )
    trials = study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
    if not trials:
        _logger.warning("The study does not have any completed trials.")
    places = _places(study, trials, targets, target_names)
    names = _names(study, target_names, places.shape[1], targets is not None)
    front = _front(study, trials, places, constraints_func)
    if not trials:
        return Figure(_TITLE, notes=("No complete trials yet.",))
    wanted = study.directions if targets is None else []
    return _figure(front, names, wanted, include_dominated_trials)


def _places(
    study: Study, trials: Sequence[FrozenTrial], targets: Targets | None, names: Any
) -> Floats:
    """Compute where the trials are drawn: (k, 2 or 3)."""
    n = len(study.directions)
    if targets is None:
        if n not in (2, 3):
            raise ValueError(
                f"plot_pareto_front: the study has {counted(n, 'objective')}, and two or three "
                "can be drawn; choose them by targets=lambda trial: (..., ...)."
            )
        return np.array(study.table.values[study.table.numbers(TrialState.COMPLETE)])
    if not trials and names is None:
        raise ValueError(
            "plot_pareto_front(targets=...): the study has no complete trial to ask how many "
            "there are; give target_names, too."
        )
    rows = [_of_trial(targets, trial) for trial in trials]
    width = len(rows[0]) if rows else len(names)
    if width not in (2, 3):
        raise ValueError(f"plot_pareto_front(targets=...) gives {width} numbers: give 2 or 3.")
    return np.array(rows, dtype=np.float64).reshape(-1, width)


def _of_trial(targets: Targets, trial: FrozenTrial) -> Sequence[float]:
    found = targets(trial)
    if not isinstance(found, Sequence):
        raise ValueError(
            f"plot_pareto_front(targets=...) gave {found!r} for trial {trial.number}: give a "
            "sequence of two or three numbers."
        )
    return found


def _names(study: Study, names: Sequence[str] | None, n: int, has_targets: bool) -> list[str]:
    if names is None:
        metrics = None if has_targets else study.metric_names
        return metrics or [f"Objective {index}" for index in range(n)]
    if len(names) != n:
        raise ValueError(f"plot_pareto_front(target_names={list(names)!r}): give {n} names.")
    return list(names)


def _front(
    study: Study, trials: Sequence[FrozenTrial], places: Floats, constraints: Targets | None
) -> _Front:
    table = study.table
    numbers = table.numbers(TrialState.COMPLETE)
    if constraints is None:
        feasible = table.violation[numbers] <= 0.0
    else:
        kept = [all(value <= 0.0 for value in constraints(trial)) for trial in trials]
        feasible = np.array(kept, dtype=np.bool_)
    best = np.zeros(len(numbers), dtype=np.bool_)
    best[feasible] = is_pareto_optimal(np.asarray(table.losses[numbers[feasible]]))
    return _Front(numbers, places, best, feasible)


def _figure(
    front: _Front, names: list[str], wanted: Sequence[StudyDirection], dominated: bool
) -> Figure:
    drawn: Bools = np.asarray(np.isfinite(front.places).all(axis=1))
    if not dominated:
        drawn = drawn & (front.best | ~front.feasible)
    shown = _thin(front, drawn)
    notes = (
        _count(front, names, wanted),
        *_left_out(front),
        *_thinned(len(shown), int(drawn.sum())),
    )
    if len(shown) == 0:
        return Figure(_TITLE, notes=("No trial has finite values.", *notes))
    axes, clipped = _axes(front.places[shown], names, wanted)
    marks = _marks(front, shown, names)
    if len(names) == 3:
        panel = Panel(axes[0], axes[1], marks, z=axes[2])
        return Figure(_TITLE, (panel,), notes, height=640)
    stairs = _stairs(front, wanted) if len(wanted) == 2 else ()
    return Figure(_TITLE, (Panel(axes[0], axes[1], (*stairs, *marks)),), (*notes, *clipped))


def _thin(front: _Front, drawn: Bools) -> NDArray[np.int64]:
    """Choose the trials to draw: of the front as many as fit, of the others an even sample."""
    limit = POINTS if front.places.shape[1] == 2 else _POINTS_3D
    best = np.flatnonzero(drawn & front.best)
    best = best[even(len(best), limit - 1)]
    others = np.flatnonzero(drawn & ~front.best)
    return np.union1d(best, others[even(len(others), limit - len(best))])


def _thinned(n_shown: int, n: int) -> tuple[str, ...]:
    if n_shown == n:
        return ()
    return (f"Drawn: the front and an even sample of the others, {n_shown:,} of {n:,} trials.",)


def _count(front: _Front, names: list[str], wanted: Sequence[StudyDirection]) -> str:
    n_feasible, n_best = int(front.feasible.sum()), int(front.best.sum())
    text = f"On the Pareto front: {n_best:,} of {counted(n_feasible, 'feasible trial')}."
    if not wanted:
        return text
    goals = (
        f"{'large' if direction == StudyDirection.MAXIMIZE else 'small'} {name}"
        for name, direction in zip(names, wanted, strict=True)
    )
    return f"{text} Wanted: {', '.join(goals)}."


def _left_out(front: _Front) -> tuple[str, ...]:
    n = int((~np.isfinite(front.places).all(axis=1)).sum())
    return (f"Left out: {counted(n, 'trial')} with an infinite or NaN value.",) if n else ()


def _axes(
    places: Floats, names: list[str], wanted: Sequence[StudyDirection]
) -> tuple[list[Axis], list[str]]:
    axes, notes = [], []
    for index, name in enumerate(names):
        small_is_good = not wanted or wanted[index] != StudyDirection.MAXIMIZE
        cut, clipped = clipped_range(places[:, index], small_is_good)
        cut = cut if len(names) == 2 and wanted else None
        notes += [f"{name}: {note}" for note in clipped] if cut else []
        axes.append(Axis(name, range=cut or padded(places[:, index])))
    return axes, notes


def _marks(front: _Front, shown: NDArray[np.int64], names: list[str]) -> tuple[Points, ...]:
    places, numbers = front.places[shown], front.numbers[shown]
    best, feasible = front.best[shown], front.feasible[shown]
    points = Points(
        places[:, 0],
        places[:, 1],
        BLUE,
        name="Dominated",
        size=marker_size(len(shown)),
        opacity=0.5,
        hover=(("trial", numbers), *zip(names, places.T, strict=True)),
        z=places[:, 2] if len(names) == 3 else None,
    )
    top = replace(points, color=VERMILION, name="Pareto front", size=points.size + 1.5, opacity=1.0)
    crosses = replace(points, color=GREY, symbol="x", name="Infeasible", opacity=0.9)
    return (
        *only(crosses, ~feasible),
        *only(points, feasible & ~best),
        *only(top, best),
    )


def _stairs(front: _Front, wanted: Sequence[StudyDirection]) -> tuple[Mark, ...]:
    """Draw the border of what the front dominates, between its first and its last trial."""
    corners = front.places[front.best & np.isfinite(front.places).all(axis=1)]
    if len(corners) < 2:
        return ()
    corners = corners[np.lexsort((corners[:, 1], corners[:, 0]))]
    if wanted[0] == StudyDirection.MAXIMIZE:
        corners = corners[::-1]
    corners = corners[even(len(corners), POINTS)]
    return (Line(corners[:, 0], corners[:, 1], VERMILION, width=1.0, opacity=0.6, step=True),)
