"""How long the tests of reliability run: a little in CI, much more under ``make soak``.

``STEEP_SOAK=1`` (or 10, for ten times as long) asks for the long versions:

    STEEP_SOAK=1 python -m pytest tests/storages/machine tests/storages/kills
"""

from __future__ import annotations

import os

__all__ = ["FACTOR", "amount"]

FACTOR = float(os.environ.get("STEEP_SOAK") or 0)
"""0 in CI; 1 or more for a soak."""


def amount(usual: int, soaked: int) -> int:
    """Give how much of something to do.

    Args:
        usual: In CI.
        soaked: Under ``make soak``.
    """
    return max(usual, round(soaked * FACTOR)) if FACTOR else usual
