"""A trial whose parameters the user gives, to run an objective by hand."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

from steep.distributions import BaseDistribution
from steep.trial.base import check_known, warn_out_of_range
from steep.trial.record import RecordedTrial

__all__ = ["FixedTrial"]


class FixedTrial(RecordedTrial):
    """Suggest the given values.

    Args:
        params: Values by name.
        number: The number that the trial shows.

    Example:
        >>> def objective(trial):
        ...     return trial.suggest_float("x", -1, 1) ** 2
        >>> objective(FixedTrial({"x": 0.5}))
        0.25
    """

    def __init__(self, params: dict[str, Any], number: int = 0) -> None:
        self._given_params = params
        self._number = number
        self._params: dict[str, Any] = {}
        self._distributions: dict[str, BaseDistribution] = {}
        self._user_attrs: dict[str, Any] = {}
        self._system_attrs: dict[str, Any] = {}
        self._datetime_start = datetime.datetime.now()

    def _suggest(self, name: str, distribution: BaseDistribution) -> Any:
        if name not in self._given_params:
            raise ValueError(
                f"FixedTrial has no value for the parameter {name!r}; "
                f"add it: FixedTrial({{..., {name!r}: value}})."
            )
        value = self._given_params[name]
        if not distribution.contains(distribution.to_internal_repr(value)):
            warn_out_of_range(name, value, distribution)
        check_known(name, self._distributions.get(name), distribution)
        self._params[name] = value
        self._distributions[name] = distribution
        return value

    def _given(self) -> Mapping[str, Any]:
        return self._given_params

    def _give(self, values: Mapping[str, Any]) -> None:
        self._given_params = {**values, **self._given_params}

    @property
    def params(self) -> dict[str, Any]:
        """Give the values suggested so far."""
        return self._params

    @property
    def distributions(self) -> dict[str, BaseDistribution]:
        """Give the distributions suggested from so far."""
        return self._distributions

    @property
    def user_attrs(self) -> dict[str, Any]:
        """Give the attributes of the user."""
        return self._user_attrs

    @property
    def system_attrs(self) -> dict[str, Any]:
        """Give the attributes of the machinery."""
        return self._system_attrs

    @property
    def datetime_start(self) -> datetime.datetime | None:
        """Give when the trial was made, in local time."""
        return self._datetime_start

    @property
    def number(self) -> int:
        """Give the number that the trial shows."""
        return self._number
