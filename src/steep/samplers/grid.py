"""Try every combination of given values once.

The points of a grid are numbered in the order of ``itertools.product`` over the sorted names, so
the number of a point (its *grid id*, recorded with the trial) means the same to every worker,
whatever its seed. The seed only shuffles the order of the visits; without one the order follows
from the name of the study. So the workers of one study share it, and trial number k takes the k-th
point: they need not talk to each other to stay out of each other's way.
"""

from __future__ import annotations

import math
import threading
import warnings
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from steep import logging
from steep.distributions import BaseDistribution
from steep.samplers.base import IndependentSampler
from steep.states import TrialState

if TYPE_CHECKING:
    from steep.study import Study
    from steep.table import Table
    from steep.trial import FrozenTrial

__all__ = ["GridSampler"]

GridValueType = str | float | int | bool | None
Grid = Mapping[str, Sequence[GridValueType]]

_logger = logging.get_logger(__name__)
# Beyond this many points no list of them is shuffled: random points hardly ever repeat.
_SHUFFLED = 1_000_000


class GridSampler(IndependentSampler):
    """Try every combination of given values once, then stop the study.

    Complete, pruned and failed trials count; a further ``optimize`` runs one trial more. A trial
    that was enqueued must name all parameters.

    Args:
        search_space: The values to try, by parameter name. They need not lie on the steps of the
            suggested range; out of the range they are used with a warning.
        seed: Shuffles the order of the points; without it the order follows from the name of the
            study. Workers of one study should share the seed.

    Example:
        >>> import steep
        >>> study = steep.create_study(sampler=GridSampler({"x": [-1, 0, 1], "y": [0, 2]}))
        >>> study.optimize(lambda t: t.suggest_int("x", -3, 3) ** 2 + t.suggest_int("y", 0, 3))
        >>> len(study.trials), study.best_params
        (6, {'x': 0, 'y': 0})
    """

    reads_columns = True

    def __init__(self, search_space: Grid, seed: int | None = None) -> None:
        self._search_space = {
            name: [_plain(value) for value in values]
            for name, values in sorted(search_space.items())
        }
        for name, values in self._search_space.items():
            _check_values(name, values)
        self._shape = tuple(len(values) for values in self._search_space.values())
        self._seed = seed

    def may_move(self, name: str) -> bool:
        """Say no: a point of the grid that may not be evaluated is left out."""
        return False

    def before_trial(self, study: Study, trial: FrozenTrial) -> None:
        """Choose the point of the grid that the trial visits, and record it.

        Args:
            study: The study.
            trial: The trial that begins.

        Raises:
            ValueError: If the grid is empty, since a parameter has no value to try.
        """
        if 0 in self._shape:
            raise ValueError(
                f"The grid {self._search_space} of the GridSampler has no point: give each "
                "parameter at least one value."
            )
        visits = self._visits(study)
        if trial.number in visits.claimed:
            return
        attrs = study.table.system_attrs.get(trial.number, {})
        if self._is_point(attrs):  # a retry visits the point of the trial that it repeats
            visits.claimed[trial.number] = attrs["grid_id"]
        elif "fixed_params" not in attrs:
            grid_id = visits.claim(study.table, trial.number)
            trial_id = study._storage.trial_id_of(study._study_id, trial.number)
            for key, value in (("search_space", self._search_space), ("grid_id", grid_id)):
                study._storage.set_trial_system_attr(trial_id, key, value)

    def sample_independent(
        self,
        study: Study,
        trial: FrozenTrial,
        param_name: str,
        param_distribution: BaseDistribution,
    ) -> Any:
        """Give the coordinate of the trial's point.

        Args:
            study: The study.
            trial: The running trial.
            param_name: The name of the parameter.
            param_distribution: The suggested range; a value outside it is used with a warning.

        Returns:
            The value.

        Raises:
            ValueError: If the grid has no such parameter, or if the trial was enqueued without
                a value for it.
        """
        grid_id = self._visits(study).claimed.get(trial.number)
        if grid_id is None:
            raise ValueError(
                f"Trial {trial.number} was enqueued without a value of {param_name!r}; with a "
                "GridSampler, enqueue_trial() needs all parameters."
            )
        if param_name not in self._search_space:
            raise ValueError(
                f"{param_name!r} was suggested, but the grid of the GridSampler has only "
                f"{list(self._search_space)}; add values for it."
            )
        axis = list(self._search_space).index(param_name)
        value = self._search_space[param_name][np.unravel_index(grid_id, self._shape)[axis]]
        if not param_distribution.contains(param_distribution.to_internal_repr(value)):
            warnings.warn(
                f"The value {value!r} of the grid is out of range for {param_name!r}; it is used "
                f"although the distribution is {param_distribution!r}.",
                stacklevel=4,
            )
        return value

    def after_trial(
        self, study: Study, trial: FrozenTrial, state: TrialState, values: Sequence[float] | None
    ) -> None:
        """Stop the study if the trial has visited the last point.

        Args:
            study: The study.
            trial: The trial, still running.
            state: How it ends.
            values: Its objective values, or None.

        Raises:
            RuntimeError: If it has, and the study is not inside ``optimize``; after a last
                ``tell`` the trial is recorded all the same.
        """
        if self._visits(study).n_left(study.table, without=trial.number) == 0:
            _logger.info("All points of the grid have been visited: the study stops.")
            study.stop()

    def is_exhausted(self, study: Study) -> bool:
        """Tell whether finished trials have visited every point of the grid.

        Args:
            study: The study.
        """
        return self._visits(study).n_left(study.table) == 0

    def _visits(self, study: Study) -> _Visits:
        def start() -> _Visits:
            return _Visits(self, study.entropy if self._seed is None else self._seed)

        return study.table.memo((_Visits, self), start)

    def _is_point(self, attrs: Mapping[str, Any]) -> bool:
        """Tell whether the attributes of a trial name a point of this grid."""
        if "grid_id" not in attrs:
            return False
        space = attrs.get("search_space", {})
        return space is self._search_space or _same_grid(space, self._search_space)


