"""CMA-ES: adapt the mean and the covariance of a normal distribution."""

from __future__ import annotations

import functools
import threading
import warnings
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from steep import logging
from steep.distributions import BaseDistribution, FloatDistribution, IntDistribution
from steep.samplers.base import BaseSampler, WrappingSampler
from steep.samplers.cma.evolution import Evolution, Settings
from steep.samplers.random import RandomSampler
from steep.search_space.columns import ColumnSpaces
from steep.states import StudyDirection, TrialState
from steep.streams import Streams

if TYPE_CHECKING:
    from steep.study import Study
    from steep.table import Table
    from steep.trial import FrozenTrial

__all__ = ["CmaEsSampler"]

_logger = logging.get_logger(__name__)
_MOST_SPACES = 4


_POSITIONS = (
    "x0",
    "sigma0",
    "n_startup_trials",
    "independent_sampler",
    "warn_independent_sampling",
    "seed",
)


def _with_positions(init: Callable[..., None]) -> Callable[..., None]:
    """Let a constructor take its first arguments by position, as it once did, with a warning."""

    @functools.wraps(init)
    def construct(self: Any, *args: Any, **named: Any) -> None:
        if args:
            if len(args) > len(_POSITIONS):
                raise TypeError(f"CmaEsSampler() takes at most {len(_POSITIONS)} positions.")
            given = dict(zip(_POSITIONS, args, strict=False))
            shown = ", ".join(f"{name}={value!r}" for name, value in given.items())
            warnings.warn(
                f"CmaEsSampler got arguments by position; write CmaEsSampler({shown}).",
                FutureWarning,
                stacklevel=2,
            )
            twice = sorted(given.keys() & named.keys())
            if twice:
                raise TypeError(f"CmaEsSampler() got several values for {twice[0]!r}.")
            named = given | named
            self._arguments = ((), named)
        init(self, **named)

    return construct


class CmaEsSampler(WrappingSampler):
    """Draw from a normal distribution that moves and turns towards what is better.

    For numerical parameters that all trials have; the others are left to ``independent_sampler``.
    All state follows from the finished trials, so nothing is kept in attributes, workers share
    it, and trials that were added or enqueued count as well. Where the search has converged it
    begins anew elsewhere, with a population twice as large unless ``popsize`` is given.

    Args:
        x0: Deprecated. The values to begin around, by name; the middle of the ranges if None.
        sigma0: Deprecated. The deviation to begin with, in units of the ranges; 1/6 if None.
        n_startup_trials: How many trials are left to ``independent_sampler`` first.
        independent_sampler: For the first trials and the parameters that CMA-ES leaves out; a
            :class:`RandomSampler` if None.
        warn_independent_sampling: Whether to warn, in the log, of parameters that are left out.
        seed: The same seed gives the same parameters in every process; None for other ones each
            time.
        consider_pruned_trials: Whether to learn from PRUNED trials too, from their last report.
        restart_strategy: Deprecated and without effect.
        popsize: How many trials are a generation; 4 + ⌊3 ln d⌋ for d parameters if None.
        inc_popsize: Deprecated and without effect.
        use_separable_cma: Whether the covariance is diagonal: for many parameters.
        with_margin: Whether to keep neighbouring values of grids within reach (CMA-ES with
            margin).
        lr_adapt: Whether to adapt the learning rate: for noisy or multimodal objectives.
        source_trials: Trials of a similar task, from whose best ones to begin (warm start).

    Raises:
        ValueError: For arguments that exclude each other.

    Sources: Hansen, "The CMA evolution strategy: a tutorial", arXiv 1604.00772; Nomura, Shibata,
    "cmaes: a simple yet practical Python library for CMA-ES", arXiv 2402.01373.

    Example:
        >>> import steep
        >>> study = steep.create_study(sampler=CmaEsSampler(seed=1))
        >>> def objective(trial):
        ...     return trial.suggest_float("x", -5, 5) ** 2 + trial.suggest_float("y", -5, 5) ** 2
        >>> study.optimize(objective, n_trials=150)
        >>> study.best_value < 1e-3
        True
    """

    @_with_positions
    def __init__(
        self,
        *,
        x0: dict[str, Any] | None = None,
        sigma0: float | None = None,
        n_startup_trials: int = 1,
        independent_sampler: BaseSampler | None = None,
        warn_independent_sampling: bool = True,
        seed: int | None = None,
        consider_pruned_trials: bool = False,
        restart_strategy: str | None = None,
        popsize: int | None = None,
        inc_popsize: int = -1,
        use_separable_cma: bool = False,
        with_margin: bool = False,
        lr_adapt: bool = False,
        source_trials: list[FrozenTrial] | None = None,
    ) -> None:
        restarts = restart_strategy is not None or inc_popsize != -1
        _warn_deprecated(x0=x0, sigma0=sigma0, restart_strategy=restarts or None)
        chosen = {
            "x0": x0 is not None,
            "sigma0": sigma0 is not None,
            "use_separable_cma": use_separable_cma,
            "with_margin": with_margin,
        }
        if source_trials is not None:
            _exclude("source_trials", chosen, "x0", "sigma0", "use_separable_cma")
        if lr_adapt:
            _exclude("lr_adapt", chosen, "use_separable_cma", "with_margin")
        if use_separable_cma:
            _exclude("use_separable_cma", chosen, "with_margin")
        super().__init__(independent_sampler or RandomSampler(seed))
        self._settings = Settings(
            x0,
            sigma0,
            max(n_startup_trials, 1),
            consider_pruned_trials,
            popsize,
            use_separable_cma,
            with_margin,
            lr_adapt,
            source_trials,
        )
        self._warns = warn_independent_sampling
        self._streams = Streams(seed)

    def infer_relative_search_space(
        self, study: Study, trial: FrozenTrial
    ) -> dict[str, BaseDistribution]:
        """Choose the numerical parameters that all COMPLETE trials have with one distribution.

        Args:
            study: The study.
            trial: The running trial.

        Returns:
            Their distributions, without those of a single value.
        """
        return self._book(study).space(study.table)

    def sample_relative(
        self, study: Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, Any]:
        """Draw from the distribution as it is now.

        Args:
            study: The study.
            trial: The running trial.
            search_space: The parameters.

        Returns:
            Values by name; empty for the first trials.

        Raises:
            ValueError: If the study has several objectives.
            ImportError: If the package ``cmaes`` is not installed.
        """
        _require_one_objective(study)
        if not search_space or not self._is_warm(study.table):
            return {}
        return self._book(study).propose(study, trial.number, search_space)

    def sample_independent(
        self,
        study: Study,
        trial: FrozenTrial,
        param_name: str,
        param_distribution: BaseDistribution,
    ) -> Any:
        """Let the independent sampler propose a parameter.

        Args:
            study: The study.
            trial: The running trial.
            param_name: The name of the parameter.
            param_distribution: What to draw from.

        Returns:
            A value of the distribution.

        Raises:
            ValueError: If the study has several objectives.
        """
        _require_one_objective(study)
        if self._warns and self._is_warm(study.table):
            _logger.warning(
                f"The CmaEsSampler leaves the parameter {param_name!r} of trial {trial.number} to "
                f"{self._inner}, since it is categorical or not all trials have it. "
                "CmaEsSampler(warn_independent_sampling=False) is silent about it."
            )
        return self._inner.sample_independent(study, trial, param_name, param_distribution)

    def after_trial(
        self,
        study: Study,
        trial: FrozenTrial,
        state: TrialState,
        values: Sequence[float] | None,
    ) -> None:
        """Warn where constraints are set, which CMA-ES does not regard."""
        if _may_have_constraints(study, trial.number) and trial.constraints:
            warnings.warn(
                "The CmaEsSampler does not regard the constraints that trials set.", stacklevel=2
            )
        super().after_trial(study, trial, state, values)

    def _is_warm(self, table: Table) -> bool:
        n = table.n_in(TrialState.COMPLETE)
        if self._settings.consider_pruned:
            n += table.n_in(TrialState.PRUNED)
        return n >= self._settings.n_startup

    def _book(self, study: Study) -> _Book:
        key = (_Book, self._settings, self._streams.seed)
        return study.table.memo(key, lambda: _Book(self._settings, self._streams))


