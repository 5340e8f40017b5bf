"""Uniform random search, with nothing but the standard library."""

from __future__ import annotations

import random

from benchmarks.efficiency.spaces import Configuration, Space

__all__ = ["Adapter"]


class Adapter:
    """Draw each configuration at random."""

    def __init__(self, space: Space, seed: int, objectives: int, evaluations: int) -> None:
        self._space = space
        self._random = random.Random(seed)

    def ask(self) -> Configuration:
        """Draw a configuration."""
        drawn = {parameter.name: parameter.at(self._random.random()) for parameter in self._space}
        return self._space.only_active(drawn)

    def tell(self, configuration: Configuration, losses: list[float]) -> None:
        """Learn nothing."""
