"""What all pruning callbacks do: report a value, and raise where the pruner says so."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping
from typing import Any

from steep.exceptions import TrialPruned
from steep.trial import BaseTrial

__all__ = ["logged", "prune_or_go_on", "unknown_metric"]


def prune_or_go_on(trial: BaseTrial, value: Any, step: int, unit: str) -> None:
    """Report a value and end the trial if it is hopeless.

    Args:
        trial: The trial.
        value: The value to report, or what ``float`` turns into one.
        step: When it was measured, at least 0.
        unit: What a step is, e.g. "epoch", for the message.

    Raises:
        TrialPruned: If the pruner says that the trial is hopeless.

    Example:
        >>> from steep.trial import FixedTrial
        >>> prune_or_go_on(FixedTrial({}), 0.5, step=3, unit="epoch")
    """
    trial.report(float(value), step=step)
    if trial.should_prune():
        raise TrialPruned(f"Trial {trial.number} was pruned at {unit} {step}.")


def unknown_metric(call: str, name: str, known: Iterable[str]) -> ValueError:
    """Make the error for a metric that the framework does not measure.

    Args:
        call: The argument that named it, e.g. ``XGBoostPruningCallback(observation_key=...)``.
        name: What was asked for.
        known: What the framework measures.

    Returns:
        The error, to be raised.

    Example:
        >>> raise unknown_metric("SkorchPruningCallback(monitor=...)", "acc", ["valid_loss"])
        Traceback (most recent call last):
        ValueError: SkorchPruningCallback(monitor=...) got 'acc', which is not measured; give one
        of ['valid_loss'].
    """
    return ValueError(f"{call} got {name!r}, which is not measured; give one of {sorted(known)}.")


def logged(call: str, name: str, logs: Mapping[str, Any]) -> Any | None:
    """Give the value of a metric that is not measured in each epoch.

    Args:
        call: The argument that named it.
        name: The metric.
        logs: What was measured in this epoch.

    Returns:
        The value; None, with a UserWarning, where it was not measured.

    Example:
        >>> logged("KerasPruningCallback(monitor=...)", "loss", {"loss": 0.5})
        0.5
    """
    if name not in logs:
        warnings.warn(
            f"{call} got {name!r}, which was not measured in this epoch; {sorted(logs)} were.",
            stacklevel=3,
        )
    return logs.get(name)
