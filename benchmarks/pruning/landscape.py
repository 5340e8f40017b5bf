"""The pools as functions of hyperparameters, so that a sampler can search them.

A configuration between those of a pool has a curve between theirs: the mean of its nearest
neighbours, which count by their distance (Renka, 1988, ACM TOMS 14, modified Shepard weights).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from benchmarks.pruning.curves import Array, configurations

N_NEIGHBOURS = 6
Range = tuple[float, float, str]
Space = dict[str, Range | list[str]]

SPACES: dict[str, Space] = {
    "networks": {
        "units": (4, 127, "log int"),
        "layers": (1, 3, "int"),
        "learning_rate": (10**-4.5, 10**-0.5, "log"),
        "alpha": (1e-6, 1.0, "log"),
        "batch": (16, 128, "log int"),
        "activation": ["relu", "tanh", "logistic"],
        "solver": ["adam", "sgd"],
    },
    "boosting": {
        "learning_rate": (10**-2.5, 1.0, "log"),
        "max_depth": (1, 8, "int"),
        "min_samples_leaf": (1, 63, "log int"),
        "subsample": (0.3, 1.0, ""),
        "max_features": (0.1, 1.0, ""),
    },
}


class Landscape:
    """Give the curve of any configuration of a pool.

    Args:
        kind: The kind of model.
        curves: (configurations, reports), the curves of the pool.
    """

    def __init__(self, kind: str, curves: Array) -> None:
        self._space = SPACES[kind]
        self._points = np.array([self._point(drawn) for drawn in configurations(kind)])
        self._curves = curves

    def suggest(self, trial: Any) -> Array:
        """Let a trial choose a configuration, and return its curve."""
        return self.curve({name: _suggest(trial, name, how) for name, how in self._space.items()})

    def curve(self, drawn: dict[str, Any]) -> Array:
        """Return the curve of a configuration."""
        distance = np.sqrt(((self._points - self._point(drawn)) ** 2).sum(axis=1))
        *near, beyond = np.argsort(distance, kind="stable")[: N_NEIGHBOURS + 1].tolist()
        if np.isnan(self._curves[near[0]]).any():  # it diverges where the nearest one does
            return np.asarray(self._curves[near[0]])
        near = [i for i in near if not np.isnan(self._curves[i]).any()]
        closeness = 1.0 / np.maximum(distance[near], 1e-9) - 1.0 / max(distance[beyond], 1e-9)
        weights = np.maximum(closeness, 1e-9) ** 2
        return np.asarray(weights @ self._curves[near] / weights.sum())

    def _point(self, drawn: dict[str, Any]) -> Array:
        return np.concatenate([_place(drawn[name], how) for name, how in self._space.items()])


def _place(value: Any, how: Range | list[str]) -> list[float]:
    if isinstance(how, list):
        return [float(value == choice) for choice in how]
    low, high, kind = how
    if "log" in kind:
        value, low, high = math.log(value), math.log(low), math.log(high)
    return [(value - low) / (high - low)]


def _suggest(trial: Any, name: str, how: Range | list[str]) -> Any:
    if isinstance(how, list):
        return trial.suggest_categorical(name, how)
    low, high, kind = how
    suggest = trial.suggest_int if "int" in kind else trial.suggest_float
    return suggest(name, low, high, log="log" in kind)
