"""The protocol of samplers, answered by genetic algorithms that differ in who survives."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from steep.distributions import BaseDistribution
from steep.samplers.constrained import ConstraintsFunc, record_constraints
from steep.samplers.nsga.base import BaseGASampler, views
from steep.samplers.nsga.breeding import Breeding
from steep.samplers.nsga.crossovers import BaseCrossover, UniformCrossover
from steep.samplers.nsga.mutations import BaseMutation
from steep.samplers.nsga.nursery import Nursery
from steep.samplers.nsga.selection import Parents, Selection
from steep.states import TrialState
from steep.streams import Streams

if TYPE_CHECKING:
    from steep.study import Study
    from steep.trial import FrozenTrial

__all__ = ["AfterTrial", "ElectParents", "GeneticSampler", "MakeChild"]

ElectParents = Callable[["Study", "list[FrozenTrial]"], "list[FrozenTrial]"]
MakeChild = Callable[["Study", dict[str, BaseDistribution], "list[FrozenTrial]"], dict[str, Any]]
AfterTrial = Callable[["Study", "FrozenTrial", TrialState, Sequence[float] | None], None]


class GeneticSampler(BaseGASampler):
    """Propose children of the best trials so far, generation after generation.

    The arguments are those of :class:`NSGAIISampler`; ``selection`` says who survives.
    """

    reads_columns = True

    def __init__(
        self,
        *,
        selection: Selection,
        population_size: int,
        mutation: BaseMutation | None,
        mutation_prob: float | None,
        crossover: BaseCrossover | None,
        crossover_prob: float,
        swapping_prob: float,
        seed: int | None,
        constraints_func: ConstraintsFunc | None,
        elite_population_selection_strategy: ElectParents | None,
        child_generation_strategy: MakeChild | None,
        after_trial_strategy: AfterTrial | None,
    ) -> None:
        self._check_size(population_size)
        if constraints_func is not None:
            warnings.warn(
                f"{type(self).__name__}(constraints_func=...) is deprecated; call "
                "trial.set_constraint() in the objective.",
                FutureWarning,
                stacklevel=3,
            )
        mixer = UniformCrossover(swapping_prob) if crossover is None else crossover
        self._check_crossover(mixer, population_size)
        self._check_probability("mutation_prob", mutation_prob)
        self._check_probability("crossover_prob", crossover_prob)
        self._check_probability("swapping_prob", swapping_prob)
        if mutation is not None and not isinstance(mutation, BaseMutation):
            raise ValueError(
                f"{type(self).__name__}(mutation={mutation!r}): give a BaseMutation, such as "
                "steep.samplers.nsgaii.PolynomialMutation(), or None."
            )
        super().__init__(population_size)
        self._selection = selection
        self._breeding = Breeding(mixer, crossover_prob, swapping_prob, mutation, mutation_prob)
        self._streams = Streams(seed)
        self._constraints_func = constraints_func
        self._elect = elite_population_selection_strategy
        self._make_child = child_generation_strategy
        self._after_trial = after_trial_strategy

    # ---- the protocol of samplers ----------------------------------------------------------------

    def infer_relative_search_space(
        self, study: Study, trial: FrozenTrial
    ) -> dict[str, BaseDistribution]:
        """Choose the parameters that all COMPLETE trials have with one distribution.

        Args:
            study: The study.
            trial: The running trial.

        Returns:
            Their distributions, without those of a single value.
        """
        return self._nursery(study).space(study.table)

    def sample_relative(
        self, study: Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, Any]:
        """Make a child of the parents of the current generation.

        Args:
            study: The study.
            trial: The running trial.
            search_space: The parameters.

        Returns:
            Values by name, without the mutated parameters that are drawn anew; empty in the first
            generation.
        """
        if self._is_built_in():
            return self._nursery(study).child(study, trial.number, search_space)
        generation = self.get_trial_generation(study, trial)
        parents = self.get_parent_population(study, generation)
        if not parents:
            return {}
        if self._make_child is not None:
            return self._make_child(study, search_space, parents)
        numbers = np.array([parent.number for parent in parents], dtype=np.int64)
        table = study.table
        ranked = Parents.ranked(numbers, table.losses[numbers], table.violation[numbers])
        return self._nursery(study).child_of(study, trial.number, search_space, ranked)

    def sample_independent(
        self,
        study: Study,
        trial: FrozenTrial,
        param_name: str,
        param_distribution: BaseDistribution,
    ) -> Any:
        """Draw a parameter at random: in the first generation, and where it mutates.

        Args:
            study: The study.
            trial: The running trial.
            param_name: The name of the parameter.
            param_distribution: What to draw from.

        Returns:
            A value of the distribution.
        """
        return param_distribution.from_unit(self._streams.uniform(study, trial.number, param_name))

    def after_trial(
        self,
        study: Study,
        trial: FrozenTrial,
        state: TrialState,
        values: Sequence[float] | None,
    ) -> None:
        """Record what ``constraints_func`` says, or run the ``after_trial_strategy``.

        Args:
            study: The study.
            trial: The trial, still running.
            state: How it ends.
            values: Its objective values, or None.

        Raises:
            ValueError: If a constraint value is NaN.
            TypeError: If ``constraints_func`` does not return a sequence of numbers.
        """
        if self._after_trial is not None:
            self._after_trial(study, trial, state, values)
        else:
            record_constraints(self._constraints_func, study, trial, state)

    # ---- generations -----------------------------------------------------------------------------

    def select_parent(self, study: Study, generation: int) -> list[FrozenTrial]:
        """Choose the parents of a generation among the one before and its own parents.

        Args:
            study: The study.
            generation: The generation, at least 1.

        Returns:
            At most ``population_size`` trials, the best first.
        """
        before = generation - 1
        population = self.get_population(study, before) + self.get_parent_population(study, before)
        if self._elect is not None:
            return self._elect(study, population)
        table = study.table
        numbers = np.array([trial.number for trial in population], dtype=np.int64)
        rng = self._streams.generator(study, generation)
        chosen, _ = self._selection.choose(
            table.losses[numbers], table.violation[numbers], self._size, rng
        )
        return views(study, numbers[chosen])

    def get_parent_population(self, study: Study, generation: int) -> list[FrozenTrial]:
        """Give the parents of a generation.

        Args:
            study: The study.
            generation: The generation, from 0.

        Returns:
            Trials; none for generation 0.
        """
        if self._elect is None and type(self).select_parent is GeneticSampler.select_parent:
            parents = self._nursery(study).parents(study, generation) if generation > 0 else None
            return [] if parents is None else views(study, parents.numbers)
        return super().get_parent_population(study, generation)

    # ---- within ----------------------------------------------------------------------------------

    def _is_built_in(self) -> bool:
        """Tell whether neither a function nor a subclass takes part in the choice."""
        cls = type(self)
        return (
            self._elect is None
            and self._make_child is None
            and cls.select_parent is GeneticSampler.select_parent
            and cls.get_parent_population is GeneticSampler.get_parent_population
            and cls.get_trial_generation is BaseGASampler.get_trial_generation
        )

    def _nursery(self, study: Study) -> Nursery:
        # What the nursery holds follows from the table, the settings and the seed alone.
        settings = (self._size, self._selection, self._breeding)
        key = (Nursery, settings, self._streams.seed)
        return study.table.memo(key, lambda: Nursery(*settings, self._streams))

    def _check_size(self, population_size: int) -> None:
        if population_size < 2:
            raise ValueError(
                f"{type(self).__name__}(population_size={population_size!r}): give 2 or more."
            )

    def _check_crossover(self, crossover: Any, population_size: int) -> None:
        call = type(self).__name__
        if not isinstance(crossover, BaseCrossover):
            raise ValueError(
                f"{call}(crossover={crossover!r}): give a BaseCrossover, such as "
                "steep.samplers.nsgaii.SBXCrossover(), or None."
            )
        if population_size < crossover.n_parents:
            raise ValueError(
                f"{call}(population_size={population_size}): {crossover} takes "
                f"{crossover.n_parents} parents, so give {crossover.n_parents} or more."
            )

    def _check_probability(self, name: str, value: float | None) -> None:
        if value is not None and not 0.0 <= value <= 1.0:
            raise ValueError(f"{type(self).__name__}({name}={value!r}): give a number in [0, 1].")
