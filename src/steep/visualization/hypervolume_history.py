"""The hypervolume history: how the volume that the best trials dominate has grown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from steep.kernels.volume_history import volume_history
from steep.logging import get_logger
from steep.states import StudyDirection, TrialState
from steep.table import Table
from steep.visualization.figure import Axis, Figure, Floats, Line, Panel, Points
from steep.visualization.palette import BLUE
from steep.visualization.scales import counted, padded
from steep.visualization.thinning import even

if TYPE_CHECKING:
    from steep.study import Study

__all__ = ["hypervolume_history"]

_TITLE = "Hypervolume history"
_MARKED = 60  # trials that get a marker on the line
# How often the volume is computed: its cost grows steeply with the number of objectives.
_PLACES = {2: 2_000, 3: 100}
_PLACES_OF_MORE = 24
_logger = get_logger(__name__)


def hypervolume_history(study: Study, reference_point: Sequence[float]) -> Figure:
    """Plot the volume between the Pareto front and a reference point, after each trial.

    It grows when a feasible trial is added to the front, and never falls.

    Args:
        study: The study, with at least two objectives.
        reference_point: One number for each objective, worse than the values that are hoped
            for. Trials that are worse in one of them add nothing.

    Returns:
        The figure.

    Raises:
        ValueError: if the study has one objective, or the reference point has another length.

    Example:
        >>> import steep
        >>> study = steep.create_study(directions=["minimize", "minimize"])
        >>> study.enqueue_trial({"x": 0.5})
        >>> study.optimize(lambda trial: (x := trial.suggest_float("x", 0, 1), 1 - x), n_trials=1)
        >>> hypervolume_history(study, [1.0, 1.0]).panels[0].marks[0].y
        array([0.25])
    """
    _check(study, reference_point)
    table = study.table
    numbers = table.numbers(TrialState.COMPLETE)
    if len(numbers) == 0:
        _logger.warning("The study does not have any completed trials.")
        return Figure(_TITLE, notes=("No complete trials yet.",))
    if not (table.violation[numbers] <= 0.0).any():
        _logger.warning("The study does not have any feasible trials.")
    signs = [-1.0 if d == StudyDirection.MAXIMIZE else 1.0 for d in study.directions]
    reference = np.array(signs) * np.asarray(reference_point, dtype=np.float64)
    return _figure(table, numbers, reference)


def _check(study: Study, reference_point: Sequence[float]) -> None:
    n = len(study.directions)
    if n < 2:
        raise ValueError(
            "plot_hypervolume_history: the study has one objective; use "
            "plot_optimization_history(study)."
        )
    if len(reference_point) != n:
        raise ValueError(
            f"plot_hypervolume_history(reference_point={list(reference_point)!r}): give {n} "
            f"numbers, one for each objective."
        )


def _figure(table: Table, numbers: NDArray[np.int64], reference: Floats) -> Figure:
    losses = np.array(table.losses[numbers])
    feasible = table.violation[numbers] <= 0.0
    losses[~feasible] = np.inf
    places = even(len(numbers), _PLACES.get(losses.shape[1], _PLACES_OF_MORE))
    volumes = volume_history(losses, reference, places)
    trials = numbers[places]
    inside = int((losses < reference).all(axis=1).sum())
    notes = (
        f"Within the reference point: {inside:,} of {counted(len(numbers), 'complete trial')}.",
        *_infinite_note(volumes),
        *_sparse_note(len(places), len(numbers)),
    )
    x_axis = Axis("Trial", range=padded(np.array([0.0, float(table.n - 1)])), integer=True)
    y_axis = Axis("Hypervolume", range=padded(np.append(volumes, 0.0)))
    return Figure(_TITLE, (Panel(x_axis, y_axis, _marks(trials, volumes)),), notes)


def _infinite_note(volumes: Floats) -> tuple[str, ...]:
    if np.isfinite(volumes[-1]):
        return ()
    return ("A trial of value -inf makes the volume infinite from there on: not drawn.",)


def _sparse_note(n_places: int, n: int) -> tuple[str, ...]:
    if n_places == n:
        return ()
    return (f"Computed after {counted(n_places, 'trial')} of {n:,}, at even distances.",)


def _marks(trials: NDArray[np.int64], volumes: Floats) -> tuple[Line | Points, ...]:
    x, y = trials.astype(np.float64), np.where(np.isfinite(volumes), volumes, np.nan)
    hover = (("after trial", trials), ("hypervolume", y))
    line = Line(x, y, BLUE, step=True, hover=hover)
    if len(x) > _MARKED:
        return (line,)
    return line, Points(x, y, BLUE, size=5.0, hover=hover)
