"""Axes and colours fitted to data: readable labels, padded ranges, outliers kept in check.

One wild value must not squeeze all the others into a line: where a few values lie far outside,
the axis or the colours end earlier, and a remark says so.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from itertools import takewhile
from typing import Any

import numpy as np
from numpy.typing import NDArray

from steep.distributions import CategoricalDistribution, IntDistribution, OrdinalDistribution
from steep.table import Table
from steep.visualization.figure import Axis, ColorScale, Dimension, Floats
from steep.visualization.palette import VIRIDIS

__all__ = [
    "clipped_range",
    "color_scale",
    "counted",
    "duration_text",
    "labels_of",
    "local_times",
    "log_ticks",
    "number_text",
    "padded",
    "param_dimension",
    "readable",
    "robust_range",
    "short_names",
    "shorten",
]

_LABEL = 24  # characters of a label
_FAR = 3.0  # Tukey (1977), Exploratory Data Analysis: "far out" is beyond 3 interquartile ranges
_SQUEEZED = 3.0  # clip only where the outliers take most of the room
_PADDING = 0.04
_EXPONENT = re.compile(r"e\+?(-?)0*")  # e-05 is read more easily as e-5


def number_text(value: float) -> str:
    """Write a number with at most four significant digits.

    Args:
        value: The number.

    Returns:
        The text.

    >>> number_text(0.1 + 0.2), number_text(12345678.0), number_text(3e-5)
    ('0.3', '1.235e7', '3e-5')
    """
    return _EXPONENT.sub(r"e\1", f"{value:.4g}")


def counted(n: int, one: str, many: str = "") -> str:
    """Write a number with its noun.

    Args:
        n: The number.
        one: The noun in the singular.
        many: The plural, where it is not the singular with an s.

    Returns:
        The text.

    >>> counted(1, "trial"), counted(1200, "trial")
    ('1 trial', '1,200 trials')
    """
    return f"{n:,} {one if n == 1 else many or one + 's'}"


def duration_text(seconds: float) -> str:
    """Write a time span with its unit.

    Args:
        seconds: The span, ≥ 0.

    Returns:
        The text, in the largest unit that it fills.

    >>> duration_text(0.0042), duration_text(90.0), duration_text(7200.0)
    ('4.2 ms', '1.5 min', '2 h')
    """
    units = ((86_400.0, "d"), (3_600.0, "h"), (60.0, "min"), (1.0, "s"), (1e-3, "ms"))
    size, unit = next((unit for unit in units if seconds >= unit[0]), units[-1])
    return f"{seconds / size:.3g} {unit}"


def local_times(seconds: Floats) -> NDArray[np.str_]:
    """Give points in time as texts that plotting libraries read.

    Args:
        seconds: (n,) POSIX seconds.

    Returns:
        (n,) local times in the format of ISO 8601, to the microsecond.
    """
    moments = [datetime.fromtimestamp(moment) for moment in seconds.tolist()]
    return np.array([moment.isoformat(timespec="microseconds") for moment in moments], dtype=str)


def shorten(text: str, width: int = _LABEL) -> str:
    """Cut the middle out of a long text, since names often differ at their ends.

    Args:
        text: The text.
        width: How many characters may remain.

    Returns:
        The text, at most ``width`` long.

    >>> shorten("model.encoder.block_7.dropout", 20)
    'model.enco…7.dropout'
    """
    if len(text) <= width:
        return text
    tail = (width - 1) // 2
    return f"{text[: width - 1 - tail]}…{text[-tail:]}"


def short_names(names: Sequence[str], width: int = _LABEL) -> list[str]:
    """Shorten names that stand side by side so that they still differ.

    Args:
        names: The names.
        width: How many characters may remain.

    Returns:
        One text each; of names that would look the same the part that tells them apart.

    >>> short_names(["model.encoder.block_7.dropout_rate", "model.encoder.block_8.dropout_rate"])
    ['…model.encoder.block_7…', '…model.encoder.block_8…']
    """
    short = {name: shorten(name, width) for name in names}
    for text in set(short.values()):
        alike = [name for name in short if short[name] == text]
        if len(alike) > 1:
            short |= dict(zip(alike, _telling_parts(alike, width), strict=True))
    return [short[name] for name in names]


def _telling_parts(names: Sequence[str], width: int) -> list[str]:
    """Cut off what the names have in common at both ends, but for some context before."""
    n_before = _n_common(names)
    n_after = _n_common([name[n_before:][::-1] for name in names])
    parts = []
    for name in names:
        part = name[n_before : len(name) - n_after]
        room = max(0, width - 2 - len(part))
        context = name[max(0, n_before - room) : n_before]
        parts.append(f"…{context}{shorten(part, width - 2)}{'…' if n_after else ''}")
    return parts


def _n_common(names: Sequence[str]) -> int:
    """Count the characters at the start that all names have in common."""
    columns = zip(*names, strict=False)
    return sum(1 for _ in takewhile(lambda column: len(set(column)) == 1, columns))


def log_ticks(low: float, high: float, n: int) -> list[float]:
    """Choose ticks for a logarithmic axis.

    Args:
        low: The lower end, > 0.
        high: The upper end.
        n: How many ticks there is room for.

    Returns:
        Powers of ten, and in a short range also 2 and 5 times those.

    >>> log_ticks(1e-4, 1.0, 3), log_ticks(3.0, 70.0, 6)
    ([0.0001, 0.01, 1.0], [5.0, 10.0, 20.0, 50.0])
    """
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    decades = math.log10(high / low)
    n_powers = math.floor(math.log10(high)) - math.ceil(math.log10(low)) + 1
    # One tick tells nothing of a logarithmic scale.
    factors = (1.0, 2.0, 5.0) if 3 * decades <= n + 1 or n_powers < 2 else (1.0,)
    every = max(1, math.ceil(decades / n))
    powers = [power for power in range(first, last + 1) if power % every == 0]
    ticks = [round(factor * 10.0**power, 12 - power) for power in powers for factor in factors]
    return [tick for tick in ticks if low <= tick <= high]


def labels_of(choices: Sequence[Any]) -> tuple[str, ...]:
    """Write choices so that no two look the same.

    Args:
        choices: The choices.

    Returns:
        One text each; in quotes where 1 and "1" would be mistaken for each other.

    >>> labels_of(["adam", 1, "1"])
    ('adam', '1', "'1'")
    """
    plain, exact = [str(choice) for choice in choices], [repr(choice) for choice in choices]
    texts = [p if plain.count(p) == 1 else e for p, e in zip(plain, exact, strict=True)]
    return tuple(
        text if texts.count(text) == 1 else f"{text} ({index})" for index, text in enumerate(texts)
    )


def padded(values: Floats, log: bool = False) -> tuple[float, float] | None:
    """Give a range with a little room on both sides.

    Args:
        values: (n,) finite or NaN; positive where ``log``.
        log: Whether the room is measured in orders of magnitude.

    Returns:
        Both ends, or None where there is no value.
    """
    known = values[np.isfinite(values)]
    if len(known) == 0:
        return None
    low, high = float(known.min()), float(known.max())
    start, end = (math.log(low), math.log(high)) if log else (low, high)
    room = (end - start) * _PADDING or (0.5 if log else abs(end) * 0.1 or 0.5)
    with np.errstate(over="ignore", under="ignore"):
        ends = np.array([start - room, end + room])
        ends = np.exp(ends) if log else ends
    if not np.isfinite(ends).all() or (log and ends[0] == 0.0):
        return low, high
    return float(ends[0]), float(ends[1])


def robust_range(
    values: Floats, small_is_good: bool, far: float = _FAR
) -> tuple[float, float, int]:
    """Give the range of values with far outliers on the bad side cut off.

    Args:
        values: (n,) finite, n ≥ 1.
        small_is_good: Whether large values are the bad ones.
        far: How many interquartile ranges beyond the quartile a far outlier begins.

    Returns:
        low: The lower end.
        high: The upper end.
        n_cut: How many values lie outside.
    """
    loss = values if small_is_good else -values
    low, high = float(loss.min()), float(loss.max())
    q1, q3 = np.quantile(loss, [0.25, 0.75])
    with np.errstate(over="ignore"):
        fence = q3 + far * (q3 - q1)
    end = float(loss[loss <= fence].max())
    if q3 == q1 or high - low <= _SQUEEZED * (end - low):
        end = high
    n_cut = int((loss > end).sum())
    return (low, end, n_cut) if small_is_good else (-end, -low, n_cut)


def clipped_range(
    values: Floats, small_is_good: bool, what: str = "trial", far: float = _FAR
) -> tuple[tuple[float, float] | None, tuple[str, ...]]:
    """Give a range for an axis that ends before far outliers, and say how many lie beyond.

    Args:
        values: (n,) finite.
        small_is_good: Whether large values are the bad ones.
        what: What the values are, in the singular.
        far: As in `robust_range`.

    Returns:
        The range, None where nothing is cut, and no remark or one.

    >>> values = np.array([1.0, 2.0, 3.0, 4.0, 5.0, 9000.0])
    >>> clipped_range(values, small_is_good=True)[1]
    ('1 trial lies above 5, beyond the axis.',)
    """
    if len(values) == 0:
        return None, ()
    low, high, n_cut = robust_range(values, small_is_good, far)
    if n_cut == 0:
        return None, ()
    edge = f"above {number_text(high)}" if small_is_good else f"below {number_text(low)}"
    count = f"{counted(n_cut, what)} {'lies' if n_cut == 1 else 'lie'}"
    return padded(np.array([low, high])), (f"{count} {edge}, beyond the axis.",)


def color_scale(title: str, values: Floats, small_is_good: bool) -> tuple[ColorScale, str]:
    """Make a colour scale whose dark end marks the good values.

    Args:
        title: What the colour measures.
        values: (n,) finite, n ≥ 1.
        small_is_good: Whether the small values are the good ones.

    Returns:
        The scale, and a remark about outliers, empty where there are none.
    """
    low, high, n_cut = robust_range(values, small_is_good)
    if low == high:
        low, high = low - 0.5, high + 0.5
    colors = VIRIDIS if small_is_good else VIRIDIS[::-1]
    note = ""
    if n_cut:
        edge = number_text(high if small_is_good else low)
        share = f"{counted(n_cut, 'worse trial')} {'shares' if n_cut == 1 else 'share'}"
        note = f"Colours end at {edge}; {share} the last colour."
    return ColorScale(title, low, high, colors), note


def param_dimension(table: Table, name: str, numbers: NDArray[Any]) -> Dimension:
    """Give a parameter of some trials as an axis and positions on it.

    Args:
        table: The table of the study.
        name: The parameter.
        numbers: (k,) the trials.

    Returns:
        The axis with a fitting range, and (k,) positions, NaN where a trial does not have it.
        Categories that are numbers are put in ascending order.
    """
    column = table.params[name]
    values: Floats = column.values[numbers]
    distribution = column.distribution
    if isinstance(distribution, OrdinalDistribution):
        last = len(distribution.values) - 0.5
        return Dimension(
            Axis(name, "category", labels_of(distribution.values), range=(-0.5, last)), values
        )
    if isinstance(distribution, CategoricalDistribution):
        order = _display_order(distribution.choices)
        place = np.append(np.argsort(order).astype(np.float64), np.nan)
        index = np.where(np.isnan(values), len(order), values).astype(np.int64)
        labels = labels_of([distribution.choices[i] for i in order])
        return Dimension(
            Axis(name, "category", labels, range=(-0.5, len(labels) - 0.5)), place[index]
        )
    log = bool(getattr(distribution, "log", False)) and not bool((values <= 0).any())
    axis = Axis(name, "log" if log else "linear", range=padded(values, log))
    return Dimension(replace(axis, integer=isinstance(distribution, IntDistribution)), values)


def _display_order(choices: Sequence[Any]) -> list[int]:
    order = list(range(len(choices)))
    if all(isinstance(c, int | float) and not isinstance(c, bool) and c == c for c in choices):
        order.sort(key=lambda index: choices[index])
    return order


def readable(dimension: Dimension) -> NDArray[Any]:
    """Give the positions on an axis as a reader would write them.

    Args:
        dimension: The axis and (n,) positions on it.

    Returns:
        (n,) numbers, or on a category axis the labels, "" where absent.
    """
    if dimension.axis.scale != "category":
        return dimension.values
    texts = np.array([*dimension.axis.labels, ""], dtype=object)
    index = np.where(np.isnan(dimension.values), len(texts) - 1, dimension.values)
    chosen: NDArray[Any] = texts[index.astype(np.int64)]
    return chosen
