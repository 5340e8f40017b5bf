"""LightGBM trains, reports, prunes hopeless trials, and is tuned step by step."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import steep

from .learning import N_STEPS, RATES, assert_others_are_pruned, data, study_of

lightgbm = pytest.importorskip("lightgbm", reason="LightGBM is not installed")

LightGBMPruningCallback = steep.integrations.LightGBMPruningCallback
LightGBMTuner = steep.integrations.LightGBMTuner
LightGBMTunerCV = steep.integrations.LightGBMTunerCV

FIXED = {"objective": "binary", "verbosity": -1, "num_threads": 1, "deterministic": True}


def sets() -> tuple[Any, Any]:
    x, y = data()
    train = lightgbm.Dataset(x[:100], y[:100])
    return train, lightgbm.Dataset(x[100:], y[100:], reference=train)


def with_train(trial: Any, metric: str = "binary_logloss", **how: Any) -> float:
    train, valid = sets()
    params = {**FIXED, "learning_rate": RATES[trial.number], "metric": metric}
    callback = LightGBMPruningCallback(trial, metric, **how)
    booster = lightgbm.train(params, train, N_STEPS, valid_sets=[valid], callbacks=[callback])
    value: float = booster.best_score["valid_0"][metric]
    return value


def with_cv(trial: Any) -> float:
    params = {**FIXED, "learning_rate": RATES[trial.number]}
    callback = LightGBMPruningCallback(trial, "binary_logloss")
    whole = lightgbm.Dataset(*data())
    found = lightgbm.cv(params, whole, N_STEPS, nfold=3, callbacks=[callback])
    value: float = found["valid binary_logloss-mean"][-1]
    return value


@pytest.mark.parametrize("objective", [with_train, with_cv])
def test_hopeless_trials_are_pruned(objective: Any) -> None:
    study = study_of(objective)
    assert_others_are_pruned(study)
    reports = study.trials[0].intermediate_values
    assert reports[N_STEPS - 1] == pytest.approx(study.trials[0].value)


def test_reports_may_be_rarer() -> None:
    study = steep.create_study()
    study.optimize(lambda trial: with_train(trial, report_interval=3), n_trials=1)
    assert list(study.trials[0].intermediate_values) == [2, 5]
    with pytest.raises(ValueError, match="report_interval=0"):
        LightGBMPruningCallback(study.ask(), "l2", report_interval=0)


def test_a_trial_without_a_study_will_do() -> None:
    assert with_train(steep.trial.FixedTrial({})) < 0.5


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ({"metric": "auc"}, "create_study(direction='maximize')"),
        ({"valid_name": "held"}, "'binary_logloss of held', which is not measured"),
    ],
)
def test_what_does_not_fit_is_said(how: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011
        steep.create_study().optimize(lambda trial: with_train(trial, **how), n_trials=1)
    assert message in str(caught.value)


# ---- the tuners ----------------------------------------------------------------------------------

ORDER = [
    *["feature_fraction"] * 7,
    *["num_leaves"] * 20,
    *["bagging"] * 10,
    *["feature_fraction_stage2"] * 6,
    *["regularization_factors"] * 20,
    *["min_data_in_leaf"] * 5,
]


def tuner(**how: Any) -> Any:
    train, valid = sets()
    how = {"num_boost_round": 5, "show_progress_bar": False, "optuna_seed": 0, **how}
    return LightGBMTuner(dict(FIXED), train, valid_sets=[valid], **how)


def steps_of(study: steep.Study) -> list[str]:
    return [trial.user_attrs["lightgbm_step"] for trial in study.trials]


def test_the_steps_follow_each_other_and_each_begins_at_the_best_so_far() -> None:
    tuning = tuner()
    tuning.run()
    trials = tuning.study.trials
    assert steps_of(tuning.study) == ORDER
    best: dict[str, Any] = {}
    score = np.inf
    for number, trial in enumerate(trials):
        params = json.loads(trial.user_attrs["lgbm_params"])
        is_first = number > 0 and ORDER[number] != ORDER[number - 1]
        if is_first:
            start = best
        if number >= 7:
            others = {name: v for name, v in params.items() if name not in trial.params}
            assert others == {name: v for name, v in start.items() if name not in trial.params}
        if trial.value < score:
            score, best = trial.value, params
    assert tuning.best_score == score
    assert tuning.best_params == best
    assert {"lambda_l1", "num_leaves", "min_child_samples", "objective"} <= set(best)


def test_the_best_booster_has_the_best_score() -> None:
    tuning = tuner()
    tuning.tune_num_leaves(n_trials=4)
    x, y = data()
    p = tuning.get_best_booster().predict(x[100:])
    loss = -np.mean(np.where(y[100:] == 1, np.log(p), np.log(1 - p)))
    assert loss == pytest.approx(tuning.best_score)


def test_a_tuning_goes_on_where_it_was(tmp_path: Path) -> None:
    study = steep.create_study(storage=f"sqlite:///{tmp_path}/study.db")
    first = tuner(study=study)
    first.tune_feature_fraction(n_trials=3)
    first.tune_num_leaves(n_trials=2)
    again = tuner(study=steep.load_study(study_name=None, storage=study._storage))
    again.tune_feature_fraction(n_trials=3)
    again.tune_num_leaves(n_trials=3)
    assert steps_of(again.study) == ["feature_fraction"] * 3 + ["num_leaves"] * 3


def test_boosters_are_kept_in_a_folder_for_others(tmp_path: Path) -> None:
    tuning = tuner(model_dir=str(tmp_path / "models"))
    tuning.tune_feature_fraction(n_trials=2)
    other = tuner(study=tuning.study, model_dir=str(tmp_path / "models"))
    x, _ = data()
    np.testing.assert_allclose(
        other.get_best_booster().predict(x), tuning.get_best_booster().predict(x)
    )
    with pytest.raises(ValueError, match="model_dir=FOLDER"):
        tuner(study=tuning.study).get_best_booster()


def test_limits_callbacks_and_samples_are_minded() -> None:
    tuning = tuner(time_budget=0)
    tuning.run()
    assert tuning.study.trials == []
    assert tuning.best_params["num_leaves"] == 31

    numbers: list[int] = []
    tuning = tuner(sample_size=40, optuna_callbacks=[lambda _, t: numbers.append(t.number)])
    tuning.sample_train_set()
    tuning.tune_feature_fraction(n_trials=2)
    assert numbers == [0, 1]
    tuning.tune_min_data_in_leaf()
    assert tuning._train_set.num_data() == 40


def test_a_metric_to_maximize_is_maximized() -> None:
    train, valid = sets()
    how: dict[str, Any] = {"num_boost_round": 3, "show_progress_bar": False}
    params = {**FIXED, "metric": ["auc", "binary_logloss"], "colsample_bytree": 0.9}
    tuning = LightGBMTuner(params, train, valid_sets=[train, valid], **how)
    tuning.tune_num_leaves(n_trials=2)
    assert tuning.study.direction.name == "MAXIMIZE"
    assert 0.5 < tuning.best_score <= 1
    assert tuning.best_params["feature_fraction"] == 0.9
    wrong = LightGBMTuner(params, train, valid_sets=[valid], study=steep.create_study(), **how)
    with pytest.raises(ValueError, match="'auc', which is to maximize"):
        wrong.tune_num_leaves(n_trials=1)


def test_a_tuner_needs_a_validation_set() -> None:
    with pytest.raises(ValueError, match="valid_sets=..."):
        LightGBMTuner(dict(FIXED), sets()[0])


def test_cross_validation_tunes_too(tmp_path: Path) -> None:
    x, y = data()
    folds = iter([(np.arange(100), np.arange(100, 200)), (np.arange(100, 200), np.arange(100))])
    how: dict[str, Any] = {"num_boost_round": 3, "show_progress_bar": False}
    tuning = LightGBMTunerCV(
        dict(FIXED),
        lightgbm.Dataset(x, y),
        folds=folds,
        return_cvbooster=True,
        model_dir=str(tmp_path),
        **how,
    )
    tuning.tune_feature_fraction(n_trials=3)
    tuning.tune_min_data_in_leaf()
    assert len(tuning.study.trials) == 8
    assert len(tuning.get_best_booster().boosters) == 2
    assert len(list(tmp_path.iterdir())) == 8
    without = LightGBMTunerCV(dict(FIXED), lightgbm.Dataset(x, y), study=tuning.study, **how)
    with pytest.raises(ValueError, match="return_cvbooster=True"):
        without.get_best_booster()


def test_the_module_stands_for_lightgbm_and_tunes_where_it_trains() -> None:
    import steep.integration.lightgbm as lgb

    assert lgb.Dataset is lightgbm.Dataset
    train, valid = sets()
    seen: list[int] = []
    booster = lgb.train(
        dict(FIXED),
        train,
        2,
        valid_sets=[valid],
        callbacks=[lgb.early_stopping(2, verbose=False)],
        optuna_callbacks=[lambda _, trial: seen.append(trial.number)],
        show_progress_bar=False,
    )
    assert isinstance(booster, lightgbm.Booster)
    assert len(seen) == len(ORDER)
