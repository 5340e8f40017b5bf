"""Prune trials that train boosted trees with XGBoost.

$ pip install steep xgboost scikit-learn
$ python examples/integrations/xgboost_pruning.py
"""

from __future__ import annotations

import xgboost as xgb
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split

import steep


def objective(trial: steep.Trial) -> float:
    """Train 50 rounds and return the loss on data that were not trained on."""
    x, y = load_breast_cancer(return_X_y=True)
    x_train, x_valid, y_train, y_valid = train_test_split(x, y, test_size=0.3, random_state=0)
    params = {
        "objective": "binary:logistic",
        "eval_metric": "logloss",
        "eta": trial.suggest_float("eta", 1e-3, 1.0, log=True),
        "max_depth": trial.suggest_int("max_depth", 1, 8),
        "lambda": trial.suggest_float("lambda", 1e-3, 10.0, log=True),
        "nthread": 1,
    }
    losses: dict[str, dict[str, list[float]]] = {}
    xgb.train(
        params,
        xgb.DMatrix(x_train, y_train),
        50,
        evals=[(xgb.DMatrix(x_valid, y_valid), "valid")],
        evals_result=losses,
        callbacks=[steep.integrations.XGBoostPruningCallback(trial, "valid-logloss")],
        verbose_eval=False,
    )
    return losses["valid"]["logloss"][-1]


def main() -> None:
    """Search, and print what was found."""
    study = steep.create_study(sampler=steep.samplers.TPESampler(seed=0))
    study.optimize(objective, n_trials=30)
    pruned = [trial for trial in study.trials if trial.state.name == "PRUNED"]
    print(f"Trials: {len(study.trials)}, of which {len(pruned)} were pruned")
    print(f"Best loss: {study.best_value:.4f} with {study.best_params}")


if __name__ == "__main__":
    main()
