"""Several trials at once, each of which counts the ones before it as running.

Samplers that count running trials (TPE, GP) so spread them. On a finite space no point is asked
for twice as long as there are others: what would repeat a known point changes one parameter, or
takes any point that is left. Parameters that its sampler may not move (a grid, values that the user
has fixed) stay as they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from steep import logging
from steep.distributions import BaseDistribution
from steep.samplers.tpe.axes import ends_of
from steep.samplers.tpe.explored import Explored
from steep.search_space.columns import ColumnSpaces
from steep.space import Space

if TYPE_CHECKING:
    from steep.samplers import BaseSampler
    from steep.study.study import Study
    from steep.trial import Trial

__all__ = ["ask_jointly"]

Distributions = Mapping[str, BaseDistribution]
Matrix = NDArray[np.float64]

_CANDIDATES = 64
_logger = logging.get_logger(__name__)


def ask_jointly(study: Study, n: int, distributions: Distributions) -> list[Trial]:
    """Begin several trials at different points.

    Args:
        study: The study.
        n: How many trials.
        distributions: Parameters to suggest at once; if there are none, those that all finished
            trials have.

    Returns:
        n trials that are RUNNING.

    Raises:
        ValueError: If ``n`` is below 1.
    """
    if n < 1:
        raise ValueError(f"Study.ask(n={n!r}): ask for 1 trial or more.")
    space = dict(distributions) or _common(study)
    known = _Known(space) if _is_finite(space) else None
    trials, repeated = [], 0
    for _ in range(n):
        study.flush()
        if known is not None:
            known.learn(study)
        trial = study._ask()
        assert trial is not None, "without a limit there is always a trial"
        with study._storage.steady():
            trial.suggest_all(space)
            repeated += known is not None and not known.make_new(trial, study.sampler)
        trials.append(trial)
    if repeated:
        _logger.warning(
            f"Study.ask(n={n}): {repeated} of the trials repeat points of others; the search "
            f"space {space} has no more that are new and that {study.sampler} would propose."
        )
    return trials


def _common(study: Study) -> dict[str, BaseDistribution]:
    spaces: ColumnSpaces = study.table.memo((ask_jointly,), ColumnSpaces)
    spaces.update(study.table)
    return dict(spaces.intersection)


def _is_finite(space: Distributions) -> bool:
    return bool(space) and all(d.grid_size() is not None for d in space.values())


class _Known:
    """Know the points of a finite space that trials have.

    Args:
        distributions: The d parameters.
    """

    def __init__(self, distributions: Distributions) -> None:
        self._space = Space(distributions)
        ends = np.array([ends_of(d) for d in distributions.values()])
        self._low, self._high = ends.T
        self._points = np.zeros((0, len(ends)))

    def learn(self, study: Study) -> None:
        """Read the points of all trials, finished or running: (n, d) internal values."""
        table = study.table
        if all(name in table.columns for name in self._space.names):
            rows = table.param_rows(self._space.names, np.arange(table.n))
            # A parameter that is absent is NaN, which is in no range.
            self._points = rows[((rows >= self._low) & (rows <= self._high)).all(axis=1)]

    def make_new(self, trial: Trial, sampler: BaseSampler) -> bool:
        """Let a trial repeat no point; tell whether it does not.

        A trial that was enqueued, or whose parameters others can see already, stays as it is.
        """
        point = self._space.to_internal(trial.params)
        if not self._has(point):
            return True
        names = self._space.names
        free = [j for j, name in enumerate(names) if sampler.may_move(name)]
        if not free:
            return False
        point[free] = self._moved(point, free, trial.number)
        values = {names[j]: float(point[j]) for j in free}
        return not self._has(point) and trial._revise(values)

    def _moved(self, point: Matrix, free: list[int], number: int) -> Matrix:
        """Give other values to some parameters of a point, so that it is new if it can be."""
        fixed = np.setdiff1d(np.arange(len(point)), free)
        beside = self._points[(self._points[:, fixed] == point[fixed]).all(axis=1)]
        space = Space({self._space.names[j]: self._space.distributions[j] for j in free})
        explored = Explored(space)
        explored.mark(beside[:, free])
        candidates = np.tile(space.encode(point[None, free]), (_CANDIDATES, 1))
        # Not the seed of the sampler, which is unknown here: the point it gave depends on it.
        rng = np.random.default_rng((number, *beside.shape))
        none = np.zeros((0, len(free)))
        unit = explored.best(candidates, lambda x: np.zeros(len(x)), rng, none)
        moved: Matrix = space.decode(unit[None])[0]
        return moved

    def _has(self, point: Matrix) -> bool:
        return bool((self._points == point).all(axis=1).any())
