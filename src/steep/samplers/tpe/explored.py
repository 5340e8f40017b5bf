"""Keep from proposing a point of a finite space twice.

Where trials are deterministic a repeated point is a wasted evaluation. Candidates that were seen
are passed over as long as there are others: those that l(x) gave, else the same with one parameter
changed at random, else any point that is left.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from steep.distributions import BaseDistribution, FloatDistribution, IntDistribution
from steep.kernels.seen import Seen
from steep.samplers.tpe.axes import ends_of
from steep.space import Space

__all__ = ["Explored"]

Matrix = NDArray[np.float64]
Score = Callable[[Matrix], NDArray[np.floating[Any]]]


class Explored:
    """Follow the points of a finite space that have been evaluated.

    Args:
        space: A space whose every parameter has a finite number of values.
    """

    def __init__(self, space: Space) -> None:
        self._space = space
        distributions = space.distributions
        self._low = np.array([ends_of(d)[0] for d in distributions])
        self._step = np.array([_step_of(d) for d in distributions])
        self._sizes = [d.grid_size() or 1 for d in distributions]
        self._seen = Seen(self._sizes)

    def mark(self, internal: Matrix) -> None:
        """Note points as evaluated.

        Args:
            internal: (n, d) float64, internal values in range.
        """
        self._seen.mark(self._positions(internal))

    def best(self, x: Matrix, score: Score, rng: np.random.Generator, pending: Matrix) -> Matrix:
        """Choose the candidate of the highest score that is new.

        Args:
            x: (m, d) float64 in [0, 1], the candidates.
            score: Gives (m,) float32 for such candidates.
            rng: Where the randomness comes from.
            pending: (k, d) float64 in [0, 1], points of running trials, which are not new.

        Returns:
            (d,) float64; a known point if no other is found.
        """
        running = self._positions(self._space.decode(pending[~np.isnan(pending).any(axis=1)]))
        for candidates in (x, self._varied(x, rng)):
            positions = self._positions(self._space.decode(candidates))
            new = ~self._seen.known(positions)
            new &= ~(positions[:, None] == running).all(axis=2).any(axis=1)
            if new.any():
                return _argmax(candidates[new], score)
        left = self._left(rng, len(x), running)
        return _argmax(left if len(left) else x, score)

    def _varied(self, x: Matrix, rng: np.random.Generator) -> Matrix:
        """Give each candidate another value in one parameter."""
        varied = x.copy()
        varied[np.arange(len(x)), rng.integers(x.shape[1], size=len(x))] = rng.random(len(x))
        return varied

    def _left(self, rng: np.random.Generator, m: int, running: NDArray[np.intp]) -> Matrix:
        if not self._seen.is_exact:
            return np.zeros((0, len(self._space)))
        positions = self._seen.fresh(rng, m, besides=running)
        return self._space.encode(self._low + positions * self._step)

    def _positions(self, internal: Matrix) -> NDArray[np.intp]:
        positions: NDArray[np.intp] = np.rint((internal - self._low) / self._step).astype(np.intp)
        return positions


def _step_of(distribution: BaseDistribution) -> float:
    if isinstance(distribution, FloatDistribution | IntDistribution):
        return float(distribution.step or 1.0)
    return 1.0


def _argmax(x: Matrix, score: Score) -> Matrix:
    row: Matrix = x[score(x).argmax()]
    return row
