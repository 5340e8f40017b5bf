"""Prune trials that train with PyTorch Lightning.

$ pip install steep torch lightning scikit-learn
$ python examples/integrations/lightning_pruning.py
"""

from __future__ import annotations

import logging

import lightning.pytorch as pl
import torch
from sklearn.datasets import load_digits
from torch.utils.data import DataLoader, TensorDataset, random_split

import steep

N_EPOCHS = 6


class Digits(pl.LightningModule):
    """Tell digits apart with one hidden layer."""

    def __init__(self, n_units: int, lr: float) -> None:
        super().__init__()
        self.layers = torch.nn.Sequential(
            torch.nn.Linear(64, n_units), torch.nn.ReLU(), torch.nn.Linear(n_units, 10)
        )
        self.lr = lr

    def training_step(self, batch: list[torch.Tensor], _: int) -> torch.Tensor:
        """Give the loss of a batch."""
        return torch.nn.functional.cross_entropy(self.layers(batch[0]), batch[1])

    def validation_step(self, batch: list[torch.Tensor], _: int) -> None:
        """Log the loss of a batch."""
        self.log("val_loss", torch.nn.functional.cross_entropy(self.layers(batch[0]), batch[1]))

    def configure_optimizers(self) -> torch.optim.Optimizer:
        """Give the optimizer."""
        return torch.optim.Adam(self.parameters(), lr=self.lr)


def loaders() -> tuple[DataLoader, DataLoader]:
    """Return the training and the validation data."""
    pixels, digits = load_digits(return_X_y=True)
    whole = TensorDataset(torch.tensor(pixels / 16, dtype=torch.float32), torch.tensor(digits))
    train, valid = random_split(whole, [0.7, 0.3], torch.Generator().manual_seed(0))
    return DataLoader(train, batch_size=128), DataLoader(valid, batch_size=len(valid))


def objective(trial: steep.Trial) -> float:
    """Train and return the last validation loss."""
    model = Digits(
        n_units=trial.suggest_int("n_units", 8, 128, log=True),
        lr=trial.suggest_float("lr", 1e-4, 1e-1, log=True),
    )
    trainer = pl.Trainer(
        max_epochs=N_EPOCHS,
        accelerator="cpu",
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        callbacks=[steep.integrations.PyTorchLightningPruningCallback(trial, "val_loss")],
    )
    trainer.fit(model, *loaders())
    return float(trainer.callback_metrics["val_loss"])


def main() -> None:
    """Search, and print what was found."""
    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    pl.seed_everything(0, verbose=False)
    study = steep.create_study(sampler=steep.samplers.TPESampler(seed=0))
    study.optimize(objective, n_trials=10)
    pruned = [trial for trial in study.trials if trial.state.name == "PRUNED"]
    print(f"Trials: {len(study.trials)}, of which {len(pruned)} were pruned")
    print(f"Best loss: {study.best_value:.4f} with {study.best_params}")


if __name__ == "__main__":
    main()
