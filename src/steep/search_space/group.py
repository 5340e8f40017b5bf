"""Parameters that come and go together, in groups.

The groups of a study are the coarsest partition of its parameters such that every trial has each
group entirely or not at all. They describe conditional spaces: a sampler may model each group by
itself.

>>> from steep.distributions import FloatDistribution
>>> unit, group = FloatDistribution(0, 1), _SearchSpaceGroup()
>>> group.add_distributions({"depth": unit, "lr": unit})
>>> group.add_distributions({"lr": unit, "momentum": unit})
>>> [list(space) for space in group.search_spaces]
[['lr'], ['depth'], ['momentum']]
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from steep.distributions import BaseDistribution
from steep.states import TrialState

if TYPE_CHECKING:
    from steep.study import Study
    from steep.table import Table

__all__ = ["_GroupDecomposedSearchSpace", "_SearchSpaceGroup"]

Distributions = dict[str, BaseDistribution]


class _SearchSpaceGroup:
    """Split parameters into groups as trials are added."""

    def __init__(self) -> None:
        self._spaces: list[Distributions] = []

    @property
    def search_spaces(self) -> list[Distributions]:
        """Give the groups: the distribution by name, as it was when the name first came."""
        return self._spaces

    def add_distributions(self, distributions: Distributions) -> None:
        """Split the groups of which a trial has only a part, and add what is new in it.

        Args:
            distributions: The parameters of the trial.
        """
        left = dict(distributions)
        spaces: list[Distributions] = []
        for space in self._spaces:
            spaces.append({name: d for name, d in space.items() if name in distributions})
            spaces.append({name: d for name, d in space.items() if name not in distributions})
            for name in space:
                left.pop(name, None)
        self._spaces = [space for space in [*spaces, left] if space]


class _GroupDecomposedSearchSpace:
    """Follow the groups of one study, looking at each finished trial once.

    Args:
        include_pruned: Whether PRUNED trials count beside COMPLETE ones.
    """

    def __init__(self, include_pruned: bool = False) -> None:
        pruned = (TrialState.PRUNED,) if include_pruned else ()
        self._states: tuple[TrialState, ...] = (TrialState.COMPLETE, *pruned)
        self._study_id: int | None = None
        self._cursor = 0
        self._group = _SearchSpaceGroup()

    def calculate(self, study: Study, use_cache: bool = False) -> _SearchSpaceGroup:
        """Give the groups of the study as it is now.

        Args:
            study: The study; always the same one.
            use_cache: Whether to give the last result without looking for new trials.

        Raises:
            ValueError: If an earlier call was given another study.
        """
        if self._study_id is None:
            self._study_id = study._study_id
        if self._study_id != study._study_id:
            raise ValueError(
                "_GroupDecomposedSearchSpace.calculate() serves one study; make another."
            )
        if not (use_cache and self._cursor):
            self._catch_up(study.table)
        found = _SearchSpaceGroup()
        found._spaces = [dict(space) for space in self._group.search_spaces]
        return found

    def _catch_up(self, table: Table) -> None:
        for number in table.finished[self._cursor :].tolist():
            self._cursor += 1
            if table.state_of(number) in self._states:
                params = table.params_of(number)
                self._group.add_distributions({name: d for name, (_, d) in params.items()})
