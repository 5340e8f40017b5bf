"""Draw a figure with plotly, or write it as plotly's JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from steep.visualization.figure import Figure, Parallel, Spans
from steep.visualization.plotly.axes import axes, scene
from steep.visualization.plotly.layout import HEIGHT, Head, Json, color_axis, empty, template
from steep.visualization.plotly.marks import traces
from steep.visualization.plotly.parallel import parallel

if TYPE_CHECKING:
    import plotly.graph_objects as go

__all__ = ["draw", "is_available", "require", "to_json"]


def is_available() -> bool:
    """Tell whether plotly is installed.

    Returns:
        True where the plots of `steep.visualization` can be drawn.
    """
    from importlib.util import find_spec

    return find_spec("plotly") is not None


def require() -> None:
    """Make sure that plotly is installed.

    Raises:
        ImportError: if it is not, with the command that installs it.
    """
    if not is_available():
        raise ImportError("Plots need plotly: pip install plotly", name="plotly")


def draw(figure: Figure) -> go.Figure:
    """Draw a figure with plotly.

    Args:
        figure: The figure as plain data.

    Returns:
        Plotly's figure.

    Raises:
        ImportError: if plotly is not installed.

    Example:
        >>> draw(Figure("Nothing", notes=("No trials yet.",))).data
        ()
    """
    require()
    import plotly.graph_objects as go

    return go.Figure(to_json(figure))


def to_json(figure: Figure) -> Json:
    """Write a figure as plotly's JSON, with NumPy arrays for long columns.

    Args:
        figure: The figure as plain data.

    Returns:
        ``{"data": [...], "layout": {...}}``, as plotly.js takes it once the arrays are lists.

    Example:
        >>> to_json(Figure("Nothing", notes=("No trials yet.",)))["data"]
        []
    """
    head = Head(figure, list(figure.notes) if figure.panels else [])
    layout: Json = {
        "template": template(),
        "title": head.title(),
        "margin": {"l": 72, "r": 24, "t": head.height, "b": 56},
        "height": figure.height or HEIGHT,
        "hovermode": "closest",
    }
    if not figure.panels:
        return {"data": [], "layout": layout | empty(figure)}
    if figure.colors is not None:
        room = (figure.height or HEIGHT) - head.height - 56
        layout["coloraxis"] = color_axis(figure.colors, room)
    mark = next(iter(figure.panels[0].marks), None)
    if isinstance(mark, Parallel):
        # Its labels stand above the axes, where other figures have nothing.
        layout["margin"] = {"l": 60, "r": 40, "t": head.height + 44, "b": 32}
        return {"data": [parallel(mark)], "layout": layout}
    data = [trace for index, panel in enumerate(figure.panels) for trace in traces(panel, index)]
    layout |= head.legend(data)
    if figure.panels[0].z is not None:
        return {"data": data, "layout": layout | {"scene": scene(figure.panels[0])}}
    return {"data": data, "layout": layout | axes(figure) | {"barmode": _bar_mode(figure)}}


def _bar_mode(figure: Figure) -> str:
    """Let spans lie where they are; other bars stand side by side."""
    marks = (mark for panel in figure.panels for mark in panel.marks)
    return "overlay" if any(isinstance(mark, Spans) for mark in marks) else "group"
