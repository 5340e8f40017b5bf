"""Figures with a panel for each pair of parameters."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import combinations

from steep.visualization.figure import ColorScale, Dimension, Figure, Mark, Panel
from steep.visualization.selection import Selection

__all__ = ["pair_figure", "pair_names"]

_MOST = 8  # parameters of one figure where the user names none
_ROOM = 150  # pixels for the title


def pair_names(
    chosen: Selection, params: Sequence[str] | None, call: str
) -> tuple[list[str], tuple[str, ...]]:
    """Choose the parameters of a figure.

    Args:
        chosen: The trials.
        params: What the user asked for; None = all, of many the eight most important.
        call: The name of the plot function, for the error.

    Returns:
        The parameters in the order of the alphabet, and no remark or one.

    Raises:
        ValueError: if no chosen trial has one of ``params``.
    """
    names = chosen.param_names(params, call)
    if params is not None or len(names) <= _MOST:
        return names, ()
    kept = chosen.most_important(names, _MOST)
    note = f"Drawn: the {_MOST} most important of {len(names)} parameters; name others in `params`."
    return kept, (note,)


def pair_figure(
    title: str,
    dimensions: Sequence[Dimension],
    draw: Callable[[Dimension, Dimension], tuple[Mark, ...]],
    notes: tuple[str, ...],
    colors: ColorScale,
) -> Figure:
    """Make one panel for each pair, below the diagonal: the other half would say nothing new.

    Args:
        title: The title.
        dimensions: At least two parameters.
        draw: Gives the marks of a pair from its horizontal and its vertical parameter.
        notes: Remarks.
        colors: The colour scale.

    Returns:
        The figure.
    """
    last = len(dimensions) - 1
    panels = []
    for column, row in combinations(range(len(dimensions)), 2):
        x, y = dimensions[column], dimensions[row]
        panel = Panel(x.axis, y.axis, draw(x, y), row - 1, column)
        panels.append(panel if last == 1 else _bare(panel, row == last, column == 0))
    height = 560 if last == 1 else max(520, _ROOM + min(230, max(130, 900 // last)) * last)
    return Figure(
        title,
        tuple(panels),
        notes,
        colors,
        rows=last,
        columns=last,
        shared_y=True,
        shared_x=True,
        height=height,
        paired=last > 1,
    )


def _bare(panel: Panel, is_bottom: bool, is_left: bool) -> Panel:
    """Title only the axes at the edge of the figure."""
    x = panel.x if is_bottom else replace(panel.x, title="")
    y = panel.y if is_left else replace(panel.y, title="")
    return replace(panel, x=x, y=y)
