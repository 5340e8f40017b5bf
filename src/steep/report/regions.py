"""Which region fails, and which breaks the constraints?

A region is one side of a threshold of one parameter, or one choice. The one is taken in which
trials go wrong most clearly more often than elsewhere, by the likelihood ratio of Kulldorff (1997),
"A spatial scan statistic", Communications in Statistics 26, eq. 2 for Bernoulli trials; the
threshold for speaking makes up for the number of regions that were looked at.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from steep.distributions import CategoricalDistribution
from steep.report.finding import Finding, Ints, counted_trials, value_text
from steep.states import TrialState
from steep.table import Table
from steep.visualization.scales import number_text

__all__ = ["failing_region", "infeasible_region"]

_LEAST = 3  # trials that went wrong
_CHANCE = 0.001  # of speaking where there is nothing


class _Region(NamedTuple):
    ratio: float
    text: str
    bad_inside: int
    n_inside: int
    bad_outside: int
    n_outside: int


def failing_region(table: Table) -> Finding | None:
    """Tell where trials fail more often than elsewhere.

    Args:
        table: The table of a study.

    Returns:
        The finding; None where fewer than three failed. Where they fail everywhere alike, it says
        so.
    """
    numbers = table.numbers(TrialState.COMPLETE, TrialState.PRUNED, TrialState.FAIL)
    bad = table.state[numbers] == TrialState.FAIL
    return _finding("failures", ("failed", "fail"), table, numbers, bad)


def infeasible_region(table: Table) -> Finding | None:
    """Tell where trials break the constraints more often than elsewhere.

    Args:
        table: The table of a study.

    Returns:
        The finding; None where fewer than three do.
    """
    numbers = table.numbers(TrialState.COMPLETE)
    bad = table.violation[numbers] > 0
    return _finding(
        "constraints", ("broke a constraint", "break a constraint"), table, numbers, bad
    )


def _finding(
    topic: str, verbs: tuple[str, str], table: Table, numbers: Ints, bad: NDArray[Any]
) -> Finding | None:
    did, do = verbs
    n, n_bad = len(bad), int(bad.sum())
    if n_bad < _LEAST:
        return None
    region = _worst(table, numbers, bad)
    share = f"{n_bad:,} of {counted_trials(n)} {did} ({100 * n_bad / n:.0f} %)"
    if region is None:
        text = f"{share}, and no range of a single parameter stands out. Look at their messages."
        title = f"Trials {do}, and no region stands out"
        return Finding(topic, "note", title, text, ((f"trials that {did}", f"{n_bad:,} of {n:,}"),))
    inside = f"{region.bad_inside:,} of {counted_trials(region.n_inside)}"
    outside = f"{region.bad_outside:,} of {counted_trials(region.n_outside)}"
    text = (
        f"With {region.text}, {inside} {did} ({_percent(region.bad_inside, region.n_inside)}); "
        f"elsewhere {outside} did ({_percent(region.bad_outside, region.n_outside)}). Leave the "
        "region out of the search space, or find out what goes wrong there."
    )
    facts = (
        (f"trials that {did}", f"{n_bad:,} of {n:,}"),
        (f"with {region.text}", inside),
        ("elsewhere", outside),
        ("log-likelihood ratio", number_text(region.ratio)),
    )
    return Finding(topic, "warning", f"Trials {do} with {region.text}", text, facts)


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.0f} %" if whole else "none"


def _worst(table: Table, numbers: Ints, bad: NDArray[Any]) -> _Region | None:
    regions = [region for name in table.params for region in _regions(table, name, numbers, bad)]
    if not regions:
        return None
    worst = max(regions)
    # By chance a region exceeds t with a probability of about exp(-t); Bonferroni for all.
    return worst if worst.ratio > math.log(len(regions) / _CHANCE) else None


def _regions(table: Table, name: str, numbers: Ints, bad: NDArray[Any]) -> Iterator[_Region]:
    column = table.params[name]
    values = column.values[numbers]
    has = ~np.isnan(values)
    values, bad = values[has], bad[has]
    distribution = column.distribution
    if isinstance(distribution, CategoricalDistribution):
        for index, choice in enumerate(distribution.choices):
            yield from _region(f"{name} = {choice}", values == index, bad)
        return
    distinct = np.unique(values)
    if len(distinct) < 2:
        return
    cuts = np.unique(np.quantile(distinct, np.linspace(0.05, 0.95, 19), method="nearest"))
    for cut in cuts.tolist():
        yield from _region(f"{name} ≥ {value_text(distribution, cut)}", values >= cut, bad)
        yield from _region(f"{name} ≤ {value_text(distribution, cut)}", values <= cut, bad)


def _region(text: str, inside: NDArray[Any], bad: NDArray[Any]) -> Iterator[_Region]:
    n, total = len(bad), int(bad.sum())
    m, hits = int(inside.sum()), int((bad & inside).sum())
    if m in (0, n) or hits * (n - m) <= (total - hits) * m:
        return  # not more often than elsewhere
    ratio = _likelihood(hits, m) + _likelihood(total - hits, n - m) - _likelihood(total, n)
    yield _Region(ratio, text, hits, m, total - hits, n - m)


def _likelihood(hits: int, n: int) -> float:
    """Give the largest log likelihood of so many hits."""
    parts = ((hits, hits / n), (n - hits, 1.0 - hits / n))
    return sum(count * math.log(share) for count, share in parts if count)
