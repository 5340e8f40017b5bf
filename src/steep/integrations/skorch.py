"""Prune trials that train with skorch.

Example::

    def objective(trial):
        prune = steep.integrations.SkorchPruningCallback(trial, "valid_acc")
        net = NeuralNetClassifier(Net, lr=trial.suggest_float("lr", 1e-3, 1), callbacks=[prune])
        net.fit(x, y)
        return net.history[-1, "valid_acc"]
"""

from __future__ import annotations

from typing import Any

from steep.integrations.frameworks import framework
from steep.integrations.reporting import prune_or_go_on, unknown_metric
from steep.trial import BaseTrial

with framework("skorch"):
    from skorch.callbacks import Callback

__all__ = ["SkorchPruningCallback"]


class SkorchPruningCallback(Callback):
    """Report a metric after each epoch, and prune.

    Args:
        trial: The trial.
        monitor: The column of the history, e.g. ``valid_loss`` or ``valid_acc``.

    Raises:
        TrialPruned: From inside ``fit``, if the trial is hopeless.
        ValueError: From there as well, if the history has no such column.
    """

    # skorch sets parameters by their names, so the attributes have the same.
    def __init__(self, trial: BaseTrial, monitor: str) -> None:
        super().__init__()
        self.trial = trial
        self.monitor = monitor

    def on_epoch_end(self, net: Any, **kwargs: Any) -> None:
        """Report the newest value; skorch calls it after each epoch.

        Args:
            net: The network, with its history.
            **kwargs: What else skorch tells.
        """
        newest = net.history[-1]
        if self.monitor not in newest:
            raise unknown_metric("SkorchPruningCallback(monitor=...)", self.monitor, newest)
        prune_or_go_on(self.trial, newest[self.monitor], len(net.history) - 1, "epoch")
