"""The bars of pruners: what a trial would have had to clear at a step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from steep.arguments import arguments_of
from steep.pruners import PatientPruner, PercentilePruner, ThresholdPruner
from steep.states import StudyDirection, TrialState
from steep.table import Table
from steep.visualization.curves import Curves
from steep.visualization.figure import Floats

if TYPE_CHECKING:
    from steep.pruners import BasePruner

__all__ = ["Bar", "bar_of"]

_MEDIAN = 50.0


@dataclass(frozen=True, eq=False)
class Bar:
    """Tell what trials were compared with: a percentile of complete trials, or fixed bounds.

    Args:
        name: What it is, for the legend.
        note: What it is, in a sentence.
        table: The table of the study.
        quantile: Which quantile of the complete trials, in [0, 1].
        bounds: The lower and the upper bound that take the place of the quantile; none = the
            quantile.
    """

    name: str
    note: str
    table: Table
    quantile: float
    bounds: tuple[float, ...] = ()

    def over(self, curves: Curves, steps: NDArray[np.int64]) -> list[Floats]:
        """Give the bars over the steps, as they are now.

        Args:
            curves: All curves.
            steps: (k,) steps.

        Returns:
            One line of (k,) values, or one for each bound.
        """
        if self.bounds:
            return [np.full(len(steps), bound) for bound in self.bounds]
        complete = self._complete(curves)
        order = np.lexsort((complete.values, complete.steps))
        ordered, values = complete.steps[order], complete.values[order]
        start = np.searchsorted(ordered, steps)
        count = np.searchsorted(ordered, steps, side="right") - start
        if not count.any():
            return []
        # Linear interpolation between neighbours, as numpy.quantile, for all steps at once.
        rank = np.maximum(0.0, (count - 1) * self.quantile)
        low = np.minimum(start + rank.astype(np.int64), len(values) - 1)
        high = np.minimum(low + (rank % 1.0 > 0.0), len(values) - 1)
        line = values[low] * (1.0 - rank % 1.0) + values[high] * (rank % 1.0)
        return [np.where(count > 0, line, np.nan)]

    def at(
        self,
        curves: Curves,
        numbers: NDArray[np.int64],
        steps: NDArray[np.int64],
        values: Floats,
    ) -> Floats:
        """Give the bar that each pruned trial met.

        Args:
            curves: All curves.
            numbers: (k,) the pruned trials.
            steps: (k,) the step at which each was pruned.
            values: (k,) the values that they had.

        Returns:
            (k,) the bar as it was then, NaN where there was none.
        """
        if self.bounds:
            nearest = np.abs(np.subtract.outer(values, self.bounds)).argmin(axis=1)
            return np.asarray([self.bounds[i] for i in nearest.tolist()])
        complete = self._complete(curves)
        order = np.argsort(complete.steps, kind="stable")
        ordered = complete.steps[order]
        end = np.full(self.table.n, self.table.n, dtype=np.int64)  # when each trial finished
        end[self.table.finished] = np.arange(len(self.table.finished))
        bars = np.full(len(numbers), np.nan)
        for index, (number, step) in enumerate(zip(numbers.tolist(), steps.tolist(), strict=True)):
            at = order[slice(*np.searchsorted(ordered, [step, step + 1]))]
            before = complete.values[at[end[complete.numbers[at]] < end[number]]]
            if len(before):
                bars[index] = np.quantile(before, self.quantile)
        return bars

    def _complete(self, curves: Curves) -> Curves:
        kept = self.table.state[curves.numbers] == TrialState.COMPLETE
        kept &= np.isfinite(curves.values)
        return Curves(curves.numbers[kept], curves.steps[kept], curves.values[kept])


def bar_of(pruner: BasePruner, table: Table) -> Bar:
    """Tell what a pruner compares with.

    Args:
        pruner: The pruner of the study.
        table: The table of the study.

    Returns:
        Its bar; of a pruner that compares with neither a percentile nor bounds the median, for
        orientation.
    """
    wrapped = _unwrapped(pruner)
    name = type(pruner).__name__
    if isinstance(wrapped, ThresholdPruner):
        bounds = _bounds(arguments_of(wrapped))
        return Bar("Bounds", f"{name} prunes what leaves its bounds.", table, 0.5, bounds)
    given = arguments_of(wrapped) if isinstance(wrapped, PercentilePruner) else {}
    percentile = float(given.get("percentile", _MEDIAN))
    what = "median" if percentile == _MEDIAN else f"best {percentile:g} %"
    if isinstance(wrapped, PercentilePruner):
        note = f"{name}: the best report of a trial has to clear the {what} of complete trials."
    else:
        note = f"The rule of {name} is not drawn; for orientation, the {what} of complete trials."
    title = f"Bar: {what}"
    is_max = table.directions[0] == StudyDirection.MAXIMIZE
    quantile = (100.0 - percentile if is_max else percentile) / 100.0
    return Bar(title, note, table, quantile)


def _unwrapped(pruner: BasePruner) -> BasePruner | None:
    if not isinstance(pruner, PatientPruner):
        return pruner
    inner: BasePruner | None = arguments_of(pruner).get("wrapped_pruner")
    return inner


def _bounds(given: dict[str, Any]) -> tuple[float, ...]:
    bounds = [given.get(name) for name in ("lower", "upper")]
    return tuple(float(bound) for bound in bounds if bound is not None)
