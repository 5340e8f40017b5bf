"""The axes of panels: scales, ticks, titles, and what panels share."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from steep.visualization.figure import Axis, Figure, Grid, Panel
from steep.visualization.matplotlib.layout import WIDTH
from steep.visualization.palette import GREY, INK
from steep.visualization.scales import local_times, log_ticks, number_text, short_names

__all__ = ["share", "style", "style_space", "times"]

_HEIGHT = 480
_LINE = "#E3E7EC"
_ROOM = {"x": 62, "y": 38}  # pixels of a label: wide and low


def style(axes: Any, panel: Panel, figure: Figure) -> None:
    """Give a panel its look, its scales and its titles.

    Args:
        axes: Matplotlib's axes.
        panel: The panel.
        figure: The figure that it belongs to.
    """
    axes.set_facecolor("white")
    if not any(isinstance(mark, Grid) for mark in panel.marks):
        axes.grid(True, color=_LINE, linewidth=0.8)
    axes.set_axisbelow(True)
    for side, spine in axes.spines.items():
        spine.set_visible(side in ("left", "bottom"))
        spine.set_color(GREY)
    axes.tick_params(labelsize=9, length=3, color=GREY, labelcolor=INK)
    wide = 0.82 * WIDTH / figure.columns
    shares = figure.row_shares or (1.0,) * figure.rows
    tall = 0.75 * (figure.height or _HEIGHT) * shares[panel.row] / sum(shares)
    _scale(axes, "x", panel.x, wide, _titles(figure, "x", wide))
    _scale(axes, "y", panel.y, tall, _titles(figure, "y", tall))


def _titles(figure: Figure, which: str, pixels: float) -> dict[str, str]:
    """Shorten the titles of all axes of one kind together, so that they still differ."""
    full = sorted({getattr(panel, which).title for panel in figure.panels})
    return dict(zip(full, short_names(full, max(12, int(pixels / 7.5))), strict=True))


def _scale(axes: Any, which: str, axis: Axis, pixels: float, titles: dict[str, str]) -> None:
    from matplotlib.ticker import MaxNLocator, NullLocator

    side = getattr(axes, f"{which}axis")
    set_label = getattr(axes, f"set_{which}label")
    set_label(titles[axis.title], color=INK, size=10, parse_math=False)
    if axis.scale == "log":
        getattr(axes, f"set_{which}scale")("log")
        side.set_minor_locator(NullLocator())
    elif axis.scale == "time":
        _dates(side)
    elif axis.scale == "linear":
        side.set_major_locator(
            MaxNLocator(max(3, int(pixels / _ROOM[which])), integer=axis.integer)
        )
        side.get_major_formatter().set_useMathText(True)
    ticks = axis.ticks or _ticks(axis, pixels, which)
    if ticks:
        side.set_ticks([at for at, _ in ticks], labels=[text for _, text in ticks])
        for label in side.get_ticklabels():
            label.set_parse_math(False)
    if axis.range is not None:
        ends = times(np.array(axis.range)) if axis.scale == "time" else axis.range
        getattr(axes, f"set_{which}lim")(*ends)
    if which == "x" and axis.scale == "category":
        _turn(side, [text for _, text in ticks], pixels)


def _ticks(axis: Axis, pixels: float, which: str) -> list[tuple[float, str]]:
    if axis.scale == "log" and axis.range is not None:
        n = max(3, int(pixels / _ROOM[which]))
        return [(tick, number_text(tick)) for tick in log_ticks(*axis.range, n)]
    if axis.scale == "linear" and axis.integer and axis.range is not None:
        whole = range(math.ceil(axis.range[0]), math.floor(axis.range[1]) + 1)
        return [(float(at), str(at)) for at in whole] if len(whole) < 5 else []
    if axis.scale != "category":
        return []
    # As many names as there is room for: a line of text each, also where they stand upright.
    every = max(1, math.ceil(len(axis.labels) * 16 / pixels))
    wide = 24 if which == "y" and pixels > 300 else 16
    texts = short_names(axis.labels[::every], wide)
    return [(float(index * every), text) for index, text in enumerate(texts)]


def _turn(side: Any, texts: list[str], pixels: float) -> None:
    """Turn the names on a horizontal axis where they would run into each other."""
    if 7.0 * sum(len(text) + 2 for text in texts) <= pixels:
        return
    for label in side.get_ticklabels():
        label.set(rotation=35, ha="right", rotation_mode="anchor")


def _dates(side: Any) -> None:
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

    locator = AutoDateLocator(maxticks=8)
    side.set_major_locator(locator)
    side.set_major_formatter(ConciseDateFormatter(locator))


def times(seconds: Any) -> Any:
    """Give points in time as matplotlib's numbers, in local time.

    Args:
        seconds: (n,) POSIX seconds.

    Returns:
        (n,) days since matplotlib's epoch.
    """
    from matplotlib.dates import date2num

    return date2num(local_times(seconds).astype("datetime64[us]"))


def style_space(axes: Any, panel: Panel) -> None:
    """Give a panel of three dimensions its look and its titles.

    Args:
        axes: Matplotlib's axes.
        panel: The panel.
    """
    for which, axis in (("x", panel.x), ("y", panel.y), ("z", panel.z or Axis())):
        getattr(axes, f"set_{which}label")(axis.title, color=INK, size=10, parse_math=False)
        if axis.range is not None:
            getattr(axes, f"set_{which}lim")(*axis.range)
        getattr(axes, f"{which}axis").set_pane_color((1.0, 1.0, 1.0, 1.0))
    axes.tick_params(labelsize=8, labelcolor=INK)
    axes.view_init(elev=22, azim=45)
    axes.set_box_aspect(None, zoom=0.88)


def share(figure: Figure, drawn: list[Any]) -> None:
    """Join the axes of a row or column, and label only the outer ones.

    Args:
        figure: The figure.
        drawn: The axes of its panels.
    """
    placed = list(zip(figure.panels, drawn, strict=True))
    for panel, axes in placed:
        if figure.shared_y:
            first = next(other for other in placed if other[0].row == panel.row)[1]
            _join(axes, first, "y")
        if figure.shared_x:
            last = [other for other in placed if other[0].column == panel.column][-1][1]
            _join(axes, last, "x")


def _join(axes: Any, leader: Any, which: str) -> None:
    """Let two axes move together; only the leader is labelled."""
    if axes is leader:
        return
    axes.tick_params(**{"labelbottom" if which == "x" else "labelleft": False})
    axes.callbacks.connect(f"{which}lim_changed", _Follow(leader, which))
    leader.callbacks.connect(f"{which}lim_changed", _Follow(axes, which))


class _Follow:
    """Give the limits of one axis to another: each keeps its own ticks, unlike shared axes."""

    def __init__(self, follower: Any, which: str) -> None:
        self._follower = follower
        self._which = which

    def __call__(self, leader: Any) -> None:
        """Set the limits unless they are set already."""
        limits = getattr(leader, f"get_{self._which}lim")()
        if getattr(self._follower, f"get_{self._which}lim")() != limits:
            getattr(self._follower, f"set_{self._which}lim")(limits)
