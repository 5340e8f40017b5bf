"""Distributions as axes of the unit cube."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from steep.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from steep.kernels.layout import Axis, Layout
from steep.space import Space

__all__ = ["axis_of", "ends_of", "layout_of", "unit_of"]

_SMALL_GRID = 32
"""Up to so many values the mass of each is in a table; beyond, the density is close enough."""


def layout_of(space: Space, blocks: Sequence[int] | None = None) -> Layout:
    """Lay out the axes of a space.

    Args:
        space: The space, which says where values sit in the unit interval.
        blocks: The block of each axis; None for one block of all.
    """
    return Layout([axis_of(d) for d in space.distributions], blocks)


def axis_of(distribution: BaseDistribution) -> Axis:
    """Describe where the values of a distribution sit in the unit interval.

    Args:
        distribution: The distribution.
    """
    size = distribution.grid_size()
    if isinstance(distribution, CategoricalDistribution):
        return Axis(_even_edges(len(distribution.choices)), is_categorical=True)
    if size is None:
        return Axis()
    if isinstance(distribution, IntDistribution) and distribution.log:
        return _log_axis(distribution)
    return Axis(_even_edges(size)) if size <= _SMALL_GRID else Axis(width=1.0 / size)


def unit_of(distribution: BaseDistribution) -> Callable[[float], float]:
    """Give the function from an internal value to its place in the unit interval.

    It agrees with :meth:`Space.encode`, which is quick for many values, on one value.

    Args:
        distribution: The distribution.
    """
    if isinstance(distribution, FloatDistribution | IntDistribution) and distribution.log:
        shift = 0.5 if isinstance(distribution, IntDistribution) else 0.0
        origin = math.log(distribution.low - shift)
        span = math.log(distribution.high + shift) - origin
        return lambda value: (math.log(value) - origin) / span
    low, high = ends_of(distribution)
    first, last = Space({"x": distribution}).encode([[low], [high]])[:, 0].tolist()
    # Halves, since the whole range may be too long for a float64.
    half = high / 2 - low / 2
    slope = (last - first) / half if half else 0.0
    return lambda value: first + (value / 2 - low / 2) * slope


def ends_of(distribution: BaseDistribution) -> tuple[float, float]:
    """Give the least and the largest internal value.

    Args:
        distribution: The distribution.
    """
    if isinstance(distribution, FloatDistribution | IntDistribution):
        return float(distribution.low), float(distribution.high)
    return 0.0, (distribution.grid_size() or 1) - 1.0


def _log_axis(distribution: IntDistribution) -> Axis:
    # Ints sit at their logarithm; their cells meet half-way between two ints.
    low, high = distribution.low - 0.5, distribution.high + 0.5
    span = math.log(high) - math.log(low)
    size = distribution.high - distribution.low + 1
    if size <= _SMALL_GRID:
        values = np.arange(distribution.low, distribution.high + 1)
        inner = (np.log(values[:-1] + 0.5) - math.log(low)) / span
        centres = (np.log(values) - math.log(low)) / span
        return Axis((0.0, *inner.tolist(), 1.0), centres=tuple(centres.tolist()))
    return Axis(width=1.0 / (low * span), decay=span)


def _even_edges(size: int) -> tuple[float, ...]:
    return tuple(np.linspace(0.0, 1.0, size + 1).tolist())
