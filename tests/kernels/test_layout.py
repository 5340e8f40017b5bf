"""The matrix of kernels against densities from SciPy, one kernel and one axis at a time."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from steep.kernels.common_width import CommonWidth
from steep.kernels.layout import Axis, Layout

HALVES = tuple(np.linspace(0, 1, 6).tolist())
LOG_EDGES = (0.0, *((np.log([1.5, 2.5, 3.5]) - math.log(0.5)) / math.log(9)).tolist(), 1.0)
LOG_CENTRES = tuple(((np.log([1, 2, 3, 4]) - math.log(0.5)) / math.log(9)).tolist())
THIRDS = (0.0, 1 / 3, 2 / 3, 1.0)

SMOOTH = Axis()
SMALL = Axis(HALVES)
LOG = Axis(LOG_EDGES, LOG_CENTRES)
CATEGORIES = Axis(THIRDS, is_categorical=True)
FINE = Axis(width=1 / 50)
AXES = [SMOOTH, SMALL, LOG, CATEGORIES, FINE]
RNG = np.random.default_rng(0)


def places(axis: Axis, u: np.ndarray) -> np.ndarray:
    """Move random numbers to where the values of an axis sit."""
    if axis.width:
        return (np.floor(u / axis.width) + 0.5) * axis.width
    if axis.edges is None:
        return u
    centres = axis.centres or tuple((np.array(axis.edges[1:]) + axis.edges[:-1]) / 2)
    return np.array([centres[axis.cell(position)] for position in u])


def points(n: int) -> np.ndarray:
    return np.stack([places(axis, RNG.random(n)) for axis in AXES], axis=1)


def log_kernel(axis: Axis, x: float, mu: float, sigma: float, smoothing: float) -> float:
    if axis.is_categorical:
        own = axis.cell(x) == axis.cell(mu)
        return math.log((own + smoothing) / (1 + axis.size * smoothing))
    normal = stats.truncnorm(-mu / sigma, (1 - mu) / sigma, loc=mu, scale=sigma)
    if axis.edges is not None:
        cell = axis.cell(x)
        mass = normal.cdf(axis.edges[cell + 1]) - normal.cdf(axis.edges[cell])
        return float(np.log(max(mass, 1e-30)))
    if axis.width:
        mass = normal.cdf(x + axis.width / 2) - normal.cdf(x - axis.width / 2)
        return float(np.log(max(mass, 1e-30) / axis.width))
    return float(normal.logpdf(x))


def expected(x: np.ndarray, mu: np.ndarray, sigma: np.ndarray, smoothing: float) -> np.ndarray:
    """Give (points, axes, kernels)."""
    return np.array(
        [
            [
                [
                    log_kernel(axis, p[j], m[j], s[j], smoothing)
                    for m, s in zip(mu, sigma, strict=True)
                ]
                for j, axis in enumerate(AXES)
            ]
            for p in x
        ]
    )


def test_one_product_gives_the_log_density_of_all_points_under_all_kernels() -> None:
    layout, x, mu = Layout(AXES), points(12), points(9)
    sigma = RNG.uniform(0.03, 0.6, mu.shape)
    logs = layout.features(x) @ layout.columns(mu, sigma, 0.2)
    wanted = expected(x, mu, sigma, 0.2).sum(axis=1)
    near = wanted > -20
    assert near.sum() > 40
    assert np.abs(logs - wanted)[near].max() < 2e-3  # the fine grid; else float32


def test_blocks_have_densities_of_their_own() -> None:
    layout, x, mu = Layout(AXES, blocks=[0, 1, 1, 2, 0]), points(5), points(4)
    sigma = np.full((1, 5), 0.3)
    logs = (layout.features(x) @ layout.columns(mu, sigma, 0.2)).reshape(3, 5, 4)
    each = expected(x, mu, np.full(mu.shape, 0.3), 0.2)
    for block, axes in enumerate([[0, 4], [1, 2], [3]]):
        assert np.abs(logs[block] - each[:, axes].sum(axis=1)).max() < 2e-3


@pytest.mark.parametrize(("size", "error"), [(33, 0.06), (40, 0.03), (64, 0.01), (500, 1e-4)])
def test_on_fine_grids_the_density_is_close_to_the_mass(size: int, error: float) -> None:
    axis, sigma = Axis(width=1 / size), 0.01
    layout = Layout([axis])
    mu = np.array([[(size // 2 + 0.5) / size]])
    cells = np.arange(size // 2 - 2, size // 2 + 3)
    x = ((cells + 0.5) / size)[:, None]
    logs = (layout.features(x) @ layout.columns(mu, np.array([[sigma]])))[:, 0]
    masses = [log_kernel(axis, float(p), float(mu[0, 0]), sigma, 1.0) for p in x[:, 0]]
    near = np.array(masses) > max(masses) - 3
    assert np.abs(logs - masses)[near].max() < error


def test_a_kernel_without_a_coordinate_is_uniform_on_that_axis() -> None:
    layout, x, mu = Layout(AXES), points(6), points(1)
    absent = np.full((1, 5), np.nan)
    logs = layout.features(x) @ layout.columns(absent, np.full((1, 5), 0.1))
    assert logs == pytest.approx(-math.log(5) - math.log(4) - math.log(3), rel=1e-5)
    partly = mu.copy()
    partly[0, [1, 3]] = np.nan
    each = expected(x, mu, np.full((1, 5), 0.1), 1.0)[:, [0, 2, 4]].sum(axis=1)
    logs = layout.features(x) @ layout.columns(partly, np.full((1, 5), 0.1))
    near = each > -20
    assert np.abs(logs - (each - math.log(15)))[near].max(initial=0.0) < 2e-3


def test_masses_of_a_small_grid_sum_to_one() -> None:
    for axis in (SMALL, LOG, CATEGORIES):
        layout = Layout([axis])
        x = (np.array(axis.edges)[1:] + np.array(axis.edges)[:-1])[:, None] / 2
        columns = layout.columns(x, np.full((1, 1), 0.2), 0.3)
        assert np.exp(layout.features(x) @ columns).sum(axis=0) == pytest.approx(1.0, abs=1e-6)


@pytest.mark.parametrize("blocks", [None, [0, 1, 2, 3, 4]])
def test_one_column_in_plain_python_is_the_same(blocks: list[int] | None) -> None:
    writer = CommonWidth(Layout(AXES, blocks), np.linspace(0.05, 0.2, len(AXES)), 0.3)
    mu = points(20)
    columns = writer.columns(mu)
    for k, row in enumerate(mu.tolist()):
        assert writer.column(row) == pytest.approx(columns[:, k].tolist(), rel=1e-5, abs=1e-4)


def test_snapping_moves_points_to_the_values_of_fine_grids() -> None:
    # The ints from 3 to 90 in a logarithmic range.
    low, span = 2.5, math.log(90.5 / 2.5)
    layout = Layout([SMOOTH, FINE, Axis(width=1 / (low * span), decay=span)])
    x = RNG.random((200, 3))
    x[0], x[1] = 0.0, 1.0
    snapped = x.copy()
    layout.snapping.snap(snapped)
    assert np.array_equal(snapped[:, 0], x[:, 0])
    assert snapped[:, 1] == pytest.approx((np.minimum(np.floor(x[:, 1] * 50), 49) + 0.5) / 50)
    ints = np.exp(snapped[:, 2] * span) * low
    assert ints == pytest.approx(np.rint(ints))
    assert ints.min() == pytest.approx(3)
    assert ints.max() == pytest.approx(90)
