"""Trials: live ones that objectives run, frozen ones that record, fixed ones to try by hand."""

from __future__ import annotations

from steep.states import TrialState
from steep.trial.base import BaseTrial
from steep.trial.create import create_trial
from steep.trial.fixed import FixedTrial
from steep.trial.frozen import FrozenTrial
from steep.trial.live import Trial
from steep.trial.scope import ScopedTrial
from steep.trial.typed import Choice, Fixed, Order, Ordinal, Range, Some, Weights, params_of

__all__ = [
    "BaseTrial",
    "Choice",
    "Fixed",
    "FixedTrial",
    "FrozenTrial",
    "Order",
    "Ordinal",
    "Range",
    "ScopedTrial",
    "Some",
    "Trial",
    "TrialState",
    "Weights",
    "create_trial",
    "params_of",
]
