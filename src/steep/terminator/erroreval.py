"""How exactly is an objective value known?"""

from __future__ import annotations

import abc
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

import numpy as np

from steep.states import StudyDirection
from steep.terminator.improvement.base import complete
from steep.terminator.notice import warn_of_optuna

if TYPE_CHECKING:
    from steep.trial import FrozenTrial, Trial

__all__ = [
    "BaseErrorEvaluator",
    "CrossValidationErrorEvaluator",
    "StaticErrorEvaluator",
    "keep_scores",
    "report_cross_validation_scores",
]

_SCORES = "terminator:cv_scores"  # where Optuna keeps them too


class BaseErrorEvaluator(abc.ABC):
    """Say below which improvement a study may stop."""

    @abc.abstractmethod
    def evaluate(self, trials: list[FrozenTrial], study_direction: StudyDirection) -> float:
        """Estimate the error of an objective value.

        Args:
            trials: The trials of a study, in the order of their numbers.
            study_direction: Its direction.

        Returns:
            The estimate, in units of what the improvement evaluator gives.
        """


class StaticErrorEvaluator(BaseErrorEvaluator):
    """Give a number that the user knows.

    Args:
        constant: The number.
    """

    def __init__(self, constant: float) -> None:
        self._constant = constant

    def evaluate(self, trials: list[FrozenTrial], study_direction: StudyDirection) -> float:
        """Give the number.

        Args:
            trials: Are not looked at.
            study_direction: Neither.
        """
        return self._constant


class CrossValidationErrorEvaluator(BaseErrorEvaluator):
    """Give the error of the best trial's mean over the folds of a cross-validation.

    The objective has to call :func:`report_cross_validation_scores`. The variance of k scores is
    scaled by 1/k + 1/(k - 1), since the training sets of the folds overlap: Nadeau and Bengio
    (2003), "Inference for the generalization error", Machine Learning 52, as used by Makarova et
    al. (2022), "Automatic termination for hyperparameter optimization", AutoML, sec. 4.
    """

    def evaluate(self, trials: list[FrozenTrial], study_direction: StudyDirection) -> float:
        """Estimate the standard error of the best value.

        Args:
            trials: The trials of a study.
            study_direction: Its direction.

        Returns:
            The standard error.

        Raises:
            ValueError: if no trial is COMPLETE, or the best one has no scores.
        """
        done = complete(trials)
        if not done:
            raise ValueError("CrossValidationErrorEvaluator.evaluate(): no trial is COMPLETE yet.")
        choose = max if study_direction == StudyDirection.MAXIMIZE else min
        best = choose(done, key=lambda trial: cast("float", trial.value))
        if _SCORES not in best.system_attrs:
            raise ValueError(
                f"CrossValidationErrorEvaluator.evaluate(): the best trial, {best.number}, has no "
                "scores. Call report_cross_validation_scores(trial, scores) in the objective, or "
                "choose another error_evaluator."
            )
        scores = best.system_attrs[_SCORES]
        k = len(scores)
        return math.sqrt((1 / k + 1 / (k - 1)) * float(np.var(scores)))


def report_cross_validation_scores(trial: Trial, scores: Sequence[float]) -> None:
    """Report the scores of the folds, from within the objective.

    Args:
        trial: The running trial.
        scores: One score a fold, at least two.

    Raises:
        ValueError: if there are fewer than two scores.
    """
    warn_of_optuna("report_cross_validation_scores()")
    if len(scores) <= 1:
        raise ValueError(
            f"report_cross_validation_scores(scores={scores!r}): give at least two scores, one a "
            "fold."
        )
    keep_scores(trial, scores)


def keep_scores(trial: Trial, scores: Sequence[float]) -> None:
    """Keep the scores of the folds with a trial, for :class:`CrossValidationErrorEvaluator`.

    Args:
        trial: The running trial.
        scores: One score a fold.
    """
    own = [float(score) for score in scores]
    trial.study._storage.set_trial_system_attr(trial._trial_id, _SCORES, own)
