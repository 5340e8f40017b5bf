"""Bayesian optimization with Gaussian processes."""

from __future__ import annotations

from steep.samplers.gp.sampler import GPSampler

__all__ = ["GPSampler"]
