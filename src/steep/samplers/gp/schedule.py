"""When hyperparameters are fitted: at fixed numbers of trials.

A fit starts from the result of the one before. So that a process that has just opened the study
fits the same, the numbers of trials at which fits happen are fixed, and now and then a fit starts
from the prior: whoever comes anew goes back to that one, which is never far.

Example:
    >>> fits_until(33)
    [20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 33]
    >>> fits_until(1000)
    [897, 913, 929, 945, 961, 977, 993]
"""

from __future__ import annotations

__all__ = ["MOST_POINTS", "ROOM", "fits_until"]

MOST_POINTS = 256
"""No model has more points than this."""
ROOM = 16
"""So many of them are left for the trials that come before the next fit."""

_EACH_UNTIL = 30
_FITS_IN_A_ROW = 8


def fits_until(n: int) -> list[int]:
    """Give the numbers of trials at which fits happen that matter for n trials.

    Args:
        n: The number of trials, at least 1.

    Returns:
        Ascending; the first fit starts from the prior, each other one from the fit before it.
    """
    if n > MOST_POINTS:
        last = (n - MOST_POINTS - 1) // ROOM
        first = last - last % _FITS_IN_A_ROW
        return [MOST_POINTS + 1 + i * ROOM for i in range(first, last + 1)]
    fits, start, size = [1], 10, 1
    while (size := _following(size)) <= n:
        if size >= start:
            fits, start = [], 2 * start
        fits.append(size)
    return fits


def _following(size: int) -> int:
    return size + 1 if size < _EACH_UNTIL else size + size // 10
