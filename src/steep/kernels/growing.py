"""A mixture that grows by one kernel at a time and forgets evenly beyond its capacity.

All kernels have the same bandwidth on an axis, so adding an observation writes one column of the
matrix. The bandwidth shrinks with the number of kernels, but on a coarse scale: only when the
number has grown by a tenth are all columns written anew.

>>> from steep.kernels.layout import Axis
>>> mixture = GrowingMixture(Layout([Axis()]), capacity=100)
>>> for number, x in enumerate([0.2, 0.3, 0.25]):
...     mixture.add(number, [x])
>>> density = mixture.log_density(mixture.layout.features(np.array([[0.25], [0.9]])))
>>> bool(density[0] > density[1])
True
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from steep.kernels.common_width import CommonWidth
from steep.kernels.layout import Layout
from steep.kernels.parzen import USUAL, Rules, log_mixture, ramp_weights
from steep.kernels.subsample import Subsample

__all__ = ["GrowingMixture", "shrinking_bandwidths"]

Matrix = NDArray[np.float64]
Single = NDArray[np.float32]
Weigh = Callable[[int], Matrix]

_STAGE = 1.1
_JOINT_RATE, _JOINT_GRID_RATE, _LONE_RATE = 0.5, 0.55, 0.75
_NEVER = np.float32(-1e9)
"""The log-density of a column that is not in use."""


def shrinking_bandwidths(layout: Layout, n: float) -> Matrix:
    """Choose the common bandwidths of n kernels.

    Where g is smoother than l, a value that was tried often looks no worse than its neighbours that
    were not, and the search stays there for good. An axis alone sees each of its values many
    times, so its bandwidth has to fall fastest; a grid repeats its values, so it comes next.

    Args:
        layout: Where things are in the arrays.
        n: The number of kernels.

    Returns:
        (d,) float64, standard deviations in units of the range.

    Source: Li, Racine (2003), "Nonparametric estimation of distributions with categorical and
    continuous data", J. Multivariate Anal. 86, for smoothing discrete variables less.
    The rates were compared on functions and on tables, not derived.
    """
    rates = np.full(len(layout.axes), _JOINT_RATE)
    rates[layout.grids.axes] = _JOINT_GRID_RATE
    is_alone = np.bincount(layout.blocks)[layout.blocks] == 1
    rates[is_alone] = _LONE_RATE
    return np.minimum(0.5, max(n, 1.0) ** -rates)


class GrowingMixture:
    """Hold a kernel for each of many observations, and a prior kernel.

    Args:
        layout: Where things are in the arrays.
        capacity: The largest number of kernels; see :class:`~steep.kernels.subsample.Subsample`
            for which ones stay.
        weigh: Gives the weights of n kernels, oldest first; None for equal ones.
        rules: How observations become kernels.
    """

    def __init__(
        self,
        layout: Layout,
        capacity: int = 1000,
        weigh: Weigh | None = ramp_weights,
        rules: Rules = USUAL,
    ) -> None:
        self.layout = layout
        self._weigh = weigh
        self._rules = rules
        self._kept = Subsample(capacity)
        self._slots: dict[int, int] = {}
        self._free = list(range(capacity, 0, -1))
        self._used = 1  # columns that were ever written; the prior is column 0
        self._by_age = np.zeros(capacity + 1, dtype=np.intp)
        self._rows = np.full((capacity + 1, len(layout.axes)), 0.5)
        self._columns = np.zeros((layout.n_features, capacity + 1), dtype=np.float32)
        self._columns[:, :1] = layout.prior
        self._weights = np.zeros(capacity + 1, dtype=np.float32)
        # A prior of weight 0 still keeps the density from being 0 everywhere.
        self._weights[0] = max(rules.prior_weight, 1e-12)
        self._stage = 0
        self._ramp: Single | None = None
        self._refresh()

    @property
    def numbers(self) -> list[int]:
        """Give the numbers of the observations that are kept, ascending; to be read only."""
        return self._kept.numbers

    def __contains__(self, number: int) -> bool:
        return number in self._slots

    def add(self, number: int, row: Sequence[float]) -> None:
        """Add an observation.

        Args:
            number: What it is called; larger is newer.
            row: d floats in [0, 1].
        """
        gone = self._kept.add(number)
        if gone == number:
            return
        if gone is not None:
            # The order by age does not hold the new number yet.
            self._leave(gone, bisect_left(self._kept.numbers, gone) - (number < gone))
        slot = self._free.pop()
        position, n = bisect_left(self._kept.numbers, number), len(self._kept.numbers)
        if position < n - 1:
            self._by_age[position + 1 : n] = self._by_age[position : n - 1].copy()
        self._by_age[position] = slot
        self._slots[number] = slot
        self._weights[slot] = 1.0
        self._used = max(self._used, slot + 1)
        self._rows[slot] = row
        if not self._refresh():
            self._columns[:, slot] = self._writer.column(row)

    def remove(self, number: int) -> None:
        """Take an observation out.

        Args:
            number: One that is kept.
        """
        position = bisect_left(self._kept.numbers, number)
        self._kept.remove(number)
        self._leave(number, position)
        self._refresh()

    def reset(self, numbers: NDArray[np.int64], rows: Matrix) -> None:
        """Start anew with many observations at once.

        Args:
            numbers: (n,) int64, ascending.
            rows: (n, d) float64 in [0, 1].
        """
        self._kept.reset(numbers)
        kept = self._kept.numbers
        n = len(kept)
        self._slots = {number: slot for slot, number in enumerate(kept, start=1)}
        self._free = list(range(self._kept.capacity, n, -1))
        self._used = n + 1
        self._by_age[:n] = np.arange(1, n + 1)
        self._weights[1 : n + 1], self._weights[n + 1 :] = 1.0, 0.0
        self._rows[1 : n + 1] = rows[np.searchsorted(numbers, kept)]
        self._stage = 0
        self._refresh()

    def log_density(self, features: Single, pending: Matrix | None = None) -> Single:
        """Compute the log-density of points.

        Args:
            features: (m, features) float32.
            pending: (k, d) float64, observations to count in for this time only, with full
                weight; NaN where a coordinate is not known.

        Returns:
            (m,) float32.
        """
        columns, weights = self._columns[:, : self._used], self._weights[: self._used]
        total = self._total
        if pending is not None and len(pending):
            more = self._writer.columns(pending)
            columns = np.hstack([columns, more])
            weights = np.append(weights, np.ones(len(pending), dtype=np.float32))
            total += len(pending)
        return log_mixture(features, columns, weights, total)

    def _leave(self, number: int, position: int) -> None:
        """Free the column of the member that was the ``position``-th by age."""
        slot = self._slots.pop(number)
        n = len(self._slots) + 1
        self._by_age[position : n - 1] = self._by_age[position + 1 : n].copy()
        self._free.append(slot)
        self._blank(slot)
        self._weights[slot] = 0.0

    def _refresh(self) -> bool:
        """Follow the number of members, and tell whether all columns were written anew."""
        n = len(self._kept.numbers)
        self._total = float(self._weights[0]) + (n if self._weigh is None else self._reweigh(n))
        stage = int(math.log(n + 1) / math.log(_STAGE)) + 1
        if stage == self._stage:
            return False
        self._stage = stage
        count = _STAGE ** (stage - 1)
        sigma = shrinking_bandwidths(self.layout, count)
        self._writer = CommonWidth(self.layout, sigma, self._rules.prior_weight / count)
        self._write_all()
        return True

    def _reweigh(self, n: int) -> float:
        """Weigh the members by age, and give the sum of their weights."""
        assert self._weigh is not None, "equal weights stand as they were set"
        if self._ramp is None or len(self._ramp) != n:
            self._ramp = np.asarray(self._weigh(n), dtype=np.float32)
            self._ramp_total = float(np.add.reduce(self._ramp))
        self._weights[self._by_age[:n]] = self._ramp
        return self._ramp_total

    def _write_all(self) -> None:
        self._columns[:, 1 : self._used] = self._writer.columns(self._rows[1 : self._used])
        for slot in self._free:
            if slot < self._used:
                self._blank(slot)

    def _blank(self, slot: int) -> None:
        self._columns[:, slot] = 0.0
        self._columns[self.layout.constants, slot] = _NEVER
