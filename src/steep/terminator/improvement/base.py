"""What an improvement evaluator is, and which trials it looks at."""

from __future__ import annotations

import abc
from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from steep.states import StudyDirection, TrialState

if TYPE_CHECKING:
    from steep.trial import FrozenTrial

__all__ = ["DEFAULT_MIN_N_TRIALS", "BaseImprovementEvaluator", "complete", "scores_of"]

DEFAULT_MIN_N_TRIALS = 20


class BaseImprovementEvaluator(abc.ABC):
    """Say how much further trials may still improve the best value."""

    @abc.abstractmethod
    def evaluate(self, trials: list[FrozenTrial], study_direction: StudyDirection) -> float:
        """Estimate the improvement that is left.

        Args:
            trials: The trials of a study, in the order of their numbers.
            study_direction: Its direction.

        Returns:
            The estimate, in units of the objective value.
        """


def complete(trials: Iterable[FrozenTrial]) -> list[FrozenTrial]:
    """Choose the COMPLETE trials.

    Args:
        trials: Some trials.
    """
    return [trial for trial in trials if trial.state == TrialState.COMPLETE]


def scores_of(trials: Iterable[FrozenTrial], direction: StudyDirection) -> NDArray[np.float64]:
    """Give the values of COMPLETE trials so that large is good.

    Args:
        trials: The n trials.
        direction: The direction of their study.

    Returns:
        (n,) float64; what is infinite counts as the nearest finite value among them.
    """
    sign = -1.0 if direction == StudyDirection.MINIMIZE else 1.0
    values = sign * np.array([trial.value for trial in trials], dtype=np.float64)
    finite = values[np.isfinite(values)]
    if len(finite) == len(values):
        return values
    low, high = (finite.min(), finite.max()) if len(finite) else (0.0, 0.0)
    return np.clip(values, low, high)
