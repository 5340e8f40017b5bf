"""Search near the best trial, where a quadratic model of the loss is trusted."""

from __future__ import annotations

from steep.samplers.local.region import Region, region_of
from steep.samplers.local.sampler import LocalSampler

__all__ = ["LocalSampler", "Region", "region_of"]
