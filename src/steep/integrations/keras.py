"""Prune trials that train with Keras, on whichever of its backends.

Example::

    def objective(trial):
        model = build(n_units=trial.suggest_int("n_units", 8, 128))
        prune = steep.integrations.KerasPruningCallback(trial, "val_loss")
        history = model.fit(x, y, validation_split=0.2, epochs=20, callbacks=[prune])
        return history.history["val_loss"][-1]
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from steep.integrations.frameworks import framework
from steep.integrations.reporting import logged, prune_or_go_on
from steep.trial import BaseTrial

with framework("keras"):
    from keras.callbacks import Callback

__all__ = ["KerasPruningCallback"]


class KerasPruningCallback(Callback):
    """Report a metric after each epoch, and prune.

    Args:
        trial: The trial.
        monitor: The metric, e.g. ``val_loss``; an epoch that does not measure it gets a
            UserWarning and reports nothing.
        interval: After how many epochs it reports, ≥ 1.

    Raises:
        TrialPruned: From inside ``fit``, if the trial is hopeless.
    """

    def __init__(self, trial: BaseTrial, monitor: str, interval: int = 1) -> None:
        super().__init__()
        if interval < 1:
            raise ValueError(f"KerasPruningCallback(interval={interval}): give 1 or more.")
        self._trial = trial
        self._monitor = monitor
        self._interval = interval

    def on_epoch_end(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        """Report the newest value; Keras calls it after each epoch.

        Args:
            epoch: The number of the epoch, from 0.
            logs: What was measured.
        """
        if (epoch + 1) % self._interval:
            return
        value = logged("KerasPruningCallback(monitor=...)", self._monitor, logs or {})
        if value is not None:
            prune_or_go_on(self._trial, value, epoch, "epoch")