class _Book:
    """Keep what CMA-ES knows of one table, for each search space that was asked for lately."""

    def __init__(self, settings: Settings, streams: Streams) -> None:
        self._settings = settings
        self._streams = streams
        self._spaces = ColumnSpaces(include_pruned=False)
        self._common: tuple[Any, dict[str, BaseDistribution]] = (None, {})
        self._evolutions: dict[tuple[tuple[str, BaseDistribution], ...], Evolution] = {}
        self._lock = threading.RLock()

    def space(self, table: Table) -> dict[str, BaseDistribution]:
        self._spaces.update(table)
        whole, common = self._common
        if whole is not self._spaces.intersection:
            whole = self._spaces.intersection
            common = {
                name: d
                for name, d in whole.items()
                if isinstance(d, FloatDistribution | IntDistribution) and not d.single()
            }
            self._common = whole, common
        return dict(common)

    def propose(
        self, study: Study, number: int, space: dict[str, BaseDistribution]
    ) -> dict[str, Any]:
        key = tuple(space.items())
        with self._lock:
            found = self._evolutions.get(key)
            if found is None:
                sign = -1.0 if study.table.directions[0] == StudyDirection.MAXIMIZE else 1.0
                found = Evolution(self._settings, space, self._streams, sign)
                while len(self._evolutions) >= _MOST_SPACES:
                    del self._evolutions[next(iter(self._evolutions))]
                self._evolutions[key] = found
            return found.propose(study, number)


def _may_have_constraints(study: Study, number: int) -> bool:
    """Tell whether it is worthwhile to read a trial in full, which takes longer than CMA-ES."""
    storage = study._storage
    draft = storage.draft_of(storage.trial_id_of(study._study_id, number))
    return draft.has_attrs or number in study.table.system_attrs


def _warn_deprecated(**arguments: Any) -> None:
    for name, value in arguments.items():
        if value is not None:
            hint = " and has no effect" if name == "restart_strategy" else ""
            warnings.warn(
                f"CmaEsSampler({name}=...) is deprecated{hint}.", FutureWarning, stacklevel=4
            )


def _exclude(name: str, chosen: dict[str, bool], *others: str) -> None:
    wrong = [other for other in others if chosen[other]]
    if wrong:
        raise ValueError(f"CmaEsSampler({name}=...) excludes `{wrong[0]}`: leave one of them out.")


def _require_one_objective(study: Study) -> None:
    count = len(study.table.directions)
    if count > 1:
        raise ValueError(
            f"CmaEsSampler needs a study with one objective; this one has {count}. For several "
            "take NSGAIISampler or TPESampler."
        )
