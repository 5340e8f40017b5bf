"""Log expected improvement, from where it is large to where it underflows a thousand times."""

from __future__ import annotations

import math
from decimal import Decimal, getcontext

import numpy as np
import pytest
from scipy import integrate, stats

from steep.kernels.acquisition import (
    log_below,
    log_below_with_slopes,
    log_ei,
    log_ei_with_slopes,
    log_h,
    log_h_with_ratios,
)


def tail(u: float) -> float:
    """Give log h(u) for u < 0 by the continued fraction of Mills' ratio, with 60 digits."""
    getcontext().prec = 60
    z, fraction = Decimal(-u), Decimal(0)
    for k in range(4000, 0, -1):
        fraction = Decimal(k) / (z + fraction)
    mills = 1 / (z + fraction)
    g = 1 - z * mills
    return float(g.ln() - z * z / 2) - 0.5 * math.log(2 * math.pi)


@pytest.mark.parametrize(
    "u", [-1.0, -1.7, -5.0, -20.0, -40.0, -99.0, -100.0, -101.0, -1e3, -1e5, -1e8]
)
def test_the_tail_agrees_with_60_digits(u: float) -> None:
    assert log_h(np.array([u]))[0] == pytest.approx(tail(u), rel=1e-11)


@pytest.mark.parametrize("u", [-1.5, -0.3, 0.0, 0.4, 3.0, 40.0, 1e6])
def test_the_middle_agrees_with_the_definition(u: float) -> None:
    wanted = math.log(stats.norm.pdf(u) + u * stats.norm.cdf(u))
    assert log_h(np.array([u]))[0] == pytest.approx(wanted)


def test_the_function_has_no_gap_where_formulas_change() -> None:
    for edge in (-100.0, 0.0, 5.0):
        below, above = log_h(np.array([np.nextafter(edge, -np.inf), np.nextafter(edge, np.inf)]))
        assert below == pytest.approx(above, rel=1e-12)


@pytest.mark.parametrize("u", [-1e4, -150.0, -99.9, -30.0, -2.0, -0.1, 0.1, 4.9, 5.1, 30.0])
def test_the_derivative_agrees_with_differences(u: float) -> None:
    step = 1e-6 * max(abs(u), 1)
    above, below = log_h(np.array([u + step, u - step]))
    assert log_h_with_ratios(np.array([u]))[1][0] == pytest.approx((above - below) / (2 * step))


def test_expected_improvement_is_the_mean_of_the_improvement() -> None:
    normal = stats.norm(0.3, 0.5)
    wanted, _ = integrate.quad(lambda y: (0.1 - y) * normal.pdf(y), -6, 0.1)
    found = log_ei(np.array([0.3]), np.array([0.25]), 0.1)
    assert found[0] == pytest.approx(math.log(wanted))


def test_slopes_agree_with_differences() -> None:
    mean, variance = np.array([-1.0, 0.2, 3.0, 60.0]), np.array([0.5, 1.0, 0.01, 0.3])
    value, by_mean, by_variance = log_ei_with_slopes(mean, variance, 0.1)
    assert value == pytest.approx(log_ei(mean, variance, 0.1))
    for slope, up, down in (
        (by_mean, (mean + 1e-6, variance), (mean - 1e-6, variance)),
        (by_variance, (mean, variance + 1e-7), (mean, variance - 1e-7)),
    ):
        step = 2e-6 if slope is by_mean else 2e-7
        differences = (log_ei(*up, 0.1) - log_ei(*down, 0.1)) / step
        assert slope == pytest.approx(differences, rel=1e-4)


def test_the_slopes_of_a_probability_agree_with_differences() -> None:
    mean, variance = np.array([-50.0, 0.2, 3.0, 60.0]), np.array([0.5, 1.0, 0.01, 0.3])
    value, by_mean, by_variance = log_below_with_slopes(mean, variance, 0.1)
    assert value == pytest.approx(stats.norm.logcdf(0.1, mean, np.sqrt(variance)))
    assert value == pytest.approx(log_below(mean, variance, 0.1))
    for slope, up, down, step in (
        (by_mean, (mean + 1e-6, variance), (mean - 1e-6, variance), 2e-6),
        (by_variance, (mean, variance + 1e-7), (mean, variance - 1e-7), 2e-7),
    ):
        differences = (log_below(*up, 0.1) - log_below(*down, 0.1)) / step
        assert slope == pytest.approx(differences, rel=1e-4)


def test_nothing_overflows() -> None:
    u = np.array([-1e300, -1e150, 1e150, 1e300])
    with np.errstate(over="ignore"):
        for found in log_h_with_ratios(u):
            assert not np.isnan(found).any()
