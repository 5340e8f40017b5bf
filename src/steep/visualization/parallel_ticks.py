"""Positions and ticks on parallel axes, as plain numbers: both renderers draw these."""

from __future__ import annotations

import math

import numpy as np

from steep.visualization.figure import Axis, Dimension, Floats
from steep.visualization.scales import log_ticks, number_text, short_names

__all__ = ["scaled"]

_TICKS = 6
_LABELS = 20  # categories that can be named on one axis
_BELOW = 0.14  # where absent values lie below an axis, as a share of its length


def scaled(dimension: Dimension) -> tuple[Floats, tuple[float, float], list[tuple[float, str]]]:
    """Put the values of one axis on a linear scale.

    Args:
        dimension: The axis and (n,) values on it.

    Returns:
        values: (n,) positions; on a log axis exponents; absent values lie below the others.
        range: Both ends.
        ticks: Positions and texts, absent values at a tick "absent".
    """
    axis = dimension.axis
    values: Floats = np.log10(dimension.values) if axis.scale == "log" else dimension.values
    low, high = _ends(axis, values)
    ticks = _ticks(axis, low, high)
    absent = np.isnan(values)
    if absent.any():
        below = low - _BELOW * (high - low)
        values = np.where(absent, below, values)
        low, ticks = below, [(below, "absent"), *ticks]
    return values, (low, high), ticks


def _ends(axis: Axis, values: Floats) -> tuple[float, float]:
    if axis.range is None:
        return float(np.nanmin(values)), float(np.nanmax(values))
    if axis.scale == "log":
        return math.log10(axis.range[0]), math.log10(axis.range[1])
    return axis.range


def _ticks(axis: Axis, low: float, high: float) -> list[tuple[float, str]]:
    if axis.scale == "category":
        every = math.ceil(len(axis.labels) / _LABELS)
        texts = short_names(axis.labels, 14)
        return [(float(i), texts[i]) for i in range(0, len(texts), every)]
    if axis.scale == "log":
        return [(math.log10(t), number_text(t)) for t in log_ticks(10.0**low, 10.0**high, _TICKS)]
    steps = _round_steps(low, high, smallest=1.0 if axis.integer else 0.0)
    return [(at, number_text(at)) for at in steps]


def _round_steps(low: float, high: float, smallest: float = 0.0) -> list[float]:
    """Choose round numbers in a range: multiples of 1, 2 or 5 times a power of ten."""
    raw = high / _TICKS - low / _TICKS  # their difference may overflow
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(factor * power for factor in (1.0, 2.0, 5.0, 10.0) if factor * power >= raw)
    step = max(step, smallest)
    first, last = math.ceil(low / step), math.floor(high / step)
    return [round(i * step, 12) for i in range(first, last + 1)]
