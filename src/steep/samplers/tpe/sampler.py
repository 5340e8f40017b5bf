"""The tree-structured Parzen estimator: model where good trials lie, and where the others do."""

from __future__ import annotations

import math
import warnings
import zlib
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from steep.distributions import BaseDistribution, CategoricalDistribution
from steep.kernels.mixture import Mixture, joint_bandwidths, neighbour_bandwidths, ramp_weights
from steep.samplers.base import BaseSampler
from steep.samplers.random import RandomSampler
from steep.samplers.tpe.history import History
from steep.space import Space
from steep.states import TrialState
from steep.streams import Streams

if TYPE_CHECKING:
    from steep.study import Study
    from steep.trial import FrozenTrial

__all__ = ["TPESampler"]

ConstraintsFunc = Callable[["FrozenTrial"], Sequence[float]]
_RELATIVE_SALT, _INDEPENDENT_SALT = 1, 2


def default_gamma(n: int) -> int:
    """Give how many of n trials count as good: a tenth, at most 25.

    Args:
        n: The number of trials.
    """
    return min(math.ceil(0.1 * n), 25)


def hyperopt_gamma(n: int) -> int:
    """Give how many of n trials Hyperopt counts as good: a quarter of the root, at most 25.

    Args:
        n: The number of trials.
    """
    return min(math.ceil(0.25 * math.sqrt(n)), 25)


