"""What becomes of a trial whose suggestions do not meet ``trial.require``: it is drawn again.

The sampler gets some attempts, each with other random numbers. A model that has seen only what may
be evaluated is easily sure of what may not; so where it proposes the same again, or has had its
attempts, its last proposal is moved: halfway, a quarter of the way, ... from the nearest trial that
met the condition, and then around that one, further and further away. All of it follows from the
seed of the sampler, the number of the trial, and the trials before it.
"""

from __future__ import annotations

import hashlib
import itertools
import math
from typing import TYPE_CHECKING, Any

import numpy as np

from steep.distributions import BaseDistribution, FloatDistribution, IntDistribution
from steep.events import Params
from steep.exceptions import TrialPruned, TrialRejected
from steep.space import Space
from steep.states import TrialState
from steep.table import Table

if TYPE_CHECKING:
    from steep.trial.live import Trial

__all__ = ["MOST_DRAWS", "REDRAWS", "Rejections", "reject"]

REDRAWS = "require:redraws"
"""The system attribute that says how often a trial was drawn again."""

MOST_DRAWS = 100
"""After so many draws that were rejected a trial is given up."""

_SAMPLED = 10
"""So many draws are left to the sampler."""

_HALVINGS = 8
"""So many draws halve the way to a trial that met the condition."""

_NEAR, _FAR = 0.02, 1.0
"""How far moved values are scattered at first and at last, in widths of a range."""

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
            self.moves = True
            self._target = _nearest(table, self._last)

    def value(self, name: str, distribution: BaseDistribution) -> Any:
        """Give a value between the proposal and a trial that met the condition.

        Args:
            name: The name of the parameter.
            distribution: What it must belong to.

        Returns:
            A value in the user's representation.
        """
        rng = self._generator(name)
        start, end = self._ends(name, distribution)
        if start is None or end is None:
            return distribution.from_unit(rng.random())
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

    def _ends(self, name: str, distribution: BaseDistribution) -> tuple[float | None, float | None]:
        """Give the proposal and the trial to go to, as far as the distribution has them."""
        start = self._last.get(name, (math.nan,))[0]
        end = self._target.get(name, start)
        known = [x if x == x and distribution.contains(x) else None for x in (start, end)]
        return known[0] if known[0] is not None else known[1], known[1]

    def _stretch(self) -> tuple[float, float]:
        """Give the share of the way that is left, and the width of the scatter."""
        if self._target and self._n_moves < _HALVINGS:
            return 0.5 ** (self._n_moves + 1), _NEAR
        begun = _HALVINGS if self._target else 0
        done = (self._n_moves - begun) / (MOST_DRAWS - _SAMPLED - begun)
        return 0.0, float(_NEAR * (_FAR / _NEAR) ** min(done, 1.0))

    def _generator(self, name: str) -> np.random.Generator:
        text = repr((self._number, self.redraws, name, _values(self._last)))
        return np.random.default_rng(list(hashlib.blake2b(text.encode(), digest_size=16).digest()))


def _values(params: Params) -> dict[str, float]:
    return {name: value for name, (value, _) in params.items()}


def _nearest(table: Table, params: Params) -> dict[str, float]:
    """Give the values of the COMPLETE trial that is nearest, of those with the same parameters."""
    if not all(name in table.columns for name in params):
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


def reject(trial: Trial) -> None:
    """Forget what a trial has suggested, so that it can be suggested anew.

    Args:
        trial: The trial.

    Raises:
        TrialRejected: Always, unless one of the others is raised.
        TrialPruned: If it was drawn too often, or nothing in it can be drawn.
        RuntimeError: If it has reported.
    """
    draft = trial._draft
    if draft.reports:
        raise RuntimeError(
            f"Trial.require() was not met in trial {trial.number} after it had reported; call it "
            "before anything is evaluated."
        )
    found = trial._rejections
    if found is None:
        stored = trial.study.table.system_attrs.get(trial.number, {}).get(REDRAWS, 0)
        found = Rejections(trial.number, stored)
    if found.redraws + 1 >= MOST_DRAWS:
        raise TrialPruned(
            f"Trial.require() was not met by {MOST_DRAWS} draws: {_shown(draft.params)}, ... "
            "Choose ranges in which more of the values meet it."
        )
    if not any(trial._may_draw(name, d) for name, (_, d) in draft.params.items()):
        raise TrialPruned(
            f"Trial.require() was not met by {_shown(draft.params)}, and none of it can be drawn "
            "again: the values were given, or the sampler tries each point once."
        )
    found.add(draft.params, trial.study.table)
    trial._redraw(found)
    raise TrialRejected(
        f"Trial.require() was not met, so the parameters of trial {trial.number} are drawn again. "
        "Study.optimize() does that; after Study.ask() suggest them once more."
    )


def _reflected(u: float) -> float:
    u = abs(u) % 2.0
    return min(2.0 - u if u > 1.0 else u, _BELOW_ONE)


def _shown(params: Params) -> dict[str, Any]:
    first = itertools.islice(params.items(), 5)
    return {name: d.to_external_repr(value) for name, (value, d) in first}
