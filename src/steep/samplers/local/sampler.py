"""Search near the best trial, by a quadratic model in a trust region."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from steep.distributions import BaseDistribution
from steep.kernels.blas import one_thread
from steep.samplers.base import BaseSampler, WrappingSampler
from steep.samplers.gp.book import pending_points
from steep.samplers.local.proposal import propose
from steep.samplers.local.region import KEY, region_of
from steep.states import TrialState
from steep.streams import Streams, redraws_of

if TYPE_CHECKING:
    from steep.study import Study
    from steep.trial import FrozenTrial

__all__ = ["LocalSampler"]

_SALT = 0x6C6F  # "lo"


class LocalSampler(WrappingSampler):
    """Propose the lowest point of a quadratic model near the best trial.

    It refines: the numerical parameters move, choices stay as the best trial has them. The model
    explains the nearest trials, and is trusted in a region that grows with success and shrinks
    without it; a trial that is PRUNED counts as no success. By itself it does not look elsewhere,
    so it is a part of :class:`~steep.samplers.AutoSampler` only, which takes turns.

    Args:
        inner: Proposes what the best trial does not have, and whole trials where there is no
            region.
        seed: The same seed gives the same parameters in every process; None for other ones each
            time.

    Sources: Conn, Scheinberg, Vicente (2009), "Introduction to derivative-free optimization",
    SIAM, algorithm 10.1; Diouane, Picheny, Le Riche, Scotto Di Perrotolo (2023), "TREGO: a
    trust-region framework for efficient global optimization", J. Global Optim. 86 (turns of a
    global and a local step).

    Example:
        >>> import steep
        >>> sampler = LocalSampler(steep.samplers.RandomSampler(seed=1), seed=1)
        >>> study = steep.create_study(sampler=sampler)
        >>> study.optimize(lambda trial: trial.suggest_float("x", -5, 5) ** 2, n_trials=20)
        >>> study.best_value < 1e-6
        True
    """

    def __init__(self, inner: BaseSampler, seed: int | None = None) -> None:
        super().__init__(inner)
        self._streams = Streams(seed)

    def infer_relative_search_space(
        self, study: Study, trial: FrozenTrial
    ) -> dict[str, BaseDistribution]:
        """Choose the parameters of the best trial, or what the other sampler chooses.

        Args:
            study: The study.
            trial: The running trial.

        Returns:
            Distributions by name.
        """
        if study.table.n_in(TrialState.RUNNING) > 1:
            study.flush()  # what running trials chose
        region = region_of(study.table)
        if region is None:
            return self._inner.infer_relative_search_space(study, trial)
        return dict(zip(region.space.names, region.space.distributions, strict=True))

    def sample_relative(
        self, study: Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> Any:
        """Propose a point of the region, and note its radius.

        Args:
            study: The study.
            trial: The running trial.
            search_space: What :meth:`infer_relative_search_space` returned.

        Returns:
            Values by name.
        """
        region = region_of(study.table)
        if region is None or search_space.keys() != set(region.space.names):
            return self._inner.sample_relative(study, trial, search_space)
        redraws = redraws_of(study, trial.number)
        rng = self._streams.generator(study, trial.number, _SALT, redraws)
        pending = pending_points(study.table, region.space, trial.number)
        with one_thread:
            point = propose(region, pending, rng, redraws)
        storage = study._storage
        draft = storage.draft_of(storage.trial_id_of(study._study_id, trial.number))
        draft.set_attr(KEY, region.radius, system=True)
        return region.space.to_external(region.space.decode(point[None])[0])

    def sample_independent(
        self,
        study: Study,
        trial: FrozenTrial,
        param_name: str,
        param_distribution: BaseDistribution,
    ) -> Any:
        """Let the other sampler propose a parameter.

        Args:
            study: The study.
            trial: The running trial.
            param_name: The name of the parameter.
            param_distribution: What to draw from.

        Returns:
            A value of the distribution.
        """
        return self._inner.sample_independent(study, trial, param_name, param_distribution)
