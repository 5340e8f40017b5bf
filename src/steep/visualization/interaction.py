"""Interactions: which pairs of parameters matter together, beyond what each does alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Protocol, cast

import numpy as np

from steep import importance
from steep.visualization.figure import Axis, ColorScale, Figure, Floats, Grid, Panel
from steep.visualization.palette import VIRIDIS
from steep.visualization.selection import DEFAULT_NAME, Target, select

if TYPE_CHECKING:
    from steep.study import Study

__all__ = ["PairEvaluator", "interaction"]

_DEPTH = 8  # of trees, so that 10,000 trials take a fraction of a second
_TITLE = "Parameter interactions"
_MOST = 14  # parameters whose names and numbers fit
_CELL, _ROOM = 44, 190  # pixels: a cell, and everything else

Scores = Mapping[tuple[str, str], float]


class PairEvaluator(Protocol):
    """Rate pairs of parameters, as an importance evaluator with interactions does."""

    def interactions(
        self, study: Study, params: list[str] | None = None, *, target: Target | None = None
    ) -> Scores:
        """Give a number ≥ 0 for each pair: the share of the variance that only both explain."""


def interaction(
    study: Study,
    evaluator: PairEvaluator | None = None,
    params: list[str] | None = None,
    *,
    target: Target | None = None,
    target_name: str = DEFAULT_NAME,
) -> Figure:
    """Plot how much each pair of parameters matters together, beyond each of them alone.

    A pair with a large number is to be tuned jointly: what is good for one depends on the other.

    Args:
        study: The study.
        evaluator: An importance evaluator with a method ``interactions(study, params,
            target=...)``; None = `steep.importance.FanovaImportanceEvaluator` with trees of
            depth 8: the time for a pair grows with the square of their leaves.
        params: The parameters; None = all, of many the fourteen in the strongest pairs.
        target: Gives the value of a trial, e.g. ``lambda trial: trial.values[0]``; None = the
            objective value.
        target_name: The name of that value.

    Returns:
        The figure. Dark is strong.

    Raises:
        TypeError: if the evaluator rates no pairs.
        ValueError: if no complete trial has one of ``params``, or the study has several
            objectives and there is no ``target``.

    Example:
        >>> import steep
        >>> class Rating:
        ...     def interactions(self, study, params=None, *, target=None):
        ...         return {("x", "y"): 0.25}
        >>> study = steep.create_study(sampler=steep.samplers.RandomSampler(seed=0))
        >>> study.optimize(
        ...     lambda t: t.suggest_float("x", 0, 1) * t.suggest_float("y", 0, 1), n_trials=9
        ... )
        >>> interaction(study, Rating()).panels[0].marks[0].text
        ('0.25',)
    """
    rule = _checked(evaluator)
    chosen = select(study, target, target_name)
    if len(chosen.numbers) == 0:
        return Figure(_TITLE, notes=("No complete trials yet.", *chosen.left_out()))
    names = chosen.param_names(params, "plot_interaction")
    if len(names) < 2:
        return Figure(_TITLE, notes=("Interactions need at least two parameters.",))
    scores = rule.interactions(study, None if params is None else names, target=target)
    if not scores:
        return Figure(_TITLE, notes=("No pair of parameters could be rated.",))
    return _figure(scores, (f"Of {target_name!r}.", *chosen.left_out()))


def _checked(evaluator: PairEvaluator | None) -> PairEvaluator:
    name = "FanovaImportanceEvaluator"
    rule = getattr(importance, name)(max_depth=_DEPTH) if evaluator is None else evaluator
    if not callable(getattr(rule, "interactions", None)):
        raise TypeError(
            f"plot_interaction(evaluator={evaluator!r}) rates no pairs: give one with a method "
            f"`interactions`, e.g. steep.importance.{name}()."
        )
    return cast("PairEvaluator", rule)


def _figure(scores: Scores, notes: tuple[str, ...]) -> Figure:
    names, few = _strongest(scores)
    z = _triangle(scores, names)
    # Names of columns but the last, of rows but the first: the diagonal is left out.
    x_axis, y_axis = _axis(names[:-1]), _axis(names[:0:-1])
    at = [(i, j) for i in range(len(names) - 1) for j in range(len(names) - 1)]
    pairs = [f"{names[len(names) - 1 - i]} × {names[j]}" for i, j in at]
    shown = [float(z[i, j]) for i, j in at]
    grid = Grid(
        np.arange(len(names) - 1.0),
        np.arange(len(names) - 1.0),
        z,
        text=tuple("" if value != value else _text(value) for value in shown),
        hover=(("pair", pairs), ("interaction", shown)),
    )
    top = float(np.nanmax(z)) or 1.0
    colors = ColorScale("Interaction", 0.0, top, VIRIDIS[::-1])
    height = max(360, _ROOM + _CELL * (len(names) - 1))
    return Figure(_TITLE, (Panel(x_axis, y_axis, (grid,)),), (*notes, *few), colors, height=height)


def _axis(names: Iterable[str]) -> Axis:
    labels = tuple(names)
    return Axis("", "category", labels, range=(-0.5, len(labels) - 0.5))


def _strongest(scores: Scores) -> tuple[list[str], tuple[str, ...]]:
    """Order the parameters by the sum of their pairs, so that the strong ones meet."""
    totals: dict[str, float] = {}
    for pair, score in scores.items():
        for name in pair:
            totals[name] = totals.get(name, 0.0) + score
    names = sorted(totals, key=lambda name: -totals[name])
    if len(names) <= _MOST:
        return names, ()
    note = f"Drawn: the {_MOST} of {len(names)} parameters that interact most."
    return names[:_MOST], (note,)


def _triangle(scores: Scores, names: list[str]) -> Floats:
    """Give the scores below the diagonal, the last name in the lowest row; NaN elsewhere."""
    n = len(names)
    place = {name: index for index, name in enumerate(names)}
    z: Floats = np.full((n - 1, n - 1), np.nan)
    for (one, other), score in scores.items():
        if one in place and other in place:
            low, high = sorted((place[one], place[other]))
            z[n - 1 - high, low] = score
    return z


def _text(score: float) -> str:
    return "<0.01" if 0.0 < score < 0.005 else f"{score:.2f}"
