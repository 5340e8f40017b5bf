"""The ascent: every point reaches the top that is next to it, and none goes down or outside."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from steep.kernels.ascent import ascend

Matrix = NDArray[np.float64]
Function = Callable[[Matrix], tuple[Matrix, Matrix]]

STARTS = np.random.default_rng(0).random((8, 3))
SCALES = np.array([1.0, 30.0, 300.0])


def bowl(x: Matrix) -> tuple[Matrix, Matrix]:
    """Be highest at 0.3, and differently steep along the coordinates."""
    return -(SCALES * (x - 0.3) ** 2).sum(axis=1), -2.0 * SCALES * (x - 0.3)


def slope(x: Matrix) -> tuple[Matrix, Matrix]:
    """Be highest in a corner."""
    return x @ np.array([1.0, -1.0, 2.0]), np.tile([1.0, -1.0, 2.0], (len(x), 1))


def valley(x: Matrix) -> tuple[Matrix, Matrix]:
    """Be highest at 0.5 along a curved ridge (Rosenbrock), and at 1 in the last coordinate."""
    a, b = 2.0 * x[:, 0], 4.0 * x[:, 1]
    across = b - a**2
    value = -((1.0 - a) ** 2) - 10.0 * across**2 + x[:, 2]
    by = np.stack([2.0 * (1.0 - a) + 40.0 * a * across, -20.0 * across, np.ones(len(x))], axis=1)
    return value, by * [2.0, 4.0, 1.0]


def hill(x: Matrix) -> tuple[Matrix, Matrix]:
    """Be highest at 0.6, and curved upwards far from there."""
    value = np.exp(-8.0 * ((x - 0.6) ** 2).sum(axis=1))
    return value, -16.0 * (x - 0.6) * value[:, None]


@pytest.mark.parametrize(
    ("function", "top"),
    [
        (bowl, [0.3, 0.3, 0.3]),
        (slope, [1.0, 0.0, 1.0]),
        (valley, [0.5, 0.25, 1.0]),
        (hill, [0.6, 0.6, 0.6]),
    ],
)
def test_all_points_reach_the_top(function: Function, top: list[float]) -> None:
    points, values = ascend(function, STARTS, 60, 1e-10)
    assert points == pytest.approx(np.tile(top, (8, 1)), abs=1e-3)
    assert values == pytest.approx(function(points)[0])


def test_no_point_loses_by_the_company_of_others() -> None:
    together = ascend(valley, STARTS)[0]
    alone = [ascend(valley, start[None, :])[0][0] for start in STARTS]
    # A point that has arrived goes on while it waits for others, but never down.
    assert np.all(valley(together)[0] >= valley(np.array(alone))[0] - 1e-12)


@pytest.mark.parametrize("function", [bowl, slope, valley, hill])
@pytest.mark.parametrize("n_steps", [0, 1, 3])
def test_no_point_goes_down_or_outside(function: Function, n_steps: int) -> None:
    points, values = ascend(function, STARTS, n_steps)
    assert np.all(values >= function(STARTS)[0])
    assert np.all((points >= 0.0) & (points <= 1.0))


def test_a_plain_is_left_at_once() -> None:
    calls = []

    def plain(x: Matrix) -> tuple[Matrix, Matrix]:
        calls.append(len(x))
        return np.zeros(len(x)), np.zeros_like(x)

    points, _ = ascend(plain, STARTS)
    assert np.array_equal(points, STARTS)
    assert len(calls) == 2


def test_it_takes_few_steps() -> None:
    calls = []

    def counted(x: Matrix) -> tuple[Matrix, Matrix]:
        calls.append(len(x))
        return hill(x)

    ascend(counted, STARTS)
    assert len(calls) <= 12


def test_with_patience_none_waits_for_a_point_that_is_far_behind() -> None:
    def two_hills(x: Matrix) -> tuple[Matrix, Matrix]:
        """Be highest at 0.1; the top at 0.9 is lower, and so flat that it takes many steps."""
        calls.append(len(x))
        is_low, far = x[:, 0] < 0.5, np.abs(x - 0.9)
        value = np.where(is_low, -((x[:, 0] - 0.1) ** 2), -9.0 * far[:, 0] ** 3 - 5.0)
        slopes = -27.0 * np.sign(x - 0.9) * far**2
        return value, np.where(is_low[:, None], -2.0 * (x - 0.1), slopes)

    ends, n_calls = [], []
    for patience in (1e100, 100.0):
        calls: list[int] = []
        ends.append(ascend(two_hills, np.array([[0.3], [0.6]]), 60, 1e-12, patience)[0])
        n_calls.append(len(calls))
    assert n_calls[1] <= n_calls[0] / 2
    assert [end[0, 0] for end in ends] == pytest.approx([0.1, 0.1], abs=1e-6)
