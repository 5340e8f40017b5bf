"""Which points of a grid have been seen."""

from __future__ import annotations

import numpy as np
import pytest

from steep.kernels.seen import Seen


@pytest.mark.parametrize("sizes", [[1], [3], [2, 3, 4], [1000] * 8])
def test_what_was_marked_is_known_and_other_points_are_not(sizes: list[int]) -> None:
    rng = np.random.default_rng(0)
    seen = Seen(sizes)
    cells = np.stack([rng.integers(size, size=6) for size in sizes], axis=1)
    seen.mark(cells[:3])
    assert seen.known(cells[:3]).all()
    marked = {tuple(cell) for cell in cells[:3].tolist()}
    others = [cell for cell in cells.tolist() if tuple(cell) not in marked]
    assert not seen.known(np.array(others, dtype=np.intp).reshape(-1, len(sizes))).any()


def test_large_grids_take_points_for_seen_only_now_and_then() -> None:
    rng = np.random.default_rng(1)
    seen = Seen([50] * 6)
    assert not seen.is_exact
    seen.mark(rng.integers(50, size=(20_000, 6)))
    assert seen.known(rng.integers(50, size=(20_000, 6))).mean() < 0.1


def test_fresh_points_are_distinct_and_new_until_none_are_left() -> None:
    seen, rng, found = Seen([3, 5]), np.random.default_rng(0), set()
    for count in (4, 4, 4, 3, 0):
        fresh = seen.fresh(rng, 4)
        assert len(fresh) == count
        assert fresh.shape[1:] == (2,)
        found |= {tuple(cell) for cell in fresh.tolist()}
        seen.mark(fresh)
    assert found == {(i, j) for i in range(3) for j in range(5)}


def test_fresh_points_leave_out_those_that_are_not_wanted() -> None:
    seen = Seen([2, 2])
    besides = np.array([[0, 1], [1, 1]])
    assert {tuple(c) for c in seen.fresh(np.random.default_rng(0), 9, besides).tolist()} == {
        (0, 0),
        (1, 0),
    }
