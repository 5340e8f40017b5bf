"""The quadratic model: exact where there is enough to know, modest where there is not."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from steep.kernels.quadratic import Quadratic, fit

Matrix = NDArray[np.float64]


def bowl(z: Matrix, turned: Matrix) -> Matrix:
    """Be lowest at 0.3, and curved very differently along the directions of a rotation."""
    at = (z - 0.3) @ turned
    return np.asarray((at**2 * np.geomspace(1.0, 1e4, z.shape[1])).sum(axis=1))


def rotation(d: int, rng: np.random.Generator) -> Matrix:
    return np.asarray(np.linalg.qr(rng.standard_normal((d, d)))[0])


@pytest.mark.parametrize("d", [1, 2, 5])
def test_a_turned_bowl_is_recovered_from_twice_as_many_values_as_coefficients(d: int) -> None:
    rng = np.random.default_rng(d)
    turned = rotation(d, rng)
    z = rng.uniform(-1, 1, ((d + 1) * (d + 2), d))
    values = bowl(z, turned)
    lowest = z[values.argmin()]
    rise = values - values.min()
    others = rise > 0
    model = fit(z[others] - lowest, rise[others])
    hessian = 2.0 * turned @ np.diag(np.geomspace(1.0, 1e4, d)) @ turned.T
    found = model.curvature * np.median(rise[others])
    assert found == pytest.approx(hessian, abs=1e-3 * np.abs(hessian).max())
    assert model.curvature == pytest.approx(model.curvature.T)
    bottom = model.lowest(-2 * np.ones(d), 2 * np.ones(d), np.zeros((1, d)))
    assert bowl((bottom + lowest)[None], turned)[0] < 0.1 * values.min()


def test_with_few_values_the_model_explains_them_and_bends_little() -> None:
    rng = np.random.default_rng(0)
    z, rise = rng.uniform(-1, 1, (6, 5)), rng.uniform(0, 1, 6)
    model = fit(z, rise)
    assert model.value(z) * np.median(rise) == pytest.approx(rise, rel=0.03)
    assert np.abs(model.curvature).max() < 5.0


def test_the_low_values_are_explained_rather_than_the_high_ones() -> None:
    z = np.linspace(-1, 1, 21)[:, None]
    rise = np.where(z[:, 0] < 0.2, np.abs(z[:, 0]) ** 2, 1e3 * np.abs(z[:, 0]))
    near = np.abs(z[:, 0]) < 0.15
    model = fit(z, rise)
    assert np.abs(model.value(z) * np.median(rise) - rise)[near].max() < 0.05


def test_another_kind_may_lie_higher_by_a_constant() -> None:
    rng = np.random.default_rng(1)
    z = rng.uniform(-1, 0, (20, 2))
    is_other = np.arange(20) % 2 == 1
    rise = ((z - 0.4) ** 2).sum(axis=1) - 0.32 + 0.5 * is_other
    starts = np.zeros((1, 2))
    low, high = -np.ones(2), np.ones(2)
    told = fit(z, rise, is_other[:, None].astype(float)).lowest(low, high, starts)
    assert told == pytest.approx([0.4, 0.4], abs=0.01)
    assert np.abs(fit(z, rise).lowest(low, high, starts) - 0.4).max() > 0.05


def test_the_gradient_is_that_of_the_value() -> None:
    rng = np.random.default_rng(2)
    bent = rng.standard_normal((3, 3))
    model = Quadratic(rng.standard_normal(3), bent + bent.T)
    z, step = rng.standard_normal((4, 3)), 1e-6
    by_differences = [
        (model.value(z + step * e) - model.value(z - step * e)) / (2 * step) for e in np.eye(3)
    ]
    assert model.with_slopes(z)[1] == pytest.approx(np.array(by_differences).T, abs=1e-6)


def test_a_saddle_is_left_at_the_lower_side_of_the_box() -> None:
    model = Quadratic(np.array([0.1, 0.0]), np.diag([-2.0, 2.0]))
    starts = np.array([[0.0, 0.5], [-0.1, 0.5], [0.2, 0.5]])
    found = model.lowest(np.array([-1.0, -1.0]), np.array([1.0, 1.0]), starts)
    assert found == pytest.approx([-1.0, 0.0], abs=1e-3)


@given(
    st.integers(1, 4),
    st.integers(0, 12),
    st.sampled_from([0.0, 1e-300, 1.0, 1e150, 1e300]),
    st.integers(0, 2**32 - 1),
)
def test_whatever_the_values_the_lowest_point_is_in_the_box(
    d: int, n: int, size: float, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    z = rng.uniform(-1, 1, (n, d))
    z[n // 2 :] = z[: n - n // 2]  # some points twice, with other values
    low, high = -rng.random(d), rng.random(d)
    with np.errstate(over="raise", invalid="raise"):
        found = fit(z, size * rng.random(n)).lowest(low, high, np.zeros((2, d)))
    assert ((found >= low) & (found <= high)).all()
