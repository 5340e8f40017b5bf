"""Fewer points where more would only slow the browser: an even sample that keeps the best.

A browser draws about 5,000 markers without effort. Beyond that a plot keeps the best trials, which
the reader looks for, and of the others every k-th, which keeps their distribution.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from steep.visualization.figure import Floats, Points

__all__ = ["POINTS", "even", "marker_size", "only", "thin", "thinning_note"]

POINTS = 5_000
"""The number of points that a panel may hold."""

_BEST_SHARE = 0.1


def even(n: int, limit: int) -> NDArray[np.int64]:
    """Choose positions at even distances, the first and the last among them.

    Args:
        n: The number of positions.
        limit: How many to choose at most, ≥ 1.

    Returns:
        Positions in 0..n-1, ascending.

    >>> even(10, 4)
    array([0, 3, 6, 9])
    """
    if n <= limit:
        return np.arange(n)
    return np.linspace(0, n - 1, limit).round().astype(np.int64)


def thin(losses: Floats, limit: int = POINTS) -> NDArray[np.int64]:
    """Choose trials to draw: the best tenth of the room, then the others evenly.

    Args:
        losses: (n,) what orders the trials, small = keep.
        limit: How many to choose at most, ≥ 2.

    Returns:
        Positions in 0..n-1, ascending.
    """
    n = len(losses)
    if n <= limit:
        return np.arange(n)
    n_best = max(1, int(limit * _BEST_SHARE))
    best = np.argpartition(losses, n_best - 1)[:n_best]
    others = np.setdiff1d(np.arange(n), best, assume_unique=True)
    return np.sort(np.concatenate([best, others[even(len(others), limit - n_best)]]))


def only(points: Points, kept: NDArray[np.bool_]) -> tuple[Points, ...]:
    """Keep some points of a mark.

    Args:
        points: The mark.
        kept: (n,) which to keep.

    Returns:
        The mark with these points, or nothing where none is kept.
    """
    if not kept.any():
        return ()
    color = points.color if isinstance(points.color, str) else points.color[kept]
    hover = tuple((name, np.asarray(values)[kept]) for name, values in points.hover)
    z = None if points.z is None else points.z[kept]
    x, y = points.x[kept], points.y[kept]
    return (replace(points, x=x, y=y, z=z, color=color, hover=hover),)


def marker_size(n: int, largest: float = 7.0) -> float:
    """Choose the diameter of markers, so that many do not hide each other.

    Args:
        n: How many markers a panel holds.
        largest: The diameter of a few, in pixels.

    Returns:
        The diameter in pixels, at least 3.

    >>> marker_size(50), marker_size(5000)
    (7.0, 3.0)
    """
    return max(3.0, largest * min(1.0, math.pow(300 / max(1, n), 0.35)))


def thinning_note(n_shown: int, n: int, what: str = "trials") -> tuple[str, ...]:
    """Say that a plot shows fewer than there are; nothing where it shows all.

    Args:
        n_shown: How many are drawn.
        n: How many there are.
        what: What they are.

    Returns:
        No remark or one.

    >>> thinning_note(500, 9000)
    ('Drawn: the best and an even sample of the others, 500 of 9,000 trials.',)
    """
    if n_shown >= n:
        return ()
    return (f"Drawn: the best and an even sample of the others, {n_shown:,} of {n:,} {what}.",)
