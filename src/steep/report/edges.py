"""Which ranges are hit at their edge?"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from steep.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
from steep.report.finding import (
    Finding,
    Floats,
    Ints,
    best_trials,
    in_finishing_order,
    list_text,
    units,
    value_text,
)
from steep.table import Table

__all__ = ["edges"]

_LEAST = 30  # trials of which one may say anything
_WIDTH = 0.05  # of a continuous range
_SHARE = 0.5  # of the good trials
_SURE = 3.0  # standard errors


class _Hit(NamedTuple):
    name: str
    end: str
    bound: str
    n_there: int
    n_good: int
    expected: float


def edges(table: Table) -> Finding | None:
    """Tell which ranges the good trials crowd against an end of.

    An end is hit where at least half of the good trials lie in the outer twentieth of the range
    (of few values: at the last one), clearly more than if they were spread evenly, the best trial
    among them, and where trials there rank better than the others by three standard errors.

    Args:
        table: The table of a study.

    Returns:
        The finding; None where no end is hit, or with fewer than 30 trials.
    """
    numbers, good = in_finishing_order(table), best_trials(table)
    if len(numbers) < _LEAST or len(good) < 5:
        return None
    hits = [hit for name in table.params for hit in _hits(table, name, numbers, good)]
    if not hits:
        return None
    parts = [f"{hit.name} at its {hit.end} end ({hit.bound})" for hit in hits]
    names = [hit.name for hit in hits]
    text = (
        f"The good trials crowd against the edge of {list_text(parts)}. The optimum may lie "
        "beyond: widen the range there, if such values make sense."
    )
    title = f"{list_text(names)} {'hits its edge' if len(hits) == 1 else 'hit their edges'}"
    facts = tuple(
        (
            f"{hit.name}, good trials at the {hit.end} end",
            f"{hit.n_there} of {hit.n_good}; {hit.n_good * hit.expected:.1f} if spread evenly",
        )
        for hit in hits
    )
    return Finding("edges", "warning", title, text, facts)


def _hits(table: Table, name: str, numbers: Ints, good: Ints) -> list[_Hit]:
    distribution = table.params[name].distribution
    if isinstance(distribution, CategoricalDistribution) or distribution.single():
        return []
    assert isinstance(distribution, FloatDistribution | IntDistribution), "there are no others"
    n_values = distribution.grid_size()
    if n_values is not None and n_values < 3:
        return []
    everywhere, there = units(table, name, numbers), units(table, name, good)
    if everywhere is None or there is None:
        return []
    there = there[~np.isnan(there)]
    width = _width(distribution)
    if len(there) < 5:
        return []
    needed = max(_SHARE, width + 3.0 * math.sqrt(width * (1.0 - width) / len(there)))
    losses = _mean_rank(np.asarray(table.losses[numbers]))
    best = units(table, name, np.array([good[0] if table.best is None else table.best]))
    assert best is not None, "the range has finite ends"
    ends = (
        ("lower", there, everywhere, best[0]),
        ("upper", 1.0 - there, 1.0 - everywhere, 1.0 - best[0]),
    )
    found = []
    for end, distance, distance_of_all, distance_of_best in ends:
        n_there = int((distance <= width).sum())
        if n_there < needed * len(there) or distance_of_best > width:
            continue
        has = ~np.isnan(distance_of_all)
        if not _is_better(losses[has], distance_of_all[has] <= width):
            continue
        bound = value_text(distribution, distribution.low if end == "lower" else distribution.high)
        found.append(_Hit(name, end, bound, n_there, len(there), width))
    return found


def _is_better(losses: Floats, is_there: NDArray[np.bool_]) -> bool:
    """Tell whether trials at the edge rank better, by the test of Mann and Whitney (1947)."""
    n, m = len(losses), int(is_there.sum())
    if m == n:
        return True
    ranks = losses.argsort().argsort()
    lead = ranks[~is_there].mean() - ranks[is_there].mean()
    error = math.sqrt(n * (n + 1) / 12.0 * (1.0 / m + 1.0 / (n - m)))
    return bool(lead > _SURE * error)


def _mean_rank(losses: Floats) -> Floats:
    """Give the rank of each trial, the mean over the objectives."""
    return np.asarray(losses.argsort(axis=0).argsort(axis=0).mean(axis=1))


def _width(distribution: FloatDistribution | IntDistribution) -> float:
    """Give how much of the unit interval counts as the edge: at least the cell of one value."""
    n_values = distribution.grid_size()
    if n_values is None:
        return _WIDTH
    if isinstance(distribution, IntDistribution) and distribution.log:
        low, high = distribution.low - 0.5, distribution.high + 0.5
        whole = math.log(high / low)
        return max(_WIDTH, math.log((low + 1) / low) / whole, math.log(high / (high - 1)) / whole)
    return max(_WIDTH, 1.0 / n_values)
