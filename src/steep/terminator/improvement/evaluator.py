"""The evaluators where programs for Optuna import them from; each has a file of its own."""

from __future__ import annotations

from steep.terminator.improvement.base import DEFAULT_MIN_N_TRIALS, BaseImprovementEvaluator
from steep.terminator.improvement.regret_bound import RegretBoundEvaluator
from steep.terminator.improvement.stagnation import BestValueStagnationEvaluator

__all__ = [
    "DEFAULT_MIN_N_TRIALS",
    "BaseImprovementEvaluator",
    "BestValueStagnationEvaluator",
    "RegretBoundEvaluator",
]
