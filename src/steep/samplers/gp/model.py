"""The trials of one space, what is believed after them, and which point promises most."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from steep.columns import Column
from steep.kernels.likelihood import Prior
from steep.kernels.pareto import is_pareto_optimal
from steep.samplers.gp.activity import Activity, Branch
from steep.samplers.gp.candidates import Candidates
from steep.samplers.gp.features import Features
from steep.samplers.gp.history import History
from steep.samplers.gp.knowledge import Knowledge, Residual, Stacked
from steep.samplers.gp.promise import Feasibility, Part, improvement_on
from steep.samplers.gp.schedule import MOST_POINTS
from steep.samplers.gp.search import TO_FRONT, TO_ONE_OBJECTIVE, Acquisition, Effort, search
from steep.samplers.gp.surrogate import Belief, Posterior, Surrogate, Trials
from steep.samplers.gp.targets import Limit, Objective, Target
from steep.samplers.tpe.explored import Explored
from steep.space import Space
from steep.states import TrialState
from steep.table import Table

__all__ = ["Model"]

Matrix = NDArray[np.float64]
Vector = NDArray[np.float64]
Indices = NDArray[np.intp]


_MOST_KNOWN = 256
"""What is to be improved on: so many of the best trials."""
_MOST_STARTS = 8
_MOST_OBJECTIVES = 4
"""So many have a hypervolume whose expected improvement is cheap."""
_SHARE_OF_EXTENSIONS = 0.5
"""So many trials may extend the ends of a front; the others look for what is better than most. Only
the one or only the other was worse on fronts of the tuning half (benchmarks/efficiency)."""
_LIKELY = math.log(0.5)
_LIMIT_NOISE = (-4.0, 1.0)
_BLOCK = 4096
_CACHED = 24_576
"""A matrix with so many numbers stays in the cache of the processor."""
_SHARE_OF_NEGLECTED = 1 / 3
"""So many trials go to branches that have had too few."""


class Model:
    """Model objectives and constraints over one space.

    Args:
        space: The d parameters.
        conditional: The parameters of each group that only some trials have.
        prior: Gives what is believed of the hyperparameters of so many parameters.
        priors: What other studies have found.
    """

    def __init__(
        self,
        space: Space,
        conditional: list[list[int]],
        prior: Callable[[int], Prior],
        priors: Sequence[Table] = (),
    ) -> None:
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
        self._prior = prior(d)
        self._units = Column(np.float64, width=len(space))
        self._rows = Column(np.int64)
        self._cursor = 0
        self._surrogates: dict[Target, Surrogate] = {}
        told = [Knowledge(one, space, self._features, self._prior) for one in priors]
        self._knowledge = [one for one in told if one.n]
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
        units = self._candidates.points(internal[whole])
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
        self,
        history: History,
        objectives: Sequence[Objective],
        limits: Sequence[Limit],
        pending: Matrix,
        rng: np.random.Generator,
        avoids: bool,
    ) -> Vector:
        """Find the point that promises most.

        Args:
            history: The history that the model was updated with; the model has a trial.
            objectives: What is to be small.
            limits: What is to stay below a limit.
            pending: (k, d) float64 in [0, 1], the points of running trials, NaN where absent.
            rng: Where the randomness comes from.
            avoids: Whether points of a finite space that were evaluated are to be left out.

        Returns:
            (d,) float64, internal values.
        """
        # A trial that has begun may not have asked for all that it will: that says too little.
        pending = pending[~np.isnan(pending[:, self._always]).any(axis=1)]
        self._activity.learnt(self._units.view)
        parts: list[Part] = [self._feasibility(limit, history, pending) for limit in limits]
        known = self._known(history, parts, pending)
        branch = self._neglected(pending, rng)
        if branch is not None and branch.holds(known).any():
            known = known[branch.holds(known)]  # it has to improve on itself
        if len(known):
            chosen = _some(objectives, rng)
            posteriors = [self._belief(one, history, pending) for one in chosen]
            columns = self._features(known)
            losses = np.stack([posterior.at(columns)[0] for posterior in posteriors], axis=1)
            extends = len(chosen) > 1 and rng.random() < _SHARE_OF_EXTENSIONS
            parts.append(improvement_on(posteriors, losses, extends))
            starts = known[_front(losses, rng)]
        else:
            starts = self._most_feasible(parts)
        effort = TO_ONE_OBJECTIVE if len(objectives) == 1 else TO_FRONT
        acquisition = self._acquisition(parts, branch, effort)
        absent = np.isnan(starts)
        if absent.any():
            starts = np.where(absent, self._candidates.random(rng, len(starts)), starts)
        found = search(acquisition, self._candidates, starts, rng)
        if self._explored is None or not avoids:
            best = found.best()
        else:
            best = self._explored.best(found.points, acquisition.value, rng, pending)
        points = best[None, :] if branch is None else branch.enter(best[None, :])
        row: Vector = self.space.decode(points)[0]
        return row

    def expected(self, history: History, objective: Objective) -> tuple[Indices, Vector]:
        """Give the trials that are complete and feasible, and what is expected of each.

        Args:
            history: The history that the model was updated with; the model has a trial.
            objective: The objective.

        Returns:
            Positions in the history (n,), and the standardised losses (n,) float64.
        """
        rows = np.flatnonzero(history.feasible(self._rows.view))
        posterior = self._posterior(objective, history, np.zeros((0, len(self.space))))
        means = [
            posterior.at(self._features(self._units.view[rows[i : i + _BLOCK]]))[0]
            for i in range(0, len(rows), _BLOCK)
        ]
        return self._rows.view[rows], np.concatenate([np.zeros(0), *means])

    def _belief(self, objective: Objective, history: History, pending: Matrix) -> Belief:
        if not self._knowledge:
            return self._posterior(objective, history, pending)
        others = [one.posterior for one in self._knowledge]

        def expected(rows: Indices) -> Matrix:
            columns = self._features(self._units.view[np.searchsorted(self._rows.view, rows)])
            return np.stack([one.at(columns)[0] for one in others])

        residual = Residual(objective, expected, trusted=2.0 * (len(self.space) + 1))
        own = self._posterior(residual, history, pending)
        known = self._rows.view[objective.known(self._rows.view)]
        return Stacked(others, own, residual.alignment(known))

    def _posterior(
        self, target: Target, history: History, pending: Matrix, prior: Prior | None = None
    ) -> Posterior:
        own = np.flatnonzero(target.known(self._rows.view))
        rows = self._rows.view[own]

        def best(n: int) -> tuple[Indices, int]:
            return history.best(rows[:n]), max(len(history.front(rows[:n])), 1)

        trials = Trials(
            n=len(own),
            columns=lambda places: self._features(self._units.view[own[places]]),
            values=lambda n: target.values(rows[:n]),
            best=best,
        )
        if target not in self._surrogates:
            self._surrogates[target] = Surrogate(self._features.groups, prior or self._prior)
        return self._surrogates[target].posterior(trials, self._features(pending))

    def _feasibility(self, limit: Limit, history: History, pending: Matrix) -> Feasibility:
        rows = self._rows.view
        at = limit.limit(rows[limit.known(rows)])
        # Constraints that say yes or no are no smooth functions: never take them for exact.
        prior = self._prior._replace(log_noise=_LIMIT_NOISE)
        return Feasibility(self._posterior(limit, history, pending, prior), at)

    def _known(self, history: History, limits: Sequence[Part], pending: Matrix) -> Matrix:
        """Give the points to improve on: those found feasible, and running ones that may be."""
        rows = self._rows.view
        found = np.flatnonzero(history.feasible(rows))
        if not len(found) and not limits:
            found = np.arange(len(rows))  # none of them is complete: their ranks are all there is
        if len(found) > _MOST_KNOWN:
            found = found[history.best(rows[found])[:_MOST_KNOWN]]
        columns = self._features(pending)
        likely = np.full(len(pending), True)
        for limit in limits:
            likely &= limit.value(columns) > _LIKELY
        return np.concatenate([self._units.view[found], pending[likely]])

    def _most_feasible(self, limits: Sequence[Part]) -> Matrix:
        """Give the newest trial's point, or the one of the newest ones most probably feasible."""
        points = self._units.view[-_MOST_KNOWN:]
        columns = self._features(points)
        value = np.sum([limit.value(columns) for limit in limits], axis=0)
        return points[[int(value.argmax())]]

    def _neglected(self, pending: Matrix, rng: np.random.Generator) -> Branch | None:
        """Now and then, give a branch of the space that has had too few trials to be judged."""
        if not self._activity.groups or rng.random() > _SHARE_OF_NEGLECTED:
            return None
        units = np.concatenate([self._units.view, pending])
        return self._activity.neglected(units, self._candidates.values)

    def _acquisition(
        self, parts: Sequence[Part], branch: Branch | None, effort: Effort
    ) -> Acquisition:
        features, activity = self._features, self._activity
        continuous = self._candidates.continuous
        places = features.places(continuous)
        rows = _CACHED // min(self.n, MOST_POINTS)

        def masked(unit: Matrix) -> Matrix:
            return activity.masked(unit if branch is None else branch.enter(unit))

        def value(unit: Matrix) -> Vector:
            columns = features(masked(unit))
            blocks = [columns[i : i + rows] for i in range(0, max(len(columns), 1), rows)]
            return np.concatenate([_sum([part.value(one) for part in parts]) for one in blocks])

        def from_points(unit: Matrix) -> Callable[[Matrix], tuple[Vector, Matrix]]:
            # What is discrete decides which parameters are active, and stays.
            unit = masked(unit)
            absent = np.isnan(unit[:, continuous])
            is_whole = not absent.any()
            columns = features(unit).copy()
            fixed = columns[:, places].copy()

            def slopes(x: Matrix) -> tuple[Vector, Matrix]:
                columns[:, places] = x if is_whole else np.where(absent, fixed, x)
                logs, gradients = zip(
                    *[part.slopes(columns, places) for part in parts], strict=True
                )
                gradient = _sum(gradients)
                if not is_whole:
                    gradient[absent] = 0.0
                return _sum(logs), gradient

            return slopes

        return Acquisition(value, from_points, effort)


def _some(objectives: Sequence[Objective], rng: np.random.Generator) -> Sequence[Objective]:
    """Choose four of more objectives: what none dominates in them none dominates in all."""
    if len(objectives) <= _MOST_OBJECTIVES:
        return objectives
    places = rng.permutation(len(objectives))[:_MOST_OBJECTIVES]
    return [objectives[i] for i in sorted(places.tolist())]


def _sum(parts: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
    """Add parts up; the only one is not copied."""
    return reduce(np.add, parts)


def _front(losses: Matrix, rng: np.random.Generator) -> Indices:
    """Choose some of the losses that no other dominates."""
    if losses.shape[1] == 1:
        return np.array([losses.argmin()])
    front = np.flatnonzero(is_pareto_optimal(losses))
    some: Indices = rng.permutation(front)[:_MOST_STARTS]
    return some
