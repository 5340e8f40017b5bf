"""What the programs share: objectives, and a sampler whose values are plain to see."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np

INF, NAN = float("inf"), float("nan")


def quadratic(trial: Any) -> float:
    """Return (x - 0.5)²: one float parameter."""
    return float((trial.suggest_float("x", 0.0, 1.0) - 0.5) ** 2)


def mixed(trial: Any) -> float:
    """Return a sum over one parameter of each kind."""
    x = trial.suggest_float("x", -1.0, 1.0)
    rate = trial.suggest_float("rate", 1e-4, 1.0, log=True)
    depth = trial.suggest_int("depth", 1, 9, step=2)
    kind = trial.suggest_categorical("kind", ("a", "b", None))
    return float(x + rate + depth + (kind == "b"))


def pair(trial: Any) -> tuple[float, float]:
    """Return two objectives in conflict."""
    x = trial.suggest_float("x", 0.0, 1.0)
    return x, 1.0 - x


def sweep(lib: Any, period: int = 5) -> Any:
    """Return a sampler walking each range evenly: trial k takes the share (k mod p) / (p - 1)."""

    class Sweep(lib.samplers.BaseSampler):  # type: ignore[misc]
        def infer_relative_search_space(self, study: Any, trial: Any) -> dict[str, Any]:
            return {}

        def sample_relative(self, study: Any, trial: Any, search_space: Any) -> dict[str, Any]:
            return {}

        def sample_independent(
            self, study: Any, trial: Any, param_name: str, param_distribution: Any
        ) -> Any:
            return value_at(param_distribution, (trial.number % period) / (period - 1))

    return Sweep()


def value_at(distribution: Any, share: float) -> Any:
    """Return the value at a share (0 to 1) of a distribution's range."""
    if hasattr(distribution, "choices"):
        return distribution.choices[round(share * (len(distribution.choices) - 1))]
    if distribution.log:
        return distribution.low * (distribution.high / distribution.low) ** share
    span = distribution.high - distribution.low
    if distribution.step is None:
        return distribution.low + share * span
    return distribution.low + round(share * span / distribution.step) * distribution.step


def new_study(lib: Any, **options: Any) -> Any:
    """Create a study with the evenly walking sampler."""
    return lib.create_study(**{"sampler": sweep(lib), **options})


def storage_of(lib: Any) -> Any:
    """Return an empty in-memory storage."""
    return lib.storages.InMemoryStorage()


class Tensor:
    """Stand for a framework's zero-dimensional tensor: a number only through float()."""

    def __init__(self, value: float) -> None:
        self.value = value

    def __float__(self) -> float:
        return self.value

    def __repr__(self) -> str:
        return f"Tensor({self.value})"


class Refusing:
    """Raise when asked for a number, as a tensor of many elements does."""

    def __float__(self) -> float:
        raise ValueError("only one element")

    def __repr__(self) -> str:
        return "Refusing()"


GOOD = [
    1,
    1.5,
    True,
    INF,
    -INF,
    np.float32(0.5),
    np.int64(3),
    np.array(2.0),
    [1.0],
    (2.0,),
    Fraction(1, 4),
    Decimal("0.5"),
]
BAD = [
    "text",
    None,
    NAN,
    [],
    [1.0, 2.0],
    (NAN,),
    [None],
    ["a"],
    {},
    {1.0},
    object,
    1j,
    np.float64("nan"),
    Refusing(),
    [[1.0]],
]
# Text that reads as a number is left out: it crashes Optuna halfway and leaves the trial running.
ODD = [
    np.array([1.0]),
    np.array([1.0, 2.0]),
    range(1),
    np.bool_(True),
    Tensor(1.5),
    [Tensor(2.5)],
    Tensor(NAN),
]


def states(study: Any) -> list[str]:
    """Return the names of the trials' states."""
    return [t.state.name for t in study.trials]


class Burnt(ValueError):
    """An exception of the user's own."""


def failing(trial: Any) -> float:
    """Fail on every odd trial."""
    x = float(trial.suggest_float("x", 0, 1))
    if trial.number % 2:
        raise Burnt("odd")
    return x
