"""A bounded choice from an ever longer sequence: the recent ones, and a fair spread of the rest.

Half of the room goes to the highest numbers. The other half holds an even spread of all older
ones: each number has a fixed rank, the fractional part of its multiple of the golden ratio, and the
lowest ranks stay. Multiples of the golden ratio fill the unit interval evenly, so those that stay
lie evenly in time. What is kept depends on the members alone, not on the order of their coming.

>>> choice = Subsample(capacity=4)
>>> [choice.add(number) for number in range(8)]
[None, None, None, None, 1, 3, 4, 2]
>>> choice.numbers
[0, 5, 6, 7]

Sources: Vitter (1985), "Random sampling with a reservoir", ACM TOMS 11(1); Knuth, "The Art of
Computer Programming", vol. 3, sec. 6.4, theorem S, for the golden ratio.
"""

from __future__ import annotations

import heapq
from bisect import bisect_left, insort

import numpy as np
from numpy.typing import NDArray

__all__ = ["Subsample"]

_GOLDEN = 0x9E3779B97F4A7C15
_MASK = 2**64 - 1


class Subsample:
    """Keep at most ``capacity`` of the numbers that are added.

    Args:
        capacity: How many to keep, at least 2.

    Attributes:
        numbers: What is kept, ascending.
    """

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self.numbers: list[int] = []
        self._recent = capacity - capacity // 2
        # (-rank, number) of what has left the recent ones, and perhaps more than that.
        self._old: list[tuple[int, int]] = []

    def reset(self, numbers: NDArray[np.int64]) -> None:
        """Start anew with many numbers at once, as if each had been added.

        Args:
            numbers: (n,) int64, ascending and distinct.
        """
        n_old = max(0, len(numbers) - self._recent)
        old, recent = numbers[:n_old], numbers[n_old:]
        room = self.capacity - self._recent
        if n_old > room:
            ranks = old.astype(np.uint64) * np.uint64(_GOLDEN)
            old = np.sort(old[np.argpartition(ranks, room)[:room]])
        self.numbers = old.tolist() + recent.tolist()
        self._rank_old(old.tolist())

    def add(self, number: int) -> int | None:
        """Add a number.

        Args:
            number: One that is not kept already.

        Returns:
            The number that had to leave, which may be this one, or None.
        """
        insort(self.numbers, number)
        border = len(self.numbers) - self._recent
        if border > 0:
            # One number becomes old: the new one, or the one that it pushes across the border.
            old = number if number < self.numbers[border] else self.numbers[border - 1]
            heapq.heappush(self._old, (-_rank(old), old))
            if len(self._old) > 2 * self.capacity:
                self._rank_old(self.numbers[:border])
        return self._evicted(border) if len(self.numbers) > self.capacity else None

    def remove(self, number: int) -> None:
        """Take a number out.

        Args:
            number: One that is kept.
        """
        del self.numbers[bisect_left(self.numbers, number)]

    def _rank_old(self, numbers: list[int]) -> None:
        self._old = [(-_rank(number), number) for number in numbers]
        heapq.heapify(self._old)

    def _evicted(self, border: int) -> int:
        numbers = self.numbers
        while True:
            number = heapq.heappop(self._old)[1]
            position = bisect_left(numbers, number, 0, border)
            # Members may have been removed, or be recent again; their entries are stale.
            if position < border and numbers[position] == number:
                del numbers[position]
                return number


def _rank(number: int) -> int:
    return number * _GOLDEN & _MASK
