"""What a diagnosis says, and what all of them look at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from steep.distributions import BaseDistribution
from steep.kernels.pareto import is_pareto_optimal
from steep.space import Space
from steep.states import TrialState
from steep.table import Table
from steep.visualization.scales import number_text

__all__ = [
    "Finding",
    "best_trials",
    "counted_trials",
    "in_finishing_order",
    "list_text",
    "units",
    "value_text",
]

Floats = NDArray[np.float64]
Ints = NDArray[Any]


@dataclass(frozen=True)
class Finding:
    """State one thing about a study, with the numbers behind it.

    Attributes:
        topic: What was asked, such as "convergence".
        level: "good" needs nothing, "note" is worth knowing, "warning" asks for a change.
        title: The answer in a few words.
        text: The answer in sentences, with what may be done.
        numbers: What it rests on: pairs of a name and a number or text.
    """

    topic: str
    level: Literal["good", "note", "warning"]
    title: str
    text: str
    numbers: tuple[tuple[str, float | int | str], ...] = ()


def in_finishing_order(table: Table) -> Ints:
    """Give the feasible COMPLETE trials in the order of finishing.

    Args:
        table: The table of a study.
    """
    finished = table.finished
    kept = (table.state[finished] == TrialState.COMPLETE) & (table.violation[finished] <= 0)
    return np.asarray(finished[kept])


def best_trials(table: Table) -> Ints:
    """Give the good trials: the best tenth, at least five; with several objectives the front.

    Args:
        table: The table of a study.

    Returns:
        Their numbers; none where there are fewer than five feasible COMPLETE trials.
    """
    numbers = in_finishing_order(table)
    losses = np.asarray(table.losses[numbers])
    if len(numbers) < 5:
        return numbers[:0]
    if losses.shape[1] > 1:
        return np.asarray(numbers[is_pareto_optimal(losses)])
    order = np.argsort(losses[:, 0], kind="stable")
    return np.asarray(numbers[order[: max(5, len(numbers) // 10)]])


def units(table: Table, name: str, numbers: Ints) -> Floats | None:
    """Give a parameter of some trials on its unit interval, in the logarithm where it has one.

    Args:
        table: The table of a study.
        name: The parameter.
        numbers: (k,) the trials.

    Returns:
        (k,) in [0, 1] by the range that was used last, NaN where a trial does not have it; None
        where the range has no finite ends.
    """
    column = table.params[name]
    try:
        space = Space({name: column.distribution})
    except OverflowError:
        return None
    return np.asarray(space.encode(column.values[numbers][:, None])[:, 0])


def value_text(distribution: BaseDistribution, internal: float) -> str:
    """Write a value of a parameter as the user knows it.

    Args:
        distribution: What it was drawn from.
        internal: The value in internal representation.
    """
    value = distribution.to_external_repr(internal)
    return number_text(value) if isinstance(value, float) else str(value)


def counted_trials(n: int) -> str:
    """Write how many trials.

    Args:
        n: Their number.
    """
    return f"{n:,} trial{'' if n == 1 else 's'}"


def list_text(names: list[str]) -> str:
    """Write names as one does in a sentence.

    Args:
        names: At least one.

    >>> list_text(["a"]), list_text(["a", "b", "c"])
    ('a', 'a, b and c')
    """
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
