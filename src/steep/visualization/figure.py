"""A plot as plain data: what to draw, and nothing about how.

Every plot of steep is a pure function from a study to a `Figure`. A renderer turns the `Figure`
into a picture, and is the only module that knows its library. A figure is panels on a grid of
rows and columns; a panel is two axes and a list of marks; positions are in the units of the axis
(on a category axis they count the labels: 0, 1, 2, ...).

Example:
    >>> import numpy as np
    >>> line = Line(x=np.array([0.0, 1.0]), y=np.array([3.0, 2.0]), color="#0072B2", step=True)
    >>> panel = Panel(Axis("Trial"), Axis("Loss", scale="log"), (line,))
    >>> Figure("History", (panel,)).panels[0].y.scale
    'log'
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "Axis",
    "Band",
    "Bars",
    "Color",
    "ColorScale",
    "Dimension",
    "Figure",
    "Floats",
    "Grid",
    "Hover",
    "Line",
    "Mark",
    "Panel",
    "Parallel",
    "Points",
    "Spans",
]

Floats: TypeAlias = NDArray[np.float64]
Color: TypeAlias = str | Floats
"""One colour for all (``"#rrggbb"``), or a number each, read on the colour scale of the figure."""

Hover: TypeAlias = tuple[tuple[str, Sequence[Any] | NDArray[Any]], ...]
"""What the pointer shows: names, and for each name one value per point."""


@dataclass(frozen=True)
class Axis:
    """Describe one axis.

    Args:
        title: What it measures, with the unit where there is one.
        scale: ``"linear"``, ``"log"``, ``"category"``, or ``"time"`` (POSIX seconds, shown as
            dates in local time).
        labels: The names on a category axis; position i carries label i.
        range: Both ends in the units of the axis (not exponents); None = from the data.
        ticks: Places and texts of the ticks; None = the renderer's choice.
        integer: Only whole numbers occur, so that ticks between them would mislead.
    """

    title: str = ""
    scale: Literal["linear", "log", "category", "time"] = "linear"
    labels: tuple[str, ...] = ()
    range: tuple[float, float] | None = None
    ticks: tuple[tuple[float, str], ...] | None = None
    integer: bool = False


@dataclass(frozen=True)
class ColorScale:
    """Map numbers to colours, with a bar beside the figure as its legend.

    Args:
        title: What the colour measures.
        low: The number at the first colour.
        high: The number at the last colour.
        colors: Colours at even distances, first to last.
        ticks: Places and texts on the bar; None = the renderer's choice.
    """

    title: str
    low: float
    high: float
    colors: tuple[str, ...]
    ticks: tuple[tuple[float, str], ...] | None = None


@dataclass(frozen=True, eq=False)
class Points:
    """Draw a marker at each place.

    Args:
        x: (n,) positions.
        y: (n,) positions.
        color: One colour, or (n,) numbers on the colour scale.
        name: The entry in the legend; empty = none.
        symbol: ``"circle"``, ``"x"`` or ``"diamond"``.
        size: The diameter in pixels.
        opacity: 0 to 1.
        outline: The colour of the edge of circles.
        y_error: (n,) half lengths of vertical whiskers; None = no whiskers.
        hover: What the pointer shows.
        z: (n,) positions on the third axis, where the panel has one.
    """

    x: Floats
    y: Floats
    color: Color
    name: str = ""
    symbol: Literal["circle", "x", "diamond"] = "circle"
    size: float = 7.0
    opacity: float = 1.0
    outline: str = "#FFFFFF"
    y_error: Floats | None = None
    hover: Hover = ()
    z: Floats | None = None


@dataclass(frozen=True, eq=False)
class Line:
    """Join places by a line; NaN lifts the pen, so that one mark can hold many lines.

    Args:
        x: (n,) positions.
        y: (n,) positions.
        color: The colour.
        name: The entry in the legend; empty = none.
        width: In pixels.
        dash: ``"solid"``, ``"dash"`` or ``"dot"``.
        step: Hold each y until the next x.
        opacity: 0 to 1.
        hover: What the pointer shows.
    """

    x: Floats
    y: Floats
    color: str
    name: str = ""
    width: float = 2.0
    dash: Literal["solid", "dash", "dot"] = "solid"
    step: bool = False
    opacity: float = 1.0
    hover: Hover = ()


@dataclass(frozen=True, eq=False)
class Band:
    """Shade the room between two lines.

    Args:
        x: (n,) positions.
        low: (n,) lower edge.
        high: (n,) upper edge.
        color: The colour.
        opacity: 0 to 1.
        name: The entry in the legend; empty = none.
    """

    x: Floats
    low: Floats
    high: Floats
    color: str
    opacity: float = 0.2
    name: str = ""


@dataclass(frozen=True, eq=False)
class Bars:
    """Draw horizontal bars from zero.

    Args:
        y: (n,) positions.
        length: (n,) lengths.
        color: The colour.
        text: What is written at the end of each bar; empty = nothing.
        name: The entry in the legend; empty = none.
        error: (n,) half lengths of whiskers; None = no whiskers.
        hover: What the pointer shows.
    """

    y: Floats
    length: Floats
    color: str
    text: tuple[str, ...] = ()
    name: str = ""
    error: Floats | None = None
    hover: Hover = ()


@dataclass(frozen=True, eq=False)
class Spans:
    """Draw horizontal bars from one place to another.

    Args:
        y: (n,) positions.
        start: (n,) left ends.
        end: (n,) right ends.
        color: The colour.
        name: The entry in the legend; empty = none.
        hover: What the pointer shows.
    """

    y: Floats
    start: Floats
    end: Floats
    color: str
    name: str = ""
    hover: Hover = ()


@dataclass(frozen=True, eq=False)
class Grid:
    """Colour the cells of a grid by the colour scale of the figure.

    Args:
        x: (w,) centres of the columns.
        y: (h,) centres of the rows.
        z: (h, w) numbers; NaN = an empty cell.
        contours: Join the cells smoothly and draw lines of equal height.
        text: What is written in each cell, row by row; empty = nothing.
        hover: What the pointer shows, one value per cell, row by row.
    """

    x: Floats
    y: Floats
    z: Floats
    contours: bool = False
    text: tuple[str, ...] = ()
    hover: Hover = ()


@dataclass(frozen=True, eq=False)
class Dimension:
    """Describe one of several parallel axes.

    Args:
        axis: The axis; on a log axis ``values`` are in its units, not exponents.
        values: (n,) positions, one for each line; NaN = absent, drawn below the axis.
    """

    axis: Axis
    values: Floats


@dataclass(frozen=True, eq=False)
class Parallel:
    """Draw a line for each trial across parallel axes. It is the only mark of its panel.

    Args:
        dimensions: The axes, left to right.
        color: (n,) numbers on the colour scale of the figure.
    """

    dimensions: tuple[Dimension, ...]
    color: Floats


Mark: TypeAlias = Points | Line | Band | Bars | Spans | Grid | Parallel


@dataclass(frozen=True, eq=False)
class Panel:
    """Hold two axes and what is drawn between them.

    Args:
        x: The horizontal axis.
        y: The vertical axis.
        marks: What is drawn, the lowest first.
        row: The row in the figure, from the top.
        column: The column in the figure, from the left.
        z: The third axis; the panel is then the only one of its figure, and holds points.
    """

    x: Axis
    y: Axis
    marks: tuple[Mark, ...]
    row: int = 0
    column: int = 0
    z: Axis | None = None


@dataclass(frozen=True, eq=False)
class Figure:
    """Describe a whole plot.

    Args:
        title: What is shown.
        panels: The panels; none = only the notes are shown, which then say why.
        notes: Remarks below the title: what is left out, thinned or clipped.
        colors: The colour scale of all marks that are coloured by number.
        rows: The number of rows of panels.
        columns: The number of columns of panels.
        shared_y: The panels of a row have one vertical axis in common.
        shared_x: The panels of a column have one horizontal axis in common.
        height: In pixels; None = the renderer's choice.
        row_shares: How tall the rows are to each other; empty = all alike.
        paired: The panels are the lower half of a square of pairs, whose upper half would show
            the same, mirrored.
    """

    title: str
    panels: tuple[Panel, ...] = ()
    notes: tuple[str, ...] = ()
    colors: ColorScale | None = None
    rows: int = 1
    columns: int = 1
    shared_y: bool = False
    shared_x: bool = False
    height: int | None = None
    row_shares: tuple[float, ...] = ()
    paired: bool = False
