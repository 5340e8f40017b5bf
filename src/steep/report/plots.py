"""Which plots fit a study, and what each shows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from steep.importance import FanovaImportanceEvaluator, get_param_importances
from steep.report.summary import objective_names
from steep.states import StudyDirection, TrialState
from steep.visualization.contour import contour
from steep.visualization.edf import edf
from steep.visualization.figure import Figure
from steep.visualization.hypervolume_history import hypervolume_history
from steep.visualization.interaction import interaction
from steep.visualization.learning_curves import learning_curves
from steep.visualization.optimization_history import optimization_history
from steep.visualization.parallel_coordinate import parallel_coordinate
from steep.visualization.param_importances import param_importances
from steep.visualization.parameter_history import parameter_history
from steep.visualization.pareto_front import pareto_front
from steep.visualization.rank import rank
from steep.visualization.selection import DEFAULT_NAME
from steep.visualization.slice import slice as slice_plot
from steep.visualization.timeline import timeline

if TYPE_CHECKING:
    from steep.study import Study
    from steep.trial import FrozenTrial

__all__ = ["Plot", "plots"]

_MOST = 8  # parameters in a row of panels
_PAIRED = 3  # parameters in a square of panels
_MOST_INTERACTING = 8
_DEPTH = 8  # of the trees that rate pairs, as by default in the plot
_FEW = 10  # trials: of fewer no landscape and no importance can be told


class Plot(NamedTuple):
    """Hold a figure for the page.

    Attributes:
        name: What the page links it by.
        caption: What it shows, in a sentence.
        figure: The figure.
    """

    name: str
    caption: str
    figure: Figure


def plots(study: Study) -> Iterator[Plot]:
    """Draw what fits a study, the most telling plots first.

    Args:
        study: The study.

    Returns:
        The plots; few where little has happened, none where nothing has.
    """
    table = study.table
    if table.n_in(TrialState.COMPLETE) > 0:
        yield from _of_one(study) if len(study.directions) == 1 else _of_several(study)
    if table.n_finished > 0 and table.params:
        caption = "Where the sampler has looked, trial by trial, and whether it has settled."
        yield Plot("Parameter history", caption, _parameter_history(study))
    if np.isfinite(table.start).any():
        yield Plot("Timeline", "When each trial ran, and how it ended.", timeline(study))


def _of_one(study: Study) -> Iterator[Plot]:
    has_enough = study.table.n_in(TrialState.COMPLETE) >= _FEW and _varies(study)
    names = _params(study, by_importance=has_enough)
    name = DEFAULT_NAME if study.metric_names is None else _title(study.metric_names[0])
    caption = "The value of every trial, and the best so far."
    yield Plot("History", caption, optimization_history(study, target_name=name))
    if len(study.table.reports.flat()[0]):
        caption = "What the trials reported: who was pruned, when, and against what."
        yield Plot("Learning curves", caption, learning_curves(study))
    if has_enough and names:
        yield from _of_best_params(study, names, name)
    if names:
        caption = "The value of every trial against each of its parameters."
        yield Plot("Slices", caption, slice_plot(study, names[:_MOST], target_name=name))
        caption = "Every trial as a line across value and parameters. Drag along an axis to select."
        figure = parallel_coordinate(study, names[:_MOST], target_name=name)
        yield Plot("Parallel axes", caption, figure)
    caption = "Which share of the trials is at least as small as each value."
    yield Plot("Distribution", caption, edf(study, target_name=name))


def _of_best_params(study: Study, names: list[str], name: str) -> Iterator[Plot]:
    """Draw what needs some trials: which parameters matter, and the landscape over those."""
    caption = "How much each parameter matters (PED-ANOVA), scaled to the sum 1."
    yield Plot("Importances", caption, param_importances(study))
    if len(names) > 1:
        few = names[:_PAIRED]
        caption = "The value as a landscape over pairs of the most important parameters."
        yield Plot("Landscape", caption, contour(study, few, target_name=name))
        caption = "The same pairs, each trial coloured by its place among all."
        yield Plot("Ranks", caption, rank(study, few, target_name=name))
        if len(names) <= _MOST_INTERACTING:
            caption = "Which pairs of parameters matter together, beyond each alone (fANOVA)."
            rule = FanovaImportanceEvaluator(max_depth=_DEPTH, seed=0)  # the same page each time
            yield Plot("Interactions", caption, interaction(study, rule, target_name=name))


def _of_several(study: Study) -> Iterator[Plot]:
    table, objectives = study.table, objective_names(study)
    if len(objectives) <= 3:
        caption = "The values of all trials; those on the front are better than all others."
        yield Plot("Pareto front", caption, pareto_front(study, target_names=objectives))
    numbers = table.numbers(TrialState.COMPLETE)
    losses = table.losses[numbers]
    losses = losses[np.isfinite(losses).all(axis=1)]
    if len(losses) and len(objectives) <= 4:
        signs = [-1.0 if d == StudyDirection.MAXIMIZE else 1.0 for d in study.directions]
        worst = (losses.max(axis=0) * signs).tolist()
        caption = "The volume that the front dominates, from the worst value of each objective."
        yield Plot("Hypervolume", caption, hypervolume_history(study, worst))
    for index, name in enumerate(objectives):
        figure = optimization_history(study, target=_objective(index), target_name=_title(name))
        yield Plot(_title(name), f"The {name} of every trial.", figure)
    if table.params and len(numbers) >= _FEW:
        caption = "How much each parameter matters for each objective (PED-ANOVA)."
        yield Plot("Importances", caption, param_importances(study))
    names = list(table.params)[:_MOST]
    if names:
        for index, name in enumerate(objectives[:2]):
            figure = slice_plot(study, names, target=_objective(index), target_name=_title(name))
            yield Plot(f"Slices, {name}", f"The {name} against each parameter.", figure)


def _parameter_history(study: Study) -> Figure:
    names = list(study.table.params)[:_MOST]
    if len(study.directions) == 1:
        return parameter_history(study, names)
    name = _title(objective_names(study)[0])
    return parameter_history(study, names, target=_objective(0), target_name=name)


def _params(study: Study, by_importance: bool) -> list[str]:
    """Give the parameters of complete trials, on demand the most important first."""
    table = study.table
    numbers = table.numbers(TrialState.COMPLETE)
    there = [name for name, c in table.params.items() if not np.isnan(c.values[numbers]).all()]
    rated = list(get_param_importances(study, params=there)) if there and by_importance else []
    return [*rated, *(name for name in there if name not in rated)]


def _varies(study: Study) -> bool:
    losses = study.table.losses[study.table.numbers(TrialState.COMPLETE), 0]
    return len(np.unique(losses[np.isfinite(losses)])) > 1


def _objective(index: int) -> Callable[[FrozenTrial], float]:
    def value(trial: FrozenTrial) -> float:
        assert trial.values is not None, "complete trials have values"
        return trial.values[index]

    return value


def _title(name: str) -> str:
    return name[:1].upper() + name[1:]
