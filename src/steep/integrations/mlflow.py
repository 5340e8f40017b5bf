"""Track trials as runs of MLflow.

Example::

    track = steep.integrations.MLflowCallback("sqlite:///mlflow.db", metric_name="loss")

    @track.track_in_mlflow()  # only where the objective logs to MLflow itself
    def objective(trial):
        mlflow.log_metric("extra", 1.0)
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

with framework("mlflow"):
    import mlflow

if TYPE_CHECKING:
    from steep.study import Study

__all__ = ["MLflowCallback"]

MAX_TAG = 5000
"""How many characters MLflow takes as the value of a tag."""


class MLflowCallback:
    """Log each trial as a run: its parameters, its values, and as tags what else is known.

    Args:
        tracking_uri: Where MLflow keeps runs; None for what MLflow is set to.
        metric_name: The name of the objective value, or one for each of several.
        create_experiment: Whether runs go to an experiment with the name of the study.
        mlflow_kwargs: Further arguments of ``mlflow.start_run``.
        tag_study_user_attrs: Whether attributes of the study become tags.
        tag_trial_user_attrs: Whether attributes of the trial become tags.

    Raises:
        ValueError: From inside ``optimize``, if the number of names is not that of objectives.
    """

    def __init__(
        self,
        tracking_uri: str | None = None,
        metric_name: str | Sequence[str] = "value",
        create_experiment: bool = True,
        mlflow_kwargs: dict[str, Any] | None = None,
        tag_study_user_attrs: bool = False,
        tag_trial_user_attrs: bool = True,
    ) -> None:
        self._tracking_uri = tracking_uri
        self._metric_name = metric_name
        self._create_experiment = create_experiment
        self._mlflow_kwargs = mlflow_kwargs or {}
        self._tag_study_user_attrs = tag_study_user_attrs
        self._tag_trial_user_attrs = tag_trial_user_attrs
        self._runs: dict[tuple[str, int], str] = {}  # (study, trial) -> id of the run it has

    def __call__(self, study: Study, trial: FrozenTrial) -> None:
        """Log a trial; the study calls it.

        Args:
            study: The study.
            trial: The trial, which has finished.
        """
        self._go_to(study)
        known = self._runs.pop((study.study_name, trial.number), None)
        with self._run(trial.number, known):
            metrics = named_values("MLflowCallback(metric_name=...)", self._metric_name, trial)
            mlflow.log_metrics(metrics)
            for step, value in trial.intermediate_values.items():
                mlflow.log_metric("intermediate_value", value, step=step)
            mlflow.log_params(trial.params)
            mlflow.set_tags({key: str(v)[:MAX_TAG] for key, v in self._tags(study, trial).items()})

    def track_in_mlflow(self) -> Callable[[Callable[[Trial], Any]], Callable[[Trial], Any]]:
        """Make a decorator for objectives: what they log to MLflow goes to the run of the trial."""

        def decorate(objective: Callable[[Trial], Any]) -> Callable[[Trial], Any]:
            @functools.wraps(objective)
            def tracked(trial: Trial) -> Any:
                self._go_to(trial.study)
                with self._run(trial.number, None) as run:
                    self._runs[trial.study.study_name, trial.number] = run.info.run_id
                    return objective(trial)

            return tracked

        return decorate

    def _go_to(self, study: Study) -> None:
        if self._tracking_uri is not None:
            mlflow.set_tracking_uri(self._tracking_uri)
        if self._create_experiment:
            mlflow.set_experiment(study.study_name)

    def _run(self, number: int, known: str | None) -> Any:
        if known is not None:
            return mlflow.start_run(run_id=known, nested=self._mlflow_kwargs.get("nested", False))
        return mlflow.start_run(**{"run_name": str(number), **self._mlflow_kwargs})

    def _tags(self, study: Study, trial: FrozenTrial) -> dict[str, Any]:
        tags: dict[str, Any] = dict(study.user_attrs) if self._tag_study_user_attrs else {}
        if self._tag_trial_user_attrs:
            tags |= trial.user_attrs
        tags |= {f"{name}_distribution": d for name, d in trial.distributions.items()}
        return {
            **tags,
            "number": trial.number,
            "datetime_start": trial.datetime_start,
            "datetime_complete": trial.datetime_complete,
            "state": trial.state.name,
            "direction": ", ".join(direction.name for direction in study.directions),
        }
