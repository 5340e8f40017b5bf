"""Prune trials that train with Keras.

$ pip install steep keras torch scikit-learn
$ KERAS_BACKEND=torch python examples/integrations/keras_pruning.py
"""

from __future__ import annotations

import keras
from sklearn.datasets import load_digits

import steep

N_EPOCHS = 6


def objective(trial: steep.Trial) -> float:
    """Train and return the last validation loss."""
    pixels, digits = load_digits(return_X_y=True)
    n_units = trial.suggest_int("n_units", 8, 128, log=True)
    model = keras.Sequential(
        [
            keras.layers.Dense(n_units, activation="relu"),
            keras.layers.Dense(10, activation="softmax"),
        ]
    )
    optimizer = keras.optimizers.Adam(trial.suggest_float("lr", 1e-4, 1e-1, log=True))
    model.compile(optimizer=optimizer, loss="sparse_categorical_crossentropy")
    history = model.fit(
        pixels / 16,
        digits,
        validation_split=0.3,
        batch_size=128,
        epochs=N_EPOCHS,
        verbose=0,
        callbacks=[steep.integrations.KerasPruningCallback(trial, "val_loss")],
    )
    return float(history.history["val_loss"][-1])


def main() -> None:
    """Search, and print what was found."""
    keras.utils.set_random_seed(0)
    study = steep.create_study(sampler=steep.samplers.TPESampler(seed=0))
    study.optimize(objective, n_trials=10)
    pruned = [trial for trial in study.trials if trial.state.name == "PRUNED"]
    print(f"Trials: {len(study.trials)}, of which {len(pruned)} were pruned")
    print(f"Best loss: {study.best_value:.4f} with {study.best_params}")


if __name__ == "__main__":
    main()
