"""What TPE knows of one study: the split of its trials, and a model for each space.

Everything in it follows from the table, so it lives in the table's memo and starts anew when
history is edited. A lock lets several threads ask at once.
"""

from __future__ import annotations

import threading
from collections.abc import Hashable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from steep.distributions import BaseDistribution
from steep.samplers.tpe.model import Model, Settings
from steep.samplers.tpe.split import Split
from steep.search_space.columns import ColumnSpaces
from steep.space import Space
from steep.states import TrialState
from steep.streams import Streams, redraws_of
from steep.table import Table

if TYPE_CHECKING:
    from steep.study import Study

__all__ = ["Book", "Request", "draw_of"]

Distributions = Mapping[str, BaseDistribution]

_RUNNING, _WAITING = int(TrialState.RUNNING), int(TrialState.WAITING)
_MOST_MODELS = 256
_MOST_ASKED = 1024


class Request(NamedTuple):
    """Ask for a proposal.

    Attributes:
        study: The study.
        number: The number of the running trial.
        space: The parameters.
        streams: Where the randomness comes from.
        lies: Whether running trials count as bad.
    """

    study: Study
    number: int
    space: Distributions
    streams: Streams
    lies: bool


class Book:
    """Keep the split, the spaces and the models of one table.

    Args:
        split: Which trials are good.
        settings: How densities are estimated.
    """

    def __init__(self, split: Split, settings: Settings) -> None:
        self._split = split
        self._settings = settings
        self._spaces = ColumnSpaces()
        self._intersection: Distributions | None = None
        self._common: dict[str, BaseDistribution] = {}
        self._models: dict[Any, Model] = {}
        self._running = Running()
        self._ahead: dict[Hashable, dict[str, tuple[BaseDistribution, Any]]] = {}
        self._lock = threading.RLock()

    def joint_space(self, table: Table, group: bool) -> dict[str, BaseDistribution]:
        """Give the parameters to model jointly.

        Args:
            table: The table of this book.
            group: Whether those that only some trials have belong to them.
        """
        self._spaces.update(table)
        if group:
            names = [name for part in self._spaces.groups for name in part]
            space = {name: table.columns[name].distribution for name in names}
            return _without_singles(space)
        if self._spaces.intersection is not self._intersection:
            self._intersection = self._spaces.intersection
            self._common = _without_singles(self._intersection)
        return dict(self._common)

    def parts(self, table: Table, space: Distributions) -> list[dict[str, BaseDistribution]]:
        """Divide a space into the groups that trials have together.

        Args:
            table: The table of this book.
            space: Distributions by name.

        Returns:
            Spaces that are not empty.
        """
        self._spaces.update(table)
        parts = [{n: space[n] for n in part if n in space} for part in self._spaces.groups]
        return [part for part in parts if part]

    def propose(self, request: Request, is_joint: bool) -> dict[str, Any]:
        """Propose values.

        Args:
            request: What is asked for.
            is_joint: Whether the parameters are modelled together, or each by itself.

        Returns:
            Values by name.
        """
        table, number = request.study.table, request.number
        with self._lock:
            is_alone = table.n_in(_RUNNING) <= 1
            if is_alone:
                self._running.forget()
                self._ahead.clear()
            lies = request.lies and not is_alone
            if lies:
                request.study.flush()  # first of all: on a shared log it may bring news as well
            self._split.update(table)
            model = self._model(request.space, is_joint)
            model.update(table, self._split)
            pending = None
            if lies:
                pending = self._running.rows(table, model.space, number)
            redraws = redraws_of(request.study, number)
            rng = request.streams.generator(request.study, number, model.salt, redraws)
            is_whole = is_joint and model.is_finite and _is_whole(table, model.space)
            row = model.propose(rng, pending, is_whole)
            self._running.ask(number, model.space.names, row)
        return model.values(row)

    def propose_one(self, request: Request, looks_ahead: bool) -> Any:
        """Propose a value of one parameter, from the trials that have it.

        Args:
            request: What is asked for; its space has one parameter.
            looks_ahead: Whether to propose the others that all trials have at once, each by
                itself: they will be asked for next; see :meth:`take_ahead`.
        """
        ((name, distribution),) = request.space.items()
        with self._lock:
            draw = draw_of(request.study, request.number)
            if looks_ahead and draw not in self._ahead:
                self._look_ahead(request)
                known = self.take_ahead(draw, name, distribution)
                if known is not None:
                    return known[0]
            return self.propose(request, is_joint=False)[name]

    def take_ahead(
        self, draw: Hashable, name: str, distribution: BaseDistribution
    ) -> tuple[Any] | None:
        """Take a value that was proposed together with an earlier one of the same trial.

        Args:
            draw: What :func:`draw_of` gives of the trial.
            name: The parameter.
            distribution: Its distribution.

        Returns:
            The value, or None where there is none, or one of another distribution.
        """
        values = self._ahead.get(draw)
        found = values.pop(name, None) if values else None
        if found is None or (found[0] is not distribution and found[0] != distribution):
            return None
        return (found[1],)

    def _look_ahead(self, request: Request) -> None:
        study = request.study
        common = self.joint_space(study.table, group=False)
        values: dict[str, Any] = {}
        if common:
            whole = Request(study, request.number, common, request.streams, request.lies)
            values = self.propose(whole, is_joint=False)
        while len(self._ahead) >= _MOST_ASKED:
            del self._ahead[next(iter(self._ahead))]
        ahead = {name: (common[name], value) for name, value in values.items()}
        self._ahead[draw_of(request.study, request.number)] = ahead

    def _model(self, space: Distributions, is_joint: bool) -> Model:
        key = (is_joint, tuple(space.items()))
        model = self._models.pop(key, None)
        if model is None:
            model = Model(Space(space), self._settings, is_joint)
            while len(self._models) >= _MOST_MODELS:
                del self._models[next(iter(self._models))]
        self._models[key] = model  # the last one used stands last
        return model


