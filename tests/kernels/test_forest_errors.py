"""Standard errors from half samples."""

from __future__ import annotations

import numpy as np
import pytest

from steep.kernels.forest_errors import half_samples, standard_errors


def test_halves_are_disjoint_and_complete() -> None:
    halves = half_samples(11, 3, np.random.default_rng(0))
    assert len(halves) == 12
    for one, again, other, last in zip(*(halves[i::4] for i in range(4)), strict=True):
        assert one is again
        assert other is last
        assert sorted([*one, *other]) == list(range(11))


def test_the_error_of_a_mean_is_the_known_one() -> None:
    rng = np.random.default_rng(1)
    y = rng.normal(size=(900, 2)) * [1.0, 3.0]
    means = np.array([y[half].mean(axis=0) for half in half_samples(900, 400, rng)])
    assert standard_errors(means) == pytest.approx([1 / 30, 3 / 30], rel=0.15)


def test_what_does_not_vary_has_no_error() -> None:
    assert standard_errors(np.ones((8, 3))).tolist() == [0.0, 0.0, 0.0]
