"""Track trials with Weights & Biases, offline.

$ pip install steep wandb scikit-learn
$ python examples/integrations/wandb_tracking.py
"""

from __future__ import annotations

import numpy as np
import wandb
from sklearn.datasets import load_digits
from sklearn.linear_model import SGDClassifier
from sklearn.model_selection import train_test_split

import steep


def objective(trial: steep.Trial) -> float:
    """Train for some epochs and return the share of digits that were told wrongly."""
    split = train_test_split(*load_digits(return_X_y=True), test_size=0.3, random_state=0)
    x_train, x_valid, y_train, y_valid = split
    model = SGDClassifier(
        alpha=trial.suggest_float("alpha", 1e-6, 1.0, log=True),
        penalty=trial.suggest_categorical("penalty", ["l1", "l2"]),
        random_state=0,
    )
    error = 1.0
    for epoch in range(10):
        model.partial_fit(x_train, y_train, classes=np.arange(10))
        error = 1 - model.score(x_valid, y_valid)
        trial.report(error, epoch)
        if trial.should_prune():
            raise steep.TrialPruned
    return float(error)


def main() -> None:
    """Search, and print what was found."""
    study = steep.create_study(study_name="digits", sampler=steep.samplers.TPESampler(seed=0))
    track = steep.integrations.WeightsAndBiasesCallback(
        metric_name="error", wandb_kwargs={"mode": "offline", "project": "digits"}
    )
    study.optimize(objective, n_trials=12, callbacks=[track])
    wandb.finish()
    pruned = [trial for trial in study.trials if trial.state.name == "PRUNED"]
    print(f"Trials: {len(study.trials)}, of which {len(pruned)} were pruned")
    print(f"Best error: {study.best_value:.4f} with {study.best_params}")
    print("Look at them: wandb sync wandb/offline-run-*")


if __name__ == "__main__":
    main()
