"""What stands around the panels: title, remarks, legend, colour bar."""

from __future__ import annotations

import math
import textwrap
from typing import Any, Final

from steep.visualization.figure import ColorScale, Figure, Parallel
from steep.visualization.palette import INK, MUTED
from steep.visualization.scales import shorten

__all__ = ["DPI", "WIDTH", "color_bar", "color_map", "head", "room"]

WIDTH: Final = 1000
DPI: Final = 100
"""The width in pixels, and how many make an inch."""

_HEIGHT = 480
_WRAP = 118  # characters of a remark
_LEGEND = 24  # pixels of a row of the legend


def lines_of(figure: Figure) -> list[str]:
    """Break the remarks into lines.

    Args:
        figure: The figure.
    """
    if not figure.panels:
        return []
    return [line for note in figure.notes for line in textwrap.wrap(note, _WRAP) or [""]]


def names_of(figure: Figure) -> list[str]:
    """Give the entries of the legend, each once, in the order of drawing.

    Args:
        figure: The figure.
    """
    names = [getattr(mark, "name", "") for panel in figure.panels for mark in panel.marks]
    return [name for name in dict.fromkeys(names) if name]


def _legend_rows(figure: Figure) -> int:
    pixels = sum(64 + 7.5 * len(shorten(name)) for name in names_of(figure))
    return math.ceil(pixels / (0.85 * WIDTH))


def _is_parallel(figure: Figure) -> bool:
    return any(isinstance(mark, Parallel) for panel in figure.panels for mark in panel.marks)


def room(figure: Figure) -> dict[str, float]:
    """Give where the panels stand, as shares of the figure.

    Args:
        figure: The figure.

    Returns:
        Arguments of a grid of panels.
    """
    height = figure.height or _HEIGHT
    top = 52 + 17 * len(lines_of(figure)) + _LEGEND * _legend_rows(figure)
    labels = [label for panel in figure.panels for label in panel.y.labels if panel.column == 0]
    left = max(84.0, 44.0 + 6.4 * max((len(shorten(label)) for label in labels), default=0))
    if _is_parallel(figure):
        left, top = 84.0, top + 40
    right = 28.0 if figure.colors is None else _bar_room(figure.colors)
    across = 34.0 if figure.shared_y else 92.0
    down = 26.0 if figure.shared_x else 78.0
    size = (WIDTH - left - right) / figure.columns, (height - top - 56) / figure.rows
    return {
        "left": left / WIDTH,
        "right": 1.0 - right / WIDTH,
        "top": 1.0 - top / height,
        "bottom": 56 / height,
        "wspace": across / max(1.0, size[0] - across),
        "hspace": down / max(1.0, size[1] - down),
    }


def _bar_room(scale: ColorScale) -> float:
    """Give the pixels that the colour bar takes with its labels."""
    longest = max((len(text) for _, text in scale.ticks or ()), default=5)
    return 98.0 + 6.4 * longest


def head(canvas: Any, figure: Figure, drawn: list[Any]) -> None:
    """Write the title, the remarks below it, and the legend.

    Args:
        canvas: Matplotlib's figure.
        figure: The figure.
        drawn: The axes of its panels.
    """
    height = canvas.get_size_inches()[1] * DPI
    left = 24 / WIDTH
    texts = [(figure.title, INK, 14.0, "bold", 32.0)]
    texts += [
        (line, MUTED, 9.5, "normal", 52.0 + 17 * i) for i, line in enumerate(lines_of(figure))
    ]
    for text, color, size, weight, down in texts:
        canvas.text(
            left, 1.0 - down / height, text, color=color, size=size, weight=weight, parse_math=False
        )
    _legend(canvas, figure, drawn, 44 + 17 * len(lines_of(figure)))


def _legend(canvas: Any, figure: Figure, drawn: list[Any], down: float) -> None:
    found: dict[str, Any] = {}
    for axes in drawn:
        handles, labels = axes.get_legend_handles_labels()
        found |= {label: handle for handle, label in zip(handles, labels, strict=True)}
    if not found:
        return
    height = canvas.get_size_inches()[1] * DPI
    columns = math.ceil(len(found) / max(1, _legend_rows(figure)))
    legend = canvas.legend(
        list(found.values()),
        list(found),
        loc="upper left",
        bbox_to_anchor=(16 / WIDTH, 1.0 - down / height),
        ncols=columns,
        frameon=False,
        fontsize=9.5,
        labelcolor=INK,
        borderpad=0.2,
        columnspacing=1.6,
    )
    for text in legend.get_texts():
        text.set_parse_math(False)
    for handle in legend.legend_handles:
        handle.set_alpha(1.0)


def color_map(scale: ColorScale) -> Any:
    """Make matplotlib's map from numbers to colours.

    Args:
        scale: The colour scale.

    Returns:
        A mappable with norm and colour map.
    """
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import LinearSegmentedColormap, Normalize

    colors = LinearSegmentedColormap.from_list("steep", list(scale.colors))
    return ScalarMappable(Normalize(scale.low, scale.high, clip=True), colors)


def color_bar(canvas: Any, scale: ColorScale, mappable: Any) -> None:
    """Draw the bar beside the panels.

    Args:
        canvas: Matplotlib's figure.
        scale: The colour scale.
        mappable: What `color_map` made of it.
    """
    height = canvas.get_size_inches()[1] * DPI
    grid = canvas.axes[0].get_gridspec()
    tall = min(300.0, 0.85 * (grid.top - grid.bottom) * height)
    left = WIDTH - _bar_room(scale) + 26
    place = (left / WIDTH, grid.top - tall / height, 12 / WIDTH, tall / height)
    axes = canvas.add_axes(place, label="colors")
    bar = canvas.colorbar(mappable, cax=axes)
    bar.outline.set_visible(False)
    axes.tick_params(labelsize=9, length=3, color=MUTED, labelcolor=INK)
    axes.set_ylabel(shorten(scale.title), color=INK, size=9.5, parse_math=False)
    if scale.ticks is not None:
        bar.set_ticks([at for at, _ in scale.ticks], labels=[text for _, text in scale.ticks])
