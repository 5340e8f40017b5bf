"""Draw parallel axes with plotly, whose own mark for them takes only plain numbers."""

from __future__ import annotations

import html
from typing import Any

from steep.visualization.figure import Dimension, Parallel
from steep.visualization.palette import INK
from steep.visualization.parallel_ticks import scaled
from steep.visualization.scales import short_names

__all__ = ["parallel"]


def parallel(mark: Parallel) -> dict[str, Any]:
    """Write parallel axes as plotly's ``parcoords``.

    Args:
        mark: The axes and lines.

    Returns:
        The trace. Absent values lie below the axis at a tick "absent".
    """
    crowded = len(mark.dimensions) > 7
    titles = short_names([d.axis.title for d in mark.dimensions], 16 if crowded else 20)
    return {
        "type": "parcoords",
        "line": {"color": mark.color, "coloraxis": "coloraxis"},
        "dimensions": [
            {"label": html.escape(title, quote=False), **_dimension(dimension)}
            for title, dimension in zip(titles, mark.dimensions, strict=True)
        ],
        "labelangle": -20 if crowded else 0,
        "labelfont": {"size": 12, "color": INK},
        "tickfont": {"size": 11, "color": INK},
        "rangefont": {"size": 1, "color": "rgba(0,0,0,0)"},
        "unselected": {"line": {"opacity": 0.04}},
    }


def _dimension(dimension: Dimension) -> dict[str, Any]:
    values, (low, high), ticks = scaled(dimension)
    return {
        "values": values,
        "range": [low, high],
        "tickvals": [at for at, _ in ticks],
        "ticktext": [html.escape(text, quote=False) for _, text in ticks],
    }
