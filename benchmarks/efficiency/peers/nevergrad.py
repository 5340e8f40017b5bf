"""Nevergrad's NGOpt, which chooses an algorithm by space and budget."""

from __future__ import annotations

import warnings
from typing import Any

from benchmarks.efficiency.spaces import Configuration, Parameter, Space

__all__ = ["Adapter"]


class Adapter:
    """Ask NGOpt; parameters that have no effect are proposed all the same."""

    def __init__(self, space: Space, seed: int, objectives: int, evaluations: int) -> None:
        import nevergrad as ng

        warnings.simplefilter("ignore")
        instrumentation = ng.p.Dict(**{p.name: _variable(ng, p) for p in space})
        instrumentation.random_state.seed(seed)
        self._space = space
        self._optimizer = ng.optimizers.NGOpt(instrumentation, budget=evaluations)
        if objectives > 1:
            self._optimizer.num_objectives = objectives
        self._candidate: Any = None

    def ask(self) -> Configuration:
        """Give the next candidate, without what has no effect."""
        self._candidate = self._optimizer.ask()
        return self._space.only_active(self._candidate.value)

    def tell(self, configuration: Configuration, losses: list[float]) -> None:
        """Tell the losses of the candidate."""
        self._optimizer.tell(self._candidate, losses if len(losses) > 1 else losses[0])


def _variable(ng: Any, parameter: Parameter) -> Any:
    if parameter.kind == "choice":
        return ng.p.Choice(list(parameter.choices))
    kind = ng.p.Log if parameter.log else ng.p.Scalar
    made = kind(lower=parameter.low, upper=parameter.high)
    return made.set_integer_casting() if parameter.kind == "int" else made
