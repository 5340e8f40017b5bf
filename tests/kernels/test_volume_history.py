"""The volume after each point is that of all points so far."""

from __future__ import annotations

import numpy as np
import pytest

from steep.kernels.hypervolume import hypervolume
from steep.kernels.volume_history import volume_history


@pytest.mark.parametrize("m", [2, 3, 4])
@pytest.mark.parametrize("ties", [True, False])
def test_the_history_is_the_volume_of_each_prefix(m: int, ties: bool) -> None:
    rng = np.random.default_rng(m)
    points = rng.integers(0, 8, (50, m)).astype(float) if ties else rng.normal(size=(50, m))
    reference = np.full(m, 6.0 if ties else 0.5)
    expected = [hypervolume(points[: i + 1], reference) for i in range(50)]
    np.testing.assert_allclose(volume_history(points, reference), expected)
    places = np.array([0, 7, 30, 49])
    np.testing.assert_allclose(
        volume_history(points, reference, places), np.array(expected)[places]
    )


def test_what_lies_beyond_the_reference_adds_nothing() -> None:
    points = np.array([[5.0, 0.0], [np.nan, 1.0], [np.inf, np.inf], [1.0, 1.0]])
    assert volume_history(points, np.array([2.0, 2.0])).tolist() == [0.0, 0.0, 0.0, 1.0]


def test_minus_infinity_makes_the_volume_infinite_from_there_on() -> None:
    points = np.array([[1.0, 1.0], [-np.inf, 1.0], [0.0, 0.0]])
    assert volume_history(points, np.array([2.0, 2.0])).tolist() == [1.0, np.inf, np.inf]
