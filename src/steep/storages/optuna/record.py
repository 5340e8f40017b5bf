"""What is carried between steep and Optuna: one study at a time, its trials as events.

Both sides keep the same facts (a parameter is a float64 beside its distribution), so the event
that adds a trial to a log says everything that Optuna knows of one, and nothing is converted twice.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

from steep.events import Add, Changes
from steep.states import TrialState

__all__ = ["PLACEHOLDER", "Source", "StudyRecord", "Target", "without_gaps"]

PLACEHOLDER = "steep:deleted"
"""The system attribute of the failed trial by which Optuna keeps the number of a deleted one.

Optuna counts rows to number the next trial, so a gap would give one number to two trials."""


@dataclass
class StudyRecord:
    """Hold a study on its way.

    Args:
        name: Its name.
        directions: A :class:`~steep.states.StudyDirection` for each objective.
        user_attrs: Attributes of the user.
        system_attrs: Attributes of the machinery.
        trials: The trials in the order of their numbers, None for one that was deleted. They may
            be read while they are written: go through them once.
    """

    name: str
    directions: list[int]
    user_attrs: dict[str, Any] = field(default_factory=dict)
    system_attrs: dict[str, Any] = field(default_factory=dict)
    trials: Iterable[Add | None] = ()


def without_gaps(trials: Iterable[Add | None]) -> Iterator[Add]:
    """Put a failed trial in the place of each deleted one.

    Args:
        trials: The trials in the order of their numbers, None for a deleted one.

    Example:
        >>> [TrialState(trial.state).name for trial in without_gaps([Add(1, [0.5]), None])]
        ['COMPLETE', 'FAIL']
    """
    moment = time.time()
    for trial in trials:
        if trial is None:
            # A time near that of its neighbour: plots over time must not begin in 1970.
            changes = Changes(system_attrs={PLACEHOLDER: True})
            yield Add(int(TrialState.FAIL), start=moment, complete=moment, changes=changes)
        else:
            moment = trial.start or moment
            yield trial


class Source(Protocol):
    """Give studies."""

    def names(self) -> list[str]:
        """Give the names of all studies, in the order of creation."""
        ...

    def study(self, name: str) -> StudyRecord:
        """Give a study.

        Args:
            name: One of :meth:`names`.
        """
        ...


class Target(Protocol):
    """Take studies. Nothing is left of any of them when taking one fails."""

    def names(self) -> list[str]:
        """Give the names that are in use."""
        ...

    def write(self, study: StudyRecord) -> None:
        """Take a study.

        Args:
            study: The study; its name is not in use.
        """
        ...
