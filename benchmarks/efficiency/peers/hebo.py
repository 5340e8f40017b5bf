"""HEBO: a Gaussian process with warped inputs and outputs, and an ensemble of acquisitions."""

from __future__ import annotations

import warnings
from typing import Any

from benchmarks.efficiency.spaces import Configuration, Parameter, Space

__all__ = ["Adapter"]


class Adapter:
    """Ask HEBO; choices are told by position, and those that have no effect are proposed too."""

    def __init__(self, space: Space, seed: int, objectives: int, evaluations: int) -> None:
        import numpy as np
        import torch
        from hebo.design_space.design_space import DesignSpace
        from hebo.optimizers.hebo import HEBO

        assert objectives == 1, "HEBO has one objective"
        warnings.simplefilter("ignore")
        np.random.seed(seed)  # noqa: NPY002 - it draws from the global generators
        torch.manual_seed(seed)
        torch.set_num_threads(1)
        self._space = space
        described = DesignSpace().parse([_variable(parameter) for parameter in space])
        self._optimizer = HEBO(described, scramble_seed=seed)
        self._row: Any = None

    def ask(self) -> Configuration:
        """Give the next configuration, without what has no effect."""
        self._row = self._optimizer.suggest(n_suggestions=1)
        drawn = self._row.iloc[0].to_dict()
        return self._space.only_active({p.name: _value(p, drawn[p.name]) for p in self._space})

    def tell(self, configuration: Configuration, losses: list[float]) -> None:
        """Let HEBO observe the loss."""
        import numpy as np

        self._optimizer.observe(self._row, np.array([losses]))


def _variable(parameter: Parameter) -> dict[str, Any]:
    if parameter.kind == "choice":
        labels = [f"c{i}" for i in range(len(parameter.choices))]
        return {"name": parameter.name, "type": "cat", "categories": labels}
    kinds = {"int": ("int", "pow_int"), "float": ("num", "pow")}
    described = {"name": parameter.name, "type": kinds[parameter.kind][parameter.log]}
    return (
        described
        | {"lb": parameter.low, "ub": parameter.high}
        | ({"base": 10} if parameter.log else {})
    )


def _value(parameter: Parameter, drawn: Any) -> Any:
    if parameter.kind == "choice":
        return parameter.choices[int(str(drawn)[1:])]
    return round(drawn) if parameter.kind == "int" else float(drawn)
