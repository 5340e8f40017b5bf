"""Prune trials that train with PyTorch Lightning.

Example::

    def objective(trial):
        prune = steep.integrations.PyTorchLightningPruningCallback(trial, monitor="val_loss")
        trainer = lightning.Trainer(max_epochs=20, callbacks=[prune])
        trainer.fit(Model(lr=trial.suggest_float("lr", 1e-4, 1e-1, log=True)), train, valid)
        return trainer.callback_metrics["val_loss"].item()

With ``strategy="ddp"`` Lightning runs the program once a process. Give a
:class:`~steep.integrations.TorchDistributedTrial` there, so that all processes stop together.
"""

from __future__ import annotations

from typing import Any

from steep.integrations.frameworks import framework
from steep.integrations.reporting import logged, prune_or_go_on
from steep.trial import BaseTrial

with framework("pytorch_lightning"):
    from lightning.pytorch.callbacks import Callback
    from lightning.pytorch.strategies.launchers import _MultiProcessingLauncher

__all__ = ["PyTorchLightningPruningCallback"]


class PyTorchLightningPruningCallback(Callback):
    """Report a metric after each validation, and prune.

    Args:
        trial: The trial.
        monitor: The metric that the module logs, e.g. ``val_loss``; a validation that does not
            log it gets a UserWarning and reports nothing.

    Raises:
        TrialPruned: From inside ``fit``, if the trial is hopeless.
        ValueError: From there as well, if the strategy runs ``fit`` in processes that the trial
            does not reach.
    """

    def __init__(self, trial: BaseTrial, monitor: str) -> None:
        super().__init__()
        self._trial = trial
        self._monitor = monitor

    def setup(self, trainer: Any, pl_module: Any, stage: str) -> None:
        """Refuse strategies that start processes of their own; Lightning calls it first.

        Args:
            trainer: The trainer.
            pl_module: The module.
            stage: What it is about to do.
        """
        if isinstance(trainer.strategy.launcher, _MultiProcessingLauncher):
            raise ValueError(
                "PyTorchLightningPruningCallback: Trainer(strategy=...) runs fit in processes "
                "whose reports do not reach the study; use strategy='ddp' and give the callback a "
                "TorchDistributedTrial."
            )

    def on_validation_end(self, trainer: Any, pl_module: Any) -> None:
        """Report the newest value; Lightning calls it after each validation.

        Args:
            trainer: The trainer.
            pl_module: The module.
        """
        if trainer.sanity_checking:
            return  # it validates an untrained module
        metrics = trainer.callback_metrics
        value = logged("PyTorchLightningPruningCallback(monitor=...)", self._monitor, metrics)
        if value is not None:
            prune_or_go_on(self._trial, value.item(), trainer.current_epoch, "epoch")

    def check_pruned(self) -> None:
        """Do nothing: a hopeless trial has left ``fit`` by TrialPruned.

        Programs for Optuna call it after ``fit``, since there some strategies only stop.
        """
