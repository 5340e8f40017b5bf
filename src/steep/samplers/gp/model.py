"""A Gaussian process over the trials of one space, kept up to date one trial at a time.

What it holds follows from the trials alone, whenever it was made (see ``schedule``).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from steep.columns import Column
from steep.kernels.acquisition import log_ei, log_ei_with_slopes
from steep.kernels.gp import Prior, Regression, fit
from steep.samplers.gp.activity import Activity
from steep.samplers.gp.candidates import Candidates
from steep.samplers.gp.features import Features
from steep.samplers.gp.history import History
from steep.samplers.gp.schedule import MOST_POINTS, ROOM, fits_until
from steep.samplers.gp.search import Acquisition, search
from steep.samplers.tpe.explored import Explored
from steep.space import Space
from steep.states import TrialState
from steep.table import Table

__all__ = ["Model"]

Matrix = NDArray[np.float64]
Vector = NDArray[np.float64]
Indices = NDArray[np.intp]


@dataclass
class _Fitted:
    """Hold a regression, and the trials in it."""

    size: int  # how many trials there were at the fit
    regression: Regression
    chosen: list[int]  # the rows of the model that are its points
    n_seen: int  # how many rows of the model were looked at


class Model:
    """Model the loss over one space.

    Args:
        space: The d parameters.
        conditional: The parameters of each group that only some trials have.
        is_exact: Whether the objective has no noise.
    """

    def __init__(self, space: Space, conditional: list[list[int]], is_exact: bool) -> None:
        self.space = space
        self._features = Features(space, conditional)
        self._candidates = Candidates(space)
        self._activity = Activity(conditional, self._candidates.discrete.tolist())
        self._always = np.setdiff1d(
            np.arange(len(space)), [j for group in conditional for j in group]
        )
        self._patterns: set[bytes] = set()
        # The prior is for as many parameters as matter at once: branches exclude each other.
        d = max(len(self._always) + max([len(group) for group in conditional], default=0), 1)
        self._prior = Prior.of(d, None) if is_exact else Prior.of(d)
        self._units = Column(np.float64, width=len(space))
        self._rows = Column(np.int64)
        self._cursor = 0
        self._thetas: dict[int, Vector] = {}
        self._fitted: _Fitted | None = None
        is_finite = all(d.grid_size() is not None for d in space.distributions)
        is_finite = is_finite and not conditional
        self._explored = Explored(space) if is_finite else None

    @property
    def n(self) -> int:
        """Give the number of trials in the model."""
        return self._rows.size

    def update(self, table: Table, history: History) -> None:
        """Take the trials into account that have finished since the last call.

        Args:
            table: The table; the same one at each call.
            history: Its history, up to date.
        """
        numbers = history.numbers[self._cursor :]
        if not len(numbers):
            return
        internal = table.param_rows(self.space.names, numbers)
        failed = table.state[numbers] == TrialState.FAIL
        whole = [i for i, row in enumerate(internal) if self._is_usable(row, bool(failed[i]))]
        units = self._candidates.snapped(self.space.encode(internal[whole]))
        units[np.isnan(internal[whole])] = np.nan
        for row, unit in zip(whole, units, strict=True):
            self._rows.append(self._cursor + row)
            self._units.grow(self._rows.size)
            self._units.data[self._rows.size - 1] = unit
        self._cursor += len(numbers)
        if self._explored is not None and len(units):
            self._explored.mark(self.space.decode(units))

    def _is_usable(self, row: Vector, failed: bool) -> bool:
        """Tell whether a trial has what it has to have.

        One that failed may have done so before it got its parameters. So it counts if others have
        had the same ones.
        """
        absent = np.isnan(row)
        pattern = absent.tobytes()
        if absent[self._always].any() or absent.all():
            return False
        if not failed:
            self._patterns.add(pattern)
        return not absent.any() or pattern in self._patterns

    def propose(
        self, history: History, pending: Matrix, rng: np.random.Generator, avoids: bool
    ) -> Vector:
        """Find the point that promises most.

        Args:
            history: The history that the model was updated with; the model has a trial.
            pending: (k, d) float64 in [0, 1], the points of running trials, NaN where absent.
            rng: Where the randomness comes from.
            avoids: Whether points of a finite space that were evaluated are to be left out.

        Returns:
            (d,) float64, internal values.
        """
        rows = self._rows.view
        y = history.warped(rows)
        # A trial that has begun may not have asked for all that it will: that says too little.
        pending = pending[~np.isnan(pending[:, self._always]).any(axis=1)]
        self._activity.learnt(self._units.view)
        fitted = self._current(history)
        chosen = np.array(fitted.chosen)
        regression = fitted.regression
        if len(pending):
            regression = regression.copy(len(pending))
            for point in self._features(pending):
                regression.append(point)
        alpha = regression.weights(y[chosen])
        mean, _ = regression.predict_own(alpha)
        points = np.concatenate([self._units.view[chosen], pending])
        incumbent = int(mean.argmin())
        acquisition = self._acquisition(regression, alpha, float(mean[incumbent]))
        start = points[incumbent]
        if np.isnan(start).any():
            start = np.where(np.isnan(start), self._candidates.random(rng, 1)[0], start)
        found = search(acquisition, self._candidates, start, rng)
        if self._explored is None or not avoids:
            best = found.best()
        else:
            best = self._explored.best(found.points, acquisition.value, rng, pending)
        row: Vector = self.space.decode(best[None, :])[0]
        return row

    def _acquisition(self, regression: Regression, alpha: Vector, best: float) -> Acquisition:
        features, masked = self._features, self._activity.masked
        continuous = self._candidates.continuous
        first = features.first[continuous]

        def value(unit: Matrix) -> Vector:
            return log_ei(*regression.predict(features(masked(unit)), alpha), best)

        def slopes(unit: Matrix) -> tuple[Vector, Matrix]:
            unit = masked(unit)
            mean, variance, slope = regression.predict_with_slopes(features(unit), alpha)
            log, by_mean, by_variance = log_ei_with_slopes(mean, variance, best)
            gradient = slope.gradient(by_mean, by_variance, first)
            gradient[np.isnan(unit[:, continuous])] = 0.0
            return log, gradient

        return Acquisition(value, slopes)

    def _current(self, history: History) -> _Fitted:
        """Give the regression of all trials: fitted if that is due, else with rows appended."""
        sizes = fits_until(self.n)
        if self._fitted is None or self._fitted.size != sizes[-1]:
            self._fitted = self._refit(history, sizes)
        fitted = self._fitted
        for row in range(fitted.n_seen, self.n):
            fitted.regression.append(self._features(self._units.data[row : row + 1])[0])
            fitted.chosen.append(row)
        fitted.n_seen = self.n
        return fitted

    def _refit(self, history: History, sizes: list[int]) -> _Fitted:
        theta: Vector | None = None
        chosen = np.zeros(0, dtype=np.intp)
        for size in sizes:
            known = self._thetas.get(size)
            if known is not None and size != sizes[-1]:
                theta = known
                continue
            rows = self._rows.view[:size]
            y = history.warped(rows)
            chosen = self._subset(history, rows)
            x = self._features(self._units.view[chosen])
            theta = fit(x, y[chosen], self._features.groups, self._prior, theta)
            self._thetas[size] = theta
        assert theta is not None
        self._thetas = {size: self._thetas[size] for size in sizes}
        x = self._features(self._units.view[chosen])
        regression = Regression(x, self._features.groups, theta, room=len(x) + ROOM)
        return _Fitted(sizes[-1], regression, chosen.tolist(), sizes[-1])

    def _subset(self, history: History, rows: Indices) -> Indices:
        """Choose points for the model: the best, the nearest to the best one, and some others."""
        n, most = len(rows), MOST_POINTS - ROOM
        if n <= MOST_POINTS:
            return np.arange(n)
        order = history.best(rows)
        x = self._features(self._units.view[:n])
        best = order[: most // 4]
        distance = ((x - x[order[0]]) ** 2).sum(axis=1)
        distance[best] = np.inf
        near = np.argsort(distance, kind="stable")[: most // 2 - most // 8]
        left = np.setdiff1d(np.arange(n), np.concatenate([best, near]))
        some = np.random.default_rng(n).choice(left, most - len(best) - len(near), replace=False)
        return np.sort(np.concatenate([best, near, some]))
