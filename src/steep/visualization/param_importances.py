"""The importance of each parameter as a bar."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from steep.importance import (
    BaseImportanceEvaluator,
    PedAnovaImportanceEvaluator,
    get_param_importances,
)
from steep.importance.base import shares
from steep.importance.ped_anova import param_names, rarely_seen
from steep.states import StudyDirection, TrialState
from steep.visualization.figure import Axis, Bars, Figure, Panel
from steep.visualization.palette import BLUE, GROUPS
from steep.visualization.selection import DEFAULT_NAME, Selection, Target, select

if TYPE_CHECKING:
    from steep.study import Study
    from steep.trial import FrozenTrial

__all__ = ["param_importances"]

_TITLE = "Hyperparameter importances"
_ROW, _ROOM = 26, 190  # pixels: a bar, and everything else


def param_importances(
    study: Study,
    evaluator: BaseImportanceEvaluator | None = None,
    params: list[str] | None = None,
    *,
    target: Target | None = None,
    target_name: str = DEFAULT_NAME,
) -> Figure:
    """Plot how much each parameter matters, the most important one on top.

    Args:
        study: The study.
        evaluator: The rule; None = `steep.importance.PedAnovaImportanceEvaluator`. Where its
            method ``evaluate_with_errors`` gives standard errors, they are drawn as whiskers.
        params: The parameters to rate; None = all.
        target: Gives the value of a trial that matters, small = good, e.g.
            ``lambda trial: trial.values[0]``; None = the objective value, and with several
            objectives each of them in its own direction.
        target_name: The name of that value.

    Returns:
        The figure.

    Raises:
        ValueError: if no complete trial has one of ``params``.

    Example:
        >>> import steep
        >>> study = steep.create_study(sampler=steep.samplers.RandomSampler(seed=0))
        >>> study.optimize(lambda trial: trial.suggest_float("x", 0, 1) ** 2, n_trials=20)
        >>> param_importances(study).panels[0].marks[0].text
        ('1.00',)
    """
    rule = PedAnovaImportanceEvaluator() if evaluator is None else evaluator
    if target is None and len(study.directions) > 1:
        return _figure(study, _of_each_objective(study, rule, params))
    chosen = select(study, target, target_name)
    if len(chosen.numbers) == 0:
        return _nothing(chosen)
    scores, errors = _rated(study, rule, params, target)
    notes = chosen.left_out()
    if isinstance(rule, PedAnovaImportanceEvaluator):
        notes += _rated_by_few(study, list(scores), chosen)
    if errors:
        notes += ("Whiskers: one standard error.",)
    return _figure(study, {target_name: scores}, notes, errors)


def _rated(
    study: Study, rule: BaseImportanceEvaluator, params: list[str] | None, target: Target | None
) -> tuple[dict[str, float], dict[str, float]]:
    """Give the share of each parameter, and its standard error where the evaluator knows it."""
    with_errors = getattr(rule, "evaluate_with_errors", None)
    if with_errors is None:
        return get_param_importances(study, evaluator=rule, params=params, target=target), {}
    found: dict[str, tuple[float, float]] = with_errors(
        study, params, target=target, normalize=True
    )
    errors = {name: error for name, (_, error) in found.items() if error == error}
    return {name: score for name, (score, _) in found.items()}, errors


def _nothing(chosen: Selection) -> Figure:
    return Figure(_TITLE, notes=("No complete trials yet.", *chosen.left_out()))


def _rated_by_few(study: Study, names: list[str], chosen: Selection) -> tuple[str, ...]:
    # A page outlives the warning in the terminal, and a bar of length 0 reads like a finding.
    few = rarely_seen(study.table, names, chosen.numbers)
    return (f"Seen in too few trials to be sure: {', '.join(few)}.",) if few else ()


def _of_each_objective(
    study: Study, rule: BaseImportanceEvaluator, params: list[str] | None
) -> dict[str, dict[str, float]]:
    names = study.metric_names or [f"Objective {i}" for i in range(len(study.directions))]
    if isinstance(rule, PedAnovaImportanceEvaluator):
        return _by_columns(study, rule, params, names)
    return {
        name: get_param_importances(
            study, evaluator=rule, params=params, target=_loss(index, direction)
        )
        for index, (name, direction) in enumerate(zip(names, study.directions, strict=True))
    }


def _by_columns(
    study: Study, rule: PedAnovaImportanceEvaluator, params: list[str] | None, names: list[str]
) -> dict[str, dict[str, float]]:
    numbers = study.table.numbers(TrialState.COMPLETE)
    chosen = param_names(study.table, numbers, params)
    losses = study.table.losses[numbers]
    return {
        name: shares(rule.rate(study.table, chosen, numbers, losses[:, [index]]))
        for index, name in enumerate(names)
    }


def _loss(index: int, direction: StudyDirection) -> Target:
    """Give one objective so that small is good, as the evaluators expect."""
    sign = -1.0 if direction == StudyDirection.MAXIMIZE else 1.0

    def loss(trial: FrozenTrial) -> float:
        assert trial.values is not None, "complete trials have values"
        return sign * trial.values[index]

    return loss


def _figure(
    study: Study,
    scores: dict[str, dict[str, float]],
    notes: tuple[str, ...] = (),
    errors: dict[str, float] | None = None,
) -> Figure:
    overall: dict[str, float] = {}
    for of_one in scores.values():
        for name, score in of_one.items():
            overall[name] = overall.get(name, 0.0) + score
    # Axes grow upwards: the last name is on top.
    names = sorted(overall, key=lambda name: overall[name])
    if not names:
        return Figure(_TITLE, notes=("No parameters to rate.", *notes))
    bars = tuple(
        _bars(study, names, of_one, title if len(scores) > 1 else "", index, errors or {})
        for index, (title, of_one) in enumerate(scores.items())
    )
    longest = max(_reach(bar) for bar in bars)
    x_axis = Axis("Importance", range=(0.0, 1.12 * longest))
    panel = Panel(x_axis, Axis("Parameter", "category", tuple(names)), bars)
    height = max(320, _ROOM + _ROW * len(names) * max(1.0, 0.7 * len(bars)))
    return Figure(_TITLE, (panel,), notes, height=int(height))


def _reach(bars: Bars) -> float:
    return float((bars.length + (0.0 if bars.error is None else bars.error)).max())


def _bars(
    study: Study,
    names: list[str],
    scores: dict[str, float],
    title: str,
    index: int,
    errors: dict[str, float],
) -> Bars:
    kept = [name for name in names if name in scores]
    kinds = [type(study.table.params[name].distribution).__name__ for name in kept]
    return Bars(
        np.array([names.index(name) for name in kept], dtype=np.float64),
        np.array([scores[name] for name in kept]),
        GROUPS[index % len(GROUPS)] if title else BLUE,
        text=tuple(_text(scores[name]) for name in kept),
        name=title,
        error=np.array([errors.get(name, 0.0) for name in kept]) if errors else None,
        hover=(("parameter", kept), ("importance", [scores[n] for n in kept]), ("kind", kinds)),
    )


def _text(score: float) -> str:
    return "<0.01" if 0.0 < score < 0.005 else f"{score:.2f}"
