"""What samplers by genetic algorithms have in common: generations and their populations.

To which generation a trial belongs follows from the order in which trials finished: the first
``population_size`` COMPLETE ones are generation 0, the next ones generation 1, and so on, whoever
proposed them. So no trial carries an attribute for it, trials that were added or enqueued count
as well, and no evaluation of a parallel worker is lost.
"""

from __future__ import annotations

import abc
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from steep.samplers.base import BaseSampler
from steep.states import TrialState
from steep.trial import FrozenTrial

if TYPE_CHECKING:
    from steep.study import Study
    from steep.table import Table

__all__ = ["BaseGASampler", "views"]

_OPEN = (TrialState.RUNNING, TrialState.WAITING)


class BaseGASampler(BaseSampler, abc.ABC):
    """Sample generation after generation; subclasses say which trials become parents.

    Args:
        population_size: How many COMPLETE trials are a generation.

    Example:
        >>> import steep
        >>> class Best(BaseGASampler):
        ...     def select_parent(self, study, generation):
        ...         return sorted(self.get_population(study, generation - 1), key=lambda t: t.value)
        ...     def infer_relative_search_space(self, study, trial):
        ...         return steep.search_space.IntersectionSearchSpace().calculate(study)
        ...     def sample_relative(self, study, trial, search_space):
        ...         generation = self.get_trial_generation(study, trial)
        ...         parents = self.get_parent_population(study, generation)
        ...         return parents[0].params if parents else {}
        ...     def sample_independent(self, study, trial, param_name, param_distribution):
        ...         return param_distribution.from_unit((trial.number + 0.5) / 3)
        >>> study = steep.create_study(sampler=Best(population_size=3))
        >>> study.optimize(lambda trial: trial.suggest_int("x", 1, 3), n_trials=4)
        >>> [trial.params["x"] for trial in study.trials]
        [1, 2, 3, 1]
    """

    def __init__(self, population_size: int | None) -> None:
        self._population_size = population_size

    @property
    def population_size(self) -> int | None:
        """Give how many COMPLETE trials are a generation."""
        return self._population_size

    @population_size.setter
    def population_size(self, value: int) -> None:
        self._population_size = value

    @abc.abstractmethod
    def select_parent(self, study: Study, generation: int) -> list[FrozenTrial]:
        """Choose the parents of a generation; called once for each, the result is kept.

        Args:
            study: The study.
            generation: The generation that will have these parents, at least 1.

        Returns:
            Trials of the study.
        """

    def get_trial_generation(self, study: Study, trial: FrozenTrial) -> int:
        """Tell to which generation a trial belongs.

        Args:
            study: The study.
            trial: A trial of it.

        Returns:
            For a finished trial the generation that it finished in, else the current one.
        """
        table = study.table
        if table.state_of(trial.number) in _OPEN:
            return table.n_in(TrialState.COMPLETE) // self._size
        place = np.flatnonzero(table.finished == trial.number)[0]
        before = table.state[table.finished[:place]] == TrialState.COMPLETE
        return int(np.count_nonzero(before)) // self._size

    def get_population(self, study: Study, generation: int) -> list[FrozenTrial]:
        """Give the COMPLETE trials of a generation.

        Args:
            study: The study.
            generation: The generation, from 0.

        Returns:
            Its trials so far, by number.
        """
        size = self._size
        members = _complete(study.table)[generation * size : (generation + 1) * size]
        return views(study, np.sort(members))

    def get_parent_population(self, study: Study, generation: int) -> list[FrozenTrial]:
        """Give the parents of a generation.

        What :meth:`select_parent` chose is kept in the study, so that all workers have the same
        parents even if the choice was random.

        Args:
            study: The study.
            generation: The generation, from 0.

        Returns:
            Trials; none for generation 0.
        """
        if generation == 0:
            return []
        key = f"{type(self).__name__}:parents:{generation}"
        kept: list[int] | None = study.table.study_system_attrs.get(key)
        if kept is None:
            parents = self.select_parent(study, generation)
            numbers = [trial.number for trial in parents]
            study._storage.set_study_system_attr(study._study_id, key, numbers)
            return parents
        table = study.table
        there = [n for n in kept if n < table.n and table.state_of(n) == TrialState.COMPLETE]
        return views(study, np.array(there, dtype=np.int64))

    @property
    def _size(self) -> int:
        size = self._population_size
        if size is None:
            raise ValueError(f"{type(self).__name__} has no population_size: set one.")
        return size


def views(study: Study, numbers: NDArray[np.integer]) -> list[FrozenTrial]:
    """Give trials by number; they read their fields when one is used.

    Args:
        study: The study.
        numbers: (k,) ints, of finished trials.
    """
    return [FrozenTrial.lazy(number, study.read_fields) for number in numbers.tolist()]


def _complete(table: Table) -> NDArray[np.int32]:
    """Give the COMPLETE trials in the order of finishing: (k,) int32."""
    finished = table.finished
    return np.asarray(finished[table.state[finished] == TrialState.COMPLETE])
