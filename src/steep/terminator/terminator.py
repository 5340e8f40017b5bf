"""Shall the study stop?"""

from __future__ import annotations

import abc
from typing import TYPE_CHECKING

from steep.states import TrialState
from steep.terminator.erroreval import (
    BaseErrorEvaluator,
    CrossValidationErrorEvaluator,
    StaticErrorEvaluator,
)
from steep.terminator.improvement.base import DEFAULT_MIN_N_TRIALS, BaseImprovementEvaluator
from steep.terminator.improvement.regret_bound import RegretBoundEvaluator
from steep.terminator.improvement.stagnation import BestValueStagnationEvaluator
from steep.terminator.notice import warn_of_optuna

if TYPE_CHECKING:
    from steep.study import Study

__all__ = ["BaseTerminator", "Terminator"]


class BaseTerminator(abc.ABC):
    """Decide whether a study stops."""

    @abc.abstractmethod
    def should_terminate(self, study: Study) -> bool:
        """Say whether the study is to stop now.

        Args:
            study: The study.
        """


class Terminator(BaseTerminator):
    """Stop when what is left to be improved is below the error of a value.

    Source: Makarova et al. (2022), "Automatic termination for hyperparameter optimization",
    AutoML, algorithm 1.

    Args:
        improvement_evaluator: How much may be improved; a :class:`RegretBoundEvaluator` if None.
        error_evaluator: How exactly a value is known; if None, 0 with a
            :class:`BestValueStagnationEvaluator`, else a :class:`CrossValidationErrorEvaluator`.
        min_n_trials: So many trials have to be COMPLETE, at least 1.

    Raises:
        ValueError: if ``min_n_trials`` is below 1.

    Example:
        >>> import warnings
        >>> import steep
        >>> from steep.terminator import RegretBoundEvaluator, StaticErrorEvaluator
        >>> with warnings.catch_warnings():
        ...     warnings.simplefilter("ignore", FutureWarning)
        ...     terminator = Terminator(RegretBoundEvaluator(seed=0), StaticErrorEvaluator(0.1))
        >>> study = steep.create_study(sampler=steep.samplers.TPESampler(seed=0))
        >>> study.optimize(lambda trial: trial.suggest_float("x", -1, 1) ** 2, n_trials=40)
        >>> terminator.should_terminate(study)
        True
    """

    def __init__(
        self,
        improvement_evaluator: BaseImprovementEvaluator | None = None,
        error_evaluator: BaseErrorEvaluator | None = None,
        min_n_trials: int = DEFAULT_MIN_N_TRIALS,
    ) -> None:
        warn_of_optuna("Terminator()")
        if min_n_trials <= 0:
            raise ValueError(f"Terminator(min_n_trials={min_n_trials}): give at least 1.")
        self._improvement = improvement_evaluator or RegretBoundEvaluator()
        self._error = error_evaluator or _fitting_error(self._improvement)
        self._min_n_trials = min_n_trials

    def should_terminate(self, study: Study) -> bool:
        """Say whether the study is to stop now.

        Args:
            study: The study, of one objective.

        Returns:
            True when the improvement that is left is below the error.

        Raises:
            ValueError: if an evaluator cannot judge these trials.
        """
        done = study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
        if len(done) < self._min_n_trials:
            return False
        trials, direction = study.get_trials(deepcopy=False), study.direction
        improvement = self._improvement.evaluate(trials=trials, study_direction=direction)
        return improvement < self._error.evaluate(trials=trials, study_direction=direction)


def _fitting_error(improvement: BaseImprovementEvaluator) -> BaseErrorEvaluator:
    if isinstance(improvement, BestValueStagnationEvaluator):
        return StaticErrorEvaluator(constant=0)
    return CrossValidationErrorEvaluator()
