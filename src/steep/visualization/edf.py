"""The empirical distribution: which share of the trials is at least as small as each value."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from steep.logging import get_logger
from steep.visualization.figure import Axis, Figure, Floats, Line, Panel
from steep.visualization.palette import BLUE, GROUPS
from steep.visualization.scales import clipped_range, counted, padded
from steep.visualization.selection import DEFAULT_NAME, Selection, Target, finite_values
from steep.visualization.selection import check_target as check
from steep.visualization.thinning import even

if TYPE_CHECKING:
    from steep.study import Study

__all__ = ["edf"]

_TITLE = "Empirical distribution"
_CORNERS = 2_000  # of one step line; more than a screen has pixels
_logger = get_logger(__name__)


def edf(
    study: Study | Sequence[Study],
    *,
    target: Target | None = None,
    target_name: str = DEFAULT_NAME,
) -> Figure:
    """Plot which share of the complete trials has a value of at most x.

    Of two search spaces sampled alike the one whose line rises earlier holds more good
    configurations (Radosavovic et al. 2020, "Designing Network Design Spaces", section 3.1).

    Args:
        study: The study, or several to compare.
        target: Gives the value of a trial, e.g. ``lambda trial: trial.values[0]``; None = the
            objective value.
        target_name: The name of that value.

    Returns:
        The figure.

    Raises:
        ValueError: if a study has several objectives and there is no ``target``.

    Example:
        >>> import steep
        >>> study = steep.create_study(sampler=steep.samplers.RandomSampler(seed=0))
        >>> study.optimize(lambda trial: trial.suggest_float("x", 0, 1) ** 2, n_trials=4)
        >>> edf(study).panels[0].marks[0].y
        array([0.  , 0.25, 0.5 , 0.75, 1.  ])
    """
    studies = list(study) if isinstance(study, Sequence) else [study]
    check(studies, target, target_name)
    if not studies:
        _logger.warning("There are no studies.")
        return Figure(_TITLE, notes=("No studies to compare.",))
    chosen = [finite_values(one, target) for one in studies]
    if not any(len(one.numbers) for one in chosen):
        _logger.warning("There are no complete trials.")
        return Figure(_TITLE, notes=("No complete trials yet.", *_left_out(chosen)))
    return _figure([one.study_name for one in studies], chosen, target_name)


def _figure(names: list[str], chosen: list[Selection], target_name: str) -> Figure:
    values = np.concatenate([one.values for one in chosen])
    ends = float(values.min()), float(values.max())
    lines = tuple(
        _line(np.sort(one.values), ends, name if len(chosen) > 1 else "", index)
        for index, (name, one) in enumerate(zip(names, chosen, strict=True))
        if len(one.values)
    )
    x_range, clipped = clipped_range(values, chosen[0].small_is_good)
    x_axis = Axis(target_name, range=x_range or padded(values))
    y_axis = Axis("Cumulative probability", range=(-0.02, 1.04))
    empty = [n for n, one in zip(names, chosen, strict=True) if not len(one.values)]
    notes = (
        f"{counted(len(values), 'complete trial')}.",
        *((f"Without complete trials: {', '.join(empty)}.",) if empty else ()),
        *_left_out(chosen),
        *clipped,
    )
    return Figure(_TITLE, (Panel(x_axis, y_axis, lines),), notes)


def _line(values: Floats, ends: tuple[float, float], name: str, index: int) -> Line:
    """Draw one study from the smallest to the largest value of all studies; values ascend."""
    n = len(values)
    shown = even(n, _CORNERS)
    # A step holds y from its x on: the rise to (i + 1) / n is at the value of rank i.
    x = np.concatenate([[ends[0]], values[shown], [ends[1]]])
    y = np.concatenate([[0.0], (shown + 1.0) / n, [1.0]])
    kept = slice(0, len(x) if ends[1] > values[-1] else -1)
    return Line(
        x[kept],
        y[kept],
        GROUPS[index % len(GROUPS)] if name else BLUE,
        name=name,
        step=True,
        hover=(("value at most", x[kept]), ("share of the trials", y[kept])),
    )


def _left_out(chosen: list[Selection]) -> tuple[str, ...]:
    n = sum(one.n_left_out for one in chosen)
    return (f"Left out: {counted(n, 'trial')} with an infinite or NaN value.",) if n else ()
