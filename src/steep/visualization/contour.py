"""Contours: the value as a landscape over each pair of parameters."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from steep.logging import get_logger
from steep.visualization.figure import (
    Axis,
    Dimension,
    Figure,
    Floats,
    Grid,
    Mark,
    Points,
)
from steep.visualization.pairs import pair_figure, pair_names
from steep.visualization.palette import INK, VERMILION
from steep.visualization.scales import color_scale, param_dimension, readable
from steep.visualization.selection import DEFAULT_NAME, Selection, Target, select
from steep.visualization.thinning import POINTS, marker_size, only, thin, thinning_note

if TYPE_CHECKING:
    from steep.study import Study

__all__ = ["contour"]

_TITLE = "Contours"
_CONTEXT = 300  # trials on one panel among many; the landscape is made of all
_FINE, _COARSE = 48, 24  # cells along an axis: of a single panel, of one among many
_logger = get_logger(__name__)


def contour(
    study: Study,
    params: list[str] | None = None,
    *,
    target: Target | None = None,
    target_name: str = DEFAULT_NAME,
) -> Figure:
    """Plot the value as a landscape over each pair of parameters, with the trials on it.

    The landscape is a local mean of the trials: near them it is their value, far from them it
    tends to the mean of ever wider surroundings.

    Args:
        study: The study.
        params: At least two parameters; None = all, of many the eight most important.
        target: Gives the value of a trial, e.g. ``lambda trial: trial.values[0]``; None = the
            objective value.
        target_name: The name of that value.

    Returns:
        The figure. Dark is good.

    Raises:
        ValueError: if no complete trial has one of ``params``, or the study has several
            objectives and there is no ``target``.

    Example:
        >>> import steep
        >>> def objective(trial):
        ...     return trial.suggest_float("x", 0, 1) ** 2 + trial.suggest_float("y", 0, 1)
        >>> study = steep.create_study(sampler=steep.samplers.RandomSampler(seed=0))
        >>> study.optimize(objective, n_trials=20)
        >>> [(panel.x.title, panel.y.title) for panel in contour(study, ["x", "y"]).panels]
        [('x', 'y')]
    """
    chosen = select(study, target, target_name)
    if len(chosen.numbers) == 0:
        return Figure(_TITLE, notes=("No complete trials yet.", *chosen.left_out()))
    if params is not None and len(params) <= 1:
        _logger.warning(f"plot_contour(params={list(params)!r}): give at least two parameters.")
    names, few = pair_names(chosen, params, "plot_contour")
    if len(names) < 2:
        return Figure(_TITLE, notes=("A contour needs at least two parameters.",))
    return _figure(chosen, names, target_name, few)


def _figure(chosen: Selection, names: list[str], target_name: str, few: tuple[str, ...]) -> Figure:
    colors, clipped = color_scale(target_name, chosen.values, chosen.small_is_good)
    sign = 1.0 if chosen.small_is_good else -1.0
    is_single = len(names) == 2
    dimensions = [param_dimension(chosen.table, name, chosen.numbers) for name in names]
    _warn_constant(dimensions)
    limits = (colors.low, colors.high)
    shown = thin(sign * chosen.values, POINTS if is_single else _CONTEXT)
    draw = _Draw(chosen, shown, target_name, limits, is_single)
    notes = (
        *chosen.left_out(),
        *((clipped,) if clipped else ()),
        *few,
        *thinning_note(len(shown), len(chosen.numbers), "trials; the landscape shows all"),
    )
    return pair_figure(_TITLE, dimensions, draw.marks, notes, colors)


def _warn_constant(dimensions: list[Dimension]) -> None:
    for dimension in dimensions:
        if len(np.unique(dimension.values[~np.isnan(dimension.values)])) < 2:
            name = dimension.axis.title
            _logger.warning(f"The parameter {name!r} has fewer than two different values.")


@dataclass(frozen=True, eq=False)
class _Draw:
    """Draw the panels of one figure."""

    chosen: Selection
    shown: np.ndarray[tuple[int], np.dtype[np.int64]]
    target_name: str
    limits: tuple[float, float]
    is_single: bool

    def marks(self, x: Dimension, y: Dimension) -> tuple[Mark, ...]:
        """Give landscape and trials of one pair; nothing where no trial has both."""
        both = ~np.isnan(x.values) & ~np.isnan(y.values)
        if not both.any():
            warnings.warn(
                f"No trial has both {x.axis.title!r} and {y.axis.title!r}: their contour is empty.",
                UserWarning,
                stacklevel=2,
            )
            return ()
        landscape = self._grid(x, y, both)
        return (*landscape, *self._points(x, y, both))

    def _grid(self, x: Dimension, y: Dimension, both: np.ndarray) -> tuple[Grid, ...]:
        cells = _FINE if self.is_single else _COARSE
        across, up = _Cells.of(x.axis, cells), _Cells.of(y.axis, cells)
        if len(across.centres) < 2 or len(up.centres) < 2:
            return ()
        column, row = across.index(x.values[both]), up.index(y.values[both])
        # Outliers share the last colour; a mean must not spread them over their neighbours.
        values = np.clip(self.chosen.values[both], *self.limits)
        z = _landscape(row, column, values, up, across)
        return (Grid(across.centres, up.centres, z, contours=across.smooth and up.smooth),)

    def _points(self, x: Dimension, y: Dimension, both: np.ndarray) -> tuple[Points, ...]:
        shown = self.shown
        numbers, values = self.chosen.numbers[shown], self.chosen.values[shown]
        hover = (
            ("trial", numbers),
            (x.axis.title, readable(x)[shown]),
            (y.axis.title, readable(y)[shown]),
            (self.target_name, values),
        )
        points = Points(
            x.values[shown],
            y.values[shown],
            "#FFFFFF",
            size=marker_size(len(numbers), 6.5) if self.is_single else 3.5,
            opacity=0.9,
            outline=INK,
            hover=hover,
        )
        feasible, has = self.chosen.feasible[shown], both[shown]
        infeasible = replace(points, color=VERMILION, symbol="x", name="Infeasible")
        return (*only(infeasible, has & ~feasible), *only(points, has & feasible))


@dataclass(frozen=True, eq=False)
class _Cells:
    """Cut an axis into cells: even ones, or one for each category."""

    centres: Floats
    smooth: bool
    low: float = 0.0
    width: float = 1.0
    log: bool = False

    @classmethod
    def of(cls, axis: Axis, n: int) -> _Cells:
        """Cut an axis into n cells."""
        if axis.scale == "category":
            return cls(np.arange(len(axis.labels), dtype=np.float64), smooth=False)
        log = axis.scale == "log"
        assert axis.range is not None, "a parameter axis has a range"
        low, high = np.log(axis.range) if log else axis.range
        # The first and the last centre lie on the ends, so that a landscape fills the panel.
        width, centres = (high - low) / (n - 1), np.linspace(low, high, n)
        return cls(np.exp(centres) if log else centres, True, float(low), float(width), log)

    def index(self, values: Floats) -> np.ndarray:
        """Give the cell of each value."""
        places = (np.log(values) if self.log else values) - self.low
        return np.clip(np.rint(places / self.width).astype(np.int64), 0, len(self.centres) - 1)

    def blur(self, scale: float) -> Floats:
        """Give the weight of each cell in the mean around each other cell: (n, n)."""
        n = len(self.centres)
        if not self.smooth:
            return np.eye(n)
        distance = np.subtract.outer(np.arange(n), np.arange(n)) / (scale * n)
        return np.asarray(np.exp(-0.5 * distance**2))


def _landscape(
    row: np.ndarray,
    column: np.ndarray,
    values: Floats,
    up: _Cells,
    across: _Cells,
) -> Floats:
    """Compute local means on the grid, from coarse to fine.

    A Nadaraya-Watson mean (Nadaraya 1964, "On Estimating Regression", eq. 2) at a fine scale has
    no data in most places. Each scale therefore takes the coarser one as a prior that weighs a
    tenth of a trial.
    """
    shape = (len(up.centres), len(across.centres))
    cell = row * shape[1] + column
    count = np.bincount(cell, minlength=shape[0] * shape[1]).reshape(shape)
    total = np.bincount(cell, weights=values, minlength=shape[0] * shape[1]).reshape(shape)
    # Scott (1992), eq. 6.42: in two dimensions the bandwidth falls as n^(-1/6).
    finest = 0.16 * len(values) ** (-1 / 6)
    z: Floats = np.full(shape, values.mean())
    for scale in finest * 2.0 ** np.arange(4, -1, -1):
        rows, columns = up.blur(scale), across.blur(scale)
        z = (rows @ total @ columns.T + 0.1 * z) / (rows @ count @ columns.T + 0.1)
    if up.smooth and across.smooth:
        return z
    # Categories have no neighbours: nothing is known of one that was not tried.
    seen = count > 0
    if up.smooth or across.smooth:
        seen = np.broadcast_to(seen.any(axis=0 if up.smooth else 1, keepdims=True), shape)
    else:
        z = total / np.maximum(count, 1)
    return np.where(seen, z, np.nan)
