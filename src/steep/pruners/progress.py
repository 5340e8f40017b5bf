"""How far a running trial has come, read in constant time.

A trial reports one value after another into a dictionary that only grows. :class:`Progress`
remembers how many entries it has read, so a pruner that is asked after each report looks at one
entry, not at all. It is a cache: whoever loses it reads the dictionary once more.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import cast

__all__ = ["Progress", "ProgressBook", "is_check_due"]

# More trials than this at once in one process, and the book starts anew; it is only a cache.
_PAGES = 256


def is_check_due(step: int, previous: int, warmup: int, interval: int) -> bool:
    """Tell whether a trial has just come to a step at which it is to be checked.

    Checks are due at steps ``warmup``, ``warmup + interval``, ``warmup + 2 · interval``, ... A
    trial that reports none of them exactly is checked at its first report after it.

    Args:
        step: The largest reported step.
        previous: The second largest one, -1 where there is none.
        warmup: The first step to be checked, ≥ 0.
        interval: The distance of the checks, ≥ 1.

    >>> [step for step in range(10) if is_check_due(step, step - 1, warmup=2, interval=3)]
    [2, 5, 8]
    """
    return step >= warmup and previous < step - (step - warmup) % interval


class Progress:
    """Keep the extremes of the reports of one running trial.

    Args:
        reports: What the trial has reported, by step in the order of reporting.

    Attributes:
        reports: The same.
        last: The largest step, -1 before the first report.
        previous: The second largest step, -1 where there is none.
        smallest: The smallest value; NaN is left out. It exceeds the largest while there is none.
        largest: The largest value; NaN is left out.
    """

    __slots__ = ("_n_read", "largest", "last", "previous", "reports", "smallest")

    def __init__(self, reports: Mapping[int, float]) -> None:
        # A dict can be read from its end, which not every Mapping promises.
        self.reports = cast("dict[int, float]", reports)
        self.last = self.previous = -1
        self.smallest, self.largest = math.inf, -math.inf
        self._n_read = 0

    def read(self) -> None:
        """Take in the reports that have come since the last call."""
        reports, n_read = self.reports, self._n_read
        self._n_read = n = len(reports)
        step = self.last + 1
        if n == n_read + 1 and step in reports:
            # Nearly always: one report, at the next step.
            value = reports[step]
            self.previous = step - 1
            self.last = step
            if value < self.smallest:
                self.smallest = value
            if value > self.largest:
                self.largest = value
        elif n > n_read:
            self._read(islice(reversed(reports.items()), n - n_read))

    def _read(self, new: Iterable[tuple[int, float]]) -> None:
        # In any order. Of a number and NaN, min and max keep the number, which comes first.
        for step, value in new:
            if step > self.last:
                self.previous, self.last = self.last, step
            elif step > self.previous:
                self.previous = step
            self.smallest = min(self.smallest, value)
            self.largest = max(self.largest, value)


class ProgressBook:
    """Keep the progress of the trials that run in this process.

    Example:
        >>> reports = {0: 3.0, 1: 5.0}
        >>> book = ProgressBook()
        >>> book.of(7, reports).last
        1
        >>> reports[4] = 2.0
        >>> progress = book.of(7, reports)
        >>> progress.last, progress.previous, progress.smallest
        (4, 1, 2.0)
    """

    __slots__ = ("_pages",)

    def __init__(self) -> None:
        self._pages: dict[int, Progress] = {}

    def of(self, number: int, reports: Mapping[int, float]) -> Progress:
        """Give the progress of a trial, up to its latest report.

        Args:
            number: The number of the trial.
            reports: Its reports by step, in the order in which they came.
        """
        progress = self._pages.get(number)
        if progress is None or progress.reports is not reports:
            progress = self._open(number, reports)
        progress.read()
        return progress

    def _open(self, number: int, reports: Mapping[int, float]) -> Progress:
        if len(self._pages) >= _PAGES:
            self._pages.clear()
        progress = self._pages[number] = Progress(reports)
        return progress
