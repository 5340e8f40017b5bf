"""Ax: Sobol points, then BoTorch, as its client chooses by itself."""

from __future__ import annotations

import logging
import warnings
from typing import Any

from benchmarks.efficiency.spaces import Configuration, Parameter, Space

__all__ = ["Adapter"]


class Adapter:
    """Ask the client; choices are told as "c0", "c1", ...; all parameters are proposed."""

    def __init__(self, space: Space, seed: int, objectives: int, evaluations: int) -> None:
        import torch
        from ax.api.client import Client

        warnings.simplefilter("ignore")
        logging.disable(logging.WARNING)
        torch.set_num_threads(1)
        torch.manual_seed(seed)
        self._space = space
        self._names = [f"loss{i}" for i in range(objectives)]
        self._client = Client(random_seed=seed)
        self._client.configure_experiment(parameters=[_variable(p) for p in space])
        self._client.configure_optimization(objective=", ".join(f"-{n}" for n in self._names))
        self._index = 0

    def ask(self) -> Configuration:
        """Give the next configuration, without what has no effect."""
        ((self._index, drawn),) = self._client.get_next_trials(max_trials=1).items()
        return self._space.only_active({p.name: _value(p, drawn[p.name]) for p in self._space})

    def tell(self, configuration: Configuration, losses: list[float]) -> None:
        """Complete the trial."""
        raw = dict(zip(self._names, losses, strict=True))
        self._client.complete_trial(trial_index=self._index, raw_data=raw)


def _variable(parameter: Parameter) -> Any:
    from ax.api.configs import ChoiceParameterConfig, RangeParameterConfig

    if parameter.kind == "choice":
        labels = [f"c{i}" for i in range(len(parameter.choices))]
        return ChoiceParameterConfig(
            name=parameter.name, values=labels, parameter_type="str", is_ordered=False
        )
    is_int = parameter.kind == "int"
    bounds = (
        (int(parameter.low), int(parameter.high)) if is_int else (parameter.low, parameter.high)
    )
    return RangeParameterConfig(
        name=parameter.name,
        bounds=bounds,
        parameter_type="int" if is_int else "float",
        scaling="log" if parameter.log else "linear",
    )


def _value(parameter: Parameter, drawn: Any) -> Any:
    if parameter.kind == "choice":
        return parameter.choices[int(str(drawn)[1:])]
    return int(drawn) if parameter.kind == "int" else float(drawn)
