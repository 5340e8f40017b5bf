"""Prune trials that train with PyTorch-Ignite.

Example::

    def objective(trial):
        prune = steep.integrations.PyTorchIgnitePruningHandler(trial, "accuracy", trainer)
        evaluator.add_event_handler(Events.COMPLETED, prune)
        trainer.run(train, max_epochs=20)
        return evaluator.state.metrics["accuracy"]
"""

from __future__ import annotations

from typing import Any

from steep.integrations.frameworks import framework
from steep.integrations.reporting import prune_or_go_on, unknown_metric
from steep.trial import BaseTrial

with framework("pytorch_ignite"):
    from ignite.engine import Engine

__all__ = ["PyTorchIgnitePruningHandler"]


class PyTorchIgnitePruningHandler:
    """Report a metric of an evaluator whenever it has run, and prune.

    Args:
        trial: The trial.
        metric: The metric of the evaluator.
        trainer: The engine that trains: its epochs are the steps.

    Raises:
        TrialPruned: From inside the training, if the trial is hopeless.
        ValueError: From there as well, if the evaluator has no such metric.
    """

    def __init__(self, trial: BaseTrial, metric: str, trainer: Engine) -> None:
        self._trial = trial
        self._metric = metric
        self._trainer = trainer

    def __call__(self, engine: Any) -> None:
        """Report the newest value; the evaluator calls it.

        Args:
            engine: The evaluator.
        """
        metrics = engine.state.metrics
        if self._metric not in metrics:
            raise unknown_metric("PyTorchIgnitePruningHandler(metric=...)", self._metric, metrics)
        prune_or_go_on(self._trial, metrics[self._metric], self._trainer.state.epoch, "epoch")
