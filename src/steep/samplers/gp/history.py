"""The finished trials of a table in the order in which they finished, and how they rank.

Complete trials come first, by their loss; then pruned ones, by the step they reached; then those
that violate constraints, by how much; then failed ones. Trials whose worker was lost say nothing.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from steep.columns import Column
from steep.kernels.warp import average_ranks, half_rank
from steep.samplers.tpe.split import rank_key
from steep.states import TrialState
from steep.table import Table

__all__ = ["History"]

_FAILED = (3.0, 0.0, 0.0)


class History:
    """Follow the trials of one objective.

    Attributes:
        numbers: The trials that count, in the order in which they finished.
    """

    def __init__(self) -> None:
        self._numbers = Column(np.int64)
        self._keys = Column(np.float64, width=3)
        self._cursor = 0

    @property
    def numbers(self) -> NDArray[np.int64]:
        """Give the numbers of the trials: (n,) int64."""
        return self._numbers.view

    def update(self, table: Table) -> None:
        """Take the trials into account that have finished since the last call.

        Args:
            table: The table; the same one at each call.
        """
        finished = table.finished[self._cursor :].tolist()
        self._cursor += len(finished)
        for number in finished:
            key = rank_key(table, number)
            if key is None and (
                table.state_of(number) != TrialState.FAIL or number in table.reaped
            ):
                continue
            self._keys.grow(self._keys.size + 1)
            self._keys.data[self._keys.size - 1] = _FAILED if key is None else key
            self._numbers.append(number)

    def warped(self, rows: NDArray[np.intp]) -> NDArray[np.float64]:
        """Give what the Gaussian process is to explain: losses, warped and standardised.

        Args:
            rows: (n,) positions in :attr:`numbers`.

        Returns:
            (n,) float64.
        """
        keys = self._keys.view[rows]
        losses = np.where(keys[:, 0] == 0.0, keys[:, 1], np.nan)
        return half_rank(losses, average_ranks(keys))

    def best(self, rows: NDArray[np.intp]) -> NDArray[np.intp]:
        """Give positions in ``rows`` from the best trial to the worst.

        Args:
            rows: (n,) positions in :attr:`numbers`.
        """
        return np.lexsort(self._keys.view[rows].T[::-1])
