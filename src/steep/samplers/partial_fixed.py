"""Fix some parameters and leave the rest to another sampler."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from steep.distributions import BaseDistribution
from steep.samplers.base import BaseSampler, WrappingSampler

if TYPE_CHECKING:
    from steep.study import Study
    from steep.trial import FrozenTrial

__all__ = ["PartialFixedSampler"]


class PartialFixedSampler(WrappingSampler):
    """Give some parameters fixed values, and let another sampler propose the rest.

    Args:
        fixed_params: Values by parameter name; None is a value like any other.
        base_sampler: Proposes the other parameters.

    Example:
        >>> import steep
        >>> def objective(trial):
        ...     return trial.suggest_float("x", -1, 1) ** 2 + trial.suggest_int("y", -9, 9)
        >>> study = steep.create_study()
        >>> study.sampler = PartialFixedSampler({"y": -9}, study.sampler)
        >>> study.optimize(objective, n_trials=3)
        >>> [trial.params["y"] for trial in study.trials]
        [-9, -9, -9]
    """

    def __init__(self, fixed_params: Mapping[str, Any], base_sampler: BaseSampler) -> None:
        super().__init__(base_sampler)
        self._fixed_params = fixed_params

    def infer_relative_search_space(
        self, study: Study, trial: FrozenTrial
    ) -> dict[str, BaseDistribution]:
        """Choose what the base sampler chooses, less the fixed parameters.

        Args:
            study: The study.
            trial: The running trial.

        Returns:
            Distributions by name.
        """
        space = self._inner.infer_relative_search_space(study, trial)
        return {name: d for name, d in space.items() if name not in self._fixed_params}

    def sample_relative(
        self, study: Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> Mapping[str, Any]:
        """Let the base sampler propose the parameters that are not fixed.

        Args:
            study: The study.
            trial: The running trial.
            search_space: What :meth:`infer_relative_search_space` returned.

        Returns:
            Values by name.
        """
        return self._inner.sample_relative(study, trial, search_space)

    def may_move(self, name: str) -> bool:
        """Say no of the fixed parameters, and ask the other sampler of the others."""
        return name not in self._fixed_params and super().may_move(name)

    def sample_independent(
        self,
        study: Study,
        trial: FrozenTrial,
        param_name: str,
        param_distribution: BaseDistribution,
    ) -> Any:
        """Give the fixed value, or ask the base sampler.

        Args:
            study: The study.
            trial: The running trial.
            param_name: The name of the parameter.
            param_distribution: What to draw from. A fixed number out of its range is used with
                a warning.

        Returns:
            The value.

        Raises:
            ValueError: If the fixed value is no choice, or no number, of the distribution.
        """
        if param_name not in self._fixed_params:
            return self._inner.sample_independent(study, trial, param_name, param_distribution)
        value = self._fixed_params[param_name]
        if not param_distribution.contains(param_distribution.to_internal_repr(value)):
            warnings.warn(
                f"PartialFixedSampler fixes {param_name!r} at {value!r}, which is out of range for "
                f"{param_distribution!r}; it is used all the same.",
                stacklevel=4,
            )
        return value
