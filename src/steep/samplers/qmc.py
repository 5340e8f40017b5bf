"""Spread trials evenly: quasi-random points instead of random ones.

The points of a Sobol or Halton sequence avoid one another, so n of them cover the unit cube better
than n independent draws do. The number of a trial says which point it gets; workers with the same
``seed`` therefore share one sequence without talking to each other.

Source: Bergstra and Bengio, "Random search for hyper-parameter optimization", JMLR 13 (2012),
section 5; the sequences are those of :mod:`scipy.stats.qmc`.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from steep import logging
from steep.distributions import BaseDistribution
from steep.samplers.base import BaseSampler, WrappingSampler
from steep.samplers.random import RandomSampler
from steep.space import Space
from steep.states import TrialState
from steep.streams import Streams

if TYPE_CHECKING:
    from steep.study import Study
    from steep.table import Table
    from steep.trial import FrozenTrial

__all__ = ["QMCSampler"]

_logger = logging.get_logger(__name__)
_FIRST_BLOCK = 256  # a power of two, as Sobol points want
_ORIGIN = "qmc:{}:origin"


class QMCSampler(WrappingSampler):
    """Give trial after trial the next point of a sequence of low discrepancy.

    The first trial decides which parameters share the sequence: those that it has. It is sampled
    by ``independent_sampler`` itself, as are parameters that later trials add.

    Args:
        qmc_type: ``"sobol"`` (best when the number of trials is a power of two) or ``"halton"``.
        scramble: Whether the sequence is randomized.
        seed: Of the scrambling, and of the default ``independent_sampler``. All workers of one
            study should share it.
        independent_sampler: For the first trial and the parameters outside the sequence; a
            :class:`RandomSampler` if None.
        warn_asynchronous_seeding: Whether to warn, in the log, of scrambling without a seed.
        warn_independent_sampling: Whether to warn, in the log, of parameters outside the sequence.

    Raises:
        ValueError: If there is no such ``qmc_type``.

    Example:
        >>> import steep
        >>> study = steep.create_study(sampler=QMCSampler())
        >>> study.optimize(lambda trial: trial.suggest_float("x", 0, 1), n_trials=5)
        >>> [trial.params["x"] for trial in study.trials[1:]]
        [0.0, 0.5, 0.75, 0.25]
    """

    def __init__(
        self,
        *,
        qmc_type: str = "sobol",
        scramble: bool = False,
        seed: int | None = None,
        independent_sampler: BaseSampler | None = None,
        warn_asynchronous_seeding: bool = True,
        warn_independent_sampling: bool = True,
    ) -> None:
        if qmc_type not in ("sobol", "halton"):
            raise ValueError(f'QMCSampler(qmc_type={qmc_type!r}): use "sobol" or "halton".')
        if scramble and seed is None and warn_asynchronous_seeding:
            _logger.warning(
                "QMCSampler(scramble=True) got no seed and draws one. Workers that share a study "
                "must share the seed too; else their points are no better than random ones."
            )
        super().__init__(independent_sampler or RandomSampler(seed))
        self._qmc_type = qmc_type
        self._scramble = scramble
        self._streams = Streams(seed)
        self._warn_independent_sampling = warn_independent_sampling
        self._sequences: dict[int, _Sequence] = {}

    def infer_relative_search_space(
        self, study: Study, trial: FrozenTrial
    ) -> dict[str, BaseDistribution]:
        """Choose the parameters that the first trial of the study has.

        Args:
            study: The study.
            trial: The running trial.

        Returns:
            Distributions by name; none for the first trial itself.
        """
        return self._memo(study).distributions(study, trial.number)

    def sample_relative(
        self, study: Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, Any]:
        """Give the trial its point.

        Args:
            study: The study.
            trial: The running trial.
            search_space: What :meth:`infer_relative_search_space` returned.

        Returns:
            Values by name.
        """
        if not search_space:
            return {}
        space = self._memo(study).space(search_space)
        unit = self._sequence(len(space)).point(trial.number - self._origin(study, trial.number))
        return space.to_external(space.decode(unit)[0])

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
        """
        if self._warn_independent_sampling and self._memo(study).has_begun:
            _logger.warning(
                f"The parameter {param_name!r} of trial {trial.number} is outside the sequence of "
                f"the QMCSampler, because the first trial does not have it, and is left to "
                f"{self._inner}. QMCSampler(warn_independent_sampling=False) is silent about it."
            )
        return self._inner.sample_independent(study, trial, param_name, param_distribution)

    def _memo(self, study: Study) -> _FirstTrial:
        return study.table.memo((_FirstTrial,), _FirstTrial)

    def _origin(self, study: Study, number: int) -> int:
        """Give the trial that got, or gets, the first point of the sequence in this study."""
        key = _ORIGIN.format(self._qmc_type)
        origin: int | None = study.table.study_system_attrs.get(key)
        if origin is None:
            # Of the trials that run already the lowest, so that it does not matter who asks first.
            running = study.table.numbers(TrialState.RUNNING).tolist()
            first = _first_trial(study.table, number)
            origin = min([other for other in running if other != first], default=number)
            study._storage.set_study_system_attr(study._study_id, key, origin)
        return min(origin, number)

    def _sequence(self, dimensions: int) -> _Sequence:
        sequence = self._sequences.get(dimensions)
        if sequence is None:
            made = _Sequence(self._qmc_type, dimensions, self._scramble, self._streams.seed)
            sequence = self._sequences.setdefault(dimensions, made)
        return sequence

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_sequences": {}}