class _Visits:
    """Know which points of a grid the trials of one table have visited, trial by trial.

    Attributes:
        claimed: The points of the trials that run in this process.
    """

    def __init__(self, sampler: GridSampler, seed: int) -> None:
        self.claimed: dict[int, int] = {}
        self._is_point = sampler._is_point
        self._size = math.prod(sampler._shape)
        self._seed = seed & (2**64 - 1)
        self._order: list[int] | None = None
        if self._size <= _SHUFFLED:
            self._order = np.random.default_rng(self._seed).permutation(self._size).tolist()
        self._done: set[int] = set()
        self._next = 0
        self._cursor = 0
        self._lock = threading.Lock()

    def claim(self, table: Table, number: int) -> int:
        """Give a trial a point that is neither visited nor, if possible, being visited."""
        with self._lock:
            self._catch_up(table)
            busy = self._running(table, number) - self._done
            if len(self._done) + len(busy) < self._size:
                grid_id = self._choose(number, busy)
            elif busy:  # each point is visited or being visited: some worker will be late
                grid_id = self._choose(number, set())
            else:
                _logger.warning(
                    "The grid is exhausted, and a point of it is visited again. That happens when "
                    "a finished study is optimized further, or when workers finish together."
                )
                grid_id = int(np.random.default_rng((self._seed, number)).integers(self._size))
            self.claimed[number] = grid_id
            return grid_id

    def n_left(self, table: Table, without: int | None = None) -> int:
        """Count the points without a finished trial, the one of trial ``without`` left out."""
        with self._lock:
            self._catch_up(table)
            own = None if without is None else self.claimed.get(without)
            return self._size - len(self._done) - (own is not None and own not in self._done)

    def _catch_up(self, table: Table) -> None:
        for number in table.finished[self._cursor :].tolist():
            self._cursor += 1
            self.claimed.pop(number, None)
            attrs = table.system_attrs.get(number, {})
            if self._is_point(attrs):
                self._done.add(attrs["grid_id"])

    def _running(self, table: Table, number: int) -> set[int]:
        running = set(self.claimed.values())
        if table.n_in(TrialState.RUNNING) > len(self.claimed) + 1:  # other processes work on it
            for other in table.numbers(TrialState.RUNNING).tolist():
                attrs = table.system_attrs.get(other, {})
                if other != number and self._is_point(attrs):
                    running.add(attrs["grid_id"])
        return running

    def _choose(self, number: int, busy: set[int]) -> int:
        """Give a point that is not visited and not busy; there is one."""

        def is_free(point: int) -> bool:
            return point not in self._done and point not in busy

        if self._order is None:
            rng = np.random.default_rng((self._seed, number))
            return next(filter(is_free, iter(lambda: int(rng.integers(self._size)), -1)))
        if number < self._size and is_free(self._order[number]):
            return self._order[number]
        while self._order[self._next] in self._done:
            self._next += 1
        return next(filter(is_free, self._order[self._next :]))


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value


def _check_values(name: str, values: Sequence[Any]) -> None:
    for value in values:
        if value is not None and not isinstance(value, str | int | float | bool):
            warnings.warn(
                f"GridSampler: the value {value!r} of {name!r} is a {type(value).__name__}; "
                "storages on disk keep None, bool, int, float and str only.",
                stacklevel=3,
            )


def _same_grid(one: Mapping[str, Sequence[Any]], other: Mapping[str, Sequence[Any]]) -> bool:
    """Tell whether two grids have the same values in the same order; NaN equals NaN."""
    return one.keys() == other.keys() and all(
        len(one[name]) == len(other[name])
        and all(a == b or (a != a and b != b) for a, b in zip(one[name], other[name], strict=True))
        for name in one
    )
