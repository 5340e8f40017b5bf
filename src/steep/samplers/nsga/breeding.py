"""How children are made of parents: tournament, crossover and mutation, for many at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from steep.distributions import CategoricalDistribution
from steep.kernels.crossover import uniform
from steep.samplers.nsga.crossovers import ArrayCrossover, BaseCrossover
from steep.samplers.nsga.mutations import BaseMutation, PolynomialMutation
from steep.space import Space

if TYPE_CHECKING:
    from steep.study import Study

__all__ = ["Breeding", "tournaments"]

Array = NDArray[np.float64]

_MOST_ROUNDS = 20
"""So often are children out of bounds replaced by others; then they are moved to the bounds."""


@dataclass(frozen=True)
class Breeding:
    """Say how children are made.

    Attributes:
        crossover: Mixes the numerical parameters.
        crossover_prob: The probability of a crossover; else a child is the copy of a parent.
        swapping_prob: The probability that a categorical parameter comes from the last parent.
        mutation: Changes numerical parameters; if None, a mutated one is drawn anew.
        mutation_prob: The probability that a parameter mutates; 1/d of d parameters if None.
    """

    crossover: BaseCrossover
    crossover_prob: float
    swapping_prob: float
    mutation: BaseMutation | None
    mutation_prob: float | None

    def breed(
        self,
        space: Space,
        parents: tuple[Array, NDArray[np.int64]],
        n: int,
        study: Study,
        rng: np.random.Generator,
    ) -> Array:
        """Make children.

        Args:
            space: The d parameters.
            parents: (p, d) float64, points of the unit cube; and their places, (p,) int64, of
                which the smaller wins.
            n: How many children.
            study: The study, for operators that users have written.
            rng: Where the randomness comes from.

        Returns:
            (n, d) float64, internal values; NaN for what is to be drawn anew.
        """
        units, places = parents
        is_choice = np.array([isinstance(d, CategoricalDistribution) for d in space.distributions])
        children = self._cross(space, units, places, n, study, rng, is_choice)
        copied = rng.random(n) >= self.crossover_prob
        children[copied] = units[rng.integers(len(units), size=int(copied.sum()))]
        rate = 1.0 / len(space) if self.mutation_prob is None else self.mutation_prob
        mutates = rng.random(children.shape) < rate
        if self.mutation is not None:
            changed = self._mutated(space, children, mutates & ~is_choice, study, rng)
            children = np.where(mutates & ~is_choice, changed, children)
            mutates &= is_choice
        internal = space.decode(children)
        internal[mutates] = np.nan
        return internal

    def _cross(
        self,
        space: Space,
        units: Array,
        places: NDArray[np.int64],
        n: int,
        study: Study,
        rng: np.random.Generator,
        is_choice: NDArray[np.bool_],
    ) -> Array:
        """Mix parents; try others where a child is out of bounds."""
        children = np.full((n, units.shape[1]), np.nan)
        out = np.arange(n)
        for _ in range(_MOST_ROUNDS):
            chosen = units[tournaments(places, len(out), self.crossover.n_parents, rng)]
            made = uniform(chosen, rng, self.swapping_prob)
            if not is_choice.all():
                bounds = space.bounds[~is_choice]
                made[:, ~is_choice] = self._mix(chosen[:, :, ~is_choice], bounds, study, rng)
            children[out] = made
            out = out[((made < 0.0) | (made > 1.0)).any(axis=1)]
            if not out.size:
                break
        return np.asarray(np.clip(children, 0.0, 1.0))

    def _mix(self, parents: Array, bounds: Array, study: Study, rng: np.random.Generator) -> Array:
        crossover, n_objectives = self.crossover, len(study.table.directions)
        is_ours = type(crossover).crossover is ArrayCrossover.crossover
        if is_ours and isinstance(crossover, ArrayCrossover):
            mixed: Array = crossover.mix(parents, _unit_bounds(parents.shape[2]), rng, n_objectives)
            return mixed
        low, width = bounds[:, 0], bounds[:, 1] - bounds[:, 0]
        legacy = _legacy(rng)
        rows = [crossover.crossover(own, legacy, study, bounds) for own in low + parents * width]
        made = np.array(rows, dtype=np.float64).reshape(len(rows), -1)
        return np.asarray((made - low) / width)

    def _mutated(
        self,
        space: Space,
        children: Array,
        where: NDArray[np.bool_],
        study: Study,
        rng: np.random.Generator,
    ) -> Array:
        mutation = self.mutation
        assert mutation is not None
        is_ours = type(mutation).mutation is PolynomialMutation.mutation
        if is_ours and isinstance(mutation, PolynomialMutation):
            return mutation.mutate(children, _unit_bounds(children.shape[1]), rng)
        changed, legacy = children.copy(), _legacy(rng)
        for i, j in np.argwhere(where & ~np.isnan(children)).tolist():
            low, high = bounds = space.bounds[j]
            value = float(low + children[i, j] * (high - low))
            moved = mutation.mutation(value, legacy, study, bounds)
            changed[i, j] = (float(moved) - low) / (high - low)
        return np.clip(changed, 0.0, 1.0)


def tournaments(
    places: NDArray[np.int64], n: int, k: int, rng: np.random.Generator
) -> NDArray[np.int64]:
    """Choose different parents for each of many children, each the better one of two.

    Args:
        places: (p,) int64, of which the smaller wins; p at least k.
        n: How many children.
        k: How many parents each has.
        rng: Where the randomness comes from.

    Returns:
        (n, k) int64, positions.
    """
    chosen = np.empty((n, 0), dtype=np.int64)
    for j in range(k):
        pairs = rng.integers(len(places) - j, size=(n, 2))
        for taken in np.sort(chosen, axis=1).T:  # count past those that are chosen already
            pairs += pairs >= taken[:, None]
        is_second = places[pairs[:, 1]] < places[pairs[:, 0]]
        chosen = np.column_stack([chosen, np.where(is_second, pairs[:, 1], pairs[:, 0])])
    return chosen


def _unit_bounds(d: int) -> Array:
    return np.column_stack([np.zeros(d), np.ones(d)])


def _legacy(rng: np.random.Generator) -> Any:
    """Give the kind of generator that operators of users were written for."""
    return np.random.RandomState(int(rng.integers(2**32)))