class TPESampler(BaseSampler):
    """Propose where good trials are dense and bad ones are not.

    Args:
        consider_prior: Deprecated, without effect: there is always a prior kernel.
        prior_weight: The weight of the prior kernel, above 0.
        consider_magic_clip: Deprecated, without effect: bandwidths have a lower bound.
        consider_endpoints: Deprecated, without effect.
        n_startup_trials: How many trials are drawn at random first.
        n_ei_candidates: How many points are compared for each proposal.
        gamma: Gives how many of n trials count as good; a tenth, at most 25, if None.
        weights: Gives the weights of n trials, oldest first; the newest weigh most if None.
        seed: The same seed gives the same parameters; None for other ones each time.
        multivariate: Whether parameters are modelled jointly; None for yes with one objective.
        group: Not available yet; raises NotImplementedError.
        warn_independent_sampling: Without effect: sampling one by one is no cause for a warning.
        constant_liar: Whether running trials count as bad, so that workers spread out.
        constraints_func: Gives the constraint values of a trial; prefer ``trial.set_constraint``.

    Raises:
        ValueError: If ``group`` is set and ``multivariate`` is false.

    Source: Bergstra et al., NeurIPS 2011; Watanabe 2023, arXiv:2304.11127.

    Example:
        >>> import steep
        >>> study = steep.create_study(sampler=TPESampler(seed=1))
        >>> study.optimize(lambda trial: trial.suggest_float("x", -5, 5) ** 2, n_trials=40)
        >>> study.best_value < 0.1
        True
    """

    reads_columns = True

    def __init__(
        self,
        *,
        consider_prior: bool | None = None,
        prior_weight: float | None = None,
        consider_magic_clip: bool | None = None,
        consider_endpoints: bool | None = None,
        n_startup_trials: int = 10,
        n_ei_candidates: int = 24,
        gamma: Callable[[int], int] | None = None,
        weights: Callable[[int], NDArray[np.float64]] | None = None,
        seed: int | None = None,
        multivariate: bool | None = None,
        group: bool = False,
        warn_independent_sampling: bool | None = None,
        constant_liar: bool = True,
        constraints_func: ConstraintsFunc | None = None,
    ) -> None:
        if group and multivariate is False:
            raise ValueError("TPESampler(group=True) needs multivariate=True (or None).")
        if group:
            raise NotImplementedError("TPESampler(group=True) is not part of this version yet.")
        self._prior_weight = 1.0 if prior_weight is None else float(prior_weight)
        self._n_startup_trials = n_startup_trials
        self._n_candidates = n_ei_candidates
        self._gamma = gamma or default_gamma
        self._weights = weights or ramp_weights
        self._multivariate = multivariate
        self._constant_liar = constant_liar
        self._constraints_func = constraints_func
        if constraints_func is not None:
            warnings.warn(
                "TPESampler(constraints_func=...) is deprecated; call trial.set_constraint() in "
                "the objective.",
                FutureWarning,
                stacklevel=2,
            )
        self._random = RandomSampler(seed)
        self._streams = Streams(seed)

    @staticmethod
    def hyperopt_parameters() -> dict[str, Any]:
        """Give the arguments with which the sampler behaves like Hyperopt's TPE.

        Returns:
            Keyword arguments of the constructor.
        """
        return {
            "consider_prior": True,
            "prior_weight": 1.0,
            "consider_magic_clip": True,
            "consider_endpoints": False,
            "n_startup_trials": 20,
            "n_ei_candidates": 24,
            "gamma": hyperopt_gamma,
            "weights": ramp_weights,
        }

    def infer_relative_search_space(
        self, study: Study, trial: FrozenTrial
    ) -> dict[str, BaseDistribution]:
        """Choose the parameters that all finished trials have."""
        is_joint = self._multivariate
        if is_joint is None:
            is_joint = len(study.directions) == 1
        if not is_joint:
            return {}
        columns = study.table.columns
        names = sorted(self._history(study).common or ())
        return {n: columns[n].distribution for n in names if not columns[n].distribution.single()}

    def sample_relative(
        self, study: Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, Any]:
        """Propose these parameters jointly.

        Args:
            study: The study.
            trial: The running trial.
            search_space: The parameters.

        Returns:
            Values by name; empty while trials are drawn at random.
        """
        if not search_space or self._history(study).n < self._n_startup_trials:
            return {}
        return self._propose(study, trial.number, search_space, _RELATIVE_SALT)

    def sample_independent(
        self,
        study: Study,
        trial: FrozenTrial,
        param_name: str,
        param_distribution: BaseDistribution,
    ) -> Any:
        """Propose one parameter from the trials that have it.

        Args:
            study: The study.
            trial: The running trial.
            param_name: The name of the parameter.
            param_distribution: What to draw from.

        Returns:
            A value of the distribution.
        """
        is_known = param_name in study.table.columns
        if not is_known or self._history(study).n < self._n_startup_trials:
            return self._random.sample_independent(study, trial, param_name, param_distribution)
        space = {param_name: param_distribution}
        return self._propose(study, trial.number, space, _INDEPENDENT_SALT)[param_name]

    def after_trial(
        self,
        study: Study,
        trial: FrozenTrial,
        state: TrialState,
        values: Sequence[float] | None,
    ) -> None:
        """Record what ``constraints_func`` says of a trial.

        Args:
            study: The study.
            trial: The trial, still running.
            state: How it ends.
            values: Its objective values, or None.
        """
        if self._constraints_func is not None and state != TrialState.FAIL:
            constraints = [float(c) for c in self._constraints_func(trial)]
            study._storage.set_trial_system_attr(trial._trial_id, "constraints", constraints)

    def _history(self, study: Study) -> History:
        history = study.table.memo(History, History)
        history.catch_up(study.table)
        return history

    def _propose(
        self, study: Study, number: int, search_space: dict[str, BaseDistribution], salt: int
    ) -> dict[str, Any]:
        table, history = study.table, self._history(study)
        below, above = history.split(table, self._gamma(history.n))
        if self._constant_liar and table.n_in(TrialState.RUNNING) > 1:
            study.flush()
            running = table.numbers(TrialState.RUNNING)
            above = np.concatenate([above, running[running != number]])
        axes = _Axes(search_space)
        good, bad = (self._fit(axes, table.param_rows(axes.names, s)) for s in (below, above))
        rng = self._streams.generator(study, number, salt * 2**32 + _salt_of(axes.names))
        numeric, codes = good.sample(self._n_candidates, rng)
        internal = axes.to_internal(numeric, codes)
        numeric, codes = axes.to_unit(internal)
        score = good.log_density(numeric, codes) - bad.log_density(numeric, codes)
        return axes.space.to_external(internal[int(score.argmax())])

    def _fit(self, axes: _Axes, rows: NDArray[np.float64]) -> Mixture:
        rows = rows[~np.isnan(rows).any(axis=1)]
        numeric, codes = axes.to_unit(rows)
        n, d = numeric.shape
        if len(axes.names) == 1 and d == 1:
            widths = neighbour_bandwidths(numeric[:, 0])[:, None]
        else:
            widths = np.full((n, d), joint_bandwidths(n, len(axes.names)))
        weights = np.asarray(self._weights(n), dtype=np.float64) if n else np.ones(0)
        return Mixture.fit(numeric, codes, axes.sizes, widths, weights, self._prior_weight)


class _Axes:
    """Split the parameters of a space into numeric and categorical axes."""

    def __init__(self, search_space: dict[str, BaseDistribution]) -> None:
        self.names = list(search_space)
        self.space = Space(search_space)
        choices = [isinstance(d, CategoricalDistribution) for d in search_space.values()]
        self._categorical = np.flatnonzero(choices)
        self._numeric = np.flatnonzero(np.logical_not(choices))
        self.sizes = [
            len(d.choices) for d in search_space.values() if isinstance(d, CategoricalDistribution)
        ]

    def to_unit(self, rows: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Give internal values as numeric coordinates in [0, 1] and choices."""
        unit = np.clip(self.space.encode(rows), 0.0, 1.0)
        return unit[:, self._numeric], rows[:, self._categorical].astype(np.int64)

    def to_internal(
        self, numeric: NDArray[np.float64], codes: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        """Give coordinates and choices as internal values, on the grid where there is one."""
        unit = np.full((len(numeric), len(self.names)), 0.5)
        unit[:, self._numeric] = numeric
        rows = self.space.decode(unit)
        rows[:, self._categorical] = codes
        return rows


def _salt_of(names: list[str]) -> int:
    """Give parameters that are drawn one by one independent streams."""
    return zlib.crc32("\0".join(names).encode())
