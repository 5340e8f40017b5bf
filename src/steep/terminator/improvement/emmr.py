"""How much did the last trial change what is believed of the best point?"""

from __future__ import annotations

import math
import sys
import warnings
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from steep.search_space import intersection_search_space
from steep.states import StudyDirection
from steep.terminator.improvement.base import BaseImprovementEvaluator, complete, scores_of
from steep.terminator.model import Beliefs, Points, regret_bound

if TYPE_CHECKING:
    from steep.trial import FrozenTrial

__all__ = ["EMMREvaluator"]

_NEVER = 0.1 * sys.float_info.max
"""So much is left where nothing can be said; a share of it is still a finite number."""


class EMMREvaluator(BaseImprovementEvaluator):
    """Bound the gap between the expected minimum regrets before and after the last trial.

    It goes to 0 only when the best point is found. What it is compared with has to be of its own
    kind: pair it with a :class:`MedianErrorEvaluator`.

    Source: Ishibashi, Karasuyama, Takeuchi, Hino (2023), "A stopping criterion for Bayesian
    optimization by the gap of expected minimum simple regrets", AISTATS, theorem 1, eq. 4 and
    algorithm 1.

    Args:
        deterministic_objective: Whether the same parameters always give the same value.
        delta: How probable it may be that the bound on the regret does not hold.
        min_n_trials: So many trials have to be COMPLETE, at least 2.
        seed: The same seed gives the same result; None for another one each time.

    Raises:
        ValueError: if ``min_n_trials`` is not finite or below 2.
    """

    def __init__(
        self,
        deterministic_objective: bool = False,
        delta: float = 0.1,
        min_n_trials: int = 2,
        seed: int | None = None,
    ) -> None:
        if min_n_trials <= 1 or not math.isfinite(min_n_trials):
            raise ValueError(f"EMMREvaluator(min_n_trials={min_n_trials}): give at least 2.")
        self._is_exact = deterministic_objective
        self._delta = delta
        self.min_n_trials = min_n_trials
        self._seed = seed

    def evaluate(self, trials: list[FrozenTrial], study_direction: StudyDirection) -> float:
        """Bound the gap.

        Args:
            trials: The trials of a study, in the order of their numbers.
            study_direction: Its direction.

        Returns:
            The bound, in units of the standard deviation of the values; a huge number where there
            are too few trials, or no parameter that all of them have.
        """
        done, space = complete(trials), intersection_search_space(trials)
        if len(done) < self.min_n_trials:
            return _NEVER
        if not space:
            warnings.warn(
                "EMMREvaluator: the COMPLETE trials have no parameter in common, so that this "
                "study never stops by it.",
                stacklevel=2,
            )
            return _NEVER
        scores = scores_of(done, study_direction)
        y = (scores - scores.mean()) / max(sys.float_info.min, float(scores.std()))
        return self._gap(Points(space, done), y)

    def _gap(self, points: Points, y: NDArray[np.float64]) -> float:
        x, groups, n = points.columns, points.groups, len(y)
        before = Beliefs(x[:-1], y[:-1], groups, is_exact=self._is_exact)
        after = Beliefs(x, y, groups, is_exact=self._is_exact)
        old, new = x[int(y[:-1].argmax())], x[int(y.argmax())]
        # Theorem 1: the expected maximum of f at the old and at the new best point.
        fall = float(before.at(old[None])[0][0] - after.at(new[None])[0][0])
        v = math.sqrt(max(after.variance_of_difference(new, old), 1e-10))
        g = -fall / v
        moved = fall + v * _density(g) + v * g * _distribution(g)
        rng = np.random.default_rng(self._seed)
        kappa = regret_bound(before, points, n - 1, rng, self._delta)
        # Sec. 4.4: both posteriors of eq. 4 need one prior, so the point that came last is taken
        # out of what is believed afterwards.
        without = Beliefs(x[:-1], y[:-1], groups, after.theta)
        mean, variance = (float(found[0]) for found in without.at(x[-1:]))
        divergence = _divergence(mean, variance, float(y[-1]), after.noise)
        return min(0.5 * sys.float_info.max, moved + kappa * math.sqrt(0.5 * divergence))


def _divergence(mean: float, variance: float, y: float, noise: float) -> float:
    """Give the Kullback-Leibler divergence by which y changes the belief (eq. 4)."""
    share = variance / (variance + noise)
    surprise = (y - mean) ** 2 / (variance + noise)
    return max(0.5 * (math.log1p(variance / noise) - share + share * surprise), 0.0)


def _density(g: float) -> float:
    return math.exp(-0.5 * min(g * g, 1400.0)) / math.sqrt(2.0 * math.pi)


def _distribution(g: float) -> float:
    return 0.5 * math.erfc(-g / math.sqrt(2.0))
