"""How uncertain is what a forest says, given that other trials would have grown another forest?

Trees of one forest see the same samples, so how they differ tells nothing of that. Half of the
samples do: what a statistic is on one half and what it is on the other half are independent, and
the mean square of their difference is four times the variance on all samples. The randomness of
the few trees that each half grows is in it too, so the errors are rather too large than too small.

Source: McCarthy (1969), "Pseudo-replication: half samples", Review of the International
Statistical Institute 37, sec. 3.

Example:
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> y = rng.normal(size=400)
    >>> means = np.array([y[half].mean() for half in half_samples(400, 500, rng)])
    >>> bool(abs(standard_errors(means[:, None])[0] - 1 / np.sqrt(400)) < 0.003)
    True
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["half_samples", "standard_errors"]

Matrix = NDArray[np.float64]
Vector = NDArray[np.float64]
Ints = NDArray[np.intp]


def half_samples(n: int, n_pairs: int, rng: np.random.Generator) -> list[Ints]:
    """Split samples into halves, again and again.

    Args:
        n: The number of samples, at least 2.
        n_pairs: How often.
        rng: Where the randomness comes from.

    Returns:
        4 n_pairs arrays: one half twice, then the other half twice.
    """
    halves: list[Ints] = []
    for _ in range(n_pairs):
        one, other = np.split(rng.permutation(n), [n // 2])
        halves += [one, one, other, other]
    return halves


def standard_errors(halves: Matrix) -> Vector:
    """Estimate the standard errors of means over the trees of a forest.

    Args:
        halves: (4 p, d) float64, d statistics of a tree on each of :func:`half_samples`.

    Returns:
        (d,) float64.
    """
    means = halves.reshape(-1, 2, 2, halves.shape[1]).mean(axis=2)  # pair, half
    variance: Vector = ((means[:, 0] - means[:, 1]) ** 2).mean(axis=0) / 4.0
    return np.sqrt(variance)
