"""Parallel coordinates: every trial as a line across the axes of value and parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from steep.kernels.pareto import nondominated_ranks
from steep.logging import get_logger
from steep.states import TrialState
from steep.visualization.figure import Axis, ColorScale, Dimension, Figure, Floats, Panel, Parallel
from steep.visualization.palette import VIRIDIS
from steep.visualization.scales import color_scale, padded, param_dimension
from steep.visualization.selection import DEFAULT_NAME, Selection, Target, select
from steep.visualization.thinning import thin, thinning_note

if TYPE_CHECKING:
    from steep.study import Study

__all__ = ["parallel_coordinate"]

_TITLE = "Parallel coordinates"
_MOST = 12  # axes that fit side by side, where the user names none
_LINES = 2_000  # more hide each other
_logger = get_logger(__name__)


def parallel_coordinate(
    study: Study,
    params: list[str] | None = None,
    *,
    target: Target | None = None,
    target_name: str = DEFAULT_NAME,
) -> Figure:
    """Plot every complete trial as a line across parallel axes, one a parameter.

    A trial without a parameter passes below that axis. Where a study has constraints, one axis
    tells which trials keep them.

    Args:
        study: The study.
        params: The parameters to show; None = all, of many the twelve most important.
        target: Gives the value of a trial, e.g. ``lambda trial: trial.values[0]``; None = the
            objective value; with several objectives all of them, coloured by Pareto rank.
        target_name: The name of that value.

    Returns:
        The figure. Dark is good.

    Raises:
        ValueError: if no complete trial has one of ``params``.

    Example:
        >>> import steep
        >>> study = steep.create_study(sampler=steep.samplers.RandomSampler(seed=0))
        >>> study.optimize(lambda trial: trial.suggest_float("x", 0, 1) ** 2, n_trials=20)
        >>> plot = parallel_coordinate(study, target_name="Loss").panels[0].marks[0]
        >>> [dimension.axis.title for dimension in plot.dimensions]
        ['Loss', 'x']
    """
    several = target is None and len(study.directions) > 1
    chosen = _select_all(study) if several else select(study, target, target_name)
    if len(chosen.numbers) == 0:
        return Figure(_TITLE, notes=("No complete trials yet.", *chosen.left_out()))
    names = chosen.param_names(params, "plot_parallel_coordinate")
    n_all = len(names)
    if params is None:
        names = chosen.most_important(names, _MOST)
    if not names:
        return Figure(_TITLE, notes=("No parameters to show.",))
    if several:
        colors, clipped = _rank_scale(chosen.values), ""
        goals = _objectives(study, chosen)
    else:
        colors, clipped = color_scale(target_name, chosen.values, chosen.small_is_good)
        values = np.clip(chosen.values, colors.low, colors.high)
        goals = [Dimension(Axis(target_name, range=padded(values)), values)]
        clipped = clipped.replace("Colours end", f"Colours and the axis {target_name!r} end")
    few = (f"Drawn: the {len(names)} most important of {n_all} parameters.",)
    notes = (
        *chosen.left_out(),
        *((clipped,) if clipped else ()),
        *(few if len(names) < n_all else ()),
    )
    return _figure(chosen, names, goals, colors, notes)


def _figure(
    chosen: Selection,
    names: list[str],
    goals: list[Dimension],
    colors: ColorScale,
    notes: tuple[str, ...],
) -> Figure:
    losses = chosen.values if chosen.small_is_good else -chosen.values
    shown = thin(losses, _LINES)
    shown = shown[np.argsort(-losses[shown], kind="stable")]  # the best are drawn last, on top
    dimensions = [
        *goals,
        *_constraints(chosen),
        *(param_dimension(chosen.table, name, chosen.numbers) for name in names),
    ]
    lines = Parallel(
        tuple(Dimension(d.axis, d.values[shown]) for d in dimensions), chosen.values[shown]
    )
    missing = any(np.isnan(dimension.values).any() for dimension in lines.dimensions)
    notes = (
        *notes,
        *(("Lines below an axis: the trial does not have that parameter.",) if missing else ()),
        *thinning_note(len(shown), len(chosen.numbers)),
    )
    return Figure(_TITLE, (Panel(Axis(), Axis(), (lines,)),), notes, colors)


def _constraints(chosen: Selection) -> list[Dimension]:
    if not chosen.table.has_constraints:
        return []
    axis = Axis("Feasible", "category", ("no", "yes"), range=(-0.5, 1.5))
    return [Dimension(axis, chosen.feasible.astype(np.float64))]


def _select_all(study: Study) -> Selection:
    """Choose the complete trials with finite objectives; their value is the Pareto rank."""
    table = study.table
    numbers = table.numbers(TrialState.COMPLETE)
    finite = np.isfinite(table.losses[numbers]).all(axis=1)
    if not finite.any():
        _logger.warning("Your study does not have any completed trials with finite values.")
    kept = numbers[finite]
    ranks = nondominated_ranks(np.asarray(table.losses[kept])).astype(np.float64)
    return Selection(table, kept, ranks, True, int((~finite).sum()))


def _rank_scale(ranks: Floats) -> ColorScale:
    return ColorScale("Pareto rank", 0.0, max(1.0, float(ranks.max())), VIRIDIS)


def _objectives(study: Study, chosen: Selection) -> list[Dimension]:
    values = study.table.values[chosen.numbers]
    names = study.metric_names or [f"Objective {i}" for i in range(values.shape[1])]
    return [
        Dimension(Axis(name, range=padded(column)), column)
        for name, column in zip(names, values.T, strict=True)
    ]
