"""Marks as matplotlib's artists."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from steep.visualization.figure import Band, Bars, Floats, Grid, Line, Mark, Panel, Points, Spans
from steep.visualization.matplotlib.axes import times
from steep.visualization.matplotlib.layout import DPI
from steep.visualization.palette import INK
from steep.visualization.scales import shorten

__all__ = ["draw_marks"]

_POINT = 72 / DPI  # lengths are given in pixels, matplotlib counts points
_SYMBOLS = {"circle": "o", "x": "x", "diamond": "D"}
_DASHES = {"solid": "-", "dash": "--", "dot": ":"}


def draw_marks(axes: Any, panel: Panel, colors: Any) -> None:
    """Draw the marks of a panel.

    Args:
        axes: Matplotlib's axes.
        panel: The panel.
        colors: Maps numbers to colours; None where no mark needs it.
    """
    n_bars = sum(isinstance(mark, Bars) for mark in panel.marks)
    for place, mark in enumerate(panel.marks):
        if isinstance(mark, Bars):
            _bars(axes, mark, place, n_bars)
        else:
            _DRAW[type(mark)](axes, mark, panel, colors)


def _label(name: str) -> str:
    return shorten(name) if name else "_nolegend_"


def _points(axes: Any, mark: Points, panel: Panel, colors: Any) -> None:
    style = {
        "s": (mark.size * _POINT) ** 2,
        "marker": _SYMBOLS[mark.symbol],
        "alpha": mark.opacity,
        "label": _label(mark.name),
        "zorder": 3,
    }
    if isinstance(mark.color, str):
        style["color"] = mark.color
    else:
        style |= {"c": mark.color, "norm": colors.norm, "cmap": colors.cmap}
    if mark.symbol == "x":
        style["linewidths"] = 1.0
    else:
        style |= {"linewidths": min(0.6, 0.1 * mark.size), "edgecolors": mark.outline}
    if panel.z is not None:
        axes.scatter(mark.x, mark.y, mark.z, depthshade=False, **style)
        return
    axes.scatter(mark.x, mark.y, **style)
    if mark.y_error is not None:
        ink = mark.color if isinstance(mark.color, str) else INK
        whisker = {"ecolor": ink, "elinewidth": 0.8, "alpha": mark.opacity}
        axes.errorbar(mark.x, mark.y, mark.y_error, fmt="none", **whisker)


def _line(axes: Any, mark: Line, panel: Panel, colors: Any) -> None:
    axes.plot(
        mark.x,
        mark.y,
        color=mark.color,
        linewidth=mark.width * _POINT,
        linestyle=_DASHES[mark.dash],
        drawstyle="steps-post" if mark.step else "default",
        alpha=mark.opacity,
        label=_label(mark.name),
        marker="",
    )


def _band(axes: Any, mark: Band, panel: Panel, colors: Any) -> None:
    look = {"color": mark.color, "alpha": mark.opacity, "linewidth": 0}
    axes.fill_between(mark.x, mark.low, mark.high, label=_label(mark.name), **look)


def _bars(axes: Any, mark: Bars, place: int, n: int) -> None:
    """Draw one of n sets of bars, side by side; the first is the lowest, as in plotly."""
    height = 0.8 / n
    y = mark.y + (place - 0.5 * (n - 1)) * height
    axes.barh(y, mark.length, height=0.9 * height, color=mark.color, label=_label(mark.name))
    reach = mark.length
    if mark.error is not None:
        axes.errorbar(
            mark.length, y, xerr=mark.error, fmt="none", ecolor=INK, elinewidth=1.0, capsize=2.5
        )
        reach = mark.length + mark.error
    for text, right, at in zip(mark.text, reach.tolist(), y.tolist(), strict=bool(mark.text)):
        style = {"xytext": (4, 0), "textcoords": "offset points", "va": "center", "size": 9}
        axes.annotate(text, (right, at), color=INK, parse_math=False, **style)


def _spans(axes: Any, mark: Spans, panel: Panel, colors: Any) -> None:
    from matplotlib.collections import PolyCollection

    start, end = (
        times(ends) if panel.x.scale == "time" else ends for ends in (mark.start, mark.end)
    )
    low, high = panel.y.range or (0.0, 1.0)
    half = 0.4 * max(1.0, (high - low) / 2_000)
    corners = [
        np.stack([x, mark.y + side], axis=-1)
        for x, side in ((start, -half), (start, half), (end, half), (end, -half))
    ]
    # An outline keeps bars visible that are shorter than a pixel.
    look: dict[str, Any] = {"facecolor": mark.color, "edgecolor": mark.color, "linewidth": 0.7}
    axes.add_collection(
        PolyCollection(list(np.stack(corners, axis=1)), label=_label(mark.name), **look)
    )


def _grid(axes: Any, mark: Grid, panel: Panel, colors: Any) -> None:
    look: dict[str, Any] = {"norm": colors.norm, "cmap": colors.cmap}
    if mark.contours:
        levels = np.linspace(colors.norm.vmin, colors.norm.vmax, 15)
        z = np.clip(mark.z, levels[0], levels[-1])
        flat = np.ptp(z) <= 1e-9 * (levels[-1] - levels[0])
        z = np.full(z.shape, z.mean()) if flat else z  # else rounding errors draw a pattern
        axes.contourf(mark.x, mark.y, z, levels=levels, zorder=0, **look)
        if flat:
            return
        white = {"colors": "white", "linewidths": 0.4, "alpha": 0.55}
        axes.contour(mark.x, mark.y, z, levels=levels, zorder=0.5, **white)
        return
    x, y = _edges(mark.x, panel.x.scale == "log"), _edges(mark.y, panel.y.scale == "log")
    mesh = np.ma.masked_invalid(mark.z)
    if mark.text:
        look |= {"edgecolor": "white", "linewidth": 1.5}
    axes.pcolormesh(x, y, mesh, zorder=0, **look)
    _write(axes, mark, colors)


def _edges(centres: Floats, log: bool) -> Floats:
    """Give the borders of cells from their centres."""
    at = np.log(centres) if log else centres
    if len(at) == 1:
        return np.array([at[0] - 0.5, at[0] + 0.5])
    middle = 0.5 * (at[1:] + at[:-1])
    edges = np.concatenate([[2 * at[0] - middle[0]], middle, [2 * at[-1] - middle[-1]]])
    return np.exp(edges) if log else edges


def _write(axes: Any, mark: Grid, colors: Any) -> None:
    """Write in the cells, light on dark and dark on light."""
    for place, text in enumerate(mark.text):
        if not text:
            continue
        row, column = divmod(place, mark.z.shape[1])
        red, green, blue, _ = colors.to_rgba(mark.z[row, column])
        dark = 0.299 * red + 0.587 * green + 0.114 * blue < 0.55
        at = (mark.x[column], mark.y[row])
        axes.text(*at, text, ha="center", va="center", size=9, color="white" if dark else INK)


_DRAW: dict[type[Mark], Callable[[Any, Any, Panel, Any], None]] = {
    Points: _points,
    Line: _line,
    Band: _band,
    Spans: _spans,
    Grid: _grid,
}
