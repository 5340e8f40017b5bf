"""Prune trials that train with XGBoost.

Example::

    def objective(trial):
        params = {"eta": trial.suggest_float("eta", 1e-3, 1, log=True), "eval_metric": "logloss"}
        prune = steep.integrations.XGBoostPruningCallback(trial, "valid-logloss")
        booster = xgb.train(params, train, 100, evals=[(valid, "valid")], callbacks=[prune])
        return log_loss(y, booster.predict(valid))
"""

from __future__ import annotations

from typing import Any

from steep.integrations.frameworks import framework
from steep.integrations.reporting import prune_or_go_on, unknown_metric
from steep.trial import BaseTrial

with framework("xgboost"):
    from xgboost.callback import TrainingCallback

__all__ = ["XGBoostPruningCallback"]


class XGBoostPruningCallback(TrainingCallback):
    """Report a metric after each boosting round, and prune.

    It serves ``xgboost.train``, ``xgboost.cv`` and the estimators for scikit-learn.

    Args:
        trial: The trial.
        observation_key: The data set and the metric, joined by ``-``, e.g. ``valid-logloss``;
            the data sets of estimators are called ``validation_0``, ``validation_1``, ...

    Raises:
        TrialPruned: From inside the training, if the trial is hopeless.
        ValueError: From there as well, if XGBoost does not measure the metric.
    """

    def __init__(self, trial: BaseTrial, observation_key: str) -> None:
        super().__init__()
        self._trial = trial
        self._key = observation_key

    def after_iteration(
        self, model: Any, epoch: int, evals_log: dict[str, dict[str, list[Any]]]
    ) -> bool:
        """Report the newest value; XGBoost calls it after each round.

        Args:
            model: What is trained.
            epoch: The number of the round, from 0.
            evals_log: Data set -> metric -> one value a round.

        Returns:
            False: the training goes on.
        """
        logs = {f"{d}-{m}": log for d, metrics in evals_log.items() for m, log in metrics.items()}
        if self._key not in logs:
            raise unknown_metric("XGBoostPruningCallback(observation_key=...)", self._key, logs)
        newest = logs[self._key][-1]
        value = newest[0] if isinstance(newest, tuple) else newest  # cv: (mean, deviation)
        prune_or_go_on(self._trial, value, epoch, "boosting round")
        return False
