"""Plots of studies, drawn by plotly.

Each plot is written once, as a pure function from a study to a plain-data
`steep.visualization.figure.Figure`; here each is joined to the renderer for plotly.

Example:
    >>> import steep
    >>> study = steep.create_study(sampler=steep.samplers.RandomSampler(seed=0))
    >>> study.optimize(lambda trial: trial.suggest_float("x", 0, 1) ** 2, n_trials=20)
    >>> figure = steep.visualization.plot_optimization_history(study)
    >>> figure.write_html("history.html")  # doctest: +SKIP
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ParamSpec

from steep.lazy import lazy_names
from steep.visualization.contour import contour
from steep.visualization.edf import edf
from steep.visualization.figure import Figure
from steep.visualization.hypervolume_history import hypervolume_history
from steep.visualization.interaction import interaction
from steep.visualization.intermediate_values import intermediate_values
from steep.visualization.joining import join
from steep.visualization.learning_curves import learning_curves
from steep.visualization.optimization_history import optimization_history
from steep.visualization.pages import page
from steep.visualization.parallel_coordinate import parallel_coordinate
from steep.visualization.param_importances import param_importances
from steep.visualization.parameter_history import parameter_history
from steep.visualization.pareto_front import pareto_front
from steep.visualization.plotly import draw, is_available, require
from steep.visualization.rank import rank
from steep.visualization.slice import slice as slice_plot
from steep.visualization.terminator_improvement import terminator_improvement
from steep.visualization.timeline import timeline

if TYPE_CHECKING:
    import plotly.graph_objects as go

__all__ = [
    "is_available",
    "matplotlib",
    "page",
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


def _drawn(plot: Callable[P, Figure]) -> Callable[P, go.Figure]:
    """Join a plot to plotly: same arguments, same documentation, a drawn figure."""
    return join(plot, require, draw, "go.Figure")


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

# The other backend, at its first use.
__getattr__, __dir__ = lazy_names(__name__, {"matplotlib": None})
