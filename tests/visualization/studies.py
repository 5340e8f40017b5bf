"""Studies for the tests of plots, the same under any library with Optuna's interface."""

from __future__ import annotations

import math
import random
from typing import Any

INF = math.inf


def rich(lib: Any, n: int = 60, seed: int = 0) -> Any:
    """Make a study with all that can make a plot stumble, but several objectives."""
    draw = random.Random(seed)
    kinds = lib.distributions
    space = {
        "lr": kinds.FloatDistribution(1e-5, 1.0, log=True),
        "units": kinds.IntDistribution(1, 64, log=True),
        "batch": kinds.CategoricalDistribution([128, 32, 64]),
        "mixed": kinds.CategoricalDistribution(["a", None, True, "None"]),
        "depth": kinds.IntDistribution(1, 3),
        "extra": kinds.FloatDistribution(0.0, 1.0),
    }
    study = lib.create_study(study_name=f"rich {seed}")
    for number in range(n):
        params = {
            "lr": 10 ** draw.uniform(-5, 0),
            "units": draw.randint(1, 64),
            "batch": draw.choice([128, 32, 64]),
            "mixed": draw.choice(["a", None, True, "None"]),
            "depth": draw.randint(1, 3),
        }
        if params["depth"] == 3:
            params["extra"] = draw.random()
        value = (math.log10(params["lr"]) + 3) ** 2 + params["depth"]
        study.add_trial(_trial(lib, number, value, params, space))
    return study


def _trial(lib: Any, number: int, value: float, params: dict[str, Any], space: Any) -> Any:
    state, values = lib.trial.TrialState.COMPLETE, [value]
    if number % 11 == 3:
        state, values = lib.trial.TrialState.FAIL, None
    elif number % 7 == 2:
        state, values = lib.trial.TrialState.PRUNED, None
    elif number % 13 == 4:
        values = [INF]
    steps = 1 + number % 4 if state == lib.trial.TrialState.PRUNED else 5
    return lib.trial.create_trial(
        state=state,
        values=values,
        params=params,
        distributions={name: space[name] for name in params},
        intermediate_values={step: value / (step + 1) for step in range(steps)},
        system_attrs={"constraints:c": 1.0 if number % 5 == 1 else -1.0},
    )


def simple(lib: Any, values: list[Any], **create: Any) -> Any:
    """Make a study of one float and one categorical parameter from values.

    A value is a number, a tuple for several objectives, or the name of a state.
    """
    kinds = lib.distributions
    study = lib.create_study(**create)
    for number, value in enumerate(values):
        done = not isinstance(value, str)
        state = lib.trial.TrialState.COMPLETE if done else lib.trial.TrialState[value]
        study.add_trial(
            lib.trial.create_trial(
                state=state,
                values=None if not done else list(value) if isinstance(value, tuple) else [value],
                params={"x": number / 10, "k": ["a", None, True][number % 3]},
                distributions={
                    "x": kinds.FloatDistribution(0.0, 9.0),
                    "k": kinds.CategoricalDistribution(["a", None, True]),
                },
            )
        )
    return study


def wide(lib: Any, n: int, d: int) -> Any:
    """Make a study with many parameters with long names that differ in the middle."""
    draw = random.Random(0)
    names = [f"model.encoder.block_{i}.dropout_rate" for i in range(d)]
    unit = lib.distributions.FloatDistribution(0.0, 1.0)
    study = lib.create_study()
    for _ in range(n):
        params = {name: draw.random() for name in names}
        value = sum(x * x for x in params.values())
        study.add_trial(
            lib.trial.create_trial(
                value=value, params=params, distributions=dict.fromkeys(names, unit)
            )
        )
    return study


def front(lib: Any, n: int = 40, seed: int = 0, objectives: int = 2) -> Any:
    """Make a study of several objectives, every other one maximised, with all states."""
    draw = random.Random(seed)
    directions = ["minimize" if i % 2 == 0 else "maximize" for i in range(objectives)]
    study = lib.create_study(study_name=f"front {seed}", directions=directions)
    unit = lib.distributions.FloatDistribution(0.0, 1.0)
    for number in range(n):
        state = lib.trial.TrialState.FAIL if number % 9 == 4 else lib.trial.TrialState.COMPLETE
        values = [draw.uniform(0.0, 5.0) * (-1) ** i for i in range(objectives)]
        study.add_trial(
            lib.trial.create_trial(
                state=state,
                values=None if state == lib.trial.TrialState.FAIL else values,
                params={"x": draw.random()},
                distributions={"x": unit},
                system_attrs={"constraints:c": 1.0 if number % 5 == 1 else -1.0},
            )
        )
    return study
