"""What becomes of a trial whose suggestions do not meet ``trial.require``: it is drawn again.

The sampler gets some attempts, each with other random numbers. A model that has seen only what may
be evaluated is easily sure of what may not; so where it proposes the same again, or has had its
attempts, its last proposal is moved: halfway, a quarter of the way, ... from the nearest trial that
met the condition, and then around that one, further and further away. As long as no trial has met
it, the sampler goes on, or values are uniform where it repeats itself. All of it follows from the
seed of the sampler, the number of the trial, and the trials before it.
"""

from __future__ import annotations

import abc
import itertools
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from steep.distributions import BaseDistribution, FloatDistribution, IntDistribution
from steep.events import Params
from steep.exceptions import TrialPruned, TrialRejected, UpdateFinishedTrialError
from steep.space import Space
from steep.states import TrialState
from steep.table import Table
from steep.trial.base import BaseTrial
from steep.trial.draft import Draft

if TYPE_CHECKING:
    from steep.study import Study

__all__ = ["MOST_DRAWS", "REDRAWS", "RedrawnTrial", "Rejections"]

REDRAWS = "require:redraws"
"""The system attribute that says how often a trial was drawn again."""

MOST_DRAWS = 100
"""After so many draws that were rejected a trial is given up."""

_SAMPLED = 10
"""So many draws are left to the sampler."""

_HALVINGS = 8
"""So many draws halve the way to a trial that met the condition."""

_NEAR, _FAR = 0.02, 1.0
"""How far values are scattered at first and at last, in widths of a range. On a disk, an ordering
and a budget 0.02 was better than 0.05, and than less the nearer to the trial that met it."""

_OTHER = 0.3
"""How often a choice is drawn that is neither of the two ends."""

_MOST_TRIALS = 1000
"""So many of the newest trials are looked at."""

_BELOW_ONE = float(np.nextafter(1.0, 0.0))


class Rejections:
    """Remember what was rejected, and move on from it.

    Args:
        number: The number of the trial.
        redraws: How often it had been drawn again before.

    Attributes:
        redraws: How often it has been drawn again.
        moves: Whether values are moved rather than sampled.
    """

    def __init__(self, number: int, redraws: int) -> None:
        self.redraws = redraws
        self.moves = False
        self._number = number
        self._last: Params = {}
        self._target: dict[str, float] = {}
        self._n_moves = 0

    def add(self, rejected: Params, table: Table) -> None:
        """Take note of one more draw that was rejected.

        Args:
            rejected: Its parameters.
            table: The table of the study.
        """
        self.redraws += 1
        if self.moves:
            self._n_moves += 1
            return
        is_same = _values(rejected) == _values(self._last)
        self._last = dict(rejected)
        if is_same or self.redraws > _SAMPLED:
            self._target = _nearest(table, self._last)
            self.moves = is_same or bool(self._target)

    def value(self, name: str, distribution: BaseDistribution) -> Any:
        """Give a value between the proposal and a trial that met the condition.

        Args:
            name: The name of the parameter.
            distribution: What it must belong to.

        Returns:
            A value in the user's representation.
        """
        rng = self._generator(name)
        end = self._target.get(name)
        if end is None or not distribution.contains(end):
            return distribution.from_unit(rng.random())
        start = self._last[name][0]
        if not distribution.contains(start):
            start = end
        share, scatter = self._stretch()
        if isinstance(distribution, FloatDistribution | IntDistribution):
            u_start, u_end = Space({name: distribution}).encode([[start], [end]])[:, 0].tolist()
            u = u_end + share * (u_start - u_end) + scatter * rng.standard_normal()
            return distribution.from_unit(_reflected(u))
        if rng.random() < share:
            return distribution.to_external_repr(start)
        if rng.random() < _OTHER:  # there is nothing between two choices
            return distribution.from_unit(rng.random())
        return distribution.to_external_repr(end)

    def _stretch(self) -> tuple[float, float]:
        """Give the share of the way that is left, and the width of the scatter."""
        if self._n_moves < _HALVINGS:
            return 0.5 ** (self._n_moves + 1), _NEAR
        done = (self._n_moves - _HALVINGS) / (MOST_DRAWS - _SAMPLED - _HALVINGS)
        return 0.0, float(_NEAR * (_FAR / _NEAR) ** min(done, 1.0))

    def _generator(self, name: str) -> np.random.Generator:
        import hashlib  # it loads OpenSSL, which takes a while

        text = repr((self._number, self.redraws, name, _values(self._last)))
        return np.random.default_rng(list(hashlib.blake2b(text.encode(), digest_size=16).digest()))


def _values(params: Params) -> dict[str, float]:
    return {name: value for name, (value, _) in params.items()}


def _nearest(table: Table, params: Params) -> dict[str, float]:
    """Give the values of the COMPLETE trial that is nearest, of those with the same parameters."""
    # A range without an end has no width; its value was given, and stays.
    params = {name: known for name, known in params.items() if _has_ends(known[1])}
    if not params or not all(name in table.columns for name in params):
        return {}
    numbers = table.numbers(TrialState.COMPLETE)[-_MOST_TRIALS:]
    rows = table.param_rows(list(params), numbers)
    rows = rows[~np.isnan(rows).any(axis=1)]
    if not len(rows):
        return {}
    space = Space({name: distribution for name, (_, distribution) in params.items()})
    here = space.encode([[value for value, _ in params.values()]])
    nearest = np.abs(space.encode(rows) - here).sum(axis=1).argmin()
    return dict(zip(params, rows[nearest].tolist(), strict=True))


