"""Volumes against the count of all cells of the grid that the coordinates span."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray

from steep.kernels.hypervolume import (
    hypervolume,
    hypervolume_contributions,
    reference_point,
    subset_selection,
)

Losses = NDArray[np.float64]

GRID = st.tuples(st.integers(0, 6), st.integers(1, 4)).flatmap(
    lambda shape: arrays.arrays(np.float64, shape, elements=st.integers(0, 6).map(float))
)


def volume_by_cells(losses: Losses, reference: Losses) -> float:
    axes = [np.unique([*np.minimum(losses[:, j], edge), edge]) for j, edge in enumerate(reference)]
    total = 0.0
    for corner in itertools.product(*(range(len(axis) - 1) for axis in axes)):
        low = np.array([axis[i] for axis, i in zip(axes, corner, strict=True)])
        high = np.array([axis[i + 1] for axis, i in zip(axes, corner, strict=True)])
        if np.any(np.all(losses <= low, axis=1)):
            total += float(np.prod(high - low))
    return total


@given(GRID)
def test_the_volume_is_that_of_the_cells_below(losses: Losses) -> None:
    reference = np.full(losses.shape[1], 5.0)
    assert hypervolume(losses, reference) == pytest.approx(volume_by_cells(losses, reference))


@pytest.mark.parametrize("m", [3, 4, 5])
def test_the_volume_of_points_in_general_position(m: int) -> None:
    losses = np.random.default_rng(m).random((9, m))
    reference = np.full(m, 0.9)
    assert hypervolume(losses, reference) == pytest.approx(volume_by_cells(losses, reference))


def test_the_volume_of_three_objectives_is_the_same_in_blocks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    losses = np.random.default_rng(1).random((60, 3))
    whole = hypervolume(losses, np.ones(3))
    monkeypatch.setattr("steep.kernels.hypervolume._BLOCK", 4)
    assert hypervolume(losses, np.ones(3)) == pytest.approx(whole)


@given(GRID)
def test_a_contribution_is_what_the_volume_loses(losses: Losses) -> None:
    reference = np.full(losses.shape[1], 5.0)
    whole = volume_by_cells(losses, reference)
    lost = [
        whole - volume_by_cells(np.delete(losses, i, axis=0), reference) for i in range(len(losses))
    ]
    assert hypervolume_contributions(losses, reference) == pytest.approx(np.array(lost))


@given(GRID, st.data())
def test_each_point_chosen_adds_most(losses: Losses, data: st.DataObject) -> None:
    k = data.draw(st.integers(0, len(losses)))
    reference = np.full(losses.shape[1], 5.0)
    chosen = subset_selection(losses, k, reference).tolist()
    assert len(set(chosen)) == k
    for position, i in enumerate(chosen):
        before = chosen[:position]
        volumes = [
            volume_by_cells(losses[[*before, j]], reference)
            for j in range(len(losses))
            if j not in before
        ]
        taken = volume_by_cells(losses[[*before, i]], reference)
        assert taken == pytest.approx(max(volumes))


def test_selection_does_not_depend_on_the_scale() -> None:
    losses = np.random.default_rng(0).random((20, 2))
    plain = subset_selection(losses, 8, np.ones(2))
    huge = subset_selection(losses * 1e300, 8, np.full(2, 1e300))
    assert plain.tolist() == huge.tolist()


def test_infinite_and_missing_losses_are_taken_in_their_order() -> None:
    losses = np.array([[np.inf, 0.0], [np.nan, 0.0], [0.0, 1.0], [-np.inf, 2.0]])
    assert set(subset_selection(losses, 2, np.array([3.0, 3.0])).tolist()) == {2, 3}
    assert hypervolume(losses, np.array([3.0, 3.0])) == np.inf
    with pytest.raises(ValueError, match="-inf"):
        hypervolume_contributions(losses, np.array([3.0, 3.0]))


@pytest.mark.parametrize("value", [0.0, 1e308, -1e308, 5.0, -5.0, np.inf, -np.inf, np.nan])
def test_the_reference_is_finite_and_worse(value: float) -> None:
    reference = reference_point(np.array([[value, 1.0], [0.5, 2.0]]))
    assert np.all(np.isfinite(reference))
    assert reference[1] > 2.0
    if np.isfinite(value) and value < 1e308:
        assert reference[0] > max(value, 0.5)
