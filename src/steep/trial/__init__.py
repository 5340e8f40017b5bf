"""Trials: live ones that objectives run, frozen ones that record, fixed ones to try by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from steep.lazy import lazy_names
from steep.states import TrialState
from steep.trial.base import BaseTrial
from steep.trial.create import create_trial
from steep.trial.fixed import FixedTrial
from steep.trial.frozen import FrozenTrial
from steep.trial.live import Trial

if TYPE_CHECKING:
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

_TYPED = ("Choice", "Fixed", "Order", "Ordinal", "Range", "Some", "Weights", "params_of")

__getattr__, __dir__ = lazy_names(
    __name__, {"ScopedTrial": "scope", **dict.fromkeys(_TYPED, "typed")}
)
