"""The room for improvement: how much better the best value may still get, after each trial."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from steep.logging import get_logger
from steep.states import StudyDirection, TrialState
from steep.trial import FrozenTrial
from steep.visualization.figure import Axis, Figure, Floats, Line, Panel, Points
from steep.visualization.palette import BLUE, VERMILION
from steep.visualization.scales import clipped_range, counted, padded
from steep.visualization.thinning import even

if TYPE_CHECKING:
    from steep.study import Study

__all__ = ["Evaluator", "terminator_improvement"]

_TITLE = "Terminator improvement"
_NAME = "Improvement"
_MOST_PLACES, _FEWEST_PLACES = 60, 20  # evaluators may take seconds for each
_MOST_HANDED = 150_000  # trials in all, since each evaluation gets all trials so far
_logger = get_logger(__name__)


class Evaluator(Protocol):
    """Compute a number from the complete trials so far, as `steep.terminator` does."""

    def evaluate(self, trials: list[FrozenTrial], study_direction: StudyDirection) -> float:
        """Compute the improvement that is still to be hoped for, or the error of a value."""


def terminator_improvement(
    study: Study,
    plot_error: bool = False,
    improvement_evaluator: Evaluator | None = None,
    error_evaluator: Evaluator | None = None,
    min_n_trials: int = 20,
) -> Figure:
    """Plot how much better the best value may still get, after each trial.

    Where the line falls below the error of the objective, more trials gain nothing.

    Args:
        study: The study, with one objective.
        plot_error: Draw the error, too.
        improvement_evaluator: Computes the room for improvement; None =
            `steep.terminator.RegretBoundEvaluator`.
        error_evaluator: Computes the error; None =
            `steep.terminator.CrossValidationErrorEvaluator`, or no error where the improvement
            counts trials (`BestValueStagnationEvaluator`).
        min_n_trials: Before so many trials nothing is terminated: drawn faintly.

    Returns:
        The figure.

    Raises:
        ValueError: if the study has several objectives.

    Example:
        >>> import steep
        >>> class HalfTheBest:
        ...     def evaluate(self, trials, study_direction):
        ...         return min(trial.value for trial in trials) / 2
        >>> study = steep.create_study()
        >>> study.optimize(lambda trial: 8.0 - trial.number, n_trials=3)
        >>> terminator_improvement(study, False, HalfTheBest()).panels[0].marks[0].y
        array([4. , 3.5, 3. ])
    """
    if len(study.directions) > 1:
        raise ValueError(
            f"plot_terminator_improvement: the study has {len(study.directions)} objectives; "
            "only the improvement of a single one can be drawn."
        )
    table = study.table
    complete = table.numbers(TrialState.COMPLETE)
    if len(complete) == 0:
        _logger.warning("There are no complete trials.")
        return Figure(_TITLE, notes=("No complete trials yet.",))
    trials = study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
    places = _places(len(trials))
    improvement = _improvement_of(improvement_evaluator)
    room = _evaluate(improvement, trials, places, study.directions[0])
    errors = None
    if plot_error:
        error = _error_of(error_evaluator, improvement)
        errors = _evaluate(error, trials, places, study.directions[0])
    numbers = complete[places]
    return _figure(numbers, room, errors, min_n_trials, (len(trials), table.n))


def _places(n: int) -> NDArray[np.int64]:
    """Choose after which of n trials to evaluate: fewer where each evaluation sees more."""
    affordable = 2 * _MOST_HANDED // n
    return even(n, max(_FEWEST_PLACES, min(affordable, _MOST_PLACES)))


def _improvement_of(evaluator: Evaluator | None) -> Evaluator:
    if evaluator is not None:
        return evaluator
    default: Evaluator = _terminator().RegretBoundEvaluator()
    return default


def _error_of(evaluator: Evaluator | None, improvement: Evaluator) -> Evaluator:
    if evaluator is not None:
        return evaluator
    room = _terminator()
    counts = isinstance(improvement, room.BestValueStagnationEvaluator)
    default: Evaluator = (
        room.StaticErrorEvaluator(constant=0.0) if counts else room.CrossValidationErrorEvaluator()
    )
    return default


def _terminator() -> Any:
    # Only where an evaluator is not given: a study can be plotted without that room.
    return importlib.import_module("steep.terminator")


def _evaluate(
    evaluator: Evaluator,
    trials: Sequence[FrozenTrial],
    places: NDArray[np.int64],
    direction: StudyDirection,
) -> Floats:
    found = [evaluator.evaluate(list(trials[: at + 1]), direction) for at in places.tolist()]
    return np.array(found, dtype=np.float64)


def _figure(
    numbers: NDArray[np.int64],
    room: Floats,
    errors: Floats | None,
    min_n_trials: int,
    counts: tuple[int, int],
) -> Figure:
    n_complete, n = counts
    early = int((numbers < min_n_trials).sum())
    finite = np.concatenate([room, room[:0] if errors is None else errors])
    finite = finite[np.isfinite(finite)]
    y_range, clipped = clipped_range(finite, small_is_good=True, what="evaluation", far=10.0)
    notes = (
        *((f"Faint: before trial {min_n_trials:,} nothing is terminated.",) if early else ()),
        *clipped,
        *_sparse(len(numbers), n_complete),
        *(() if len(finite) else ("No evaluation gives a finite number.",)),
    )
    x_axis = Axis("Trial", range=padded(np.array([0.0, float(n - 1)])), integer=True)
    y_axis = Axis("Terminator improvement", range=y_range or padded(np.append(finite, 0.0)))
    x = numbers.astype(np.float64)
    marks = [*_lines(x, np.where(np.isfinite(room), room, np.nan), early)]
    if errors is not None:
        marks += _line(x, np.where(np.isfinite(errors), errors, np.nan), VERMILION, "Error")
    return Figure(_TITLE, (Panel(x_axis, y_axis, tuple(marks)),), notes)


def _sparse(n_places: int, n: int) -> tuple[str, ...]:
    if n_places == n:
        return ()
    return (f"Evaluated after {counted(n_places, 'trial')} of {n:,}, at even distances.",)


def _lines(x: Floats, y: Floats, early: int) -> list[Line | Points]:
    if early == 0:
        return _line(x, y, BLUE, _NAME)
    # The line goes on to the first trial that counts, so that no gap is left.
    faint = _line(x[: early + 1], y[: early + 1], BLUE, _NAME, 0.35)
    return [*faint, *_line(x[early:], y[early:], BLUE, _NAME)] if early < len(x) else faint


def _line(x: Floats, y: Floats, color: str, name: str, opacity: float = 1.0) -> list[Line | Points]:
    hover = (("after trial", x.astype(np.int64)), (name.lower(), y))
    line = Line(x, y, color, name=name, opacity=opacity, hover=hover)
    return [line, Points(x, y, color, size=5.0, opacity=opacity, hover=hover)]