class _FirstTrial:
    """Remember the search space that the first trial of a table has.

    Attributes:
        has_begun: Whether a trial got its parameters from a sequence already.
    """

    def __init__(self) -> None:
        self.has_begun = False
        self._fixed: dict[str, BaseDistribution] | None = None
        self._space: tuple[dict[str, BaseDistribution], Space] | None = None

    def distributions(self, study: Study, number: int) -> dict[str, BaseDistribution]:
        """Give the parameters of the first trial, as seen from trial ``number``."""
        if self._fixed is None:
            first = _first_trial(study.table, number)
            if first is None:
                return {}
            study.flush()
            found = {name: d for name, (_, d) in study.table.params_of(first).items()}
            self.has_begun = self.has_begun or bool(found)
            # A first trial that still runs may add parameters.
            if study.table.state_of(first) == TrialState.RUNNING:
                return found
            self._fixed = found
        return self._fixed

    def space(self, distributions: dict[str, BaseDistribution]) -> Space:
        """Give the space of these distributions, made once."""
        known = self._space
        if known is None or (known[0] is not distributions and known[0] != distributions):
            self._space = known = (distributions, Space(distributions))
        return known[1]


class _Sequence:
    """Keep the points of one sequence, made in blocks that double."""

    def __init__(self, qmc_type: str, dimensions: int, scramble: bool, seed: int) -> None:
        from scipy.stats import qmc

        engine = qmc.Sobol if qmc_type == "sobol" else qmc.Halton
        self._engine = engine(dimensions, scramble=scramble, seed=seed)
        self._points: NDArray[np.float64] = np.empty((0, dimensions))
        self._lock = threading.Lock()

    def point(self, index: int) -> NDArray[np.float64]:
        """Give the point of this index: (1, d) float64 in [0, 1)."""
        while index >= len(self._points):
            with self._lock:
                if index >= len(self._points):
                    block = self._engine.random(max(len(self._points), _FIRST_BLOCK))
                    self._points = np.concatenate([self._points, block])
        return self._points[index : index + 1]


def _first_trial(table: Table, number: int) -> int | None:
    for other in range(table.n):
        if other != number and table.state_of(other) not in (TrialState.FAIL, TrialState.WAITING):
            return other
    return None
