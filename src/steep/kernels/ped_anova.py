"""PED-ANOVA: how much a parameter matters for being among the best, from two histograms.

A parameter matters for reaching the best trials when its distribution among them differs from its
distribution among all. Watanabe et al. 2023, "PED-ANOVA: Efficiently Quantifying Hyperparameter
Importance in Arbitrary Subspaces" (IJCAI), show that the local variance that a parameter explains
is the Pearson divergence of the two densities. Baba et al. 2026, "Conditional PED-ANOVA" (KDD),
extend it to parameters that only some trials have, or whose range changes: a *regime* is the set
of trials with one range, and regimes are weighed by how often they occur.

Densities live on a grid of cells, so that the cost after counting depends on the cells alone.

Example:
    >>> everywhere = np.full(10, 10.0)
    >>> at_the_left = np.array([8.0, 2, 0, 0, 0, 0, 0, 0, 0, 0])
    >>> spread_out = np.full(10, 1.0)
    >>> left = variance([(at_the_left, everywhere)], 10, 100)
    >>> left > 10 * variance([(spread_out, everywhere)], 10, 100)
    True
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["density", "pearson_divergence", "variance"]

Floats: TypeAlias = NDArray[np.float64]

# One observation's weight of a uniform prior: no cell is impossible.
_PRIOR = 1.0
# In cells: 90% of a kernel's mass stays in its own cell at least.
_NARROWEST = 0.5 / 1.645


def variance(
    regimes: Iterable[tuple[Floats, Floats]],
    n_target: int,
    n_region: int,
    *,
    ordered: bool = True,
    local: bool = True,
) -> float:
    """Compute the variance that one parameter explains (Baba et al. 2026, theorem 4.2).

    Args:
        regimes: For each regime the histograms of the target trials and of the region trials,
            (k,) counts on the same k cells. Trials without the parameter belong to no regime.
        n_target: How many trials are in the target, the top γ' of all.
        n_region: How many trials are in the region, the top γ of all, γ' ≤ γ.
        ordered: Whether neighbouring cells are alike, i.e. the parameter is a number.
        local: Compare with the density in the region; False = with the uniform density.

    Returns:
        (γ'/γ)² Σ_i α_i²/β_i D_PE(p_i' ‖ p_i), where α_i and β_i are the shares of regime i in
        target and region. With one regime this is theorem 1 of Watanabe et al. 2023.
    """
    gamma_ratio = n_target / n_region
    total = 0.0
    for target, region in regimes:
        alpha, beta = target.sum() / n_target, region.sum() / n_region
        if alpha == 0.0:
            continue
        p = density(target, ordered)
        q = density(region, ordered) if local else np.full(len(region), 1.0 / len(region))
        total += alpha**2 / beta * pearson_divergence(p, q)
    return float(gamma_ratio**2 * total)


def pearson_divergence(p: Floats, q: Floats) -> float:
    """Compute D_PE(p ‖ q) = Σ q (p/q − 1)², the Pearson divergence.

    Args:
        p: (k,) probabilities.
        q: (k,) probabilities, positive.

    Returns:
        A number ≥ 0, which is 0 only where p = q.

    >>> pearson_divergence(np.array([1.0, 0.0]), np.array([0.5, 0.5]))
    1.0
    """
    return float(((p - q) ** 2 / q).sum())


def density(counts: Floats, ordered: bool) -> Floats:
    """Estimate probabilities of cells from counts by Parzen's kernels and a uniform prior.

    Args:
        counts: (k,) numbers of observations.
        ordered: Smooth over neighbouring cells, each kernel being a normal one that is cut off at
            both ends and summed up over the cells.

    Returns:
        (k,) positive probabilities that sum to 1.
    """
    n, k = counts.sum(), len(counts)
    smooth = _kernels(k, _bandwidth(counts)) @ counts if ordered and n > 0 else counts
    return np.asarray((smooth + _PRIOR / k) / (n + _PRIOR))


def _bandwidth(counts: Floats) -> float:
    """Choose the width by Scott (1992), "Multivariate Density Estimation", eq. 6.17, in cells."""
    cells = np.repeat(np.arange(len(counts)), counts.astype(np.int64))
    n = len(cells)
    # A robust scale: of a normal distribution the quartiles are 1.34 σ apart. Weibull's quantiles
    # do not shrink towards the middle when there are few observations.
    first, third = np.quantile(cells, [0.25, 0.75], method="weibull")
    sigma = cells.std(ddof=1) if n > 1 else 0.0
    scale = min(float(sigma), (third - first) / 1.34)
    return float(max(_NARROWEST, 1.059 * scale * n**-0.2))


def _kernels(k: int, sigma: float) -> Floats:
    """Give the mass of the kernel at cell j in cell i: (k, k), columns sum to 1."""
    edges = (np.arange(-k, k + 1) - 0.5) / (sigma * math.sqrt(2.0))
    mass = np.diff([0.5 * math.erf(edge) for edge in edges])
    i = np.arange(k)
    kernels = mass[i[:, None] - i[None, :] + k]
    return np.asarray(kernels / kernels.sum(axis=0))
