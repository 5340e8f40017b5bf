"""Genetic algorithms: NSGA-II, NSGA-III and what they have in common."""

from __future__ import annotations

from steep.samplers.nsga.base import BaseGASampler
from steep.samplers.nsga.nsgaiii import NSGAIIISampler
from steep.samplers.nsga.sampler import NSGAIISampler

__all__ = ["BaseGASampler", "NSGAIIISampler", "NSGAIISampler"]
