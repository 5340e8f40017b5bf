"""The best trial against the rest, parameter by parameter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from steep.distributions import (
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
    OrdinalDistribution,
)
from steep.report.finding import Floats, Ints, best_trials, units, value_text
from steep.states import TrialState
from steep.table import Table

__all__ = ["Row", "compare"]

_BINS = 24


@dataclass(frozen=True, eq=False)
class Row:
    """Compare one parameter.

    Args:
        name: The parameter.
        best: Its value in the best trial, empty where there is none.
        good: Where the good trials have it, in words.
        low: The lower end of its range, or its first choice.
        high: The upper end, or the last choice.
        all_counts: (b,) how many trials lie in each part of the range.
        good_counts: (b,) how many of the good ones do.
        best_at: Where the best trial lies on the range, in [0, 1], or None.
    """

    name: str
    best: str
    good: str
    low: str
    high: str
    all_counts: Ints
    good_counts: Ints
    best_at: float | None


def compare(table: Table) -> list[Row]:
    """Compare the best trial and the good ones with all that have finished.

    Args:
        table: The table of a study.

    Returns:
        A row for each parameter with a finite range, in the order in which they were first
        suggested. With several objectives there is no best trial, and the good ones are the front.
    """
    numbers = table.numbers(TrialState.COMPLETE, TrialState.PRUNED, TrialState.FAIL)
    good = best_trials(table)
    rows = [_row(table, name, numbers, good) for name in table.params]
    return [row for row in rows if row is not None]


def _row(table: Table, name: str, numbers: Ints, good: Ints) -> Row | None:
    column = table.params[name]
    distribution = column.distribution
    everywhere, there = units(table, name, numbers), units(table, name, good)
    if everywhere is None or there is None or np.isnan(everywhere).all():
        return None
    low, high = _ends(distribution)
    # A bar for each value where they are few. In the logarithm they would not fall one into each.
    n_values = None if getattr(distribution, "log", False) else distribution.grid_size()
    n_bins = _BINS if n_values is None else min(_BINS, n_values)
    best, best_at = "", None
    known = None if table.best is None else column.get(table.best)
    if known is not None and table.best is not None:
        best = value_text(known[1], known[0])
        at = units(table, name, np.array([table.best]))
        best_at = None if at is None else float(at[0])
    values = column.values[good]
    return Row(
        name,
        best,
        _middle(distribution, values[~np.isnan(values)]),
        low,
        high,
        _counts(everywhere, n_bins),
        _counts(there, n_bins),
        best_at,
    )


def _ends(distribution: Any) -> tuple[str, str]:
    if isinstance(distribution, FloatDistribution | IntDistribution):
        low, high = float(distribution.low), float(distribution.high)
        return value_text(distribution, low), value_text(distribution, high)
    return str(distribution.choices[0]), str(distribution.choices[-1])


def _middle(distribution: Any, values: Floats) -> str:
    """Say where values lie: the most frequent choice, or the middle 80 % of numbers."""
    if len(values) == 0:
        return ""
    if isinstance(distribution, CategoricalDistribution | OrdinalDistribution):
        indices, counts = np.unique(values, return_counts=True)
        most = int(counts.argmax())
        choice = distribution.to_external_repr(float(indices[most]))
        return f"{choice} ({100 * counts[most] / len(values):.0f} %)"
    low, high = np.quantile(values, [0.1, 0.9], method="nearest").tolist()
    ends = [value_text(distribution, end) for end in (low, high)]
    return ends[0] if ends[0] == ends[1] else f"{ends[0]} to {ends[1]}"


def _counts(places: Floats, n_bins: int) -> Ints:
    bins = np.minimum((places[~np.isnan(places)] * n_bins).astype(np.int64), n_bins - 1)
    return np.bincount(bins, minlength=n_bins)
