"""How many trials are left until the best value has stood still for too long?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from steep.states import StudyDirection
from steep.terminator.improvement.base import BaseImprovementEvaluator, complete

if TYPE_CHECKING:
    from steep.trial import FrozenTrial

__all__ = ["BestValueStagnationEvaluator"]


class BestValueStagnationEvaluator(BaseImprovementEvaluator):
    """Count down from the last trial that was better than all before it.

    With this evaluator a terminator stops when the count falls below 0.

    Args:
        max_stagnation_trials: So many trials without improvement are borne, at least 0.

    Raises:
        ValueError: if ``max_stagnation_trials`` is negative.
    """

    def __init__(self, max_stagnation_trials: int = 30) -> None:
        if max_stagnation_trials < 0:
            raise ValueError(
                f"BestValueStagnationEvaluator(max_stagnation_trials={max_stagnation_trials}): "
                "give at least 0."
            )
        self._max_stagnation_trials = max_stagnation_trials

    def evaluate(self, trials: list[FrozenTrial], study_direction: StudyDirection) -> float:
        """Give the number of trials that are left.

        Args:
            trials: The trials of a study, in the order of their numbers.
            study_direction: Its direction.

        Returns:
            ``max_stagnation_trials`` less the number of COMPLETE trials since the best one.

        Raises:
            ValueError: if no trial is COMPLETE.
        """
        done = complete(trials)
        if not done:
            raise ValueError("BestValueStagnationEvaluator.evaluate(): no trial is COMPLETE yet.")
        sign = -1.0 if study_direction == StudyDirection.MAXIMIZE else 1.0
        losses = sign * np.array([trial.value for trial in done], dtype=np.float64)
        return self._max_stagnation_trials - (len(done) - 1 - int(losses.argmin()))
