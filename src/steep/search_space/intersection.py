"""The parameters that all trials of a study have in common."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from steep.distributions import BaseDistribution
from steep.states import TrialState
from steep.trial import FrozenTrial

if TYPE_CHECKING:
    from steep.study import Study

__all__ = ["IntersectionSearchSpace", "intersection_search_space"]

Distributions = dict[str, BaseDistribution]


def intersection_search_space(
    trials: Iterable[FrozenTrial], include_pruned: bool = False
) -> Distributions:
    """Give the parameters that every trial has with one and the same distribution.

    Args:
        trials: The trials; only COMPLETE ones count.
        include_pruned: Whether PRUNED trials count too.

    Returns:
        Distributions by name, in the order of the names.

    Example:
        >>> import steep
        >>> study = steep.create_study()
        >>> study.optimize(lambda trial: trial.suggest_int("x", 0, 9), n_trials=2)
        >>> intersection_search_space(study.trials)
        {'x': IntDistribution(high=9, log=False, low=0, step=1)}
    """
    states = _states(include_pruned)
    common: Distributions | None = None
    for trial in trials:
        if trial.state in states:
            found = trial.distributions
            if common is None:
                common = dict(found)
            else:
                common = {name: d for name, d in common.items() if found.get(name) == d}
    return dict(sorted((common or {}).items()))


class IntersectionSearchSpace:
    """Follow the common parameters of one study, looking at each finished trial once.

    Args:
        include_pruned: Whether PRUNED trials count beside COMPLETE ones.
    """

    def __init__(self, include_pruned: bool = False) -> None:
        self._states = _states(include_pruned)
        self._study_id: int | None = None
        self._cursor = 0
        self._common: Distributions | None = None

    def calculate(self, study: Study, use_cache: bool = False) -> Distributions:
        """Give the parameters that every trial of the study has with the same distribution.

        Args:
            study: The study; always the same one.
            use_cache: Whether to give the last result without looking for new trials.

        Returns:
            Distributions by name, in the order of the names.

        Raises:
            ValueError: If an earlier call was given another study.
        """
        if self._study_id is None:
            self._study_id = study._study_id
        if self._study_id != study._study_id:
            raise ValueError("IntersectionSearchSpace.calculate() serves one study; make another.")
        table = study.table
        if use_cache and self._common is not None:
            return dict(sorted(self._common.items()))
        for number in table.finished[self._cursor :].tolist():
            self._cursor += 1
            if table.state_of(number) in self._states:
                self._meet({name: d for name, (_, d) in table.params_of(number).items()})
        return dict(sorted((self._common or {}).items()))

    def _meet(self, found: Distributions) -> None:
        if self._common is None:
            self._common = found
        else:
            self._common = {n: d for n, d in self._common.items() if found.get(n) == d}


def _states(include_pruned: bool) -> tuple[TrialState, ...]:
    pruned = (TrialState.PRUNED,) if include_pruned else ()
    return (TrialState.COMPLETE, *pruned)
