"""One call of each plot, the same under any library with Optuna's interface."""

from __future__ import annotations

import itertools
import logging
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
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
    if name in ("plot_contour", "plot_rank"):
        return rich(lib), {"params": ["batch", "lr", "units"]}  # all pairs take Optuna seconds
    return rich(lib), {"evaluator": Product()} if name == "plot_interaction" else {}


def call(plot: Callable[..., Any], name: str, lib: Any) -> Any:
    """Call a plot of one backend."""
    study, extra = arguments(name, lib)
    return plot(study, **extra)


@contextmanager
def quiet(lib: Any) -> Iterator[None]:
    before = lib.logging.get_verbosity()
    lib.logging.set_verbosity(lib.logging.ERROR)
    yield
    lib.logging.set_verbosity(before)


def outcome(lib: Any, call: Callable[[Any], Any]) -> Any:
    """Give the class of the error, the classes of warnings, and whether a warning was logged."""
    logged: list[str] = []
    handler = logging.Handler(logging.WARNING)
    handler.emit = lambda record: logged.append(record.getMessage())  # type: ignore[method-assign]
    logger = logging.getLogger(lib.__name__)
    lib.logging.disable_default_handler()
    logger.addHandler(handler)
    error = None
    try:
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            call(lib)
    except Exception as caught:
        error = type(caught).__name__
    finally:
        logger.removeHandler(handler)
        lib.logging.enable_default_handler()
    return (
        error,
        sorted({w.category.__name__ for w in warned} - {"ExperimentalWarning"}),
        bool(logged),
    )
