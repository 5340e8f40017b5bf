"""SMAC3's facade for tuning hyperparameters: a random forest and expected improvement."""

from __future__ import annotations

import logging
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.efficiency.spaces import Configuration, Parameter, Space

__all__ = ["Adapter"]


class Adapter:
    """Ask the facade; choices are told as "c0", "c1", ..., since it knows no None."""

    def __init__(self, space: Space, seed: int, objectives: int, evaluations: int) -> None:
        from smac import HyperparameterOptimizationFacade as Facade
        from smac import Scenario

        assert objectives == 1, "the adapter is for one objective"
        logging.disable(logging.WARNING)
        self._space = space
        self._folder = tempfile.TemporaryDirectory()
        scenario = Scenario(
            _configuration_space(space, seed),
            deterministic=True,
            n_trials=evaluations,
            seed=seed,
            output_directory=Path(self._folder.name),
        )
        self._facade = Facade(scenario, _never, overwrite=True, logging_level=False)
        self._info: Any = None

    def ask(self) -> Configuration:
        """Give the next configuration."""
        self._info = self._facade.ask()
        drawn = dict(self._info.config)
        return {p.name: _value(p, drawn[p.name]) for p in self._space if p.name in drawn}

    def tell(self, configuration: Configuration, losses: list[float]) -> None:
        """Tell the cost."""
        from smac.runhistory import TrialValue

        self._facade.tell(self._info, TrialValue(cost=losses[0]), save=False)


def _never(config: Any, seed: int = 0) -> float:
    raise AssertionError("SMAC is asked and told, it does not evaluate")


def _configuration_space(space: Space, seed: int) -> Any:
    from ConfigSpace import ConfigurationSpace, InCondition

    made = ConfigurationSpace(seed=seed)
    variables = {parameter.name: _variable(parameter) for parameter in space}
    made.add(*variables.values())
    for parameter in space:
        if parameter.when is not None:
            parent = next(p for p in space if p.name == parameter.when[0])
            values = [f"c{parent.choices.index(value)}" for value in parameter.when[1]]
            made.add(InCondition(variables[parameter.name], variables[parent.name], values))
    return made


def _variable(parameter: Parameter) -> Any:
    from ConfigSpace import (
        CategoricalHyperparameter,
        UniformFloatHyperparameter,
        UniformIntegerHyperparameter,
    )

    if parameter.kind == "choice":
        labels = [f"c{i}" for i in range(len(parameter.choices))]
        return CategoricalHyperparameter(parameter.name, labels)
    if parameter.kind == "int":
        return UniformIntegerHyperparameter(
            parameter.name, int(parameter.low), int(parameter.high), log=parameter.log
        )
    return UniformFloatHyperparameter(
        parameter.name, parameter.low, parameter.high, log=parameter.log
    )


def _value(parameter: Parameter, drawn: Any) -> Any:
    if parameter.kind == "choice":
        return parameter.choices[int(str(drawn)[1:])]
    return int(drawn) if parameter.kind == "int" else float(drawn)
