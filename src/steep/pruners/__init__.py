"""Pruners: they stop a trial early whose reports promise nothing.

A pruner is asked each time an objective calls :meth:`~steep.trial.Trial.should_prune`. It compares
the reports of this trial with those of the others, or with limits that the user gives.

| pruner | a trial goes on while |
|---|---|
| :class:`ASHAPruner` | it is in the best third of those that came to the same rung; the default |
| :class:`NopPruner` | always |
| :class:`MedianPruner` | its best report is at least as good as the median at this step |
| :class:`PercentilePruner` | ... as a percentile at this step |
| :class:`SuccessiveHalvingPruner` | it is in the best 1/η of those that came to the same rung |
| :class:`HyperbandPruner` | ... in its bracket; the brackets have rungs of different height |
| :class:`ThresholdPruner` | its latest report lies between two limits |
| :class:`PatientPruner` | it has improved lately, or another pruner spares it |
| :class:`WilcoxonPruner` | it is not significantly worse than the best trial, case by case |

Subclass :class:`BasePruner` to write another one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from steep.lazy import lazy_names
from steep.pruners.base import BasePruner

if TYPE_CHECKING:
    from steep.pruners.asha import ASHAPruner
    from steep.pruners.hyperband import HyperbandPruner
    from steep.pruners.median import MedianPruner
    from steep.pruners.nop import NopPruner
    from steep.pruners.patient import PatientPruner
    from steep.pruners.percentile import PercentilePruner
    from steep.pruners.successive_halving import SuccessiveHalvingPruner
    from steep.pruners.threshold import ThresholdPruner
    from steep.pruners.wilcoxon import WilcoxonPruner

__all__ = [
    "ASHAPruner",
    "BasePruner",
    "HyperbandPruner",
    "MedianPruner",
    "NopPruner",
    "PatientPruner",
    "PercentilePruner",
    "SuccessiveHalvingPruner",
    "ThresholdPruner",
    "WilcoxonPruner",
]

__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "ASHAPruner": "asha",
        "HyperbandPruner": "hyperband",
        "MedianPruner": "median",
        "NopPruner": "nop",
        "PatientPruner": "patient",
        "PercentilePruner": "percentile",
        "SuccessiveHalvingPruner": "successive_halving",
        "ThresholdPruner": "threshold",
        "WilcoxonPruner": "wilcoxon",
    },
)
