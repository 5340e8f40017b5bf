"""The signed-rank test gives SciPy's p-values, which are the definition's where they are exact."""

from __future__ import annotations

import itertools
import math
import random
import warnings

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import rankdata, wilcoxon

from steep.pruners.signed_rank import signed_rank_p


def scipy_p(differences: list[float]) -> float:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        test = wilcoxon(differences, alternative="greater", zero_method="zsplit")
    return float(test.pvalue)


def by_trying_all_signs(differences: list[float]) -> float:
    ranks = rankdata([abs(d) for d in differences])
    signs = [(d > 0) - (d < 0) for d in differences]
    observed = sum(r * s for r, s in zip(ranks, signs, strict=True))
    choices = list(itertools.product([-1, 1], repeat=len(differences)))
    sums = [
        sum(r * c * abs(s) for r, c, s in zip(ranks, choice, signs, strict=True))
        for choice in choices
    ]
    return sum(total >= observed for total in sums) / len(choices)


@given(st.lists(st.integers(-4, 6).map(float), min_size=1, max_size=9))
def test_with_ties_and_zeros_it_is_the_share_of_all_signs(differences: list[float]) -> None:
    assert signed_rank_p(differences) == by_trying_all_signs(differences)


@pytest.mark.parametrize("n", [2, 3, 10, 13, 14, 31, 50, 51, 80])
@pytest.mark.parametrize("seed", range(4))
def test_without_ties_it_is_scipy_s(n: int, seed: int) -> None:
    rng = random.Random(seed)
    differences = [rng.gauss(0.2, 1) for _ in range(n)]
    assert signed_rank_p(differences) == pytest.approx(scipy_p(differences), rel=1e-12)


@pytest.mark.parametrize("n", [2, 5, 7, 14, 31, 50, 51, 80])
@pytest.mark.parametrize("seed", range(4))
def test_with_ties_and_zeros_it_is_scipy_s(n: int, seed: int) -> None:
    rng = random.Random(seed)
    differences = [float(rng.randint(-3, 4)) for _ in range(n)]
    assert signed_rank_p(differences) == pytest.approx(scipy_p(differences), rel=1e-12)


def test_thirteen_pairs_with_ties_are_still_exact() -> None:
    differences = [1.0, 1.0, *map(float, range(2, 13))]
    assert signed_rank_p(differences) == 2.0**-13
    assert math.log2(signed_rank_p([*differences, 13.0])) != -14
