"""NSGA-II: a genetic algorithm for several objectives."""

from __future__ import annotations

from steep.samplers.constrained import ConstraintsFunc
from steep.samplers.nsga.crossovers import BaseCrossover
from steep.samplers.nsga.genetic import AfterTrial, ElectParents, GeneticSampler, MakeChild
from steep.samplers.nsga.mutations import BaseMutation
from steep.samplers.nsga.selection import Crowding

__all__ = ["NSGAIISampler"]


class NSGAIISampler(GeneticSampler):
    """Propose children of the trials that no other one dominates, spread along their front.

    The first ``population_size`` COMPLETE trials are drawn at random. From then on each such
    number of COMPLETE trials, whoever proposed them, is a generation; of a generation and its own
    parents the best become the parents of the next one: feasible ones before infeasible ones,
    front before front, and of the last front those whose neighbours are far. Parents are chosen by
    tournaments of two.

    Args:
        population_size: How many trials are a generation, at least 2 and at least as many as the
            crossover needs.
        mutation: Changes numerical parameters; if None, a mutated parameter is drawn at random.
        mutation_prob: The probability that a parameter mutates; 1/d of d parameters if None.
        crossover: Mixes numerical parameters; a ``UniformCrossover(swapping_prob)`` if None.
            Categorical ones are always mixed uniformly.
        crossover_prob: The probability of a crossover; else a child begins as copy of a parent.
        swapping_prob: The probability that a parameter comes from the second parent.
        seed: The same seed gives the same parameters in every process; None for other ones each
            time.
        constraints_func: Deprecated in favour of ``trial.set_constraint``. Gives the constraint
            values of a trial that is COMPLETE or PRUNED; a positive one is a violation.
        elite_population_selection_strategy: Chooses the parents, given the study and the trials
            of a generation and its parents.
        child_generation_strategy: Makes the parameters of a trial, given the study, the search
            space and the parents.
        after_trial_strategy: Called instead of recording constraints, as ``after_trial`` is.

    Raises:
        ValueError: If the population is too small, a probability is not in [0, 1], or an operator
            is none.

    Source: Deb, Pratap, Agarwal, Meyarivan, "A fast and elitist multiobjective genetic algorithm:
    NSGA-II", IEEE TEC 6(2), 2002.

    Example:
        >>> import steep
        >>> sampler = NSGAIISampler(population_size=10, seed=1)
        >>> study = steep.create_study(directions=["minimize", "maximize"], sampler=sampler)
        >>> def objective(trial):
        ...     x = trial.suggest_float("x", -5, 5)
        ...     return x**2, -((x - 2) ** 2)
        >>> study.optimize(objective, n_trials=60)
        >>> all(-0.5 < trial.params["x"] < 2.5 for trial in study.best_trials)
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
        elite_population_selection_strategy: ElectParents | None = None,
        child_generation_strategy: MakeChild | None = None,
        after_trial_strategy: AfterTrial | None = None,
    ) -> None:
        super().__init__(
            selection=Crowding(),
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
