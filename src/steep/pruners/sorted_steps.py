"""The values of all finished trials, step by step, ready for a percentile.

A percentile needs two neighbours in the sorted values of a step. Sorting them at each question
would cost more with every trial, and so would inserting into one long list. But a percentile
moves slowly: :class:`StepValues` keeps a sorted *window* around it and only counts what falls
below. When the percentile leaves the window, or the window has grown too long, it is cut anew from
all values. The window is as wide as a fixed share of the values, so this happens ever more rarely
and a new value costs the same on average, however many there are.
"""

from __future__ import annotations

import math
import threading
from array import array
from bisect import insort
from typing import TYPE_CHECKING

import numpy as np

from steep.pruners.progress import ProgressBook
from steep.states import StudyDirection, TrialState

if TYPE_CHECKING:
    from steep.table import Table

__all__ = ["SortedSteps", "StepValues"]

_COMPLETE = int(TrialState.COMPLETE)
# A new window reaches this far on both sides of the percentile: 1/32 of the values, at least 32.
_MIN_REACH, _REACH_SHIFT = 32, 5


class StepValues:
    """Keep the values that trials reported at one step, and a quantile of them.

    Args:
        quantile: Which one, in [0, 1].

    Attributes:
        values: All numbers, in the order in which they came.
        n_nan: How many NaN came; they count as reports, and not for the quantile.
        cut: The quantile, NaN before the first number.

    Example:
        >>> step = StepValues(0.5)
        >>> for value in (4.0, 1.0, float("nan"), 2.0, 8.0):
        ...     step.add(value)
        >>> step.cut, step.count
        (3.0, 5)
    """

    __slots__ = (
        "_below",
        "_high",
        "_limit",
        "_low",
        "_quantile",
        "_window",
        "cut",
        "n_nan",
        "values",
    )

    def __init__(self, quantile: float) -> None:
        self.values = array("d")
        self.n_nan = 0
        self.cut = math.nan
        self._quantile = quantile
        # The window holds all values in [low, high]; `below` counts those left of it.
        self._window: list[float] = []
        self._low, self._high = -math.inf, math.inf
        self._below = 0
        self._limit = 4 * _MIN_REACH

    @property
    def count(self) -> int:
        """Give how many values came, NaN included."""
        return len(self.values) + self.n_nan

    def add(self, value: float) -> None:
        """Add the value of one more trial, and find the quantile anew.

        It is interpolated between its two neighbours from the nearer one, as ``numpy.quantile``
        does by default; both then agree to the last bit. Infinite neighbours make it NaN where
        their difference is undefined.

        Args:
            value: Any float.
        """
        if value != value:
            self.n_nan += 1
            return
        values, window = self.values, self._window
        values.append(value)
        if value < self._low:
            self._below += 1
        elif value <= self._high:
            insort(window, value)
        n = len(values)
        rank = (n - 1) * self._quantile
        position = int(rank)
        at = position - self._below
        next_to = at + 1 if position + 1 < n else at
        if at < 0 or not next_to < len(window) < self._limit:
            window = self._move_window(position)
            at, next_to = position - self._below, next_to - at + position - self._below
        left, right = window[at], window[next_to]
        weight = rank - position
        if weight < 0.5:
            self.cut = left + (right - left) * weight
        else:
            self.cut = right - (right - left) * (1 - weight)

    def _move_window(self, position: int) -> list[float]:
        """Cut the window anew around a position among all values in order."""
        n = len(self.values)
        reach = max(_MIN_REACH, n >> _REACH_SHIFT)
        start, stop = max(position - reach, 0), min(position + reach, n)
        self._window = np.sort(np.frombuffer(self.values))[start:stop].tolist()
        self._below = start
        self._low = self._window[0] if start else -math.inf
        self._high = self._window[-1] if stop < n else math.inf
        self._limit = 4 * reach
        return self._window


class SortedSteps:
    """Follow a table and keep, for each step, a percentile of the values of COMPLETE trials.

    Args:
        percentile: How many per cent of the trials are at least as good as the value wanted.

    Attributes:
        maximize: Whether large values are good; known once a trial has finished.
        n_seen: How many finished trials are in the index; while it differs from
            ``table.n_finished``, call ``catch_up``.
        n_complete: How many of them are COMPLETE, with reports or without.
        steps: The values of each step that such a trial reported.
        book: The progress of running trials.
    """

    def __init__(self, percentile: float) -> None:
        self.n_seen = 0
        self.n_complete = 0
        self.maximize = False
        self.steps: dict[int, StepValues] = {}
        self.book = ProgressBook()
        self._percentile = percentile
        self._lock = threading.Lock()

    def catch_up(self, table: Table) -> None:
        """Take in the trials that have finished since the last call.

        Args:
            table: The table that the index belongs to.
        """
        self.maximize = table.directions[0] is StudyDirection.MAXIMIZE
        quantile = (100 - self._percentile if self.maximize else self._percentile) / 100
        with self._lock:
            numbers = table.finished[self.n_seen :].tolist()
            for number in numbers:
                if table.state_of(number) == _COMPLETE:
                    self._add(table.reports.of(number), quantile)
                    self.n_complete += 1
            self.n_seen += len(numbers)

    def _add(self, reports: dict[int, float], quantile: float) -> None:
        steps = self.steps
        for step, value in reports.items():
            values = steps.get(step)
            if values is None:
                values = steps[step] = StepValues(quantile)
            values.add(value)
