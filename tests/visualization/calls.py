"""One call of each plot, the same under any library with Optuna's interface."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import steep

from .studies import front, rich

OWN = ("plot_interaction", "plot_learning_curves", "plot_parameter_history")
"""Plots that Optuna does not have."""

PLOTS = sorted(name for name in steep.visualization.__all__ if name.startswith("plot_"))
SHARED = [name for name in PLOTS if name not in OWN]


class Halving:
    """Half the room for improvement with each trial."""

    def evaluate(self, trials: list[Any], study_direction: Any) -> float:
        return float(2.0 ** -len(trials))


class Product:
    """Rate pairs of parameters by the lengths of their names."""

    def interactions(
        self, study: Any, params: list[str] | None = None, *, target: Any = None
    ) -> dict[tuple[str, str], float]:
        names = params or ["batch", "depth", "lr", "units"]
        return {(a, b): len(a) * len(b) / 100 for a, b in itertools.combinations(names, 2)}


def arguments(name: str, lib: Any) -> tuple[Any, dict[str, Any]]:
    """Give a study that the plot can draw, and what else it needs."""
    if name == "plot_hypervolume_history":
        return front(lib), {"reference_point": [6.0, -6.0]}
    if name == "plot_pareto_front":
        return front(lib), {}
    if name == "plot_terminator_improvement":
        return rich(lib), {
            "improvement_evaluator": Halving(),
            "error_evaluator": Halving(),
            "plot_error": True,
        }
    return rich(lib), {"evaluator": Product()} if name == "plot_interaction" else {}


def call(plot: Callable[..., Any], name: str, lib: Any) -> Any:
    """Call a plot of one backend."""
    study, extra = arguments(name, lib)
    return plot(study, **extra)
