"""A Gaussian process that explains one target, kept up to date one trial at a time.

What it holds follows from the trials alone, whenever it was made (see ``schedule``).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from steep.kernels.gp import Columns, Regression, Slopes
from steep.kernels.likelihood import Prior, fit
from steep.samplers.gp.schedule import MOST_POINTS, ROOM, fits_until

__all__ = ["Belief", "Gradients", "Posterior", "Surrogate", "Trials"]

Matrix = NDArray[np.float64]
Vector = NDArray[np.float64]
Indices = NDArray[np.intp]


class Gradients(Protocol):
    """Give gradients of a belief, for a function of mean and variance."""

    def gradient(self, by_mean: Vector, by_variance: Vector, columns: Columns) -> Matrix:
        """See :meth:`steep.kernels.gp.Slopes.gradient`."""
        ...


class Belief(Protocol):
    """Say what is believed of a target."""

    def at(self, x: Matrix) -> tuple[Vector, Vector]:
        """Give mean and variance at some points: twice (m,) float64.

        Args:
            x: (m, D) float64.
        """
        ...

    def with_slopes(self, x: Matrix) -> tuple[Vector, Vector, Gradients]:
        """Give mean and variance at some points, and what their gradients need.

        Args:
            x: (m, D) float64.
        """
        ...


class Posterior(NamedTuple):
    """Believe what follows from the points of a regression.

    Attributes:
        regression: The points.
        y: (m,) float64, the values of the first m of them.
        alpha: (n,) float64, their weights in the mean.
    """

    regression: Regression
    y: Vector
    alpha: Vector

    def at(self, x: Matrix) -> tuple[Vector, Vector]:
        """See :class:`Belief`."""
        return self.regression.predict(x, self.alpha)

    def with_slopes(self, x: Matrix) -> tuple[Vector, Vector, Slopes]:
        """See :class:`Belief`."""
        return self.regression.predict_with_slopes(x, self.alpha)


@dataclass(frozen=True)
class Trials:
    """Give the trials that have a value of the target, in the order in which they finished.

    Attributes:
        n: How many there are.
        columns: Gives the points of some of them: (m, D) float64.
        values: Gives the standardised values of the first so many.
        best: Gives the positions of the first so many, from the best to the worst, and how many
            of them are best together.
    """

    n: int
    columns: Callable[[Indices], Matrix]
    values: Callable[[int], Vector]
    best: Callable[[int], tuple[Indices, int]]


@dataclass
class _Fitted:
    """Hold a regression, and the trials in it."""

    size: int  # how many trials there were at the fit
    regression: Regression
    chosen: list[int]  # the trials that are its points
    n_seen: int  # how many trials were looked at


class Surrogate:
    """Explain one target.

    Args:
        groups: (D,) the parameter of each column.
        prior: What is believed of the hyperparameters.
    """

    def __init__(self, groups: Indices, prior: Prior) -> None:
        self._groups = groups
        self._prior = prior
        self._thetas: dict[int, Vector] = {}
        self._fitted: _Fitted | None = None

    def posterior(self, trials: Trials, pending: Matrix) -> Posterior:
        """Say what is believed after some trials.

        Args:
            trials: The trials, at least one, and at least those of the last call.
            pending: (k, D) float64, points of running trials. Where they are the expected value
                counts as found.
        """
        fitted = self._current(trials)
        regression = fitted.regression
        if len(pending):
            regression = regression.copy(len(pending))
            for point in pending:
                regression.append(point)
        y = trials.values(trials.n)[np.array(fitted.chosen)]
        return Posterior(regression, y, regression.weights(y))

    def _current(self, trials: Trials) -> _Fitted:
        """Give the regression of all trials: fitted if that is due, else with rows appended."""
        sizes = fits_until(trials.n)
        if self._fitted is None or self._fitted.size != sizes[-1]:
            self._fitted = self._refit(trials, sizes)
        fitted = self._fitted
        new = np.arange(fitted.n_seen, trials.n)
        if len(new):
            for row, point in zip(new.tolist(), trials.columns(new), strict=True):
                fitted.regression.append(point)
                fitted.chosen.append(row)
        fitted.n_seen = trials.n
        return fitted

    def _refit(self, trials: Trials, sizes: list[int]) -> _Fitted:
        theta: Vector | None = None
        chosen = np.zeros(0, dtype=np.intp)
        for size in sizes:
            known = self._thetas.get(size)
            if known is not None and size != sizes[-1]:
                theta = known
                continue
            chosen = _subset(trials, size)
            x, y = trials.columns(chosen), trials.values(size)[chosen]
            theta = fit(x, y, self._groups, self._prior, theta)
            self._thetas[size] = theta
        assert theta is not None
        self._thetas = {size: self._thetas[size] for size in sizes}
        x = trials.columns(chosen)
        regression = Regression(x, self._groups, theta, room=len(x) + ROOM)
        return _Fitted(sizes[-1], regression, chosen.tolist(), sizes[-1])


def _subset(trials: Trials, n: int) -> Indices:
    """Choose of n trials the best, the nearest to the best ones, and some others."""
    if n <= MOST_POINTS:
        return np.arange(n)
    most = MOST_POINTS - ROOM
    order, n_best = trials.best(n)
    x = trials.columns(np.arange(n))
    best = order[: most // 4]
    distance = np.min(
        [((x - x[row]) ** 2).sum(axis=1) for row in order[: min(n_best, len(best))]], axis=0
    )
    distance[best] = np.inf
    near = np.argsort(distance, kind="stable")[: most // 2 - most // 8]
    left = np.setdiff1d(np.arange(n), np.concatenate([best, near]))
    some = np.random.default_rng(n).choice(left, most - len(best) - len(near), replace=False)
    return np.sort(np.concatenate([best, near, some]))
