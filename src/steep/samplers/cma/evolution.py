"""The state of CMA-ES in one study, made of the finished trials alone.

The trials that finish after the first ``n_startup`` ones are told to the optimizer in the order of
finishing, a population at a time, whoever proposed them. So every process has the same state
without sharing more than the log, and no evaluation of a parallel worker is lost. A trial that
CMA-ES could hardly have drawn itself, as one that a user enqueued, is pulled nearer first.

Source: Hansen, "The CMA evolution strategy: a tutorial", arXiv 1604.00772; "Injecting external
solutions into CMA-ES", arXiv 1110.4181, eq. (4).
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from steep.distributions import BaseDistribution
from steep.samplers.cma.frames import CubeFrame, GridFrame
from steep.states import TrialState
from steep.streams import Streams

if TYPE_CHECKING:
    from steep.study import Study
    from steep.table import Table
    from steep.trial import FrozenTrial

__all__ = ["Evolution", "Settings"]

Array = NDArray[np.float64]

_RESTARTS = 5 << 32  # the salt of a random stream
_SEEDS = "CmaEsSampler:seed"  # names another one
_LEAST_SIGMA = 1e-10
_SAME = 1e-9


@dataclass(frozen=True, eq=False)
class Settings:
    """Say how CMA-ES is run; the fields are arguments of :class:`CmaEsSampler`."""

    x0: dict[str, Any] | None
    sigma0: float | None
    n_startup: int
    consider_pruned: bool
    popsize: int | None
    separable: bool
    margin: bool
    lr_adapt: bool
    source_trials: Sequence[FrozenTrial] | None

    def takes(self, state: int) -> bool:
        """Tell whether CMA-ES learns from trials in a state."""
        return state == TrialState.COMPLETE or (self.consider_pruned and state == TrialState.PRUNED)


class Evolution:
    """Follow the trials of one table in one search space.

    Args:
        settings: How CMA-ES is run.
        distributions: The d parameters.
        streams: Where the randomness comes from.
        sign: -1 if the objective is maximised, else 1.
    """

    def __init__(
        self,
        settings: Settings,
        distributions: Mapping[str, BaseDistribution],
        streams: Streams,
        sign: float,
    ) -> None:
        self._settings = settings
        self._streams = streams
        self._frame = (GridFrame if settings.margin else CubeFrame)(distributions)
        self._start = self._first_distribution(sign)
        self._popsize = settings.popsize
        self._n_restarts = 0
        self._optimizer = self._made(*self._start)
        self._cursor = 0
        self._n_seen = 0
        self._waiting: list[int] = []

    def propose(self, study: Study, number: int) -> dict[str, Any]:
        """Draw the parameters of a trial.

        Args:
            study: The study.
            number: The number of the trial.

        Returns:
            Values by name.
        """
        self._follow(study)
        shown, _ = self._ask(study, number)
        frame = self._frame
        return frame.space.to_external(frame.decode(shown[None])[0])

    # ---- learning --------------------------------------------------------------------------------

    def _follow(self, study: Study) -> None:
        table = study.table
        if self._cursor == table.n_finished:
            return
        finished = table.finished[self._cursor :].tolist()
        self._cursor += len(finished)
        for number in finished:
            loss = table.losses[number, 0]
            if not self._settings.takes(table.state_of(number)) or loss != loss:
                continue
            self._n_seen += 1
            if self._n_seen > self._settings.n_startup:
                self._waiting.append(number)
            if len(self._waiting) == self._optimizer.population_size:
                self._learn(study)

    def _learn(self, study: Study) -> None:
        """Tell the optimizer a population, and let it begin anew when it has converged."""
        optimizer, numbers = self._optimizer, self._waiting
        points = self._points(study.table, numbers)
        if self._settings.margin:
            self._recall(study, points)
        self._waiting = []
        if np.isnan(points).any():  # a pruned trial may lack a parameter
            gaps = np.isnan(points).sum(axis=1).tolist()
            self._waiting = [n for n, gap in zip(numbers, gaps, strict=True) if not gap]
            return
        points = pulled(optimizer, points)
        losses = study.table.losses[numbers, 0].tolist()
        with np.errstate(all="ignore"):
            optimizer.tell(list(zip(points, losses, strict=True)))
            if not np.isfinite(optimizer.mean).all() or optimizer.should_stop():
                self._restart(study)

    def _points(self, table: Table, numbers: Sequence[int]) -> Array:
        rows = table.param_rows(self._frame.space.names, np.array(numbers, dtype=np.int64))
        return self._frame.encode(rows)

    def _recall(self, study: Study, points: Array) -> None:
        """Replace what trials have on their grid by what was drawn, as the margin wants it."""
        for number, point in zip(self._waiting, points, strict=True):
            shown, drawn = self._ask(study, number)
            if np.abs(shown - point).max() < _SAME:
                point[:] = drawn

    def _ask(self, study: Study, number: int) -> tuple[Array, Array]:
        """Give what the optimizer shows a trial, and what it has drawn for it."""
        seed = int(self._streams.uniform(study, number, _SEEDS) * 2**32)
        self._optimizer.reseed_rng(seed)
        asked = self._optimizer.ask()
        return asked if isinstance(asked, tuple) else (asked, asked)

    def _restart(self, study: Study) -> None:
        """Begin anew elsewhere with a population twice as large.

        Source: Auger, Hansen, "A restart CMA evolution strategy with increasing population size",
        CEC 2005.
        """
        self._n_restarts += 1
        rng = self._streams.generator(study, self._n_restarts, _RESTARTS)
        mean = rng.random(len(self._frame.space))
        if self._settings.popsize is None:
            self._popsize = 2 * self._optimizer.population_size
        self._optimizer = self._made(mean, self._start[1], None)

    # ---- beginning -------------------------------------------------------------------------------

    def _first_distribution(self, sign: float) -> tuple[Array, float, Array | None]:
        """Give mean, deviation and covariance to begin with."""
        settings, frame = self._settings, self._frame
        if settings.source_trials is not None:
            return self._warm_start(settings.source_trials, sign)
        mean = np.full(len(frame.space), 0.5)
        if settings.x0 is not None:
            lacking = [name for name in frame.space.names if name not in settings.x0]
            if lacking:
                raise ValueError(
                    f"CmaEsSampler(x0={settings.x0!r}) lacks the parameters {lacking}: give a "
                    "value for each."
                )
            mean = frame.encode(frame.space.to_internal(settings.x0)[None])[0]
        sigma = 1.0 / 6.0 if settings.sigma0 is None else settings.sigma0
        return mean, max(float(sigma), _LEAST_SIGMA), None

    def _warm_start(
        self, trials: Sequence[FrozenTrial], sign: float
    ) -> tuple[Array, float, Array | None]:
        frame, names = self._frame, set(self._frame.space.names)
        found = [
            (frame.encode(frame.space.to_internal(trial.params)[None])[0], sign * trial.value)
            for trial in trials
            if self._settings.takes(trial.state)
            and trial.value is not None
            and set(trial.distributions) == names
        ]
        if not found:
            raise ValueError(
                "CmaEsSampler(source_trials=...): none of these trials has finished with exactly "
                f"the parameters {sorted(names)}."
            )
        share = max(0.1, 1.0 / len(found))  # of few trials at least one is good
        mean, sigma, cov = package().get_warm_start_mgd(found, gamma=min(share * 1.0001, 1.0))
        return mean, max(float(sigma), _LEAST_SIGMA), cov

    def _made(self, mean: Array, sigma: float, cov: Array | None) -> Any:
        d = len(self._frame.space)
        options: dict[str, Any] = {
            "mean": mean,
            "sigma": sigma,
            "bounds": np.column_stack([np.zeros(d), np.ones(d)]),
            "n_max_resampling": 10 * d,
            "population_size": self._popsize,
            "seed": 0,
        }
        with np.errstate(all="ignore"):  # tiny populations divide by zero, and it does no harm
            return self._made_of(options, cov)

    def _made_of(self, options: dict[str, Any], cov: Array | None) -> Any:
        settings = self._settings
        if settings.separable and len(self._frame.space) > 1:
            return package().SepCMA(**options)
        if settings.separable:
            warnings.warn(
                "CmaEsSampler(use_separable_cma=True) makes no difference with one parameter and "
                "is ignored.",
                stacklevel=2,
            )
        if settings.margin:
            return package().CMAwM(**options, cov=cov, steps=self._frame.steps)
        return package().CMA(**options, cov=cov, lr_adapt=settings.lr_adapt)


def pulled(optimizer: Any, points: Array) -> Array:
    """Move points nearer that the optimizer could hardly have drawn itself.

    The paper's limit √d + 2d/(d+2) would also cut one in ten of its own points with d = 1; the
    limit √d + 3 cuts one in a thousand.

    Args:
        optimizer: A ``CMA``, ``SepCMA`` or ``CMAwM``.
        points: (k, d) float64.

    Returns:
        (k, d) float64.
    """
    within = getattr(optimizer, "_cma", optimizer)
    steps = points - within.mean
    axes = within._eigen_decomposition()
    with np.errstate(all="ignore"):
        # B of C = B D² Bᵀ is the identity where the covariance is diagonal.
        turned = steps @ axes[0] / axes[1] if isinstance(axes, tuple) else steps / axes
        length = np.linalg.norm(turned, axis=1) / within._sigma
        factor = np.minimum(1.0, (math.sqrt(points.shape[1]) + 3.0) / length)
    factor = np.where(np.isfinite(factor), factor, 1.0)
    return np.asarray(within.mean + steps * factor[:, None])


def package() -> Any:
    """Import the package ``cmaes``.

    Raises:
        ImportError: If it is not installed.
    """
    try:
        import cmaes
    except ImportError as error:
        raise ImportError(
            "CmaEsSampler needs the package `cmaes`; install it with: pip install 'steep[cmaes]'"
        ) from error
    return cmaes
