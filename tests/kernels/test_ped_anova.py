"""The PED-ANOVA kernel against values that can be computed by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from steep.kernels.ped_anova import density, pearson_divergence, variance

counts_of = arrays(np.float64, st.integers(2, 50), elements=st.integers(0, 1000).map(float))


def test_pearson_divergence_is_the_formula_of_the_paper() -> None:
    p, q = np.array([0.7, 0.2, 0.1]), np.array([0.2, 0.3, 0.5])
    assert pearson_divergence(p, q) == pytest.approx((q * (p / q - 1.0) ** 2).sum())


def test_equal_densities_have_no_divergence() -> None:
    p = np.array([0.25, 0.5, 0.25])
    assert pearson_divergence(p, p) == 0.0


@given(counts_of, st.booleans())
def test_density_is_a_positive_distribution(counts: np.ndarray, ordered: bool) -> None:
    p = density(counts, ordered)
    assert (p > 0.0).all()
    assert p.sum() == pytest.approx(1.0)


@given(counts_of)
def test_an_ordered_density_mirrors_with_its_counts(counts: np.ndarray) -> None:
    assert density(counts[::-1], True) == pytest.approx(density(counts, True)[::-1])


def test_only_ordered_densities_smooth_over_neighbours() -> None:
    counts = np.array([0.0, 0.0, 100.0, 0.0, 0.0])
    ordered, unordered = density(counts, True), density(counts, False)
    assert ordered[1] > 2.0 * ordered[0]
    assert unordered[1] == unordered[0]


def test_variance_of_an_unordered_parameter_tends_to_the_exact_one() -> None:
    """The variance of P(top | cell) over the cells is what the theorem states."""
    share = np.array([0.3, 0.05, 0.01])  # of each category that is in the top
    region = np.full(3, 1e6)
    target = share * region
    n_target, n_region = int(target.sum()), int(region.sum())
    exact = ((share - share.mean()) ** 2).mean()
    assert variance([(target, region)], n_target, n_region, ordered=False) == pytest.approx(
        exact, rel=1e-3
    )


def test_regimes_are_weighed_by_how_often_they_occur() -> None:
    target, region = np.array([30.0, 10.0]), np.array([100.0, 100.0])
    alone = variance([(target, region)], 40, 200, ordered=False)
    # The same trials, but as many others without the parameter: α = 1/2, β = 1/2, γ unchanged.
    half = variance([(target, region)], 80, 400, ordered=False)
    assert half == pytest.approx(alone * 0.5)


def test_a_regime_without_target_trials_adds_nothing() -> None:
    full = (np.array([5.0, 0.0]), np.array([10.0, 10.0]))
    empty = (np.array([0.0, 0.0]), np.array([10.0, 10.0]))
    assert variance([full, empty], 5, 40) == variance([full], 5, 40)


def test_global_comparison_sees_where_the_region_itself_is_concentrated() -> None:
    region = np.array([90.0, 5.0, 3.0, 2.0])
    target = region / 10.0
    near = variance([(target, region)], 10, 100, ordered=False)
    far = variance([(target, region)], 10, 100, ordered=False, local=False)
    assert far > 10.0 * near