class RedrawnTrial(BaseTrial):
    """Be a trial that draws its parameters again where they do not meet a condition."""

    study: Study
    _number: int
    _draft: Draft
    _params: Params
    _fixed: Mapping[str, Any]
    _asked: dict[str, BaseDistribution]
    _rejections: Rejections | None
    _relative_params: Mapping[str, Any] | None
    relative_search_space: dict[str, BaseDistribution]

    def require(self, condition: bool) -> None:
        """Go on only if what was suggested meets a condition; else draw it again.

        Call it before anything is evaluated. Where it is not met, ``Study.optimize`` calls the
        objective again with the same trial and other values, so no trial is spent; after 100
        draws the trial ends as PRUNED. Values that were given are kept, and the others drawn.

        With ``Study.ask``, catch :class:`~steep.exceptions.TrialRejected` and suggest again; the
        parameters that were handed to ``ask`` are there already.

        Args:
            condition: Whether the values may be evaluated.

        Raises:
            TrialRejected: If it is not met.
            TrialPruned: If it is not met for the hundredth time, or nothing can be drawn again.
            RuntimeError: If it is not met although the trial has reported already.

        Example:
            >>> import steep
            >>> def objective(trial):
            ...     low, high = trial.suggest_float("low", 0, 1), trial.suggest_float("high", 0, 1)
            ...     trial.require(low < high)
            ...     return high - low
            >>> study = steep.create_study()
            >>> study.optimize(objective, n_trials=20)
            >>> all(trial.value > 0 for trial in study.trials)
            True
        """
        if condition:
            return
        if self._draft.is_closed:
            raise self._closed_error()
        self._check_redrawable()
        rejections = self._rejections
        if rejections is None:
            stored = self.study.table.system_attrs.get(self._number, {}).get(REDRAWS, 0)
            rejections = Rejections(self._number, stored)
        if rejections.redraws + 1 >= MOST_DRAWS:
            raise TrialPruned(
                f"Trial.require() was not met by {MOST_DRAWS} draws: {_shown(self._params)}, ... "
                "Choose ranges in which more of the values meet it."
            )
        rejections.add(self._params, self.study.table)
        self._redraw(rejections)
        raise TrialRejected(
            f"Trial.require() was not met, so the parameters of trial {self._number} are drawn "
            "again. Study.optimize() does that; after Study.ask() suggest them once more."
        )

    @property
    def redraws(self) -> int:
        """Give how often :meth:`require` was not met and the parameters were drawn again."""
        return 0 if self._rejections is None else self._rejections.redraws

    def _check_redrawable(self) -> None:
        if self._draft.reports:
            raise RuntimeError(
                f"Trial.require() was not met in trial {self._number} after it had reported; call "
                "it before anything is evaluated."
            )
        if not any(self._may_draw(name, d) for name, (_, d) in self._params.items()):
            raise TrialPruned(
                f"Trial.require() was not met by {_shown(self._params)}, and none of it can be "
                "drawn again: the values were given, or the sampler tries each point once."
            )

    def _may_draw(self, name: str, distribution: BaseDistribution) -> bool:
        is_free = name not in self._fixed_params() and not distribution.single()
        return is_free and self.study.sampler.may_move(name)

    def _redraw(self, rejections: Rejections) -> None:
        """Forget the parameters."""
        with self.study._storage.steady():
            self._draft.draw_anew()
        self._params = self._draft.params
        self._fixed = self._fixed_params()
        self._rejections = rejections
        self._relative_params, self.relative_search_space = None, {}
        self._draft.set_attr(REDRAWS, rejections.redraws, system=True)
        self.study.redraws[self._number] = rejections.redraws
        self.suggest_all(self._asked)

    def suggest_all(self, distributions: dict[str, BaseDistribution]) -> None:
        """Suggest several parameters at once; :meth:`require` draws them again at once.

        Args:
            distributions: Distributions by name.
        """
        self._asked = distributions
        for name, distribution in distributions.items():
            self._suggest(name, distribution)

    def _fixed_params(self) -> dict[str, Any]:
        found = self.study.table.system_attrs.get(self._number)
        return found.get("fixed_params", {}) if found else {}

    @abc.abstractmethod
    def _closed_error(self) -> UpdateFinishedTrialError:
        """Give the error of a trial that has finished."""


def _has_ends(distribution: BaseDistribution) -> bool:
    is_number = isinstance(distribution, FloatDistribution | IntDistribution)
    ends = (distribution.low, distribution.high) if is_number else ()  # type: ignore[attr-defined]
    return all(map(math.isfinite, ends))


def _reflected(u: float) -> float:
    u = abs(u) % 2.0
    return min(2.0 - u if u > 1.0 else u, _BELOW_ONE)


def _shown(params: Params) -> dict[str, Any]:
    first = itertools.islice(params.items(), 5)
    return {name: d.to_external_repr(value) for name, (value, d) in first}
