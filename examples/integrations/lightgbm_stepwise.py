"""Tune LightGBM step by step, and prune trials of an own search.

$ pip install steep lightgbm scikit-learn
$ python examples/integrations/lightgbm_stepwise.py
"""

from __future__ import annotations

import lightgbm as lgb
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split

import steep
from steep.integrations import LightGBMPruningCallback, LightGBMTuner

FIXED = {"objective": "binary", "verbosity": -1, "num_threads": 1, "deterministic": True}


def data() -> tuple[lgb.Dataset, lgb.Dataset]:
    """Return the training and the validation data."""
    x, y = load_breast_cancer(return_X_y=True)
    x_train, x_valid, y_train, y_valid = train_test_split(x, y, test_size=0.3, random_state=0)
    train = lgb.Dataset(x_train, y_train)
    return train, lgb.Dataset(x_valid, y_valid, reference=train)


def objective(trial: steep.Trial) -> float:
    """Train 50 rounds and return the loss on data that were not trained on."""
    train, valid = data()
    params = {
        **FIXED,
        "learning_rate": trial.suggest_float("learning_rate", 1e-3, 1.0, log=True),
        "num_leaves": trial.suggest_int("num_leaves", 2, 64),
    }
    prune = LightGBMPruningCallback(trial, "binary_logloss")
    booster = lgb.train(params, train, 50, valid_sets=[valid], callbacks=[prune])
    return float(booster.best_score["valid_0"]["binary_logloss"])


def main() -> None:
    """Search in both ways, and print what was found."""
    study = steep.create_study(sampler=steep.samplers.TPESampler(seed=0))
    study.optimize(objective, n_trials=20)
    pruned = [trial for trial in study.trials if trial.state.name == "PRUNED"]
    print(f"Trials: {len(study.trials)}, of which {len(pruned)} were pruned")
    print(f"Best loss: {study.best_value:.4f} with {study.best_params}")

    train, valid = data()
    params = {**FIXED, "learning_rate": study.best_params["learning_rate"]}
    tuner = LightGBMTuner(
        params, train, 50, valid_sets=[valid], optuna_seed=0, show_progress_bar=False
    )
    tuner.run()
    print(f"Best loss of the step-wise tuner: {tuner.best_score:.4f}")


if __name__ == "__main__":
    main()
