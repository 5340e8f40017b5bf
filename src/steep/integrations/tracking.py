"""What all trackers of experiments log of a trial: its values by name."""

from __future__ import annotations

from collections.abc import Sequence

from steep.trial import FrozenTrial

__all__ = ["named_values"]


def named_values(
    call: str, metric_name: str | Sequence[str], trial: FrozenTrial
) -> dict[str, float]:
    """Give the objective values of a trial by name.

    Args:
        call: The argument with the names, e.g. ``MLflowCallback(metric_name=...)``.
        metric_name: One name, which several values number, or a name for each value.
        trial: The trial.

    Returns:
        Name -> value; empty for a trial without values.

    Raises:
        ValueError: If there are as many names as values, but not the same number.

    Example:
        >>> from steep.trial import create_trial
        >>> trial = create_trial(values=[0.5, 2.0])
        >>> named_values("MLflowCallback(metric_name=...)", "loss", trial)
        {'loss_0': 0.5, 'loss_1': 2.0}
    """
    values = trial.values or []
    if not isinstance(metric_name, str):
        if values and len(values) != len(metric_name):
            raise ValueError(
                f"{call} got {len(metric_name)} names {list(metric_name)} for {len(values)} "
                "objectives; give one name for each."
            )
        return dict(zip(metric_name, values, strict=False))
    if len(values) == 1:
        return {metric_name: values[0]}
    return {f"{metric_name}_{number}": value for number, value in enumerate(values)}
