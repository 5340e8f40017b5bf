"""Hyperopt's TPE; conditions are nested choices, as its users write them."""

from __future__ import annotations

from math import log
from typing import Any

from benchmarks.efficiency.spaces import Configuration, Parameter, Space

__all__ = ["Adapter"]


class Adapter:
    """Run the loop of ``hyperopt.fmin`` by hand."""

    def __init__(self, space: Space, seed: int, objectives: int, evaluations: int) -> None:
        import hyperopt
        import numpy as np

        assert objectives == 1, "hyperopt has one objective"
        self._lib: Any = hyperopt
        self._domain = hyperopt.Domain(lambda _: 0.0, _expression(space))
        self._trials = hyperopt.Trials()
        self._rng = np.random.default_rng(seed)
        self._doc: Any = None

    def ask(self) -> Configuration:
        """Let TPE suggest one document, and read its configuration."""
        lib, ids = self._lib, self._trials.new_trial_ids(1)
        self._trials.refresh()
        seed = int(self._rng.integers(2**31 - 1))
        (self._doc,) = lib.tpe.suggest(ids, self._domain, self._trials, seed)
        drawn = {key: found[0] for key, found in self._doc["misc"]["vals"].items() if found}
        nested = lib.space_eval(self._domain.expr, drawn)
        return dict(_flat(nested))

    def tell(self, configuration: Configuration, losses: list[float]) -> None:
        """Insert the finished document."""
        self._doc["state"] = self._lib.JOB_STATE_DONE
        self._doc["result"] = {"loss": losses[0], "status": self._lib.STATUS_OK}
        self._trials.insert_trial_docs([self._doc])
        self._trials.refresh()


def _expression(space: Space) -> dict[str, Any]:
    nodes: dict[str, Any] = {}
    for parameter in reversed(space.parameters):  # what depends on a choice stands behind it
        children = [p for p in space if p.when is not None and p.when[0] == parameter.name]
        nodes[parameter.name] = _node(parameter, children, nodes)
    return {p.name: nodes[p.name] for p in space if p.when is None}


def _node(parameter: Parameter, children: list[Parameter], nodes: dict[str, Any]) -> Any:
    from hyperopt import hp
    from hyperopt.pyll import scope

    name, low, high = parameter.name, parameter.low, parameter.high
    if parameter.kind == "choice":
        return hp.choice(name, [_branch(value, children, nodes) for value in parameter.choices])
    if parameter.kind == "float":
        return (
            hp.loguniform(name, log(low), log(high))
            if parameter.log
            else hp.uniform(name, low, high)
        )
    if parameter.log:
        return scope.int(hp.qloguniform(name, log(low - 0.499), log(high + 0.499), 1))
    return hp.uniformint(name, low, high)


def _branch(value: Any, children: list[Parameter], nodes: dict[str, Any]) -> Any:
    active = {p.name: nodes[p.name] for p in children if p.when and value in p.when[1]}
    return {"": value, **active} if children else value


def _flat(nested: dict[str, Any]) -> Any:
    for name, value in nested.items():
        if isinstance(value, dict):
            yield name, value.pop("")
            yield from _flat(value)
        else:
            yield name, value
