"""One trial before its pruner: what the rules of pruners are followed with."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from steep import pruners
from steep.states import StudyDirection, TrialState
from steep.table import Table

__all__ = ["Case", "argument"]


@dataclass(frozen=True)
class Case:
    """Hold a trial and what its pruner could compare it with.

    Args:
        table: The table of the study, which has one objective.
        number: The trial.
        reports: What it reported, by step in the order of reporting; not empty.
        before: (k,) the trials that had finished when it ended, in the order of finishing.
    """

    table: Table
    number: int
    reports: dict[int, float]
    before: NDArray[Any]

    @property
    def sign(self) -> float:
        """Give what turns a value into a loss: -1 where large values are good."""
        return -1.0 if self.table.directions[0] is StudyDirection.MAXIMIZE else 1.0

    @property
    def complete(self) -> NDArray[Any]:
        """Give those before that are COMPLETE."""
        done = self.table.state[self.before] == TrialState.COMPLETE
        return np.asarray(self.before[done])


def argument(config: dict[str, Any], name: str) -> Any:
    """Give an argument of a pruner, or its default.

    Args:
        config: The description of the pruner.
        name: The argument.
    """
    if name in config["arguments"]:
        return config["arguments"][name]
    return inspect.signature(getattr(pruners, config["class"])).parameters[name].default
