"""Terminators: when a study may stop, since little is left to be won.

A terminator compares what further trials may still improve with how exactly a value is known at
all. When the first is below the second, more trials would chase noise.

Example:
    >>> import warnings
    >>> import steep
    >>> from steep.terminator import BestValueStagnationEvaluator, Terminator, TerminatorCallback
    >>> with warnings.catch_warnings():  # Optuna is going to drop its terminators; steep keeps them
    ...     warnings.simplefilter("ignore", FutureWarning)
    ...     stop = TerminatorCallback(Terminator(BestValueStagnationEvaluator(10)))
    >>> study = steep.create_study(sampler=steep.samplers.RandomSampler(seed=0))
    >>> study.optimize(lambda t: t.suggest_float("x", -1, 1) ** 2, n_trials=500, callbacks=[stop])
    >>> len(study.trials) < 500
    True
"""

from __future__ import annotations

from steep.terminator.callback import TerminatorCallback
from steep.terminator.erroreval import (
    BaseErrorEvaluator,
    CrossValidationErrorEvaluator,
    StaticErrorEvaluator,
    report_cross_validation_scores,
)
from steep.terminator.improvement.base import BaseImprovementEvaluator
from steep.terminator.improvement.emmr import EMMREvaluator
from steep.terminator.improvement.regret_bound import RegretBoundEvaluator
from steep.terminator.improvement.stagnation import BestValueStagnationEvaluator
from steep.terminator.median_erroreval import MedianErrorEvaluator
from steep.terminator.terminator import BaseTerminator, Terminator

__all__ = [
    "TerminatorCallback",
    "BaseErrorEvaluator",
    "CrossValidationErrorEvaluator",
    "report_cross_validation_scores",
    "StaticErrorEvaluator",
    "MedianErrorEvaluator",
    "BaseImprovementEvaluator",
    "BestValueStagnationEvaluator",
    "RegretBoundEvaluator",
    "EMMREvaluator",
    "BaseTerminator",
    "Terminator",
]
