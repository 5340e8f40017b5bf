"""The name that Optuna has for Keras inside TensorFlow; Keras is one package today."""

from __future__ import annotations

from steep.integrations.frameworks import framework

with framework("tfkeras"):
    import keras  # noqa: F401  # it has to be there before the next line

from steep.integrations.keras import KerasPruningCallback

__all__ = ["TFKerasPruningCallback"]


class TFKerasPruningCallback(KerasPruningCallback):
    """Be :class:`KerasPruningCallback` under its old name.

    Args:
        trial: The trial.
        monitor: The metric, e.g. ``val_loss``.
    """
