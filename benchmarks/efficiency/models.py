"""Real models of scikit-learn on the data that it brings, with mixed and conditional spaces.

Each evaluation is a cross-validation with fixed folds and seeds, so it gives the same loss each
time; losses are kept on the disk, as many peers ask for the same seeds' random points. Regret is
100 (best - min) / (median - min): the median is that of random configurations, the minimum the
least loss that anything has reached so far; both are in `reference.json`.
"""

from __future__ import annotations

import functools
import json
import sqlite3
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.efficiency.estimators import MODELS
from benchmarks.efficiency.spaces import Configuration, Space

__all__ = ["REFERENCE", "Model", "load", "names", "score"]

REFERENCE = Path(__file__).parent / "reference.json"
CACHE = Path(__file__).parent.parent.parent / "build" / "efficiency" / "models.sqlite"
FAILED = 1e3
"""The loss of a configuration that the model refuses, or that diverges."""


class Model:
    """A model with its data.

    Args:
        name: What it is kept under.
        space: What there is to choose.
        loss: Trains the model of a configuration.
    """

    objectives = 1

    def __init__(self, name: str, space: Space, loss: Callable[[Configuration], float]) -> None:
        self._name = name
        self.space = space
        self._loss = loss

    def evaluate(self, configuration: Configuration) -> list[float]:
        """Give the mean loss over the folds."""
        key = json.dumps([self._name, sorted(configuration.items())])
        with _cache() as cache:
            known = cache.execute("SELECT loss FROM losses WHERE key = ?", (key,)).fetchone()
        if known is not None:
            return [float(known[0])]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of models that have not converged
            try:
                loss = self._loss(configuration)
            except ValueError:  # all folds failed
                loss = np.nan
        loss = loss if np.isfinite(loss) else FAILED
        with _cache() as cache:
            cache.execute("INSERT OR REPLACE INTO losses VALUES (?, ?)", (key, loss))
        return [loss]


def names(family: str) -> list[str]:
    """Give the names of the models."""
    return list(MODELS)


def load(family: str, name: str, seed: int) -> Model:
    """Give a model; it is the same for each seed."""
    space, loss = MODELS[name]
    return Model(name, space, loss)


def score(family: str, name: str, best: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give losses as percent of the way from the best known one to the median."""
    least, median = _references()[name]
    return np.asarray(100 * (best - least) / (median - least))


@functools.cache
def _references() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(REFERENCE.read_text())
    return found


@functools.cache
def _cache() -> sqlite3.Connection:
    CACHE.parent.mkdir(parents=True, exist_ok=True)
    cache = sqlite3.connect(CACHE, timeout=60)
    cache.execute("CREATE TABLE IF NOT EXISTS losses (key TEXT PRIMARY KEY, loss REAL)")
    return cache
