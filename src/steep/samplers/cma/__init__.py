"""CMA-ES, on the package ``cmaes``."""

from __future__ import annotations

from steep.samplers.cma.sampler import CmaEsSampler

__all__ = ["CmaEsSampler"]
