"""What the GP sampler knows of one study: the order of its trials, and a model for each space.

Everything in it follows from the table, so it lives in the table's memo and starts anew when
history is edited. A lock lets several threads ask at once.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from steep.distributions import BaseDistribution
from steep.kernels.blas import one_thread
from steep.kernels.likelihood import Prior
from steep.samplers.gp.history import History
from steep.samplers.gp.model import Model
from steep.samplers.gp.targets import Constraint, Limit, Objective, Success
from steep.search_space.columns import ColumnSpaces
from steep.space import Space
from steep.states import TrialState
from steep.table import Table

__all__ = ["Book", "book_of", "pending_points"]

Distributions = Mapping[str, BaseDistribution]

_MOST_MODELS = 16
_MOST_CHANGES = 8
"""A parameter whose range keeps changing is not modelled: each change is another space."""


def book_of(table: Table, is_exact: bool = False, learns_failures: bool = False) -> Book:
    """Give the book of a table, which all that have the same settings share.

    Args:
        table: The table.
        is_exact: Whether the objectives have no noise.
        learns_failures: Whether failed trials teach which points are feasible, instead of counting
            as the worst.
    """
    settings = len(table.directions), is_exact, learns_failures
    return table.memo((Book, *settings), lambda: Book(*settings))


def prior_of_several(d: int) -> Prior:
    """Give the prior where there are several objectives, of d parameters.

    Lengthscales are shorter, and they and the noise surer, than with one objective. A front has
    ends, and a process that believes a parameter to be without effect goes on looking for better
    ones at all its ends: measured on the fronts of ``benchmarks/efficiency``.

    Args:
        d: The number of parameters.
    """
    shift = 0.5 * math.log(d)
    return Prior((-0.9 + shift, 0.8), (-6.0, 1.0), math.log(0.5) + shift)


class Book:
    """Keep the history, the spaces and the models of one table.

    Args:
        n_objectives: The number of objectives.
        is_exact: Whether the objectives have no noise.
        learns_failures: Whether failed trials teach which points are feasible, instead of counting
            as the worst.
    """

    def __init__(self, n_objectives: int, is_exact: bool, learns_failures: bool) -> None:
        self._is_exact = is_exact
        self._learns_failures = learns_failures
        self._history = History(n_objectives)
        self._spaces = ColumnSpaces()
        self._models: dict[Any, Model] = {}
        self._lock = threading.RLock()

    def joint_space(self, table: Table) -> dict[str, BaseDistribution]:
        """Give the parameters to model jointly.

        Args:
            table: The table of this book.
        """
        self._spaces.update(table)
        names = [name for group in self._spaces.groups for name in group]
        columns = [table.columns[name] for name in names]
        return {
            column.name: column.distribution
            for column in columns
            if len(column.distributions) <= _MOST_CHANGES and not column.distribution.single()
        }

    def propose(
        self, table: Table, number: int, space: Distributions, rng: np.random.Generator
    ) -> dict[str, Any]:
        """Propose values.

        Args:
            table: The table of this book.
            number: The trial that they are for.
            space: The parameters.
            rng: Where the randomness comes from.

        Returns:
            Values by name; none where no trial has all of the parameters.
        """
        with self._lock, one_thread:
            self._history.update(table)
            model = self._model(space, table.priors)
            model.update(table, self._history)
            if not model.n:
                return {}
            pending = pending_points(table, model.space, number)
            goals = self._objectives(), self._limits()
            avoids = _is_whole(table, model.space)
            row = model.propose(self._history, *goals, pending, rng, avoids)
        return model.space.to_external(row)

    def expected(self, table: Table) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Give the complete and feasible trials, and which first objective is expected of each.

        Args:
            table: The table of this book.

        Returns:
            Numbers (n,), and losses (n,) float64, warped and standardised; none where trials have
            no parameters to tell them apart by.
        """
        with self._lock, one_thread:
            self._history.update(table)
            space = self.joint_space(table)
            model = self._model(space, table.priors) if space else None
            if model is not None:
                model.update(table, self._history)
            if model is None or not model.n:
                return np.zeros(0, dtype=np.int64), np.zeros(0)
            rows, means = model.expected(self._history, self._objectives()[0])
            return self._history.numbers[rows], means

    def _objectives(self) -> list[Objective]:
        history, counts_failed = self._history, not self._learns_failures
        return [Objective(history, i, counts_failed) for i in range(history.n_objectives)]

    def _limits(self) -> list[Limit]:
        history = self._history
        limits: list[Limit] = [Constraint(history, name) for name in history.constraints]
        if self._learns_failures and history.has_failures:
            limits.append(Success(history))
        return limits

    def _model(self, space: Distributions, priors: Sequence[Table]) -> Model:
        conditional = self._conditional(list(space))
        key = (*space.items(), *map(tuple, conditional))
        model = self._models.pop(key, None)
        if model is None:
            model = Model(Space(space), conditional, self._prior, priors)
            while len(self._models) >= _MOST_MODELS:
                del self._models[next(iter(self._models))]
        self._models[key] = model  # the last one used stands last
        return model

    def _prior(self, d: int) -> Prior:
        prior = Prior.of(d) if self._history.n_objectives == 1 else prior_of_several(d)
        return prior._replace(log_noise=None) if self._is_exact else prior

    def _conditional(self, names: list[str]) -> list[list[int]]:
        """Give the groups of parameters that only some trials have, by their positions."""
        common, found = self._spaces.common, []
        for group in self._spaces.groups:
            own = [names.index(n) for n in group if n in names and n not in common]
            if own:
                found.append(own)
        return found


def pending_points(table: Table, space: Space, number: int) -> NDArray[np.float64]:
    """Give the points of the other running trials, NaN where one has not asked for a parameter.

    Args:
        table: The table.
        space: The d parameters.
        number: The trial that asks.

    Returns:
        (k, d) float64 in [0, 1], of the trials that have at least one of the parameters.
    """
    if table.n_in(TrialState.RUNNING) <= 1:
        return np.zeros((0, len(space)))
    numbers = table.numbers(TrialState.RUNNING)
    internal = table.param_rows(space.names, numbers[numbers != number])
    return space.encode(internal[~np.isnan(internal).all(axis=1)])


def _is_whole(table: Table, space: Space) -> bool:
    """Tell whether trials have no parameter that matters besides those of a space."""
    columns = table.columns
    return all(n in space.names or columns[n].distribution.single() for n in columns)
