"""XGBoost trains, reports every round, and hopeless trials are pruned."""

from __future__ import annotations

from typing import Any

import pytest

import steep

from .learning import N_STEPS, RATES, assert_others_are_pruned, data, study_of

xgb = pytest.importorskip("xgboost", reason="XGBoost is not installed")


def with_train(trial: Any) -> float:
    x, y = data()
    params = {
        "eta": RATES[trial.number],
        "objective": "binary:logistic",
        "eval_metric": "logloss",
        "nthread": 1,
    }
    callback = steep.integrations.XGBoostPruningCallback(trial, "valid-logloss")
    log: dict[str, Any] = {}
    xgb.train(
        params,
        xgb.DMatrix(x[:100], y[:100]),
        N_STEPS,
        evals=[(xgb.DMatrix(x[100:], y[100:]), "valid")],
        evals_result=log,
        callbacks=[callback],
        verbose_eval=False,
    )
    value: float = log["valid"]["logloss"][-1]
    return value


def with_cv(trial: Any) -> float:
    x, y = data()
    params = {"eta": RATES[trial.number], "objective": "binary:logistic", "nthread": 1}
    callback = steep.integrations.XGBoostPruningCallback(trial, "test-logloss")
    everything = xgb.DMatrix(x, y)
    found = xgb.cv(
        params,
        everything,
        N_STEPS,
        nfold=3,
        metrics="logloss",
        callbacks=[callback],
        seed=0,
    )
    return float(found["test-logloss-mean"].iloc[-1])


def with_the_estimator(trial: Any) -> float:
    x, y = data()
    callback = steep.integrations.XGBoostPruningCallback(trial, "validation_0-logloss")
    model = xgb.XGBClassifier(
        n_estimators=N_STEPS,
        learning_rate=RATES[trial.number],
        eval_metric="logloss",
        n_jobs=1,
        callbacks=[callback],
    )
    model.fit(x[:100], y[:100], eval_set=[(x[100:], y[100:])], verbose=False)
    value: float = model.evals_result()["validation_0"]["logloss"][-1]
    return value


@pytest.mark.parametrize("objective", [with_train, with_cv, with_the_estimator])
def test_hopeless_trials_are_pruned(objective: Any) -> None:
    study = study_of(objective)
    assert_others_are_pruned(study)
    reports = study.trials[0].intermediate_values
    assert reports[N_STEPS - 1] == pytest.approx(study.trials[0].value)


def test_an_unknown_metric_is_named_with_the_known_ones() -> None:
    def objective(trial: Any) -> float:
        callback = steep.integrations.XGBoostPruningCallback(trial, "valid-auc")
        x = xgb.DMatrix(*data())
        params = {"eval_metric": "rmse", "nthread": 1}
        xgb.train(params, x, 1, evals=[(x, "valid")], callbacks=[callback], verbose_eval=False)
        return 0.0

    with pytest.raises(ValueError, match="'valid-auc', which is not measured.*valid-rmse"):
        steep.create_study().optimize(objective, n_trials=1)
