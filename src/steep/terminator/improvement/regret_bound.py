"""How far can the best trial be from the best of the whole space?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from steep.search_space import intersection_search_space
from steep.states import StudyDirection
from steep.terminator.improvement.base import (
    DEFAULT_MIN_N_TRIALS,
    BaseImprovementEvaluator,
    complete,
    scores_of,
)
from steep.terminator.model import Beliefs, Points, regret_bound

if TYPE_CHECKING:
    from steep.trial import FrozenTrial

__all__ = ["RegretBoundEvaluator"]

_MOST = 500
"""The Gaussian process sees so many of the best trials at most."""


class RegretBoundEvaluator(BaseImprovementEvaluator):
    """Bound the regret of the best trial by what a Gaussian process holds possible.

    Source: Makarova et al. (2022), "Automatic termination for hyperparameter optimization",
    AutoML, eqs. 3 to 5.

    Args:
        top_trials_ratio: The share of the trials, the best ones, that are modelled.
        min_n_trials: So many are modelled at least.
        seed: The same seed gives the same bound; None for another one each time.
    """

    def __init__(
        self,
        top_trials_ratio: float = 0.5,
        min_n_trials: int = DEFAULT_MIN_N_TRIALS,
        seed: int | None = None,
    ) -> None:
        self._top_trials_ratio = top_trials_ratio
        self._min_n_trials = min_n_trials
        self._seed = seed

    def evaluate(self, trials: list[FrozenTrial], study_direction: StudyDirection) -> float:
        """Bound the regret.

        Args:
            trials: The trials of a study.
            study_direction: Its direction.

        Returns:
            The bound, in units of the objective value.

        Raises:
            ValueError: if no trial is COMPLETE, or these have no parameter in common.
        """
        done, space = complete(trials), intersection_search_space(trials)
        if not done:
            raise ValueError("RegretBoundEvaluator.evaluate(): no trial is COMPLETE yet.")
        if not space:
            raise ValueError(
                "RegretBoundEvaluator.evaluate(): the COMPLETE trials have no parameter in common."
            )
        scores = scores_of(done, study_direction)
        top = np.flatnonzero(scores >= np.sort(scores)[-self._n_top(len(done))])
        top = np.sort(top[np.argsort(-scores[top], kind="stable")[:_MOST]])
        points = Points(space, [done[i] for i in top])
        deviation = max(1e-10, float(scores[top].std()))
        y = (scores[top] - scores[top].mean()) / deviation
        beliefs = Beliefs(points.columns, y, points.groups)
        rng = np.random.default_rng(self._seed)
        return regret_bound(beliefs, points, len(y), rng) * deviation

    def _n_top(self, n: int) -> int:
        return min(max(int(n * self._top_trials_ratio), self._min_n_trials, 1), n)
