"""Learning curves as columns: what trials reported, ordered by trial and step."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from steep.states import StudyDirection, TrialState
from steep.table import Table
from steep.visualization.figure import Floats
from steep.visualization.scales import clipped_range, counted
from steep.visualization.thinning import even

__all__ = [
    "Curves",
    "choose_trials",
    "count_reporting",
    "read_curves",
    "report_range",
    "with_fewer_steps",
]

_CURVES = 300  # more lines than this cannot be told apart
_REPORTS = 20_000  # of all curves together
# Learning curves start far from where they end: only what lies very far out is an outlier.
_FAR = 10.0


@dataclass(frozen=True, eq=False)
class Curves:
    """Hold all reports as columns, ordered by trial and step.

    Args:
        numbers: (k,) the number of the trial of each report.
        steps: (k,) steps.
        values: (k,) values.
    """

    numbers: NDArray[np.int64]
    steps: NDArray[np.int64]
    values: Floats

    def of(self, numbers: NDArray[np.int64]) -> Curves:
        """Keep the curves of some trials.

        Args:
            numbers: The trials.
        """
        kept = np.isin(self.numbers, numbers)
        return Curves(self.numbers[kept], self.steps[kept], self.values[kept])

    @property
    def last(self) -> NDArray[np.int64]:
        """Give where each curve ends: positions, one a trial."""
        return np.flatnonzero(np.diff(self.numbers, append=-1))

    def joined(self) -> tuple[NDArray[np.int64], Floats, Floats]:
        """Give trials, steps and values with a gap between curves, to be drawn as one line."""
        gaps = self.last[:-1] + 1
        return (
            np.insert(self.numbers, gaps, -1),
            np.insert(self.steps.astype(np.float64), gaps, np.nan),
            np.insert(self.values, gaps, np.nan),
        )


def read_curves(table: Table) -> Curves:
    """Read what complete, pruned and running trials have reported.

    Args:
        table: The table of the study.

    Returns:
        The curves.
    """
    columns = table.reports.flat()
    running = [
        (number, step, value)
        for number, reports in table.reports.running.items()
        for step, value in reports.items()
    ]
    extra = np.array(running, dtype=np.float64).reshape(-1, 3)
    numbers = np.concatenate([columns[0], extra[:, 0]]).astype(np.int64)
    steps = np.concatenate([columns[1], extra[:, 1]]).astype(np.int64)
    values = np.concatenate([columns[2], extra[:, 2]])
    states = (TrialState.COMPLETE, TrialState.PRUNED, TrialState.RUNNING)
    order = np.lexsort((steps, numbers))
    order = order[np.isin(table.state[numbers[order]], states)]
    return Curves(numbers[order], steps[order], values[order])


def choose_trials(table: Table, reporting: NDArray[np.int64]) -> NDArray[np.int64]:
    """Choose trials whose curves can still be told apart, the best one among them.

    Args:
        table: The table of the study.
        reporting: The trials with reports.

    Returns:
        Some of them, ascending.
    """
    chosen = reporting[even(len(reporting), _CURVES)]
    if table.best is not None and table.best in reporting:
        chosen = np.union1d(chosen, [table.best])
    return chosen


def with_fewer_steps(curves: Curves, n_curves: int) -> tuple[Curves, tuple[str, ...]]:
    """Take of each long curve an even sample with both ends, so that the plot stays quick.

    Args:
        curves: The curves.
        n_curves: How many they are.

    Returns:
        The curves to draw, and no remark or one.
    """
    limit = max(2, _REPORTS // n_curves)
    starts = np.flatnonzero(np.diff(curves.numbers, prepend=-1))
    lengths = np.diff(starts, append=len(curves.numbers))
    if lengths.max() <= limit:
        return curves, ()
    kept = np.concatenate(
        [start + even(length, limit) for start, length in zip(starts, lengths, strict=True)]
    )
    shown = Curves(curves.numbers[kept], curves.steps[kept], curves.values[kept])
    return shown, ("Long curves are drawn with fewer steps.",)


def report_range(
    table: Table, values: Floats
) -> tuple[tuple[float, float] | None, tuple[str, ...]]:
    """Give a range for the reports that ends before far outliers.

    Args:
        table: The table of the study.
        values: The reports.

    Returns:
        The range, None where nothing is cut, and no remark or one.
    """
    if len(table.directions) != 1:
        return None, ()
    small_is_good = table.directions[0] != StudyDirection.MAXIMIZE
    return clipped_range(values[np.isfinite(values)], small_is_good, "report", far=_FAR)


def count_reporting(table: Table, reporting: NDArray[np.int64]) -> str:
    """Say how many trials reported, and how they ended.

    Args:
        table: The table of the study.
        reporting: The trials with reports.

    Returns:
        The remark.
    """
    state = table.state[reporting]
    kinds = ((TrialState.COMPLETE, "complete"), (TrialState.PRUNED, "pruned"))
    parts = [f"{n:,} {name}" for kind, name in kinds if (n := int((state == kind).sum()))]
    running = int((state == TrialState.RUNNING).sum())
    parts += [f"{running:,} running"] if running else []
    return f"{counted(len(reporting), 'trial')} reported: {', '.join(parts)}."
