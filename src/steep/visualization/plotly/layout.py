"""What stands around the panels: title, remarks, legend, colour bar, and the look of it all."""

from __future__ import annotations

import html
import math
import textwrap
from typing import Any, Final, TypeAlias

from steep.visualization.figure import ColorScale, Figure
from steep.visualization.palette import GREY, GROUPS, INK, MUTED
from steep.visualization.scales import shorten

__all__ = ["HEIGHT", "WIDTH", "Head", "Json", "color_axis", "empty", "escape", "template"]

Json: TypeAlias = dict[str, Any]

WIDTH: Final = 1000
HEIGHT: Final = 480
"""The size in pixels that gaps are computed for; plotly fits the width to the page."""

_FONT = "Inter, 'Segoe UI', 'Helvetica Neue', Helvetica, Arial, 'DejaVu Sans', sans-serif"
_LINE = "#E3E7EC"
_WRAP = 110  # characters of a remark


class Head:
    """Lay out what stands above the panels: title, remarks, legend.

    Args:
        figure: The figure.
        notes: The remarks below the title.
    """

    def __init__(self, figure: Figure, notes: list[str]) -> None:
        self._figure = figure
        self._notes = notes

    @property
    def height(self) -> int:
        """Give the room that it takes, in pixels."""
        return 66 + 17 * len(self._lines) + 18 * self._legend_rows()

    @property
    def _lines(self) -> list[str]:
        return [line for note in self._notes for line in _wrap(note)]

    def _legend_rows(self) -> int:
        names = {getattr(mark, "name", "") for p in self._figure.panels for mark in p.marks}
        pixels = sum(60 + 7 * len(shorten(name)) for name in names - {""})
        return math.ceil(pixels / (0.8 * WIDTH))

    def title(self) -> Json:
        """Give the title with the remarks below it."""
        lines = [f"<b>{escape(self._figure.title)}</b>"]
        lines += [
            f'<span style="font-size:12px;color:{MUTED}">{escape(line)}</span>'
            for line in self._lines
        ]
        return {
            "text": "<br>".join(lines),
            "x": 0.0,
            "xref": "paper",
            "xanchor": "left",
            "y": 1.0 - 28 / (self._figure.height or HEIGHT),
            "yref": "container",
            "yanchor": "top",
        }

    def legend(self, data: list[Json]) -> Json:
        """Give the legend: a row above the panels, where something has a name."""
        named: set[str] = set()
        for trace in data:
            name = trace.get("name", "")
            if "showlegend" in trace:
                trace["showlegend"] = bool(name) and name not in named
            named.add(name)
        return {
            "showlegend": len(named - {""}) > 0,
            "legend": {
                "orientation": "h",
                "x": 0.0,
                "xanchor": "left",
                "y": 1.0,
                "yanchor": "bottom",
                "itemsizing": "trace",
            },
        }


def template() -> Json:
    """Give the look of all plots, as a template that the user can replace.

    Returns:
        Plotly's template.
    """
    axis = {
        "gridcolor": _LINE,
        "linecolor": GREY,
        "zeroline": False,
        "ticks": "outside",
        "tickcolor": _LINE,
        "ticklen": 4,
        "automargin": True,
        "title": {"standoff": 8},
    }
    return {
        "layout": {
            "font": {"family": _FONT, "size": 12, "color": INK},
            "title": {"font": {"size": 17}},
            "paper_bgcolor": "white",
            "plot_bgcolor": "white",
            "colorway": list(GROUPS),
            "hoverlabel": {"align": "left"},
            "xaxis": axis,
            "yaxis": axis,
        }
    }


def empty(figure: Figure) -> Json:
    """Give the layout of a figure without panels: its remarks in the middle.

    Args:
        figure: The figure.

    Returns:
        Entries of plotly's layout.
    """
    hidden = {"visible": False}
    text = "<br>".join(escape(line) for note in figure.notes for line in _wrap(note, 70))
    note = {
        "text": text,
        "x": 0.5,
        "y": 0.5,
        "xref": "paper",
        "yref": "paper",
        "showarrow": False,
        "font": {"size": 15, "color": MUTED},
    }
    return {"xaxis": hidden, "yaxis": hidden, "annotations": [note], "height": 320}


def color_axis(scale: ColorScale, room: float) -> Json:
    """Write a colour scale and its bar.

    Args:
        scale: The scale.
        room: The height of the panels in pixels.

    Returns:
        Plotly's colour axis.
    """
    last = len(scale.colors) - 1
    bar: Json = {
        "title": {"text": escape(shorten(scale.title)), "side": "right"},
        "thickness": 12,
        "outlinewidth": 0,
        "lenmode": "pixels",
        "len": max(120, min(300, int(room))),
        "y": 1.0,
        "yanchor": "top",
    }
    if scale.ticks is not None:
        bar |= {"tickvals": [at for at, _ in scale.ticks], "ticktext": [t for _, t in scale.ticks]}
    return {
        "cmin": scale.low,
        "cmax": scale.high,
        "colorscale": [[i / last, color] for i, color in enumerate(scale.colors)],
        "colorbar": bar,
    }


def escape(text: str) -> str:
    """Write a text so that plotly shows it as it is, where it would read tags.

    Args:
        text: The text.

    Returns:
        The text with entities.

    >>> escape("a<b>")
    'a&lt;b&gt;'
    """
    return html.escape(text, quote=False)


def _wrap(text: str, width: int = _WRAP) -> list[str]:
    return textwrap.wrap(text, width) or [""]
