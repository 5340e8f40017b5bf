"""Which framework each integration needs, and what is said where it is missing."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["FRAMEWORKS", "framework", "is_installed"]

# The module of this package -> what Python imports, what pip installs.
FRAMEWORKS: dict[str, tuple[str, str]] = {
    "catboost": ("catboost", "catboost"),
    "keras": ("keras", "keras"),
    "lightgbm": ("lightgbm", "lightgbm"),
    "mlflow": ("mlflow", "mlflow"),
    "pytorch_distributed": ("torch", "torch"),
    "pytorch_ignite": ("ignite", "pytorch-ignite"),
    "pytorch_lightning": ("lightning", "lightning"),
    "sklearn": ("sklearn", "scikit-learn"),
    "skorch": ("skorch", "skorch"),
    "tensorboard": ("tensorboard", "tensorboard"),
    "tfkeras": ("keras", "keras"),
    "transformers": ("transformers", "transformers"),
    "wandb": ("wandb", "wandb"),
    "xgboost": ("xgboost", "xgboost"),
}


@contextmanager
def framework(module: str) -> Iterator[None]:
    """Import the framework of an integration inside, or say in one line how to install it.

    Args:
        module: The name of the integration.

    Raises:
        ModuleNotFoundError: If the framework is not installed, with the command that does it.

    Example:
        >>> with framework("xgboost"):
        ...     raise ModuleNotFoundError(name="xgboost")
        Traceback (most recent call last):
        ModuleNotFoundError: steep.integrations.xgboost needs xgboost: pip install xgboost
    """
    package, install = FRAMEWORKS[module]
    try:
        yield
    except ModuleNotFoundError as error:
        # What the framework itself misses is the framework's to explain.
        if (error.name or "").partition(".")[0] != package:
            raise
        raise ModuleNotFoundError(
            f"steep.integrations.{module} needs {install}: pip install {install}", name=package
        ) from None


def is_installed(module: str) -> bool:
    """Tell whether the framework of an integration is installed, without importing it.

    Args:
        module: The name of the integration.

    Returns:
        Whether it is.
    """
    return importlib.util.find_spec(FRAMEWORKS[module][0]) is not None
