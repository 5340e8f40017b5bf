"""Track trials with Weights & Biases.

Example::

    track = steep.integrations.WeightsAndBiasesCallback(wandb_kwargs={"project": "tea"})

    @track.track_in_wandb()  # only where the objective logs to Weights & Biases itself
    def objective(trial):
        wandb.log({"extra": 1.0})
        return trial.suggest_float("x", -1, 1) ** 2

    study.optimize(objective, n_trials=20, callbacks=[track])
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from steep.integrations.frameworks import framework
from steep.integrations.tracking import named_values
from steep.trial import FrozenTrial, Trial

with framework("wandb"):
    import wandb

if TYPE_CHECKING:
    from steep.study import Study

__all__ = ["WeightsAndBiasesCallback"]


class WeightsAndBiasesCallback:
    """Log each trial: as a step of one run, or as a run of its own.

    Args:
        metric_name: The name of the objective value, or one for each of several.
        wandb_kwargs: Arguments of ``wandb.init``.
        as_multirun: Whether each trial is a run; if not, all are steps of a run that begins here.

    Raises:
        ValueError: From inside ``optimize``, if the number of names is not that of objectives.
    """

    def __init__(
        self,
        metric_name: str | Sequence[str] = "value",
        wandb_kwargs: dict[str, Any] | None = None,
        as_multirun: bool = False,
    ) -> None:
        self._metric_name = metric_name
        self._wandb_kwargs = wandb_kwargs or {}
        self._as_multirun = as_multirun
        self._runs: dict[tuple[str, int], Any] = {}  # (study, trial) -> the run it has
        self._run = None if as_multirun else self._begin()

    def __call__(self, study: Study, trial: FrozenTrial) -> None:
        """Log a trial; the study calls it.

        Args:
            study: The study.
            trial: The trial, which has finished.
        """
        call = "WeightsAndBiasesCallback(metric_name=...)"
        metrics = named_values(call, self._metric_name, trial)
        about = {"direction": [direction.name for direction in study.directions]}
        if self._run is not None:
            self._run.config.update(about, allow_val_change=True)
            self._run.log({**trial.params, **metrics}, step=trial.number)
            return
        run = self._runs.pop((study.study_name, trial.number), None) or self._begin(trial.number)
        run.config.update({**about, **trial.params, "state": trial.state.name})
        run.log({**trial.params, **metrics})
        run.finish()

    def track_in_wandb(self) -> Callable[[Callable[[Trial], Any]], Callable[[Trial], Any]]:
        """Make a decorator for objectives: what they log goes to the run of the trial."""

        def decorate(objective: Callable[[Trial], Any]) -> Callable[[Trial], Any]:
            @functools.wraps(objective)
            def tracked(trial: Trial) -> Any:
                if self._as_multirun:
                    key = trial.study.study_name, trial.number
                    self._runs[key] = self._begin(trial.number)
                return objective(trial)

            return tracked

        return decorate

    def _begin(self, number: int | None = None) -> Any:
        named = {} if number is None else {"name": f"trial-{number}", "reinit": "finish_previous"}
        return wandb.init(**{**named, **self._wandb_kwargs})
