"""Prune trials that train with CatBoost.

Example::

    def objective(trial):
        prune = steep.integrations.CatBoostPruningCallback(trial, "Logloss")
        model = CatBoostClassifier(learning_rate=trial.suggest_float("rate", 1e-3, 1, log=True))
        model.fit(x, y, eval_set=valid, callbacks=[prune])
        prune.check_pruned()
        return model.get_best_score()["validation"]["Logloss"]
"""

from __future__ import annotations

from typing import Any

from steep.exceptions import TrialPruned
from steep.integrations.frameworks import framework
from steep.integrations.reporting import prune_or_go_on, unknown_metric
from steep.trial import BaseTrial

with framework("catboost"):
    import catboost  # noqa: F401  # nothing of it is needed, but it has to be there

__all__ = ["CatBoostPruningCallback"]


class CatBoostPruningCallback:
    """Report a metric after each iteration, and stop a hopeless training.

    CatBoost lets no exception of a callback through, so training just stops: call
    :meth:`check_pruned` after ``fit``.

    Args:
        trial: The trial.
        metric: The metric, e.g. ``Logloss``.
        eval_set_index: Which of several evaluation sets counts, from 0; None where there is one.

    Raises:
        ValueError: After the first iteration, if CatBoost does not measure the metric on the set.
    """

    def __init__(self, trial: BaseTrial, metric: str, eval_set_index: int | None = None) -> None:
        self._trial = trial
        self._metric = metric
        self._data_set = "validation"
        if eval_set_index is not None:
            self._data_set = f"validation_{eval_set_index}"
        self._pruned: TrialPruned | None = None

    def after_iteration(self, info: Any) -> bool:
        """Report the newest value; CatBoost calls it after each iteration.

        Args:
            info: What CatBoost tells: the number of the iteration, from 1, and the metrics so far.

        Returns:
            Whether the training goes on.
        """
        metrics = info.metrics.get(self._data_set, {})
        if self._metric not in metrics:
            known = {f"{metric} of {name}" for name, log in info.metrics.items() for metric in log}
            wanted = f"{self._metric} of {self._data_set}"
            raise unknown_metric("CatBoostPruningCallback(metric=...)", wanted, known)
        try:
            step = info.iteration - 1
            prune_or_go_on(self._trial, metrics[self._metric][-1], step, "iteration")
        except TrialPruned as pruned:
            self._pruned = pruned
        return self._pruned is None

    def check_pruned(self) -> None:
        """Raise if the training was stopped for the trial; call it after ``fit``.

        Raises:
            TrialPruned: If the trial is hopeless.
        """
        if self._pruned is not None:
            raise self._pruned
