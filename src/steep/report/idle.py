"""Which parameter does nothing?

The ranks of the losses are split by the parameter's value into groups of equal size. What the
groups explain of the variance, less what chance explains (adjusted η², Kelley 1935), has a known
error; a parameter does nothing where even the upper end is small, alone and in every pair.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from steep.distributions import CategoricalDistribution
from steep.report.finding import Finding, list_text
from steep.states import TrialState
from steep.table import Table

__all__ = ["idle"]

_GROUPS, _FEW_GROUPS = 6, 3
_LEAST = 100  # trials of which one may say anything
_NOTHING = 0.05  # of the variance of ranks
_NEWEST = 5000
_MOST_PAIRED = 20  # parameters

Ints = NDArray[np.int64]


def idle(table: Table) -> Finding | None:
    """Tell which parameters make no visible difference, alone or together with another one.

    Args:
        table: The table of a study with one objective.

    Returns:
        The finding; None where every parameter may matter, or where too few trials have it.
    """
    if len(table.directions) > 1:
        return None
    numbers = table.numbers(TrialState.COMPLETE)[-_NEWEST:]
    losses = np.asarray(table.losses[numbers, 0])
    if len(numbers) < _LEAST or len(np.unique(losses)) < 2:
        return None
    names = [name for name, column in table.params.items() if not column.distribution.single()]
    if len(names) > _MOST_PAIRED:
        return None
    values = {name: table.params[name].values[numbers] for name in names}
    is_choice = {
        name: isinstance(table.params[name].distribution, CategoricalDistribution) for name in names
    }
    found: list[tuple[str, float, float]] = []
    for name in names:
        has = ~np.isnan(values[name])
        if has.sum() < _LEAST:
            continue
        groups = _grouped(values[name][has], _GROUPS, is_choice[name])
        share, error = _explained(_ranks(losses[has]), groups)
        others = [other for other in names if other != name]
        alone = share + 2.0 * error < _NOTHING and groups.max() > 0
        if alone and not any(
            _interact(losses, values[name], values[other], is_choice[name], is_choice[other])
            for other in others
        ):
            found.append((name, max(0.0, share), error))
    return _finding(found, len(numbers)) if found else None


def _finding(found: list[tuple[str, float, float]], n: int) -> Finding:
    names = [name for name, _, _ in found]
    one = len(names) == 1
    text = (
        f"Whatever the value of {list_text(names)}, the results are alike: "
        f"{'it explains' if one else 'each explains'} less than {100 * _NOTHING:.0f} % of the "
        f"differences between {n:,} trials, alone and together with any other parameter. Fix "
        f"{'it' if one else 'them'}, and the search has fewer dimensions."
    )
    facts = tuple(
        (f"{name}, share of the variance of ranks", f"{100 * share:.1f} % ± {100 * error:.1f} %")
        for name, share, error in found
    )
    title = f"{list_text(names)} {'does' if one else 'do'} nothing"
    return Finding("idle parameters", "note", title, text, facts)


def _ranks(losses: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give the mean rank of each loss, scaled to [-1, 1]."""
    _, place, counts = np.unique(losses, return_inverse=True, return_counts=True)
    mean = np.cumsum(counts) - (counts + 1) / 2.0
    return np.asarray(2.0 * mean[place] / max(1, len(losses) - 1) - 1.0)


def _grouped(values: NDArray[np.float64], n: int, is_choice: bool) -> Ints:
    """Number the groups of values: choices as they are, numbers in groups of like size."""
    if is_choice:
        return np.unique(values, return_inverse=True)[1]
    ends = np.unique(np.quantile(values, np.linspace(0.0, 1.0, n + 1)[1:-1]))
    return np.unique(np.searchsorted(ends, values, side="right"), return_inverse=True)[1]


def _explained(ranks: NDArray[np.float64], groups: Ints) -> tuple[float, float]:
    """Give the adjusted η² of groups and its standard error where there is nothing."""
    n, k = len(ranks), int(groups.max()) + 1
    centred = ranks - ranks.mean()
    whole = float(centred @ centred)
    if k < 2 or n - k < 1 or whole == 0.0:
        return 0.0, math.inf if k >= n else 0.0
    sums = np.bincount(groups, centred, k)
    between = float((sums**2 / np.bincount(groups, minlength=k)).sum())
    within = (whole - between) / (n - k)
    return (between - (k - 1) * within) / whole, math.sqrt(2.0 * (k - 1)) / n


def _interact(
    losses: NDArray[np.float64],
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    x_is_choice: bool,
    y_is_choice: bool,
) -> bool:
    """Tell whether two parameters explain more together than each alone."""
    has = ~np.isnan(x) & ~np.isnan(y)
    if has.sum() < _LEAST:
        return False
    ranks = _ranks(losses[has])
    a = _grouped(x[has], _FEW_GROUPS, x_is_choice)
    b = _grouped(y[has], _FEW_GROUPS, y_is_choice)
    both = np.unique(a * (b.max() + 1) + b, return_inverse=True)[1]
    together, error = _explained(ranks, both)
    surplus = together - sum(max(0.0, _explained(ranks, one)[0]) for one in (a, b))
    return surplus > max(_NOTHING, 3.0 * error)
