"""Marks as plotly's traces."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from steep.visualization.figure import (
    Axis,
    Band,
    Bars,
    Floats,
    Grid,
    Line,
    Mark,
    Panel,
    Points,
    Spans,
)
from steep.visualization.plotly.layout import Json, escape
from steep.visualization.scales import local_times, shorten

__all__ = ["traces"]


def traces(panel: Panel, index: int) -> list[Json]:
    """Write the marks of a panel.

    Args:
        panel: The panel.
        index: Its place among the panels of the figure.

    Returns:
        Plotly's traces.
    """
    if panel.z is not None:
        return [_points_in_space(mark) for mark in panel.marks if isinstance(mark, Points)]
    suffix = "" if index == 0 else str(index + 1)
    found = [trace for mark in panel.marks for trace in _DRAW[type(mark)](mark, panel)]
    return [{**trace, "xaxis": f"x{suffix}", "yaxis": f"y{suffix}"} for trace in found]


def _places(values: Any, axis: Axis) -> Any:
    """Give positions as plotly takes them: on a category axis the labels themselves."""
    if axis.scale == "time":
        return local_times(values)
    if axis.scale != "category":
        return values
    return [axis.labels[int(value)] for value in values]


def _points(mark: Points, panel: Panel) -> list[Json]:
    marker: Json = {"symbol": mark.symbol, "size": mark.size, "opacity": mark.opacity}
    if isinstance(mark.color, str):
        marker["color"] = mark.color
    else:
        marker |= {"color": mark.color, "coloraxis": "coloraxis"}
    if mark.symbol == "circle":
        marker["line"] = {"width": min(0.8, 0.12 * mark.size), "color": mark.outline}
    trace = {
        "type": "scatter",
        "mode": "markers",
        "x": _places(mark.x, panel.x),
        "y": _places(mark.y, panel.y),
        "marker": marker,
        **_named(mark.name),
        **_hover(mark),
    }
    if mark.y_error is not None:
        trace["error_y"] = {"type": "data", "array": mark.y_error, "width": 2, "thickness": 1}
    return [trace]


def _points_in_space(mark: Points) -> Json:
    # In space a symbol is a letter of a font, and few fonts have the cross.
    symbol = "diamond-open" if mark.symbol == "x" else mark.symbol
    marker: Json = {"symbol": symbol, "size": 0.7 * mark.size, "opacity": mark.opacity}
    return {
        "type": "scatter3d",
        "mode": "markers",
        "x": mark.x,
        "y": mark.y,
        "z": mark.z,
        "marker": marker | {"color": mark.color},
        **_named(mark.name),
        **_hover(mark),
    }


def _line(mark: Line, panel: Panel) -> list[Json]:
    line = {"color": mark.color, "width": mark.width, "dash": mark.dash}
    if mark.step:
        line["shape"] = "hv"
    return [
        {
            "type": "scatter",
            "mode": "lines",
            "x": _places(mark.x, panel.x),
            "y": _places(mark.y, panel.y),
            "line": line,
            "opacity": mark.opacity,
            "connectgaps": False,
            **_named(mark.name),
            **_hover(mark),
        }
    ]


def _band(mark: Band, panel: Panel) -> list[Json]:
    edge = {"type": "scatter", "mode": "lines", "line": {"width": 0}, "hoverinfo": "skip"}
    red, green, blue = (int(mark.color[i : i + 2], 16) for i in (1, 3, 5))
    return [
        {**edge, "x": mark.x, "y": mark.high, "showlegend": False},
        {
            **edge,
            "x": mark.x,
            "y": mark.low,
            "fill": "tonexty",
            "fillcolor": f"rgba({red},{green},{blue},{mark.opacity})",
            **_named(mark.name),
        },
    ]


def _bars(mark: Bars, panel: Panel) -> list[Json]:
    trace = {
        "type": "bar",
        "orientation": "h",
        "x": mark.length,
        "y": _places(mark.y, panel.y),
        "marker": {"color": mark.color},
        "text": list(mark.text),
        "textposition": "outside",
        "cliponaxis": False,
        **_named(mark.name),
        **_hover(mark),
    }
    if mark.error is None:
        return [trace]
    trace["error_x"] = {"type": "data", "array": mark.error, "width": 3, "thickness": 1}
    trace["offsetgroup"] = mark.name or "bars"  # an empty one would not be one
    return [trace, _texts_beyond(trace, mark.length + mark.error)]


def _texts_beyond(bars: Json, reach: Floats) -> Json:
    """Move the texts of bars behind their whiskers: to the ends of bars that nobody sees."""
    unseen = {"showlegend": False, "hoverinfo": "skip"}
    shared = ("type", "orientation", "y", "textposition", "cliponaxis", "offsetgroup")
    moved = {key: bars[key] for key in shared} | {"text": bars.pop("text")}
    return moved | {"x": reach, "marker": {"color": "rgba(0,0,0,0)"}} | unseen


def _spans(mark: Spans, panel: Panel) -> list[Json]:
    length = mark.end - mark.start
    is_time = panel.x.scale == "time"
    return [
        {
            "type": "bar",
            "orientation": "h",
            "base": _places(mark.start, panel.x),
            "x": 1000.0 * length if is_time else length,  # plotly counts milliseconds
            "y": mark.y,
            "width": 0.8 * _distance(mark.y, panel.y),
            # An outline keeps bars visible that are shorter than a pixel.
            "marker": {"color": mark.color, "line": {"color": mark.color, "width": 1}},
            **_named(mark.name),
            **_hover(mark),
        }
    ]


def _distance(places: Any, axis: Axis) -> float:
    """Give how far apart the bars of all marks stand, from the room that they share."""
    low, high = axis.range or (0.0, 1.0)
    return max(1.0, (high - low) / 2_000) if len(places) else 1.0


def _grid(mark: Grid, panel: Panel) -> list[Json]:
    trace: Json = {
        "type": "contour" if mark.contours else "heatmap",
        "x": _places(mark.x, panel.x),
        "y": _places(mark.y, panel.y),
        "z": mark.z,
        "coloraxis": "coloraxis",
        "showlegend": False,
        **_cells(mark),
    }
    if mark.contours:
        trace |= {
            "contours": {"coloring": "heatmap"},
            "ncontours": 14,
            "line": {"width": 0.5, "color": "rgba(255,255,255,0.55)"},
        }
    return [trace]


def _cells(mark: Grid) -> Json:
    """Write what the cells of a grid say."""
    shape = mark.z.shape
    json = _hover(mark)
    if "customdata" in json:
        json["customdata"] = json["customdata"].reshape(*shape, -1)
    if mark.text:
        json |= {"text": np.array(mark.text).reshape(shape), "texttemplate": "%{text}"}
        json |= {"xgap": 2, "ygap": 2, "hoverongaps": False}
    return json


_DRAW: dict[type[Mark], Callable[[Any, Panel], list[Json]]] = {
    Points: _points,
    Line: _line,
    Band: _band,
    Bars: _bars,
    Spans: _spans,
    Grid: _grid,
}


def _named(name: str) -> Json:
    return {"name": escape(shorten(name)), "showlegend": bool(name), "legendgroup": name}


def _hover(mark: Points | Line | Bars | Spans | Grid) -> Json:
    if not mark.hover:
        return {"hoverinfo": "skip"}
    names = [name for name, _ in mark.hover]
    columns = [np.asarray(values) for _, values in mark.hover]
    rows = np.stack([column.astype(object) for column in columns], axis=-1)
    lines = [
        f"{escape(shorten(name))}: %{{customdata[{i}]{_format(column)}}}"
        for i, (name, column) in enumerate(zip(names, columns, strict=True))
    ]
    return {"customdata": rows, "hovertemplate": "<br>".join(lines) + "<extra></extra>"}


def _format(column: np.ndarray) -> str:
    return ":.6~g" if column.dtype.kind == "f" else ""
