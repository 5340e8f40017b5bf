"""A parameter's range as a small picture: where trials lie, and where the good ones do."""

from __future__ import annotations

from steep.report.comparison import Row
from steep.report.finding import Ints
from steep.visualization.palette import BLUE, GREY, VERMILION

__all__ = ["strip"]

_WIDTH, _HEIGHT = 240.0, 30.0


def strip(row: Row) -> str:
    """Draw a row as SVG: all trials grey, the good ones blue, the best one a red line.

    Args:
        row: The parameter.

    Returns:
        An ``svg`` element. Both histograms fill the height, so that their shapes compare.
    """
    parts = [
        *_bars(row.all_counts, GREY, 0.55, 0.0),
        *_bars(row.good_counts, BLUE, 0.9, 0.28),
        f'<line x1="0" y1="{_HEIGHT}" x2="{_WIDTH}" y2="{_HEIGHT}" stroke="{GREY}"/>',
    ]
    if row.best_at is not None:
        x = 1.0 + row.best_at * (_WIDTH - 2.0)
        parts.append(
            f'<line x1="{x:.1f}" y1="-4" x2="{x:.1f}" y2="{_HEIGHT + 3}" stroke="{VERMILION}" '
            'stroke-width="2"/>'
        )
    return (
        f'<svg viewBox="0 -5 {_WIDTH:.0f} {_HEIGHT + 9:.0f}" class="strip" '
        f'preserveAspectRatio="none" aria-hidden="true">{"".join(parts)}</svg>'
    )


def _bars(counts: Ints, color: str, opacity: float, inset: float) -> list[str]:
    """Draw a histogram; bars are inset by a share of their width."""
    values = counts.tolist()
    top, width = max([*values, 1]), _WIDTH / len(values)
    return [
        f'<rect x="{(i + inset / 2) * width:.1f}" y="{_HEIGHT * (1 - count / top):.1f}" '
        f'width="{width * (1 - inset) - 0.6:.1f}" height="{_HEIGHT * count / top:.1f}" '
        f'fill="{color}" fill-opacity="{opacity}"/>'
        for i, count in enumerate(values)
        if count
    ]
