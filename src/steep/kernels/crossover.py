"""How genetic algorithms make children: crossovers of parents, and the mutation of a child.

All functions work on whole generations: ``parents`` is (n, k, d), the k parents of each of n
children; ``bounds`` is (d, 2), the lowest and the highest value of each of the d coordinates. A
child may leave the bounds where its law says so. NaN coordinates stay NaN.

>>> rng = np.random.default_rng(0)
>>> parents = np.array([[[0.0, 0.0], [1.0, 1.0]]])
>>> bool(np.isin(uniform(parents, rng, 0.5), [0.0, 1.0]).all())
True

``rng`` is a ``numpy.random.Generator`` or a ``RandomState``: only what both have is used.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["blend", "polynomial_mutation", "sbx", "simplex", "undx", "uniform", "vsbx"]

Array = NDArray[np.float64]

_TINY = 1e-10


def uniform(parents: Array, rng: Any, swap: float) -> Array:
    """Take each coordinate from the first parent, with probability ``swap`` from the last.

    Source: Syswerda, "Uniform crossover in genetic algorithms", ICGA 1989, section 1.

    Returns:
        (n, d) float64.
    """
    first, last = parents[:, 0], parents[:, -1]
    return np.where(rng.random(first.shape) < swap, last, first)


def blend(parents: Array, rng: Any, alpha: float) -> Array:
    """Draw from the box between two parents, longer by ``alpha`` times its side at each end.

    Source: Eshelman, Schaffer, "Real-coded genetic algorithms and interval-schemata", FOGA 1992
    (BLX-alpha); eq. (1) of Takahashi, Kita, CEC 2001.

    Returns:
        (n, d) float64.
    """
    low, high = parents.min(axis=1), parents.max(axis=1)
    margin = alpha * (high - low)
    return np.asarray(low - margin + rng.random(low.shape) * (high - low + 2.0 * margin))


def sbx(parents: Array, bounds: Array, rng: Any, eta: float, swap: float, use: float) -> Array:
    """Draw as near to two parents as one-point crossover of bit strings would, within bounds.

    Source: Deb, Agrawal, "Simulated binary crossover for continuous search space", Complex
    Systems 9 (1995), eq. (3)-(5); the bounds as in Deb's code of NSGA-II.

    Args:
        parents: (n, 2, d) float64.
        bounds: (d, 2) float64.
        rng: Where the randomness comes from.
        eta: The larger, the nearer to the parents.
        swap: The probability that the two children exchange a coordinate.
        use: The probability that a coordinate is a child's, and not a parent's.

    Returns:
        (n, d) float64, one of the two children.
    """
    near, far = parents.min(axis=1), parents.max(axis=1)
    gap = np.maximum(far - near, _TINY)
    u = rng.random(near.shape)
    lower = _spread(u, 1.0 + 2.0 * (near - bounds[:, 0]) / gap, eta)
    upper = _spread(u, 1.0 + 2.0 * (bounds[:, 1] - far) / gap, eta)
    middle = near + far
    children = np.stack([middle - lower * gap, middle + upper * gap], axis=1) / 2.0  # eq. (4), (5)
    return _one_of_two(children, parents, rng, swap, use)


def _spread(u: Array, room: Array, eta: float) -> Array:
    """Give the spread factor β of eq. (3), of a density that ends at the bound (``room``)."""
    power = 1.0 / (eta + 1.0)
    alpha = 2.0 - np.power(np.maximum(room, 1.0), -(eta + 1.0))
    scaled = u * alpha
    return np.where(scaled <= 1.0, scaled**power, (1.0 / np.maximum(2.0 - scaled, _TINY)) ** power)


def vsbx(parents: Array, rng: Any, eta: float, swap: float, use: float) -> Array:
    """Draw as :func:`sbx` does, but leave no region out: children may lie anywhere.

    Source: Ballester, Carter, "Real-parameter genetic algorithms for finding multiple optimal
    solutions in multi-modal optimization", GECCO 2003, section 3.2.

    Args:
        parents: (n, 2, d) float64.
        rng: Where the randomness comes from.
        eta: The larger, the nearer to the parents.
        swap: The probability that the two children exchange a coordinate.
        use: The probability that a coordinate is a child's, and not a parent's.

    Returns:
        (n, d) float64, one of the two children.
    """
    one, two = parents[:, 0], parents[:, 1]
    u = rng.random(one.shape)
    power = 1.0 / (eta + 1.0)
    b1 = np.maximum(2.0 * u, _TINY) ** -power
    b2 = np.maximum(2.0 * (1.0 - u), _TINY) ** -power
    coins = rng.random((len(one), 2, 1)) <= 0.5
    outer = np.where(coins[:, 0], (1 + b1) * one + (1 - b2) * two, (1 - b1) * one + (1 + b2) * two)
    inner = np.where(coins[:, 1], (3 - b1) * one - (1 - b2) * two, (3 - b2) * two - (1 - b1) * one)
    return _one_of_two(np.stack([outer, inner], axis=1) / 2.0, parents, rng, swap, use)


def _one_of_two(children: Array, parents: Array, rng: Any, swap: float, use: float) -> Array:
    """Mix two children (n, 2, d) with their parents and with each other; keep one of them."""
    n, _, d = children.shape
    coins = rng.random((n, d, 2))
    is_second = (rng.random((n, 1)) < 0.5) ^ (coins[:, :, 1] < swap)
    own = np.where(is_second, children[:, 1], children[:, 0])
    inherited = np.where(is_second, parents[:, 1], parents[:, 0])
    return np.where(coins[:, :, 0] < use, own, inherited)


def simplex(parents: Array, rng: Any, epsilon: float | None) -> Array:
    """Draw uniformly from the simplex of the parents, expanded around its centre.

    Source: Tsutsui, Goldberg, Sastry, "Progress toward linkage learning in real-coded GAs with
    simplex crossover", IlliGAL report 2000007, section 2.

    Args:
        parents: (n, k, d) float64.
        rng: Where the randomness comes from.
        epsilon: The rate of expansion; √(d + 2) if None.

    Returns:
        (n, d) float64.
    """
    n, k, d = parents.shape
    centre = parents.mean(axis=1, keepdims=True)  # eq. (1)
    rate = np.sqrt(d + 2.0) if epsilon is None else epsilon
    corners = centre + rate * (parents - centre)  # eq. (3)
    r = rng.random((n, k - 1)) ** (1.0 / np.arange(1, k))  # eq. (2)
    offset = np.zeros((n, d))
    for j in range(1, k):
        offset = r[:, j - 1, None] * (corners[:, j - 1] - corners[:, j] + offset)  # eq. (4)
    return np.asarray(corners[:, -1] + offset)  # eq. (5)


def undx(parents: Array, rng: Any, sigma_xi: float, sigma_eta: float | None) -> Array:
    """Draw from a normal distribution along the line of two parents, as wide as a third is far.

    Source: Kita, Ono, Kobayashi, "Multi-parental extension of the unimodal normal distribution
    crossover for real-coded genetic algorithms", CEC 1999, section 2, eq. (2)-(5).

    Args:
        parents: (n, 3, d) float64.
        rng: Where the randomness comes from.
        sigma_xi: The deviation along the line, in units of the distance of the two parents.
        sigma_eta: The deviation across it, in units of the distance of the third; 0.35/√d if
            None.

    Returns:
        (n, d) float64.
    """
    one, two, three = parents[:, 0], parents[:, 1], parents[:, 2]
    n, d = one.shape
    along = one - two  # eq. (3)
    length = np.linalg.norm(along, axis=1, keepdims=True)
    axis = along / np.maximum(length, _TINY)
    distance = np.linalg.norm(_across(three - one, axis), axis=1, keepdims=True)  # eq. (4)
    xi = sigma_xi * rng.standard_normal((n, 1))
    eta = (0.35 / np.sqrt(d) if sigma_eta is None else sigma_eta) * rng.standard_normal((n, d))
    # A normal vector of the whole space, projected, is one of the subspace: no basis is needed.
    return np.asarray((one + two) / 2.0 + xi * along + distance * _across(eta, axis))  # eq. (5)


def _across(vectors: Array, axis: Array) -> Array:
    """Take away the part of vectors (n, d) along unit vectors (n, d)."""
    return np.asarray(vectors - (vectors * axis).sum(axis=1, keepdims=True) * axis)


def polynomial_mutation(values: Array, bounds: Array, rng: Any, eta: float) -> Array:
    """Move values by a polynomially distributed step that ends at the bounds.

    Source: Deb et al., "A fast and elitist multiobjective genetic algorithm: NSGA-II", IEEE TEC
    6(2), 2002, section V; the bounds as in Deb's code of NSGA-II, revision 1.1.6.

    Args:
        values: (..., d) float64.
        bounds: (d, 2) float64.
        rng: Where the randomness comes from.
        eta: The larger, the shorter the steps.

    Returns:
        (..., d) float64.
    """
    low, width = bounds[:, 0], bounds[:, 1] - bounds[:, 0]
    below = np.clip((values - low) / np.where(width > 0.0, width, 1.0), 0.0, 1.0)
    u = rng.random(np.shape(values))
    is_down = u <= 0.5
    tail = 2.0 * np.where(is_down, u, 1.0 - u)
    room = np.where(is_down, below, 1.0 - below)
    step = 1.0 - (tail + (1.0 - tail) * (1.0 - room) ** (eta + 1.0)) ** (1.0 / (eta + 1.0))
    return np.asarray(values + np.where(is_down, -step, step) * np.maximum(width, 0.0))
