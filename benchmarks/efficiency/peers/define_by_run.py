"""steep and Optuna: the parameters are suggested one by one, so conditions come by themselves."""

from __future__ import annotations

import importlib
import warnings
from typing import Any

from benchmarks.efficiency.spaces import Configuration, Parameter, Space

__all__ = ["Adapter", "suggest"]


class Adapter:
    """Ask a study for trials.

    Args:
        library: "steep" or "optuna".
        sampler: The class of the sampler; the library's default if None.
        options: Arguments of the sampler.
        space: What to search.
        seed: Of the sampler.
        objectives: How many losses an evaluation has.
        evaluations: Has no effect here.
    """

    def __init__(
        self,
        library: str,
        sampler: str | None,
        options: dict[str, Any],
        space: Space,
        seed: int,
        objectives: int,
        evaluations: int,
    ) -> None:
        warnings.simplefilter("ignore")  # experimental, deprecated: no news here
        lib: Any = importlib.import_module(library)
        lib.logging.set_verbosity(lib.logging.ERROR)
        directions = ["minimize"] * objectives
        if sampler is None:
            made = type(lib.create_study(directions=directions).sampler)(seed=seed, **options)
        else:
            made = getattr(lib.samplers, sampler)(seed=seed, **options)
        self._space = space
        self._study = lib.create_study(directions=directions, sampler=made)
        self._trial: Any = None

    def ask(self) -> Configuration:
        """Let a trial suggest the parameters that are there."""
        self._trial = self._study.ask()
        chosen: Configuration = {}
        for parameter in self._space:
            if parameter.is_active(chosen):
                chosen[parameter.name] = suggest(self._trial, parameter)
        return chosen

    def tell(self, configuration: Configuration, losses: list[float]) -> None:
        """Tell the trial."""
        self._study.tell(self._trial, losses)


def suggest(trial: Any, parameter: Parameter) -> Any:
    """Let a trial suggest a parameter."""
    name, low, high = parameter.name, parameter.low, parameter.high
    if parameter.kind == "choice":
        return trial.suggest_categorical(name, parameter.choices)
    if parameter.kind == "int":
        return trial.suggest_int(name, int(low), int(high), log=parameter.log)
    return trial.suggest_float(name, low, high, log=parameter.log)
