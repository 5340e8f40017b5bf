"""Losses and constraint values made fit for a Gaussian process."""

from __future__ import annotations

import numpy as np
import pytest

from steep.kernels.warp import half_rank, signed_log


def test_losses_up_to_a_bound_keep_their_shape_even_above_the_median() -> None:
    y = np.array([0.0, 1.0, 2.0, 3.0, 50.0, 60.0])
    warped = half_rank(y, kept=3.0)
    assert np.diff(warped[:4]) == pytest.approx(np.full(3, warped[1] - warped[0]))
    assert warped[3] < warped[4] < warped[5]
    assert warped[5] - warped[3] < 3 * (warped[1] - warped[0])
    assert half_rank(y, kept=0.5) == pytest.approx(half_rank(y))


def test_good_losses_stay_apart_where_most_trials_have_none() -> None:
    y = np.full(60, np.nan)
    y[:10] = [0.10, 0.11, 0.12, 0.13, 0.14, 0.15, 0.16, 0.17, 0.9, 0.9]
    warped = half_rank(y)
    assert warped[1] - warped[0] == pytest.approx(warped[2] - warped[1])
    assert warped[1] - warped[0] > 0.1
    assert (np.diff(warped[:8]) > 0).all()
    assert warped[:10].max() < warped[10:].min()


@pytest.mark.parametrize("scale", [1e-200, 1e-9, 1.0, 1e200])
def test_a_constraint_changes_its_sign_at_the_limit_whatever_its_scale(scale: float) -> None:
    c = np.array([-3.0, -0.1, 0.0, 0.1, 40.0]) * scale
    warped, limit = signed_log(c)
    # What is feasible by nothing is well below the limit, as max(0, violation) needs it.
    assert (warped[:3] < limit - 0.1).all()
    assert (warped[3:] > limit).all()
    assert (np.diff(warped) >= 0).all()
    assert warped[0] < warped[1]
    assert warped.std() == pytest.approx(1)


@pytest.mark.parametrize(
    ("values", "is_feasible"),
    [([0.0], True), ([-2.0, -2.0], True), ([7.0], False), ([np.inf] * 3, False),
     ([-np.inf], True)],
)  # fmt: skip
def test_a_constant_constraint_is_below_or_above_its_limit(
    values: list[float], is_feasible: bool
) -> None:
    warped, limit = signed_log(np.array(values))
    assert (warped == 0).all()
    assert (limit > 0) == is_feasible


def test_endless_values_leave_the_others_apart() -> None:
    warped, limit = signed_log(np.array([-1.0, -0.5, 0.5, 1.0, np.inf]))
    assert warped[1] < limit < warped[2]
    assert warped[2] - warped[1] > 0.1
