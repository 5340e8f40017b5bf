"""The tuners of LightGBM: by a validation set, and by cross-validation."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from steep.integrations.lightgbm_steps import Callback, StepwiseTuner, Watch
from steep.study import Study

__all__ = ["LightGBMTuner", "LightGBMTunerCV"]


class LightGBMTuner(StepwiseTuner):
    """Tune LightGBM step by step, by a validation set.

    The steps: share of features, number of leaves, bagging, share of features once more, L1 and L2
    penalty, least number of samples in a leaf. It tunes for the first metric, on the first
    validation set.

    Args:
        params: Parameters of LightGBM; those that are tuned are where the tuning begins.
        train_set: The training data.
        num_boost_round: As in ``lightgbm.train``, and so the next five.
        valid_sets: The validation data, one set or several.
        valid_names: Their names.
        feval: Further metrics.
        feature_name: The names of the features, for ``train_set``.
        categorical_feature: The features that are categories, for ``train_set``.
        keep_training_booster: As in ``lightgbm.train``.
        callbacks: As there, e.g. ``[lightgbm.early_stopping(50)]``.
        time_budget: Seconds after which no trial is started any more.
        sample_size: With how many samples to train.
        study: The study to use, or to go on with.
        optuna_callbacks: Called with the study and the trial after each trial.
        model_dir: The folder for the boosters of all trials, as ``NUMBER.txt``.
        show_progress_bar: Whether each step shows a bar.
        optuna_seed: The seed of what is random here; LightGBM has ``deterministic`` and ``seed``.

    Raises:
        ValueError: If there is no validation set.

    Example::

        tuner = LightGBMTuner({"objective": "binary"}, train, valid_sets=[valid])
        tuner.run()
        print(tuner.best_params, tuner.best_score)
    """

    def __init__(
        self,
        params: dict[str, Any],
        train_set: Any,
        num_boost_round: int = 1000,
        valid_sets: Any = None,
        valid_names: Any = None,
        feval: Callable[..., Any] | None = None,
        feature_name: Any = None,
        categorical_feature: Any = None,
        keep_training_booster: bool = False,
        callbacks: list[Callable[..., Any]] | None = None,
        time_budget: int | None = None,
        sample_size: int | None = None,
        study: Study | None = None,
        optuna_callbacks: list[Callback] | None = None,
        model_dir: str | None = None,
        *,
        show_progress_bar: bool = True,
        optuna_seed: int | None = None,
    ) -> None:
        if valid_sets is None or (isinstance(valid_sets, list | tuple) and not valid_sets):
            raise ValueError("LightGBMTuner(valid_sets=...) is needed: give [a Dataset].")
        _name_features(train_set, feature_name, categorical_feature)
        super().__init__(
            params,
            train_set,
            time_budget,
            sample_size,
            study,
            optuna_callbacks,
            model_dir,
            show_progress_bar,
            optuna_seed,
        )
        self._lgb_callbacks = callbacks or []
        self._train_args = {
            "num_boost_round": num_boost_round,
            "valid_sets": list(valid_sets) if isinstance(valid_sets, tuple) else valid_sets,
            "valid_names": valid_names,
            "feval": feval,
            "keep_training_booster": keep_training_booster,
        }

    def _train(self, params: dict[str, Any], watch: Watch) -> tuple[float, Any]:
        import lightgbm as lgb

        callbacks = [*self._lgb_callbacks, watch]
        booster = lgb.train(params, self._train_set, callbacks=callbacks, **self._train_args)
        return booster.best_score[watch.data_set][watch.metric], booster

    def _load(self, file: Path) -> Any:
        import lightgbm as lgb

        return lgb.Booster(model_file=file)


class LightGBMTunerCV(StepwiseTuner):
    """Tune LightGBM step by step, by cross-validation; as :class:`LightGBMTuner` does.

    Args:
        params: Parameters of LightGBM; those that are tuned are where the tuning begins.
        train_set: The data.
        num_boost_round: As in ``lightgbm.cv``, and so the next five.
        folds: The folds: a splitter, or pairs of training and test indices.
        nfold: How many folds, without ``folds``.
        stratified: Whether each fold has the same shares of labels; needs a classification.
        shuffle: Whether samples are shuffled before.
        feval: Further metrics.
        feature_name: The names of the features, for ``train_set``.
        categorical_feature: The features that are categories, for ``train_set``.
        fpreproc: As in ``lightgbm.cv``, and so the next two.
        seed: The seed of the folds.
        callbacks: E.g. ``[lightgbm.early_stopping(50)]``.
        time_budget: Seconds after which no trial is started any more.
        sample_size: With how many samples to work.
        study: The study to use, or to go on with.
        optuna_callbacks: Called with the study and the trial after each trial.
        show_progress_bar: Whether each step shows a bar.
        model_dir: The folder for the boosters of all trials, as ``NUMBER.txt``.
        return_cvbooster: Whether boosters are kept, for :meth:`get_best_booster`.
        optuna_seed: The seed of what is random here.
    """

    def __init__(
        self,
        params: dict[str, Any],
        train_set: Any,
        num_boost_round: int = 1000,
        folds: Any = None,
        nfold: int = 5,
        stratified: bool = True,
        shuffle: bool = True,
        feval: Callable[..., Any] | None = None,
        feature_name: Any = None,
        categorical_feature: Any = None,
        fpreproc: Callable[..., Any] | None = None,
        seed: int = 0,
        callbacks: list[Callable[..., Any]] | None = None,
        time_budget: int | None = None,
        sample_size: int | None = None,
        study: Study | None = None,
        optuna_callbacks: list[Callback] | None = None,
        *,
        show_progress_bar: bool = True,
        model_dir: str | None = None,
        return_cvbooster: bool = False,
        optuna_seed: int | None = None,
    ) -> None:
        _name_features(train_set, feature_name, categorical_feature)
        super().__init__(
            params,
            train_set,
            time_budget,
            sample_size,
            study,
            optuna_callbacks,
            model_dir,
            show_progress_bar,
            optuna_seed,
        )
        self._lgb_callbacks = callbacks or []
        self._cv_args = {
            "num_boost_round": num_boost_round,
            # Each trial needs them anew, which an iterator gives only once.
            "folds": list(folds) if hasattr(folds, "__next__") else folds,
            "nfold": nfold,
            "stratified": stratified,
            "shuffle": shuffle,
            "feval": feval,
            "fpreproc": fpreproc,
            "seed": seed,
            "return_cvbooster": return_cvbooster,
        }

    def get_best_booster(self) -> Any:
        """Give the boosters of the best trial, one a fold.

        Raises:
            ValueError: If they were not kept: ``return_cvbooster`` is not set, or another process
                trained them and there is no ``model_dir``.
        """
        if not self._cv_args["return_cvbooster"]:
            raise ValueError(
                "LightGBMTunerCV.get_best_booster() needs LightGBMTunerCV(return_cvbooster=True)."
            )
        return super().get_best_booster()

    def _train(self, params: dict[str, Any], watch: Watch) -> tuple[float, Any]:
        import lightgbm as lgb

        callbacks = [*self._lgb_callbacks, watch]
        found = lgb.cv(params, self._train_set, callbacks=callbacks, **self._cv_args)
        return found[f"valid {watch.metric}-mean"][-1], found.get("cvbooster")

    def _load(self, file: Path) -> Any:
        import lightgbm as lgb

        return lgb.CVBooster(model_file=file)


def _name_features(train_set: Any, feature_name: Any, categorical_feature: Any) -> None:
    if feature_name is not None:
        train_set.set_feature_name(feature_name)
    if categorical_feature is not None:
        train_set.set_categorical_feature(categorical_feature)
