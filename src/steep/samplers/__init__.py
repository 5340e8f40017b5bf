"""Samplers propose parameters.

| sampler | proposes |
|---|---|
| :class:`AutoSampler` | as the best of the others for the trials so far; the default |
| :class:`TPESampler` | where good trials are dense and bad ones are not |
| :class:`GPSampler` | where a Gaussian process expects the largest improvement |
| :class:`RandomSampler` | uniformly at random |
| :class:`CmaEsSampler` | from a normal distribution that moves towards what is better |
| :class:`NSGAIISampler` | children of the best trials, for several objectives |
| :class:`NSGAIIISampler` | the same, for many objectives |
| :class:`QMCSampler` | evenly spread over the space |
| :class:`GridSampler` | every combination of given values, once |
| :class:`BruteForceSampler` | everything that the objective can ask for, once |
| :class:`PartialFixedSampler` | some fixed values, and the rest as another sampler does |

Subclass :class:`BaseSampler` to write another one, or :class:`BaseGASampler` for a genetic one;
:mod:`steep.samplers.nsgaii` holds crossovers and mutations.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from steep.lazy import lazy_names
from steep.samplers.base import BaseSampler
from steep.samplers.random import RandomSampler

if TYPE_CHECKING:
    from steep.samplers import nsgaii
    from steep.samplers.auto import AutoSampler
    from steep.samplers.brute_force import BruteForceSampler
    from steep.samplers.cma import CmaEsSampler
    from steep.samplers.gp import GPSampler
    from steep.samplers.grid import GridSampler
    from steep.samplers.nsga import BaseGASampler, NSGAIIISampler, NSGAIISampler
    from steep.samplers.partial_fixed import PartialFixedSampler
    from steep.samplers.qmc import QMCSampler
    from steep.samplers.tpe import TPESampler

__all__ = [
    "AutoSampler",
    "BaseGASampler",
    "BaseSampler",
    "BruteForceSampler",
    "GPSampler",
    "CmaEsSampler",
    "GridSampler",
    "NSGAIIISampler",
    "NSGAIISampler",
    "PartialFixedSampler",
    "QMCSampler",
    "RandomSampler",
    "TPESampler",
    "nsgaii",
]

__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "AutoSampler": "auto",
        "BaseGASampler": "nsga",
        "BruteForceSampler": "brute_force",
        "GPSampler": "gp",
        "CmaEsSampler": "cma",
        "GridSampler": "grid",
        "NSGAIIISampler": "nsga",
        "NSGAIISampler": "nsga",
        "PartialFixedSampler": "partial_fixed",
        "QMCSampler": "qmc",
        "TPESampler": "tpe",
        "nsgaii": None,
    },
)
