"""An error that follows from what the improvement evaluator said at the beginning."""

from __future__ import annotations

import math
import sys
from typing import TYPE_CHECKING

from steep.states import StudyDirection
from steep.terminator.erroreval import BaseErrorEvaluator
from steep.terminator.improvement.base import BaseImprovementEvaluator, complete

if TYPE_CHECKING:
    from steep.trial import FrozenTrial

__all__ = ["MedianErrorEvaluator"]


class MedianErrorEvaluator(BaseErrorEvaluator):
    """Give a share of the median of the first improvements.

    Source: Ishibashi, Karasuyama, Takeuchi, Hino (2023), "A stopping criterion for Bayesian
    optimization by the gap of expected minimum simple regrets", AISTATS, sec. 5.

    Args:
        paired_improvement_evaluator: The improvement evaluator of the same terminator.
        warm_up_trials: So many COMPLETE trials are skipped, at least 0.
        n_initial_trials: So many after them are looked at, at least 1.
        threshold_ratio: The share of the median, finite and above 0.

    Raises:
        ValueError: if a number is out of its range.
    """

    def __init__(
        self,
        paired_improvement_evaluator: BaseImprovementEvaluator,
        warm_up_trials: int = 10,
        n_initial_trials: int = 20,
        threshold_ratio: float = 0.01,
    ) -> None:
        if warm_up_trials < 0:
            raise ValueError(f"MedianErrorEvaluator(warm_up_trials={warm_up_trials}): at least 0.")
        if n_initial_trials <= 0:
            raise ValueError(
                f"MedianErrorEvaluator(n_initial_trials={n_initial_trials}): at least 1."
            )
        if not (threshold_ratio > 0.0 and math.isfinite(threshold_ratio)):
            raise ValueError(
                f"MedianErrorEvaluator(threshold_ratio={threshold_ratio}): a finite number above 0."
            )
        self._improvement = paired_improvement_evaluator
        self._warm_up_trials = warm_up_trials
        self._n_initial_trials = n_initial_trials
        self._threshold_ratio = threshold_ratio
        self._threshold: float | None = None

    def evaluate(self, trials: list[FrozenTrial], study_direction: StudyDirection) -> float:
        """Give the share of the median; it is computed once and kept.

        Args:
            trials: The trials of a study.
            study_direction: Its direction.

        Returns:
            The threshold; as long as there are too few trials for it, a negative number, so that
            no study stops.
        """
        if self._threshold is None:
            first = self._warm_up_trials
            done = sorted(complete(trials), key=lambda trial: trial.number)
            if len(done) < first + self._n_initial_trials:
                return -sys.float_info.min
            found = sorted(
                self._improvement.evaluate(done[first : first + n], study_direction)
                for n in range(1, self._n_initial_trials + 1)
            )
            median = found[len(found) // 2]
            self._threshold = min(sys.float_info.max, median * self._threshold_ratio)
        return self._threshold
