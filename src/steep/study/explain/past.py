"""What was known when a trial ran, as far as the columns tell."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from steep.states import TrialState
from steep.table import Table

__all__ = ["Past", "configs_of", "past_of"]

Ints = NDArray[Any]


class Past(NamedTuple):
    """Hold the trials that had finished, in the order of finishing.

    Attributes:
        at_start: Those that had when the trial started.
        at_end: Those that had when it ended; the others finished while it ran.
        n_beside: How many trials ran at some time while it did.
    """

    at_start: Ints
    at_end: Ints
    n_beside: int

    def of(self, table: Table, *states: TrialState) -> tuple[Ints, Ints]:
        """Give those of some states: at the start, and at the end.

        Args:
            table: The table of the study.
            states: The states.
        """
        first, last = (who[np.isin(table.state[who], states)] for who in self[:2])
        return first, last


def past_of(table: Table, number: int) -> Past:
    """Find out what had finished when a trial ran.

    Args:
        table: The table of the study.
        number: The trial.
    """
    finished = table.finished
    place = np.flatnonzero(finished == number)
    before = finished[: place[0]] if len(place) else finished
    start, end = float(table.start[number]), float(table.complete[number])
    # What was added counts from the moment it came, whatever times it brought along.
    was_there = (table.complete[before] <= start) | (table.added[before] > 0)
    ran = (table.added == 0) & (table.start < (end if end == end else np.inf))
    ran &= ~(table.complete <= start)  # NaN: it runs still
    ran[number] = False
    return Past(before[was_there], before, int(ran.sum()))


def configs_of(table: Table, number: int, role: str) -> list[dict[str, Any]]:
    """Give how the study was searched when a trial began.

    Args:
        table: The table of the study.
        number: The trial.
        role: "sampler" or "pruner".

    Returns:
        One description; several where the log does not tell which was in force, which may be where
        an enqueued trial waited while another one was set; none where none was recorded.
    """
    history = [(n, config) for n, of, config in table.config_history if of == role]
    known = [config for n, config in history if n <= number][-1:]
    attrs = table.system_attrs.get(number) or {}
    if "fixed_params" in attrs:
        known += [config for n, config in history if n > number]
    return known
