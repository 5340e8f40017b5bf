"""Prune trials that train with LightGBM, and tune LightGBM step by step.

Everything that the package ``lightgbm`` has is here too, and :func:`train` tunes first: so
``import steep.integrations.lightgbm as lgb`` turns a program that trains into one that tunes.

Example::

    def objective(trial):
        params = {"objective": "binary", "num_leaves": trial.suggest_int("num_leaves", 2, 256)}
        prune = steep.integrations.LightGBMPruningCallback(trial, "binary_logloss")
        booster = lightgbm.train(params, train, valid_sets=[valid], callbacks=[prune])
        return booster.best_score["valid_0"]["binary_logloss"]
"""

from __future__ import annotations

from typing import Any

from steep.integrations.frameworks import framework
from steep.integrations.lightgbm_tuner import LightGBMTuner, LightGBMTunerCV
from steep.integrations.reporting import prune_or_go_on, unknown_metric
from steep.states import StudyDirection
from steep.trial import BaseTrial, Trial

with framework("lightgbm"):
    import lightgbm as _lightgbm

__all__ = ["LightGBMPruningCallback", "LightGBMTuner", "LightGBMTunerCV", "train"]


class LightGBMPruningCallback:
    """Report a metric after each boosting round, and prune.

    It serves ``lightgbm.train``, ``lightgbm.cv`` and the estimators for scikit-learn.

    Args:
        trial: The trial.
        metric: The metric, as LightGBM calls it, e.g. ``binary_logloss``.
        valid_name: Which of the validation sets counts; ``lightgbm.cv`` has only one.
        report_interval: After how many rounds it reports, ≥ 1.

    Raises:
        TrialPruned: From inside the training, if the trial is hopeless.
        ValueError: From there as well, if LightGBM does not measure the metric, or the study
            looks for small values of a metric that should be large, or the other way round.
    """

    def __init__(
        self, trial: BaseTrial, metric: str, valid_name: str = "valid_0", report_interval: int = 1
    ) -> None:
        if report_interval < 1:
            raise ValueError(
                f"LightGBMPruningCallback(report_interval={report_interval}): give 1 or more."
            )
        self._trial = trial
        self._metric = metric
        self._valid_name = valid_name
        self._interval = report_interval

    def __call__(self, env: Any) -> None:
        """Report the newest value; LightGBM calls it after each round.

        Args:
            env: What LightGBM tells: the number of the round, from 0, and the values.
        """
        if (env.iteration + 1) % self._interval:
            return
        is_cv = isinstance(env.model, _lightgbm.CVBooster)
        values = {}
        for data_set, metric, value, is_larger_better, *_ in env.evaluation_result_list:
            # Of cv older versions say ("cv_agg", "valid METRIC", ...).
            name = metric.split(" ")[-1] if is_cv else f"{metric} of {data_set}"
            values[name] = value, is_larger_better
        wanted = self._metric if is_cv else f"{self._metric} of {self._valid_name}"
        if wanted not in values:
            raise unknown_metric("LightGBMPruningCallback(metric=...)", wanted, values)
        value, is_larger_better = values[wanted]
        self._check_direction(is_larger_better)
        prune_or_go_on(self._trial, value, env.iteration, "boosting round")

    def _check_direction(self, is_larger_better: bool) -> None:
        if not isinstance(self._trial, Trial):
            return  # fixed trials, and those of other processes, have no study
        direction = "maximize" if is_larger_better else "minimize"
        if self._trial.study.direction != StudyDirection[direction.upper()]:
            raise ValueError(
                f"LightGBMPruningCallback(metric={self._metric!r}) reports values to {direction}, "
                f"but the study does not: create_study(direction={direction!r})."
            )


def train(*args: Any, **kwargs: Any) -> Any:
    """Tune step by step and give the best booster.

    Args:
        *args: As :class:`LightGBMTuner` takes them, and so ``lightgbm.train``.
        **kwargs: Likewise.

    Returns:
        The booster that scored best on the first validation set.
    """
    tuner = LightGBMTuner(*args, **kwargs)
    tuner.run()
    return tuner.get_best_booster()


def __getattr__(name: str) -> Any:
    return getattr(_lightgbm, name)
