"""Where the panels stand, and their axes."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from steep.visualization.figure import Axis, Figure, Panel
from steep.visualization.palette import GREY
from steep.visualization.plotly.layout import HEIGHT, WIDTH, Json, escape
from steep.visualization.scales import local_times, log_ticks, number_text, short_names

__all__ = ["axes", "scene"]


def axes(figure: Figure) -> Json:
    """Write the two axes of each panel.

    Args:
        figure: The figure; none of its panels holds parallel axes.

    Returns:
        The entries ``xaxis``, ``yaxis``, ``xaxis2``, ... of plotly's layout.
    """
    titles = {which: _titles(figure, which) for which in "xy"}
    layout: Json = {}
    for index, panel in enumerate(figure.panels):
        suffix = "" if index == 0 else str(index + 1)
        # Labels are wide and low: more of them fit one above the other.
        x_axis = _axis(panel.x, _pixels(figure, "x"), titles["x"], 60)
        y_axis = _axis(panel.y, _pixels(figure, "y"), titles["y"], 38)
        across = _span(panel.column, (1.0,) * figure.columns, _gap(figure, "x"))
        down = _span(panel.row, figure.row_shares or (1.0,) * figure.rows, _gap(figure, "y"))
        x_axis |= {"domain": across, "anchor": f"y{suffix}"}
        # Plotly counts from the bottom.
        y_axis |= {"domain": [1.0 - down[1], 1.0 - down[0]], "anchor": f"x{suffix}"}
        _share(figure, panel, index, x_axis, y_axis)
        layout |= {f"xaxis{suffix}": x_axis, f"yaxis{suffix}": y_axis}
    return layout


def _pixels(figure: Figure, which: str) -> float:
    if which == "x":
        return WIDTH / figure.columns
    return (figure.height or HEIGHT) / figure.rows


def _titles(figure: Figure, which: str) -> dict[str, str]:
    """Shorten the titles of all axes of one kind together, so that they still differ."""
    full = sorted({getattr(panel, which).title for panel in figure.panels})
    return dict(zip(full, short_names(full, max(12, int(_pixels(figure, which) / 9))), strict=True))


def _gap(figure: Figure, which: str) -> float:
    """Give the gap between panels as a share: for ticks, and for titles if axes are not shared."""
    if which == "x":
        return (30 if figure.shared_y else 104) / WIDTH
    return (22 if figure.shared_x else 74) / (figure.height or HEIGHT)


def _span(place: int, shares: tuple[float, ...], gap: float) -> list[float]:
    """Give both ends of one of several panels side by side."""
    room = 1.0 - gap * (len(shares) - 1)
    low = gap * place + room * sum(shares[:place]) / sum(shares)
    return [low, min(1.0, low + room * shares[place] / sum(shares))]


def _share(figure: Figure, panel: Panel, index: int, x_axis: Json, y_axis: Json) -> None:
    """Join the axes of a row or column, and label only the outer ones."""
    others = list(enumerate(figure.panels))
    if figure.shared_y:
        first = next(i for i, other in others if other.row == panel.row)
        if first != index:
            y_axis |= {"matches": f"y{first + 1 if first else ''}", "showticklabels": False}
    if figure.shared_x:
        last = max(i for i, other in others if other.column == panel.column)
        if last != index:
            x_axis |= {"matches": f"x{last + 1 if last else ''}", "showticklabels": False}


def _axis(axis: Axis, pixels: float, titles: dict[str, str], room: int) -> Json:
    json: Json = {"title": {"text": escape(titles[axis.title])}}
    if axis.scale == "category":
        json |= _category(axis, pixels)
    elif axis.scale == "time":
        json["type"] = "date"
    elif axis.scale == "log":
        json["type"] = "log"
        if axis.range is not None:
            ticks = log_ticks(*axis.range, max(3, int(pixels / room)))
            json |= {"tickvals": ticks, "ticktext": [number_text(tick) for tick in ticks]}
    else:
        json |= {"type": "linear", "nticks": max(3, int(pixels / room))}
        if axis.integer and axis.range is not None and axis.range[1] - axis.range[0] < 5:
            json["dtick"] = 1
    if axis.range is not None:
        low, high = axis.range
        json["range"] = _range(axis, low, high)
    if axis.ticks is not None:
        json |= {"tickvals": [at for at, _ in axis.ticks], "ticktext": [t for _, t in axis.ticks]}
    return json


def _range(axis: Axis, low: float, high: float) -> list[Any]:
    if axis.scale == "log":
        return [math.log10(low), math.log10(high)]
    return local_times(np.array([low, high])).tolist() if axis.scale == "time" else [low, high]


def scene(panel: Panel) -> Json:
    """Write the axes of a panel with a third dimension.

    Args:
        panel: The panel.

    Returns:
        Plotly's scene.
    """
    axes = {"x": panel.x, "y": panel.y, "z": panel.z or Axis()}
    titles = short_names([axis.title for axis in axes.values()])
    plain = {"backgroundcolor": "white", "gridcolor": GREY, "showbackground": True}
    found: Json = {
        f"{which}axis": {**plain, "title": {"text": escape(title)}, "range": list(axis.range or ())}
        for (which, axis), title in zip(axes.items(), titles, strict=True)
    }
    return found | {"camera": {"eye": {"x": 1.5, "y": 1.5, "z": 0.8}}}


def _category(axis: Axis, pixels: float) -> Json:
    """Name every category; of very many only as many as there is room for."""
    every = max(1, math.ceil(len(axis.labels) * 16 / pixels))
    named = axis.labels[::every]
    texts = short_names(named, 32 if pixels > 300 else 16)
    return {
        "type": "category",
        "categoryorder": "array",
        "categoryarray": list(axis.labels),
        "tickvals": list(named),
        "ticktext": [escape(text) for text in texts],
        "range": list(axis.range or (-0.5, len(axis.labels) - 0.5)),
    }
