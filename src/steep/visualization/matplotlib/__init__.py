"""Plots of studies, drawn by matplotlib.

The same plots as in `steep.visualization`, with the same arguments. Each returns the axes that it
drew on, a single one or an array, in a new figure of pyplot, so that ``plt.show()`` and
``plt.savefig(...)`` find it. No style of matplotlib is changed.

Example:
    >>> import steep
    >>> from steep.visualization import matplotlib as plots
    >>> study = steep.create_study(sampler=steep.samplers.RandomSampler(seed=0))
    >>> study.optimize(lambda trial: trial.suggest_float("x", 0, 1) ** 2, n_trials=20)
    >>> axes = plots.plot_optimization_history(study)  # doctest: +SKIP
    >>> axes.figure.savefig("history.png")  # doctest: +SKIP
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ParamSpec

from steep.visualization.contour import contour
from steep.visualization.edf import edf
from steep.visualization.figure import Figure
from steep.visualization.hypervolume_history import hypervolume_history
from steep.visualization.interaction import interaction
from steep.visualization.intermediate_values import intermediate_values
from steep.visualization.joining import join
from steep.visualization.learning_curves import learning_curves
from steep.visualization.matplotlib.renderer import draw, is_available, require
from steep.visualization.optimization_history import optimization_history
from steep.visualization.parallel_coordinate import parallel_coordinate
from steep.visualization.param_importances import param_importances
from steep.visualization.parameter_history import parameter_history
from steep.visualization.pareto_front import pareto_front
from steep.visualization.rank import rank
from steep.visualization.slice import slice as slice_plot
from steep.visualization.terminator_improvement import terminator_improvement
from steep.visualization.timeline import timeline

__all__ = [
    "draw",
    "is_available",
    "plot_contour",
    "plot_edf",
    "plot_hypervolume_history",
    "plot_interaction",
    "plot_intermediate_values",
    "plot_learning_curves",
    "plot_optimization_history",
    "plot_parallel_coordinate",
    "plot_param_importances",
    "plot_parameter_history",
    "plot_pareto_front",
    "plot_rank",
    "plot_slice",
    "plot_terminator_improvement",
    "plot_timeline",
]

P = ParamSpec("P")


def _drawn(plot: Callable[P, Figure]) -> Callable[P, Any]:
    """Join a plot to matplotlib: same arguments, same documentation, axes or an array of them."""
    return join(plot, require, draw, Any)


plot_contour = _drawn(contour)
plot_edf = _drawn(edf)
plot_hypervolume_history = _drawn(hypervolume_history)
plot_interaction = _drawn(interaction)
plot_intermediate_values = _drawn(intermediate_values)
plot_learning_curves = _drawn(learning_curves)
plot_optimization_history = _drawn(optimization_history)
plot_parallel_coordinate = _drawn(parallel_coordinate)
plot_param_importances = _drawn(param_importances)
plot_parameter_history = _drawn(parameter_history)
plot_pareto_front = _drawn(pareto_front)
plot_rank = _drawn(rank)
plot_slice = _drawn(slice_plot)
plot_terminator_improvement = _drawn(terminator_improvement)
plot_timeline = _drawn(timeline)