def draw_of(study: Study, number: int) -> Hashable:
    """Name a draw of a trial: its number, with how often it was drawn again where it was.

    Args:
        study: The study.
        number: The number of the trial.
    """
    redraws = redraws_of(study, number)
    return (number, redraws) if redraws else number


def _is_whole(table: Table, space: Space) -> bool:
    """Tell whether trials have no parameter that matters besides those of a space."""
    columns = table.columns
    if len(columns) == len(space):
        return True
    return all(n in space.names or columns[n].distribution.single() for n in columns)


def _without_singles(space: Distributions) -> dict[str, BaseDistribution]:
    return {name: d for name, d in space.items() if not d.single()}


class Running:
    """Follow the trials that have not finished, and what was proposed to them in this process."""

    def __init__(self) -> None:
        self._open: set[int] = set()
        self._n = 0
        self._cursor = 0
        self._asked: dict[int, dict[str, float]] = {}

    def ask(self, number: int, names: Sequence[str], row: Sequence[float]) -> None:
        """Note what is proposed to a trial, which may not have suggested it yet.

        Args:
            number: The number of the trial.
            names: The parameters.
            row: d floats in [0, 1].
        """
        self._asked.setdefault(number, {}).update(zip(names, row, strict=True))
        if len(self._asked) > _MOST_ASKED:
            del self._asked[next(iter(self._asked))]

    def rows(self, table: Table, space: Space, number: int) -> NDArray[np.float64]:
        """Give the points of the other running trials.

        Args:
            table: The table.
            space: The d parameters.
            number: The trial that is not among the others.

        Returns:
            (k, d) float64 in [0, 1], NaN where a coordinate is not known; at least one is.
        """
        self._follow(table)
        others = [n for n in sorted(self._open) if table.state_of(n) == _RUNNING]
        others = [n for n in others if n != number]
        rows = space.encode(table.param_rows(space.names, np.array(others, dtype=np.int64)))
        for row, other in zip(rows, others, strict=True):
            asked = self._asked.get(other)
            if asked:
                known = np.array([asked.get(name, np.nan) for name in space.names])
                np.copyto(row, known, where=np.isnan(row))
        return rows[~np.isnan(rows).all(axis=1)]

    def forget(self) -> None:
        """Drop what was proposed: no other trial is running."""
        self._asked.clear()

    def _follow(self, table: Table) -> None:
        states = table.state[self._n :]
        is_open = (states == _RUNNING) | (states == _WAITING)
        self._open.update((np.flatnonzero(is_open) + self._n).tolist())
        self._n += len(states)
        finished = table.finished[self._cursor :].tolist()
        self._cursor += len(finished)
        self._open.difference_update(finished)
        for number in finished:
            self._asked.pop(number, None)
