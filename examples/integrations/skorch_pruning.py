"""Prune trials that train with skorch.

$ pip install steep torch skorch scikit-learn
$ python examples/integrations/skorch_pruning.py
"""

from __future__ import annotations

import torch
from sklearn.datasets import load_digits
from skorch import NeuralNetClassifier

import steep

N_EPOCHS = 8


def objective(trial: steep.Trial) -> float:
    """Train and return the last validation loss."""
    pixels, digits = load_digits(return_X_y=True)
    n_units = trial.suggest_int("n_units", 8, 128, log=True)
    layers = torch.nn.Sequential(
        torch.nn.Linear(64, n_units), torch.nn.ReLU(), torch.nn.Linear(n_units, 10)
    )
    net = NeuralNetClassifier(
        layers,
        criterion=torch.nn.CrossEntropyLoss,
        optimizer=torch.optim.Adam,
        lr=trial.suggest_float("lr", 1e-4, 1e-1, log=True),
        max_epochs=N_EPOCHS,
        verbose=0,
        callbacks=[steep.integrations.SkorchPruningCallback(trial, "valid_loss")],
    )
    net.fit((pixels / 16).astype("float32"), digits)
    return float(net.history[-1, "valid_loss"])


def main() -> None:
    """Search, and print what was found."""
    torch.manual_seed(0)
    study = steep.create_study(sampler=steep.samplers.TPESampler(seed=0))
    study.optimize(objective, n_trials=12)
    pruned = [trial for trial in study.trials if trial.state.name == "PRUNED"]
    print(f"Trials: {len(study.trials)}, of which {len(pruned)} were pruned")
    print(f"Best loss: {study.best_value:.4f} with {study.best_params}")


if __name__ == "__main__":
    main()
