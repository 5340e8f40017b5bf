"""Draw a figure with matplotlib, object by object: no style and no default is touched."""

from __future__ import annotations

from typing import Any

import numpy as np

from steep.visualization.figure import Figure, Panel, Parallel
from steep.visualization.matplotlib.axes import share, style, style_space
from steep.visualization.matplotlib.layout import DPI, WIDTH, color_bar, color_map, head, room
from steep.visualization.matplotlib.marks import draw_marks
from steep.visualization.matplotlib.parallel import parallel
from steep.visualization.palette import MUTED

__all__ = ["draw", "is_available", "require"]

_HEIGHT = 480


def is_available() -> bool:
    """Tell whether matplotlib is installed.

    Returns:
        True where the plots of `steep.visualization.matplotlib` can be drawn.
    """
    from importlib.util import find_spec

    return find_spec("matplotlib") is not None


def require() -> None:
    """Make sure that matplotlib is installed.

    Raises:
        ImportError: if it is not, with the command that installs it.
    """
    if not is_available():
        raise ImportError("Plots need matplotlib: pip install matplotlib", name="matplotlib")


def draw(figure: Figure) -> Any:
    """Draw a figure with matplotlib.

    Args:
        figure: The figure as plain data.

    Returns:
        The axes where there is one panel or none; else an array of axes in the order of the
        panels, or for pairs of n parameters an (n, n) array: row i, column j shows parameters i
        and j, whichever is drawn across, and the axes on the diagonal are hidden.

    Raises:
        ImportError: if matplotlib is not installed.
    """
    require()
    from matplotlib import pyplot

    height = figure.height or _HEIGHT
    canvas = pyplot.figure(figsize=(WIDTH / DPI, height / DPI), dpi=DPI, facecolor="white")
    if not figure.panels:
        return _nothing(canvas, figure)
    colors = None if figure.colors is None else color_map(figure.colors)
    grid = _grid(canvas, figure)
    drawn: list[Any] = []
    for panel in figure.panels:
        axes = canvas.add_subplot(grid[panel.row, panel.column], **_kind(panel))
        _panel(axes, figure, panel, colors)
        drawn.append(axes)
    share(figure, drawn)
    if figure.colors is not None:
        color_bar(canvas, figure.colors, colors)
    head(canvas, figure, drawn)
    return _returned(canvas, figure, drawn)


def _kind(panel: Panel) -> dict[str, str]:
    return {} if panel.z is None else {"projection": "3d"}


def _grid(canvas: Any, figure: Figure) -> Any:
    space = room(figure)
    shares = figure.row_shares or (1.0,) * figure.rows
    return canvas.add_gridspec(figure.rows, figure.columns, height_ratios=shares, **space)


def _panel(axes: Any, figure: Figure, panel: Panel, colors: Any) -> None:
    if panel.marks and isinstance(panel.marks[0], Parallel):
        parallel(axes, panel.marks[0], colors)
        return
    if panel.z is not None:
        style_space(axes, panel)
    else:
        style(axes, panel, figure)
    draw_marks(axes, panel, colors)


def _nothing(canvas: Any, figure: Figure) -> Any:
    canvas.set_size_inches(WIDTH / DPI, 320 / DPI)
    axes = canvas.add_subplot()
    axes.set_axis_off()
    head(canvas, figure, [axes])
    text = "\n".join(figure.notes)
    axes.text(
        0.5, 0.5, text, ha="center", va="center", wrap=True, color=MUTED, size=12, parse_math=False
    )
    return axes


def _returned(canvas: Any, figure: Figure, drawn: list[Any]) -> Any:
    if len(drawn) == 1:
        return drawn[0]
    if not figure.paired:
        return np.array(drawn, dtype=object)
    n = figure.rows + 1
    table = np.empty((n, n), dtype=object)
    for panel, axes in zip(figure.panels, drawn, strict=True):
        table[panel.row + 1, panel.column] = table[panel.column, panel.row + 1] = axes
    for place in range(n):
        hidden = canvas.add_axes((0.0, 0.0, 0.01, 0.01), label=f"diagonal {place}")
        hidden.set_visible(False)
        table[place, place] = hidden
    return table
