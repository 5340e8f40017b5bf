"""Studies in which a diagnosis must speak, or must stay silent."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import steep
from steep.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
from steep.trial import TrialState

SPACE: dict[str, Any] = {
    "lr": FloatDistribution(1e-5, 1e-1, log=True),
    "x": FloatDistribution(-1.0, 1.0),
    "n": IntDistribution(1, 5),
    "kind": CategoricalDistribution(["a", "b", "c"]),
}
Params = dict[str, Any]


def drawn(draw: random.Random) -> Params:
    """Draw parameters evenly."""
    return {
        "lr": 10 ** draw.uniform(-5, -1),
        "x": draw.uniform(-1, 1),
        "n": draw.randint(1, 5),
        "kind": draw.choice("abc"),
    }


def made(
    n: int,
    value: Callable[[Params, int], Any],
    *,
    params: Callable[[random.Random, int], Params] = lambda draw, number: drawn(draw),
    fails: Callable[[Params], bool] = lambda params: False,
    violates: Callable[[Params], bool] = lambda params: False,
    seed: int = 0,
    **create: Any,
) -> steep.Study:
    """Make a study of added trials."""
    draw = random.Random(seed)
    study = steep.create_study(**create)
    for number in range(n):
        chosen = params(draw, number)
        failed = fails(chosen)
        found = value(chosen, number)
        study.add_trial(
            steep.create_trial(
                state=TrialState.FAIL if failed else TrialState.COMPLETE,
                values=None if failed else list(found) if isinstance(found, tuple) else [found],
                params=chosen,
                distributions={name: SPACE[name] for name in chosen},
                system_attrs={"constraints:c": 1.0} if violates(chosen) else {},
            )
        )
    return study


def narrowing(draw: random.Random, number: int) -> Params:
    """Draw like a sampler that closes in on the middle."""
    return drawn(draw) | {"x": draw.uniform(-1, 1) / (1 + number / 5)}


def pruned(n: int, every: int, length: int = 10, **create: Any) -> steep.Study:
    """Make a study in which each trial of some is pruned after two reports."""
    study = steep.create_study(**create)
    for number in range(n):
        is_pruned = every > 0 and number % every == 0
        study.add_trial(
            steep.create_trial(
                state=TrialState.PRUNED if is_pruned else TrialState.COMPLETE,
                value=None if is_pruned else 1.0,
                intermediate_values=dict.fromkeys(range(2 if is_pruned else length), 1.0),
            )
        )
    return study
