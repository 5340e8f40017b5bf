"""Tune LightGBM one group of parameters after the other.

Seven parameters, searched jointly, need hundreds of trials. Most of the gain can be had with 70:
tune the ones that matter most first, with the others as they are, keep the best, go on. The order
and the ranges are those that Optuna's users know (Ozaki, 2020, `LightGBM Tuner: New Optuna
Integration for Hyperparameter Optimization
<https://medium.com/optuna/8b7095e99258>`__). Everything that a step has to know stands in the
study, so a tuning that was interrupted goes on where it was.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from steep.samplers import TPESampler
from steep.states import StudyDirection, TrialState
from steep.study import Study, create_study
from steep.trial import FrozenTrial, Trial

__all__ = ["StepwiseTuner", "Watch"]

DEFAULTS: dict[str, Any] = {
    "lambda_l1": 0.0,
    "lambda_l2": 0.0,
    "num_leaves": 31,
    "feature_fraction": 1.0,
    "bagging_fraction": 1.0,
    "bagging_freq": 0,
    "min_child_samples": 20,
}
ALIASES: dict[str, str] = {
    **dict.fromkeys(["reg_alpha", "l1_regularization"], "lambda_l1"),
    **dict.fromkeys(["reg_lambda", "lambda", "l2_regularization"], "lambda_l2"),
    **dict.fromkeys(["num_leaf", "max_leaves", "max_leaf", "max_leaf_nodes"], "num_leaves"),
    **dict.fromkeys(["sub_feature", "colsample_bytree"], "feature_fraction"),
    **dict.fromkeys(["sub_row", "subsample", "bagging"], "bagging_fraction"),
    "subsample_freq": "bagging_freq",
    **dict.fromkeys(
        ["min_data_in_leaf", "min_data_per_leaf", "min_data", "min_samples_leaf"],
        "min_child_samples",
    ),
}
LARGER_IS_BETTER = frozenset(
    "auc auc_mu average_precision map mean_average_precision ndcg lambdarank rank_xendcg "
    "xendcg xe_ndcg xe_ndcg_mart xendcg_mart".split()
)
STEP = "lightgbm_step"
PARAMS = "lgbm_params"

Callback = Callable[[Study, FrozenTrial], None]
Suggest = Callable[[Trial], dict[str, Any]]


class Watch:
    """Note which metric LightGBM measures first on a validation set; that one is tuned for."""

    def __init__(self) -> None:
        self.data_set = self.metric = ""
        self.n_rounds = 0
        self._is_larger_better = False

    def __call__(self, env: Any) -> None:
        """Look at what was measured; LightGBM calls it after each round."""
        self.n_rounds = env.iteration + 1
        if not self.metric:
            measured = [tuple(result) for result in env.evaluation_result_list]
            validated = [result for result in measured if result[0] != "training"]
            self.data_set, metric, _, self._is_larger_better, *_ = (validated or measured)[0]
            self.metric = metric.split(" ")[-1]  # of cv older versions say "valid METRIC"

    def check(self, study: Study, tuner: str) -> None:
        """Raise if the study goes the other way than the metric."""
        direction = "maximize" if self._is_larger_better else "minimize"
        if study.direction != StudyDirection[direction.upper()]:
            raise ValueError(
                f"{tuner}(study=...) tunes for {self.metric!r}, which is to {direction}, but the "
                f"study is not: create_study(direction={direction!r})."
            )


def _direction_of(params: dict[str, Any]) -> StudyDirection:
    names = ("metric", "metrics", "metric_types", "objective", "application", "app", "loss")
    given = next((params[name] for name in names if params.get(name)), "")
    first = given.split(",")[0].strip() if isinstance(given, str) else next(iter(given), "")
    is_larger_better = isinstance(first, str) and first.split("@")[0] in LARGER_IS_BETTER
    return StudyDirection.MAXIMIZE if is_larger_better else StudyDirection.MINIMIZE


class StepwiseTuner:
    """Tune by whatever ``_score`` measures; see the classes below for the arguments."""

    def __init__(
        self,
        params: dict[str, Any],
        train_set: Any,
        time_budget: float | None,
        sample_size: int | None,
        study: Study | None,
        optuna_callbacks: Sequence[Callback] | None,
        model_dir: str | None,
        show_progress_bar: bool,
        optuna_seed: int | None,
    ) -> None:
        given = {ALIASES.get(name, name): value for name, value in params.items()}
        # Without it LightGBM drops features for good by the first min_child_samples.
        self._params = {"feature_pre_filter": False, **DEFAULTS, **given}
        self._train_set = train_set
        self._time_budget = time_budget
        self._sample_size = sample_size
        direction = _direction_of(given)
        self.study = create_study(direction=direction) if study is None else study
        self._callbacks = optuna_callbacks
        self._model_dir = None if model_dir is None else Path(model_dir)
        self._show_progress_bar = show_progress_bar
        self._seed = optuna_seed
        self._started_at = time.monotonic()
        self._best: tuple[int, Any] | None = None  # the number of a trial and its booster

    # ---- what was found --------------------------------------------------------------------------

    @property
    def best_score(self) -> float:
        """Give the best score.

        Raises:
            ValueError: If no trial is complete.
        """
        return self.study.best_value

    @property
    def best_params(self) -> dict[str, Any]:
        """Give the best parameters, those that were given included."""
        if not self.study.get_trials(states=[TrialState.COMPLETE]):
            return dict(self._params)
        found: dict[str, Any] = json.loads(self.study.best_trial.user_attrs[PARAMS])
        return found

    def get_best_booster(self) -> Any:
        """Give the booster of the best trial.

        Raises:
            ValueError: If it was not kept: another process trained it and there is no
                ``model_dir``.
        """
        number = self.study.best_trial.number
        if self._best is not None and self._best[0] == number:
            return self._best[1]
        if self._model_dir is None or not self._file_of(number).exists():
            raise ValueError(
                f"{type(self).__name__}.get_best_booster(): the booster of trial {number} was not "
                "kept. Give a folder, shared by all workers: model_dir=FOLDER."
            )
        return self._load(self._file_of(number))

    # ---- the steps -------------------------------------------------------------------------------

    def run(self) -> None:
        """Tune: all steps, within the time budget."""
        self._started_at = time.monotonic()
        self.sample_train_set()
        self.tune_feature_fraction()
        self.tune_num_leaves()
        self.tune_bagging()
        self.tune_feature_fraction_stage2()
        self.tune_regularization_factors()
        self.tune_min_data_in_leaf()

    def sample_train_set(self) -> None:
        """Train with ``sample_size`` samples only, chosen at random."""
        if self._sample_size is None:
            return
        # What is set later cannot undo how the data were prepared.
        self._train_set.params = {**(self._train_set.params or {}), **self._params}
        n_samples = self._train_set.construct().num_data()
        if self._sample_size < n_samples:
            rng = np.random.default_rng(self._seed)
            chosen = np.sort(rng.choice(n_samples, self._sample_size, replace=False))
            part = self._train_set.subset(chosen.tolist(), params=self._params)
            self._train_set = part.construct()

    def tune_feature_fraction(self, n_trials: int = 7) -> None:
        """Try shares of the features for each tree, from 0.4 to 1.

        Args:
            n_trials: How many.
        """
        self._try_all("feature_fraction", "feature_fraction", np.linspace(0.4, 1.0, n_trials))

    def tune_num_leaves(self, n_trials: int = 20) -> None:
        """Search for the number of leaves, up to 256 and to what ``max_depth`` allows.

        Args:
            n_trials: With how many trials.
        """
        depth = self._params.get("max_depth", -1)
        most = 2 ** min(depth, 8) if depth > 0 else 256
        self._search(
            "num_leaves", lambda t: {"num_leaves": t.suggest_int("num_leaves", 2, most)}, n_trials
        )

    def tune_bagging(self, n_trials: int = 10) -> None:
        """Search for the share of samples for each tree, and how often it is drawn anew.

        Args:
            n_trials: With how many trials.
        """

        def suggest(trial: Trial) -> dict[str, Any]:
            return {
                "bagging_fraction": trial.suggest_float("bagging_fraction", 0.4, 1.0),
                "bagging_freq": trial.suggest_int("bagging_freq", 1, 7),
            }

        self._search("bagging", suggest, n_trials)

    def tune_feature_fraction_stage2(self, n_trials: int = 6) -> None:
        """Try shares of the features around the best so far, from 0.4 to 1.

        Args:
            n_trials: How many.
        """
        best = self.best_params["feature_fraction"]
        values = np.linspace(max(best - 0.08, 0.4), min(best + 0.08, 1.0), n_trials)
        self._try_all("feature_fraction_stage2", "feature_fraction", values)

    def tune_regularization_factors(self, n_trials: int = 20) -> None:
        """Search for the L1 and L2 penalties, from 1e-8 to 10.

        Args:
            n_trials: With how many trials.
        """

        def suggest(trial: Trial) -> dict[str, Any]:
            names = ("lambda_l1", "lambda_l2")
            return {name: trial.suggest_float(name, 1e-8, 10.0, log=True) for name in names}

        self._search("regularization_factors", suggest, n_trials)

    def tune_min_data_in_leaf(self) -> None:
        """Try 5, 10, 25, 50 and 100 samples as the least in a leaf."""
        self._try_all("min_data_in_leaf", "min_child_samples", [5, 10, 25, 50, 100])

    # ---- within ----------------------------------------------------------------------------------

    def _try_all(self, step: str, name: str, values: Iterable[Any]) -> None:
        """Run a trial for each value that no trial of this step had."""
        wanted = [int(v) if isinstance(v, int) else round(float(v), 12) for v in values]
        had = [trial.params[name] for trial in self._trials_of(step) if name in trial.params]
        left = [value for value in wanted if value not in had]

        def suggest(trial: Trial) -> dict[str, Any]:
            value = left.pop(0)
            if isinstance(value, int):
                return {name: trial.suggest_int(name, value, value)}
            return {name: trial.suggest_float(name, value, value)}

        self._optimize(step, suggest, len(left))

    def _search(self, step: str, suggest: Suggest, n_trials: int) -> None:
        """Run trials until the step has so many."""
        self._optimize(step, suggest, n_trials - len(self._trials_of(step)))

    def _trials_of(self, step: str) -> list[FrozenTrial]:
        finished = self.study.get_trials(states=[TrialState.COMPLETE, TrialState.PRUNED])
        return [trial for trial in finished if trial.user_attrs.get(STEP) == step]

    def _optimize(self, step: str, suggest: Suggest, n_trials: int) -> None:
        left = None
        if self._time_budget is not None:
            left = self._time_budget - (time.monotonic() - self._started_at)
        if n_trials <= 0 or (left is not None and left <= 0):
            return
        start, sampler = self.best_params, self.study.sampler
        # Each parameter by itself: those of other steps are not searched now.
        self.study.sampler = TPESampler(seed=self._seed, multivariate=False)
        try:
            self.study.optimize(
                lambda trial: self._objective(trial, step, start, suggest),
                n_trials=n_trials,
                timeout=left,
                callbacks=self._callbacks,
                show_progress_bar=self._show_progress_bar,
            )
        finally:
            self.study.sampler = sampler

    def _objective(self, trial: Trial, step: str, start: dict[str, Any], suggest: Suggest) -> float:
        params = {**start, **suggest(trial)}
        trial.set_user_attr(STEP, step)
        trial.set_user_attr(PARAMS, json.dumps(params))
        watch = Watch()
        began_at = time.monotonic()
        score, booster = self._train(params, watch)
        ended_at = time.monotonic()
        watch.check(self.study, type(self).__name__)
        trial.set_user_attr("elapsed_secs", ended_at - self._started_at)
        trial.set_user_attr("average_iteration_time", (ended_at - began_at) / watch.n_rounds)
        self._keep(trial.number, score, booster)
        return score

    def _keep(self, number: int, score: float, booster: Any) -> None:
        if booster is None:
            return
        if self._model_dir is not None:
            self._model_dir.mkdir(parents=True, exist_ok=True)
            booster.save_model(self._file_of(number))
        if self._is_best(score):
            self._best = number, booster

    def _is_best(self, score: float) -> bool:
        if not self.study.get_trials(states=[TrialState.COMPLETE]):
            return True
        if self.study.direction == StudyDirection.MINIMIZE:
            return score < self.study.best_value
        return score > self.study.best_value

    def _file_of(self, number: int) -> Path:
        assert self._model_dir is not None
        return self._model_dir / f"{number}.txt"

    def _train(self, params: dict[str, Any], watch: Watch) -> tuple[float, Any]:
        raise NotImplementedError

    def _load(self, file: Path) -> Any:
        raise NotImplementedError
