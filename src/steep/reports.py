"""The reports of all trials, in columns.

A running trial keeps its reports in a small dictionary. When it finishes they move into three
flat columns (trial number, step, value), where they cost 20 bytes each and can be read at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from steep.columns import Column

__all__ = ["Reports", "check_step"]

_STEPS = 2**63
"""Steps are kept as int64."""

_ARRAYS = ("_numbers", "_steps", "_values", "_starts", "_counts")


def check_step(call: str, step: int) -> None:
    """Refuse a step that a table cannot hold.

    Args:
        call: What the user called.
        step: The step.

    Raises:
        ValueError: If it does not fit into 64 bits.
    """
    if not -_STEPS <= step < _STEPS:
        raise ValueError(f"{call}(step={step}): a step has to be below 2**63.")


class Reports:
    """Hold the intermediate values of every trial of a study.

    Example:
        >>> reports = Reports()
        >>> reports.add(0, {1: 0.5, 2: 0.25})
        >>> reports.close(0)
        >>> reports.of(0), reports.last(0), reports.last(7)
        ({1: 0.5, 2: 0.25}, (2, 0.25), None)
    """

    N_ARRAYS = 5
    """How many arrays :meth:`to_arrays` gives."""

    def __init__(self) -> None:
        self._running: dict[int, dict[int, float]] = {}
        self._numbers = Column(np.int32)
        self._steps = Column(np.int64)
        self._values = Column(np.float64)
        self._starts = Column(np.int64)
        self._counts = Column(np.int32)

    @property
    def running(self) -> Mapping[int, dict[int, float]]:
        """Give the reports of unfinished trials: number -> step -> value, read-only."""
        return MappingProxyType(self._running)

    def add(self, number: int, reports: Mapping[int, float]) -> None:
        """Add reports of a trial; a later value of a step replaces the earlier one.

        Args:
            number: The number of the trial.
            reports: Values by step.
        """
        if reports:
            self._running.setdefault(number, {}).update(reports)

    def close(self, number: int) -> None:
        """Move the reports of a trial that finished into the columns.

        Args:
            number: The number of the trial.
        """
        reports = self._running.pop(number, None)
        if not reports:
            return
        count = len(reports)
        self._starts.grow(number + 1)
        self._counts.grow(number + 1)
        self._starts.data[number] = self._steps.size
        self._counts.data[number] = count
        self._numbers.extend([number] * count)
        self._steps.extend(list(reports))
        self._values.extend(list(reports.values()))

    def drop(self, number: int) -> None:
        """Forget the reports of a trial.

        Args:
            number: The number of the trial.
        """
        if self._running.pop(number, None) is not None or number >= self._counts.size:
            return
        span = self._span(number)
        count = span.stop - span.start
        if not count:
            return
        for column in (self._numbers, self._steps, self._values):
            column.data[span.start : column.size - count] = column.view[span.stop :]
            column.size -= count
        self._counts.data[number] = 0
        self._starts.view[self._starts.view > span.start] -= count

    def of(self, number: int) -> dict[int, float]:
        """Give the reports of one trial.

        Args:
            number: The number of the trial.

        Returns:
            Step -> value in the order of reporting; empty where there is none.
        """
        running = self._running.get(number)
        if running is not None:
            return dict(running)
        if number >= self._counts.size or not self._counts.data[number]:
            return {}
        span = self._span(number)
        steps = self._steps.view[span].tolist()
        return dict(zip(steps, self._values.view[span].tolist(), strict=True))

    def steps(self, number: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Give the reports of one trial as arrays.

        Args:
            number: The number of the trial.

        Returns:
            steps: (k,) int64, ascending.
            values: (k,) float64.
        """
        items = sorted(self.of(number).items())
        return (
            np.array([step for step, _ in items], dtype=np.int64),
            np.array([value for _, value in items], dtype=np.float64),
        )

    def last(self, number: int) -> tuple[int, float] | None:
        """Give the report of the largest step of a trial.

        Args:
            number: The number of the trial.

        Returns:
            The step and its value, or None where nothing was reported.
        """
        running = self._running.get(number)
        if running is not None:
            step = max(running)
            return step, running[step]
        span = self._span(number)
        steps = self._steps.view[span]
        if not len(steps):
            return None
        position = int(steps.argmax())
        return int(steps[position]), float(self._values.view[span][position])

    def flat(self) -> tuple[NDArray[np.int32], NDArray[np.int64], NDArray[np.float64]]:
        """Give all reports of finished trials, in the order in which the trials finished.

        Returns:
            numbers: (k,) int32, the number of the trial of each report.
            steps: (k,) int64.
            values: (k,) float64, NaN where NaN was reported.
        """
        return self._numbers.view, self._steps.view, self._values.view

    def to_arrays(self) -> list[NDArray[Any]]:
        """Give everything about finished trials as arrays."""
        return [getattr(self, name).view for name in _ARRAYS]

    @classmethod
    def of_arrays(
        cls, arrays: Sequence[NDArray[Any]], running: dict[int, dict[int, float]]
    ) -> Self:
        """Make the reports again.

        Args:
            arrays: What :meth:`to_arrays` gave.
            running: What :attr:`running` gave.
        """
        reports = cls()
        for name, array in zip(_ARRAYS, arrays, strict=True):
            setattr(reports, name, Column.of(array, fill=0))
        reports._running = running
        return reports

    def _span(self, number: int) -> slice:
        """Give where the reports of a finished trial lie in the columns."""
        if number >= self._counts.size:
            return slice(0, 0)
        start = int(self._starts.data[number])
        return slice(start, start + int(self._counts.data[number]))
