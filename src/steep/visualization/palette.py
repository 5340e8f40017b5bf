"""Colours that everybody can tell apart.

Groups take the palette of Okabe and Ito (2008, "Color Universal Design"); numbers take viridis
(Smith and van der Walt 2015), whose lightness falls evenly, so that it survives grey printing.
"""

from __future__ import annotations

from typing import Final

__all__ = ["BLUE", "GREEN", "GREY", "GROUPS", "INK", "MUTED", "ORANGE", "VERMILION", "VIRIDIS"]

BLUE: Final = "#0072B2"
ORANGE: Final = "#E69F00"
GREEN: Final = "#009E73"
VERMILION: Final = "#D55E00"

GROUPS: Final = (BLUE, VERMILION, GREEN, ORANGE, "#CC79A7", "#56B4E9", "#7F6000", "#000000")
"""Colours for series, in the order of use. Yellow is left out: it is lost on white."""

GREY: Final = "#B4BAC2"
"""For what stands back: infeasible trials, pruned trials."""

INK: Final = "#1F2933"
MUTED: Final = "#5F6B7A"

VIRIDIS: Final = (
    "#440154",
    "#482878",
    "#3E4A89",
    "#31688E",
    "#26828E",
    "#1F9E89",
    "#35B779",
    "#6DCD59",
    "#B4DE2C",
    "#E5E419",
)
"""Dark to light; the brightest yellow is left out, since lines are drawn on white."""
