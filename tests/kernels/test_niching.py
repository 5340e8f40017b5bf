from __future__ import annotations

import math

import numpy as np
import pytest

from steep.kernels.niching import (
    das_dennis,
    niched_survivors,
    normalised,
    perpendicular_distances,
)

INF = float("inf")


@pytest.mark.parametrize(("m", "p"), [(1, 3), (2, 4), (3, 3), (5, 2)])
def test_reference_points_are_all_divisions_of_one(m: int, p: int) -> None:
    points = das_dennis(m, p)
    assert len(points) == math.comb(m + p - 1, p)
    assert points.sum(axis=1) == pytest.approx(1)
    assert len(np.unique(points, axis=0)) == len(points)
    assert (points * p == np.rint(points * p)).all()


def test_a_plane_is_normalised_to_the_unit_simplex() -> None:
    points = das_dennis(3, 4)
    losses = 5.0 + points * [1.0, 10.0, 1e6]
    assert normalised(losses) == pytest.approx(points)


@pytest.mark.parametrize(
    "losses",
    [
        [[1.0, 1.0], [1.0, 1.0]],
        [[0.0, 1.0], [0.0, 2.0]],
        [[INF, 0.0], [1.0, INF], [2.0, 3.0]],
        [[-INF, INF], [-INF, INF]],
        [[1e308, -1e308], [-1e308, 1e308]],
    ],
)
def test_odd_losses_are_normalised_to_numbers(losses: list[list[float]]) -> None:
    found = normalised(np.array(losses))
    assert np.isfinite(found).all()
    assert (found >= 0).all()


def test_distances_are_those_to_lines() -> None:
    points = np.array([[1.0, 1.0], [2.0, 0.0]])
    found = perpendicular_distances(points, np.array([[3.0, 0.0], [0.5, 0.5], [0.0, 0.0]]))
    assert found[:, :2] == pytest.approx(np.array([[1, 0], [0, 2**0.5]]), abs=1e-7)
    assert np.isfinite(found).all()


def test_every_niche_gets_a_point_before_one_gets_two() -> None:
    angles = np.concatenate([np.linspace(0, 0.1, 20), [0.8, np.pi / 2]])
    front = np.column_stack([1 - np.cos(angles), 1 - np.sin(angles)])
    rng = np.random.default_rng(0)
    chosen, ranks = niched_survivors(front, np.zeros(22), 3, das_dennis(2, 2), rng)
    assert {20, 21} <= set(chosen.tolist())
    assert (ranks == 0).all()


def test_whole_fronts_come_first() -> None:
    losses = np.array([[0.0, 1.0], [1.0, 0.0], [2.0, 3.0], [3.0, 2.0], [9.0, 9.0]])
    rng = np.random.default_rng(0)
    for k in range(6):
        chosen, ranks = niched_survivors(losses, np.zeros(5), k, das_dennis(2, 3), rng)
        assert len(set(chosen.tolist())) == k
        assert ranks.tolist() == [0, 0, 1, 1, 2][:k]


def test_feasible_points_come_first() -> None:
    losses, violation = np.zeros((4, 2)), np.array([3.0, 1.0, 0.0, 2.0])
    rng = np.random.default_rng(0)
    assert niched_survivors(losses, violation, 3, das_dennis(2, 3), rng)[0].tolist() == [2, 1, 3]
