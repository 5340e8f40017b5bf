"""Which points of a finite grid have been seen, in bounded memory.

>>> seen = Seen([2, 3])
>>> seen.mark(np.array([[1, 2]]))
>>> seen.known(np.array([[1, 2], [0, 2]]))
array([ True, False])

Up to a million points each has a bit of its own. On larger grids points share them by a hash, so
that a few points count as seen that are not; who only wants to avoid repetition loses nothing.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["Seen"]

_ROOM_BITS = 20
_ROOM = 2**_ROOM_BITS
_MASK = 2**64 - 1


class Seen:
    """Remember points of a grid.

    Args:
        sizes: The number of values on each of the d axes.

    Attributes:
        is_exact: Whether each point has a bit of its own.
    """

    def __init__(self, sizes: Sequence[int]) -> None:
        n_points = math.prod(sizes)
        self.is_exact = n_points <= _ROOM
        self._sizes = tuple(sizes)
        self._bits = np.zeros(min(n_points, _ROOM), dtype=bool)
        strides = [1]
        for size in sizes[:0:-1]:
            strides.append(strides[-1] * size & _MASK)
        self._strides = np.array(strides[::-1], dtype=np.uint64)

    def mark(self, cells: NDArray[np.intp]) -> None:
        """Note points as seen.

        Args:
            cells: (n, d) positions on the axes, from 0.
        """
        self._bits[self._places(cells)] = True

    def known(self, cells: NDArray[np.intp]) -> NDArray[np.bool_]:
        """Tell which points have been seen.

        Args:
            cells: (n, d) positions on the axes, from 0.

        Returns:
            (n,) bool; never False for one that was marked.
        """
        known: NDArray[np.bool_] = self._bits[self._places(cells)]
        return known

    def fresh(
        self, rng: np.random.Generator, m: int, besides: NDArray[np.intp] | None = None
    ) -> NDArray[np.intp]:
        """Draw points that have not been seen, of a grid that :attr:`is_exact`.

        Args:
            rng: Where the randomness comes from.
            m: How many to draw.
            besides: (k, d) positions that are not wanted either.

        Returns:
            (at most m, d) distinct positions; fewer, or none, where there are not so many.
        """
        places = np.flatnonzero(~self._bits)
        if besides is not None:
            places = np.setdiff1d(places, self._places(besides).astype(np.intp))
        if len(places) > m:
            places = rng.choice(places, m, replace=False)
        return np.stack(np.unravel_index(places, self._sizes), axis=1)

    def _places(self, cells: NDArray[np.intp]) -> NDArray[np.uint64]:
        places: NDArray[np.uint64] = (cells.astype(np.uint64) * self._strides).sum(axis=1)
        if not self.is_exact:
            # Fibonacci hashing: the leading bits of the product are well mixed (Knuth 6.4).
            places = (places * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(64 - _ROOM_BITS)
        return places
