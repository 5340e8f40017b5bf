"""What every sampler is: the calls by which a study asks for parameters."""

from __future__ import annotations

import abc
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from steep.arguments import RemembersArguments
from steep.distributions import BaseDistribution
from steep.states import TrialState

if TYPE_CHECKING:
    from steep.study import Study
    from steep.trial import FrozenTrial

__all__ = ["BaseSampler", "IndependentSampler", "WrappingSampler"]


class BaseSampler(RemembersArguments, abc.ABC):
    """Propose parameters.

    A study first asks for the parameters that are proposed jointly
    (:meth:`infer_relative_search_space`, :meth:`sample_relative`), then for every other one when
    the objective suggests it (:meth:`sample_independent`).

    Attributes:
        reads_columns: Whether the sampler reads ``study.table`` and of a trial only its number.
            If so, the trials that it gets read their fields only when one is used.

    Example:
        >>> import steep
        >>> class Middle(BaseSampler):
        ...     def infer_relative_search_space(self, study, trial):
        ...         return {}
        ...     def sample_relative(self, study, trial, search_space):
        ...         return {}
        ...     def sample_independent(self, study, trial, param_name, param_distribution):
        ...         return param_distribution.from_unit(0.5)
        >>> study = steep.create_study(sampler=Middle())
        >>> study.optimize(lambda trial: trial.suggest_float("x", 0, 1), n_trials=1)
        >>> study.best_params
        {'x': 0.5}
    """

    reads_columns = False

    def __str__(self) -> str:
        return type(self).__name__

    @abc.abstractmethod
    def infer_relative_search_space(
        self, study: Study, trial: FrozenTrial
    ) -> dict[str, BaseDistribution]:
        """Choose the parameters that are proposed jointly.

        Args:
            study: The study.
            trial: The running trial.

        Returns:
            Their distributions by name.
        """

    @abc.abstractmethod
    def sample_relative(
        self, study: Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> Mapping[str, Any]:
        """Propose parameters jointly.

        Args:
            study: The study.
            trial: The running trial.
            search_space: What :meth:`infer_relative_search_space` returned.

        Returns:
            Values by name, for all or some of the parameters.
        """

    @abc.abstractmethod
    def sample_independent(
        self,
        study: Study,
        trial: FrozenTrial,
        param_name: str,
        param_distribution: BaseDistribution,
    ) -> Any:
        """Propose one parameter.

        Args:
            study: The study.
            trial: The running trial.
            param_name: The name of the parameter.
            param_distribution: What to draw from.

        Returns:
            A value of the distribution.
        """

    def may_move(self, name: str) -> bool:
        """Tell whether a parameter may get other values than this sampler proposes.

        ``trial.require`` asks, when what was proposed may not be evaluated; yes by default.

        Args:
            name: The name of the parameter.
        """
        return True

    def before_trial(self, study: Study, trial: FrozenTrial) -> None:
        """Prepare for a trial; nothing by default.

        Args:
            study: The study.
            trial: The trial that begins.
        """

    def after_trial(
        self,
        study: Study,
        trial: FrozenTrial,
        state: TrialState,
        values: Sequence[float] | None,
    ) -> None:
        """Learn from a trial; nothing by default.

        Args:
            study: The study.
            trial: The trial, still running.
            state: How it ends.
            values: Its objective values, or None.
        """

    def reseed_rng(self) -> None:
        """Draw other random numbers from now on; called once a trial by parallel workers.

        The built-in samplers derive their numbers from the number of the trial, so the workers
        draw different ones anyway, and this does nothing.
        """


class IndependentSampler(BaseSampler):
    """Propose each parameter on its own, when the objective suggests it."""

    def infer_relative_search_space(
        self, study: Study, trial: FrozenTrial
    ) -> dict[str, BaseDistribution]:
        """Choose no parameters."""
        return {}

    def sample_relative(
        self, study: Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> Mapping[str, Any]:
        """Propose nothing jointly."""
        return {}


class WrappingSampler(BaseSampler):
    """Leave a part of the parameters to another sampler, and tell it of every trial.

    Args:
        inner: The other sampler.
    """

    def __init__(self, inner: BaseSampler) -> None:
        self._inner = inner
        self.reads_columns = inner.reads_columns

    def may_move(self, name: str) -> bool:
        """Ask the other sampler."""
        return self._inner.may_move(name)

    def before_trial(self, study: Study, trial: FrozenTrial) -> None:
        """Let the other sampler prepare."""
        self._inner.before_trial(study, trial)

    def after_trial(
        self,
        study: Study,
        trial: FrozenTrial,
        state: TrialState,
        values: Sequence[float] | None,
    ) -> None:
        """Let the other sampler learn."""
        self._inner.after_trial(study, trial, state, values)

    def reseed_rng(self) -> None:
        """Let the other sampler draw other random numbers."""
        self._inner.reseed_rng()
