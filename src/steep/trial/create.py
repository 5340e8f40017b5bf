"""Make trials by hand, to add them to a study."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any

from steep.distributions import BaseDistribution, without_deprecated
from steep.states import TrialState
from steep.trial.frozen import FrozenTrial

__all__ = ["create_trial"]


def create_trial(
    *,
    state: TrialState = TrialState.COMPLETE,
    value: float | None = None,
    values: Sequence[float] | None = None,
    params: dict[str, Any] | None = None,
    distributions: dict[str, BaseDistribution] | None = None,
    user_attrs: dict[str, Any] | None = None,
    system_attrs: dict[str, Any] | None = None,
    intermediate_values: dict[int, float] | None = None,
    constraints: dict[str, float] | None = None,
) -> FrozenTrial:
    """Make a trial to add to a study.

    Args:
        state: Where it stands.
        value: The objective value.
        values: The objective values of several objectives.
        params: Values by name.
        distributions: Distributions by name, one for each parameter.
        user_attrs: Attributes of the user.
        system_attrs: Attributes of the machinery.
        intermediate_values: Reported values by step.
        constraints: Constraint values by name.

    Returns:
        A trial without a number; a study gives it one.

    Raises:
        ValueError: If the arguments do not fit together.

    Example:
        >>> import steep
        >>> study = steep.create_study()
        >>> study.add_trial(
        ...     steep.create_trial(
        ...         value=0.25,
        ...         params={"x": 0.5},
        ...         distributions={"x": steep.distributions.FloatDistribution(0, 1)},
        ...     )
        ... )
        >>> study.best_params
        {'x': 0.5}
    """
    now = datetime.datetime.now()
    trial = FrozenTrial(
        number=-1,
        trial_id=-1,
        state=state,
        value=value,
        values=values,
        datetime_start=None if state == TrialState.WAITING else now,
        datetime_complete=now if state.is_finished() else None,
        params=params or {},
        distributions={n: without_deprecated(d) for n, d in (distributions or {}).items()},
        user_attrs=user_attrs or {},
        system_attrs=dict(system_attrs or {}),
        intermediate_values=intermediate_values or {},
    )
    for key, constraint in (constraints or {}).items():
        trial.set_constraint(key, constraint)
    trial.validate()
    return trial
