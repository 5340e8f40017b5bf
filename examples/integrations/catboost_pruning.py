"""Prune trials that train with CatBoost.

$ pip install steep catboost scikit-learn
$ python examples/integrations/catboost_pruning.py
"""

from __future__ import annotations

from catboost import CatBoostClassifier
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split

import steep


def objective(trial: steep.Trial) -> float:
    """Train 50 rounds and return the loss on data that were not trained on."""
    x, y = load_breast_cancer(return_X_y=True)
    x_train, x_valid, y_train, y_valid = train_test_split(x, y, test_size=0.3, random_state=0)
    model = CatBoostClassifier(
        iterations=50,
        learning_rate=trial.suggest_float("learning_rate", 1e-3, 1.0, log=True),
        depth=trial.suggest_int("depth", 1, 6),
        thread_count=1,
        verbose=False,
        allow_writing_files=False,
    )
    prune = steep.integrations.CatBoostPruningCallback(trial, "Logloss")
    model.fit(x_train, y_train, eval_set=(x_valid, y_valid), callbacks=[prune])
    prune.check_pruned()
    return float(model.get_best_score()["validation"]["Logloss"])


def main() -> None:
    """Search, and print what was found."""
    study = steep.create_study(sampler=steep.samplers.TPESampler(seed=0))
    study.optimize(objective, n_trials=15)
    pruned = [trial for trial in study.trials if trial.state.name == "PRUNED"]
    print(f"Trials: {len(study.trials)}, of which {len(pruned)} were pruned")
    print(f"Best loss: {study.best_value:.4f} with {study.best_params}")


if __name__ == "__main__":
    main()
