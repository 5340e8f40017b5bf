"""Moving points to where the values of fine grids sit.

>>> from steep.kernels.parts import Axis
>>> x = np.array([[0.21], [1.0]])
>>> Snapping([Axis(width=0.1)]).snap(x)
>>> x.T
array([[0.25, 0.95]])
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from steep.kernels.parts import Axis

__all__ = ["Snapping"]

Matrix = NDArray[np.float64]
Index = NDArray[np.intp]


class Snapping:
    """Know the fine grids among the axes of a space.

    Args:
        axes: All axes.
    """

    def __init__(self, axes: Sequence[Axis]) -> None:
        fine = [j for j, axis in enumerate(axes) if axis.width]
        even = [j for j in fine if not axes[j].decay]
        logs = [j for j in fine if axes[j].decay]
        self._even: Index = np.array(even, dtype=np.intp)
        self._count = np.array([round(1.0 / axes[j].width) for j in even], dtype=np.float64)
        self._logs: Index = np.array(logs, dtype=np.intp)
        self._decay = np.array([axes[j].decay for j in logs])
        # The unit interval of the ints of a logarithmic range begins half an int below the first.
        self._begin = 1.0 / (np.array([axes[j].width for j in logs]) * self._decay)
        self._end = self._begin * np.exp(self._decay)

    def snap(self, x: Matrix) -> None:
        """Move points to the middle of their cells, in place.

        Args:
            x: (m, d) float64 in [0, 1].
        """
        if self._even.size:
            x[:, self._even] = self._snapped_evenly(x.take(self._even, axis=1))
        if self._logs.size:
            x[:, self._logs] = self._snapped_in_logarithm(x.take(self._logs, axis=1))

    def _snapped_evenly(self, x: Matrix) -> Matrix:
        x *= self._count
        np.floor(x, out=x)
        np.minimum(x, self._count - 1.0, out=x)
        x += 0.5
        x /= self._count
        return x

    def _snapped_in_logarithm(self, x: Matrix) -> Matrix:
        x *= self._decay
        np.exp(x, out=x)
        x *= self._begin
        np.rint(x, out=x)
        np.maximum(x, self._begin + 0.5, out=x)
        np.minimum(x, self._end - 0.5, out=x)
        x /= self._begin
        np.log(x, out=x)
        x /= self._decay
        return x
