"""XGBoost trains, reports every round, and hopeless trials are pruned."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import steep

xgb = pytest.importorskip("xgboost", reason="XGBoost is not installed")

# Trial 0 learns; the others, whose step is zero, stay where they began and fall behind.
ETAS = [0.5, 0.0, 0.0]
N_ROUNDS = 8


def data(n: int = 200) -> tuple[np.ndarray, np.ndarray]:
    x = np.random.default_rng(0).normal(size=(n, 3))
    return x, (x[:, 0] + x[:, 1] > 0).astype(int)


def pruned_study(objective: Any) -> steep.Study:
    study = steep.create_study(pruner=steep.pruners.MedianPruner(n_startup_trials=1))
    study.optimize(objective, n_trials=len(ETAS))
    return study


def with_train(trial: Any) -> float:
    x, y = data()
    params = {
        "eta": ETAS[trial.number],
        "objective": "binary:logistic",
        "eval_metric": "logloss",
        "nthread": 1,
    }
    callback = steep.integrations.XGBoostPruningCallback(trial, "valid-logloss")
    log: dict[str, Any] = {}
    xgb.train(
        params,
        xgb.DMatrix(x[:100], y[:100]),
        N_ROUNDS,
        evals=[(xgb.DMatrix(x[100:], y[100:]), "valid")],
        evals_result=log,
        callbacks=[callback],
        verbose_eval=False,
    )
    value: float = log["valid"]["logloss"][-1]
    return value


def with_cv(trial: Any) -> float:
    x, y = data()
    params = {"eta": ETAS[trial.number], "objective": "binary:logistic", "nthread": 1}
    callback = steep.integrations.XGBoostPruningCallback(trial, "test-logloss")
    everything = xgb.DMatrix(x, y)
    found = xgb.cv(
        params,
        everything,
        N_ROUNDS,
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
        n_estimators=N_ROUNDS,
        learning_rate=ETAS[trial.number],
        eval_metric="logloss",
        n_jobs=1,
        callbacks=[callback],
    )
    model.fit(x[:100], y[:100], eval_set=[(x[100:], y[100:])], verbose=False)
    value: float = model.evals_result()["validation_0"]["logloss"][-1]
    return value


@pytest.mark.parametrize("objective", [with_train, with_cv, with_the_estimator])
def test_hopeless_trials_are_pruned(objective: Any) -> None:
    first, *others = pruned_study(objective).trials
    assert first.state.name == "COMPLETE"
    assert list(first.intermediate_values) == list(range(N_ROUNDS))
    assert first.intermediate_values[N_ROUNDS - 1] == pytest.approx(first.value)
    assert [t.state.name for t in others] == ["PRUNED", "PRUNED"]
    assert all(len(t.intermediate_values) < N_ROUNDS for t in others)


def test_an_unknown_metric_is_named_with_the_known_ones() -> None:
    def objective(trial: Any) -> float:
        callback = steep.integrations.XGBoostPruningCallback(trial, "valid-auc")
        x = xgb.DMatrix(*data())
        params = {"eval_metric": "rmse", "nthread": 1}
        xgb.train(params, x, 1, evals=[(x, "valid")], callbacks=[callback], verbose_eval=False)
        return 0.0

    with pytest.raises(ValueError, match="'valid-auc', which is not measured.*valid-rmse"):
        steep.create_study().optimize(objective, n_trials=1)
