"""The tree-structured Parzen estimator: model where good trials lie, and where the others do."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from steep import logging
from steep.distributions import BaseDistribution
from steep.kernels.parzen import Rules, ramp_weights
from steep.samplers.base import BaseSampler
from steep.samplers.constrained import ConstraintsFunc, record_constraints
from steep.samplers.tpe import multi_objective, split
from steep.samplers.tpe.book import Book, Request, draw_of
from steep.samplers.tpe.checks import checked_weights, warn_deprecated
from steep.samplers.tpe.model import Settings
from steep.states import TrialState
from steep.streams import Streams
from steep.trial.proposals import Proposals

if TYPE_CHECKING:
    from steep.study import Study
    from steep.trial import FrozenTrial

__all__ = ["TPESampler"]

_logger = logging.get_logger(__name__)
_COMPLETE, _PRUNED = int(TrialState.COMPLETE), int(TrialState.PRUNED)


class TPESampler(BaseSampler):
    """Propose where good trials are dense and the others are not.

    The trials are split into the good ones and the others, and a density is fitted to each: l(x)
    and g(x). Of some points drawn from l the one with the largest l(x) / g(x) is proposed. What
    it costs does not depend on the number of trials.

    In a space that is finite and that each trial has entirely, points that were evaluated or are
    running are proposed again only when no other one is found.

    Args:
        consider_prior: Deprecated and without effect: there is always a prior kernel.
        prior_weight: Deprecated. The weight of the prior kernel, not negative; 1 if None.
        consider_magic_clip: Deprecated. Whether few observations get wide kernels; yes if None.
        consider_endpoints: Deprecated. Whether the ends of a range count as neighbours of an
            observation; no if None.
        n_startup_trials: How many COMPLETE or PRUNED trials are drawn at random first.
        n_ei_candidates: How many points are compared for a proposal, at least 1.
        gamma: Deprecated. Gives how many of n trials are good. If None, a tenth and at most
            25 with one objective, a fifth and at most 64 with several.
        weights: Deprecated. Gives the weights of n trials, oldest first. If None, all count the
            same where parameters are modelled jointly; else the newest 25 bad ones count fully
            and older ones less and less.
        seed: The same seed gives the same parameters in every process; None for other ones each
            time.
        multivariate: Whether parameters are modelled jointly; None for yes with one objective
            and no with several.
        group: Whether to model jointly, one by one, the groups of parameters that trials have
            together; for spaces in which some parameters depend on others.
        warn_independent_sampling: Deprecated. Whether to log a warning when a parameter is not
            part of what is modelled jointly.
        constant_liar: Whether running trials count as bad, so that parallel workers spread out.
        constraints_func: Deprecated in favour of ``trial.set_constraint``. Gives the constraint
            values of a trial that is COMPLETE or PRUNED; a positive one is a violation.

    Raises:
        ValueError: For ``group=True`` with ``multivariate=False``, a negative ``prior_weight``,
            or fewer than one candidate.

    Sources: Bergstra et al. (2011), "Algorithms for hyper-parameter optimization", NeurIPS 24;
    Falkner, Klein, Hutter (2018), "BOHB", ICML; Watanabe (2023), "Tree-structured Parzen
    estimator", arXiv 2304.11127; Ozaki et al. (2022), "Multiobjective tree-structured Parzen
    estimator", JAIR 73.

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
        warn_deprecated(
            consider_prior=consider_prior,
            prior_weight=prior_weight,
            consider_magic_clip=consider_magic_clip,
            consider_endpoints=consider_endpoints,
            gamma=gamma,
            weights=weights,
            warn_independent_sampling=warn_independent_sampling,
            constraints_func=constraints_func,
        )
        if group and multivariate is False:
            raise ValueError(
                "TPESampler(group=True, multivariate=False): groups are modelled jointly; leave "
                "`multivariate` out or set it to True."
            )
        if prior_weight is not None and prior_weight < 0:
            raise ValueError(f"TPESampler(prior_weight={prior_weight!r}): give 0 or more.")
        if n_ei_candidates < 1:
            raise ValueError(f"TPESampler(n_ei_candidates={n_ei_candidates!r}): give 1 or more.")
        self._rules = Rules(
            1.0 if prior_weight is None else float(prior_weight),
            consider_magic_clip is not False,
            bool(consider_endpoints),
        )
        self._n_startup_trials = n_startup_trials
        self._n_candidates = n_ei_candidates
        self._gamma = gamma
        self._weights = weights
        self._multivariate = multivariate
        self._group = group
        self._warns_independent = bool(warn_independent_sampling)
        self._constant_liar = constant_liar
        self._constraints_func = constraints_func
        self._streams = Streams(seed)

    # ---- the protocol of samplers ----------------------------------------------------------------

    def infer_relative_search_space(
        self, study: Study, trial: FrozenTrial
    ) -> dict[str, BaseDistribution]:
        """Choose the parameters that are modelled jointly.

        Args:
            study: The study.
            trial: The running trial.

        Returns:
            Those that all COMPLETE and PRUNED trials have with one distribution; with
            ``group=True`` all that some trial has; none if parameters are modelled one by one.
        """
        if not self._is_joint(study):
            return {}
        return self._book(study).joint_space(study.table, self._group)

    def sample_relative(
        self, study: Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> Mapping[str, Any]:
        """Propose parameters jointly.

        Args:
            study: The study.
            trial: The running trial.
            search_space: The parameters.

        Returns:
            Values by name; empty while trials are drawn at random. With ``group=True`` a group is
            proposed when one of its values is read.
        """
        if not search_space or not self._is_warm(study):
            return {}
        book = self._book(study)

        def propose(space: dict[str, BaseDistribution]) -> dict[str, Any]:
            return book.propose(self._request(study, trial.number, space), is_joint=True)

        if not self._group:
            return propose(search_space)
        return Proposals(book.parts(study.table, search_space), propose, study.table)

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
        is_joint = self._is_joint(study)
        book = self._book(study)
        if not is_joint:
            draw = draw_of(study, trial.number)
            known = book.take_ahead(draw, param_name, param_distribution)
            if known is not None:
                return known[0]
        if not self._is_warm(study) or param_name not in study.table.columns:
            u = self._streams.uniform(study, trial.number, param_name)
            return param_distribution.from_unit(u)
        if is_joint and self._warns_independent:
            _logger.warning(
                f"Trial {trial.number} draws {param_name!r} by itself: not all trials have it. "
                "TPESampler(group=True) models such parameters jointly."
            )
        request = self._request(study, trial.number, {param_name: param_distribution})
        return book.propose_one(request, looks_ahead=not is_joint)

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

        Raises:
            ValueError: If a constraint value is NaN.
            TypeError: If the function does not return a sequence of numbers.
        """
        record_constraints(self._constraints_func, study, trial, state)

    @staticmethod
    def hyperopt_parameters() -> dict[str, Any]:
        """Give arguments under which the sampler resembles Hyperopt 0.1.2.

        Deprecated.

        Returns:
            Keyword arguments.
        """
        warnings.warn(
            "TPESampler.hyperopt_parameters() is deprecated and will be removed.",
            FutureWarning,
            stacklevel=2,
        )
        return {
            "consider_prior": True,
            "prior_weight": 1.0,
            "consider_magic_clip": True,
            "consider_endpoints": False,
            "n_startup_trials": 20,
            "n_ei_candidates": 24,
            "gamma": split.hyperopt_gamma,
            "weights": ramp_weights,
        }

    # ---- within ----------------------------------------------------------------------------------

    def _is_joint(self, study: Study) -> bool:
        if self._multivariate is None:
            return self._group or len(study.table.directions) == 1
        return self._multivariate

    def _is_warm(self, study: Study) -> bool:
        table = study.table
        n = table.n_in(_COMPLETE) + table.n_in(_PRUNED)
        return n >= max(self._n_startup_trials, 1)

    def _request(self, study: Study, number: int, space: dict[str, BaseDistribution]) -> Request:
        return Request(study, number, space, self._streams, self._constant_liar)

    def _book(self, study: Study) -> Book:
        # What the book holds follows from the table and from these settings alone, so samplers
        # with equal settings share it, and a copied sampler needs none of its own.
        key = (Book, self._rules, self._n_candidates, self._gamma, self._weights)
        return study.table.memo(key, lambda: self._new_book(len(study.table.directions)))

    def _new_book(self, n_objectives: int) -> Book:
        # A value by itself may have been bad early on because of the other parameters, which were
        # bad then: it has to be forgotten. A joint kernel holds those other parameters too.
        alone = ramp_weights if self._weights is None else None
        weigh = None if self._weights is None else checked_weights(self._weights)
        settings = Settings(self._rules, weigh, n_objectives == 1, self._n_candidates, alone)
        if n_objectives == 1:
            return Book(split.Ranking(self._gamma or split.default_gamma), settings)
        return Book(multi_objective.Fronts(self._gamma or multi_objective.default_gamma), settings)
