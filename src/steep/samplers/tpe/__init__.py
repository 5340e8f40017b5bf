"""The tree-structured Parzen estimator."""

from __future__ import annotations

from steep.samplers.tpe.sampler import TPESampler

__all__ = ["TPESampler"]
