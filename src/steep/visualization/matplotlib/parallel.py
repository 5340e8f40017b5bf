"""Draw parallel axes with matplotlib: all lines on one scale from 0 to 1, an axis for each."""

from __future__ import annotations

from typing import Any

import numpy as np

from steep.visualization.figure import Dimension, Floats, Parallel
from steep.visualization.palette import GREY, INK, MUTED
from steep.visualization.parallel_ticks import scaled
from steep.visualization.scales import short_names

__all__ = ["parallel"]


def parallel(axes: Any, mark: Parallel, colors: Any) -> None:
    """Draw parallel axes and the lines across them.

    Args:
        axes: Matplotlib's axes.
        mark: The axes and lines.
        colors: Maps numbers to colours.
    """
    from matplotlib.collections import LineCollection

    columns = [_column(axes, place, d) for place, d in enumerate(mark.dimensions)]
    y = np.stack(columns, axis=1)
    x = np.broadcast_to(np.arange(len(columns), dtype=np.float64), y.shape)
    look: dict[str, Any] = {
        "norm": colors.norm,
        "cmap": colors.cmap,
        "linewidths": 0.8,
        "zorder": 2,
    }
    opacity = float(np.clip(60 / max(1, len(y)), 0.25, 0.8))
    lines = LineCollection(list(np.stack([x, y], axis=-1)), alpha=opacity, **look)
    lines.set_array(np.asarray(mark.color))
    axes.add_collection(lines)
    axes.set(xlim=(-0.08, len(columns) - 0.7), ylim=(-0.03, 1.03))
    _name(axes, [d.axis.title for d in mark.dimensions])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set_visible(False)


def _column(axes: Any, place: int, dimension: Dimension) -> Floats:
    """Draw one axis with its ticks, and give the positions on it from 0 to 1."""
    values, (low, high), ticks = scaled(dimension)
    size = (high - low) or 1.0
    axes.plot([place, place], [0.0, 1.0], color=GREY, linewidth=1.0, zorder=1)
    for at, text in ticks:
        y = (at - low) / size
        axes.plot([place, place + 0.02], [y, y], color=MUTED, linewidth=0.8, zorder=3)
        box = {
            "boxstyle": "square,pad=0.08",
            "facecolor": (1.0, 1.0, 1.0, 0.7),
            "edgecolor": "none",
        }
        style = {"size": 8.5, "va": "center", "color": INK, "zorder": 4, "bbox": box}
        axes.text(place + 0.03, y, text, parse_math=False, **style)
    result: Floats = (values - low) / size
    return result


def _name(axes: Any, titles: list[str]) -> None:
    crowded = len(titles) > 7
    texts = short_names(titles, 16 if crowded else 20)
    axes.xaxis.tick_top()
    axes.set_xticks(range(len(texts)), texts, size=9.5, color=INK)
    axes.tick_params(axis="x", length=0)
    for label in axes.get_xticklabels():
        label.set_parse_math(False)
        if crowded:
            label.set(rotation=20, ha="left")
