"""NSGA-III: a genetic algorithm for many objectives."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from steep.samplers.constrained import ConstraintsFunc
from steep.samplers.nsga.crossovers import BaseCrossover
from steep.samplers.nsga.genetic import AfterTrial, ElectParents, GeneticSampler, MakeChild
from steep.samplers.nsga.mutations import BaseMutation
from steep.samplers.nsga.selection import Niching

__all__ = ["NSGAIIISampler"]


class NSGAIIISampler(GeneticSampler):
    """Propose children of the trials that no other one dominates, spread over all trade-offs.

    As :class:`NSGAIISampler`, but of the last front those become parents that are near reference
    points, seen from the best value of each objective, to which few others are near. It is meant
    for three and more objectives.

    Args:
        population_size: How many trials are a generation, at least 2 and at least as many as the
            crossover needs.
        mutation: Changes numerical parameters; if None, a mutated parameter is drawn at random.
        mutation_prob: The probability that a parameter mutates; 1/d of d parameters if None.
        crossover: Mixes numerical parameters; a ``UniformCrossover(swapping_prob)`` if None.
        crossover_prob: The probability of a crossover; else a child begins as copy of a parent.
        swapping_prob: The probability that a parameter comes from the second parent.
        seed: The same seed gives the same parameters in every process; None for other ones each
            time.
        constraints_func: Deprecated in favour of ``trial.set_constraint``.
        reference_points: (n, m) for m objectives, the trade-offs that are wanted; evenly spread
            ones if None.
        dividing_parameter: Into how many parts the evenly spread points divide each axis.
        elite_population_selection_strategy: Chooses the parents, given the study and the trials
            of a generation and its parents.
        child_generation_strategy: Makes the parameters of a trial, given the study, the search
            space and the parents.
        after_trial_strategy: Called instead of recording constraints, as ``after_trial`` is.

    Raises:
        ValueError: If the population is too small, a probability is not in [0, 1], or an operator
            is none.

    Source: Deb, Jain, "An evolutionary many-objective optimization algorithm using
    reference-point-based nondominated sorting approach, part I", and Jain, Deb, "part II", IEEE
    TEC 18(4), 2014.

    Example:
        >>> import steep
        >>> sampler = NSGAIIISampler(population_size=12, seed=1)
        >>> study = steep.create_study(directions=["minimize"] * 3, sampler=sampler)
        >>> def objective(trial):
        ...     x, y = trial.suggest_float("x", 0, 1), trial.suggest_float("y", 0, 1)
        ...     return x, y, (1 - x) ** 2 + (1 - y) ** 2
        >>> study.optimize(objective, n_trials=40)
        >>> len(study.best_trials) > 12
        True
    """

    def __init__(
        self,
        *,
        population_size: int = 50,
        mutation: BaseMutation | None = None,
        mutation_prob: float | None = None,
        crossover: BaseCrossover | None = None,
        crossover_prob: float = 0.9,
        swapping_prob: float = 0.5,
        seed: int | None = None,
        constraints_func: ConstraintsFunc | None = None,
        reference_points: ArrayLike | None = None,
        dividing_parameter: int = 3,
        elite_population_selection_strategy: ElectParents | None = None,
        child_generation_strategy: MakeChild | None = None,
        after_trial_strategy: AfterTrial | None = None,
    ) -> None:
        super().__init__(
            selection=Niching(_as_rows(reference_points), dividing_parameter),
            population_size=population_size,
            mutation=mutation,
            mutation_prob=mutation_prob,
            crossover=crossover,
            crossover_prob=crossover_prob,
            swapping_prob=swapping_prob,
            seed=seed,
            constraints_func=constraints_func,
            elite_population_selection_strategy=elite_population_selection_strategy,
            child_generation_strategy=child_generation_strategy,
            after_trial_strategy=after_trial_strategy,
        )


def _as_rows(points: ArrayLike | None) -> Any:
    """Give an array as tuples, which can be compared and hashed."""
    if points is None:
        return None
    rows = np.asarray(points, dtype=np.float64)
    return tuple(map(tuple, rows.tolist())) if rows.ndim == 2 else tuple(rows.reshape(-1).tolist())
