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
from functools import wraps
from typing import TYPE_CHECKING, ParamSpec

from steep.visualization.contour import contour
from steep.visualization.figure import Figure
from steep.visualization.intermediate_values import intermediate_values
from steep.visualization.optimization_history import optimization_history
from steep.visualization.pages import page
from steep.visualization.parallel_coordinate import parallel_coordinate
from steep.visualization.param_importances import param_importances
from steep.visualization.plotly import draw, is_available, require
from steep.visualization.slice import slice as slice_plot

if TYPE_CHECKING:
    import plotly.graph_objects as go

__all__ = [
    "is_available",
    "page",
    "plot_contour",
    "plot_intermediate_values",
    "plot_optimization_history",
    "plot_parallel_coordinate",
    "plot_param_importances",
    "plot_slice",
]

P = ParamSpec("P")


def _drawn(plot: Callable[P, Figure]) -> Callable[P, go.Figure]:
    """Join a plot to plotly: same arguments, same documentation, a drawn figure."""

    @wraps(plot)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> go.Figure:
        require()
        return draw(plot(*args, **kwargs))

    wrapper.__name__ = wrapper.__qualname__ = f"plot_{plot.__name__}"
    return wrapper


plot_contour = _drawn(contour)
plot_intermediate_values = _drawn(intermediate_values)
plot_optimization_history = _drawn(optimization_history)
plot_parallel_coordinate = _drawn(parallel_coordinate)
plot_param_importances = _drawn(param_importances)
plot_slice = _drawn(slice_plot)
