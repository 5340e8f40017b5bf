"""A part of a trial, whose parameters carry the name of the part in front."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

from steep.distributions import BaseDistribution
from steep.trial.base import BaseTrial

__all__ = ["ScopedTrial"]


class ScopedTrial(BaseTrial):
    """Be a view of a trial that puts a prefix before the names of parameters.

    It does everything that the trial does. Only parameters have the prefix: reports, attributes
    and constraints are those of the whole trial.

    Args:
        trial: The trial.
        name: What stands before the names, followed by a dot.

    Raises:
        ValueError: If the name is empty, or no string.

    Example:
        >>> from steep.trial import FixedTrial
        >>> trial = FixedTrial({"optimizer.lr": 0.1, "optimizer.decay.rate": 0.9})
        >>> optimizer = trial.scope("optimizer")
        >>> optimizer.suggest_float("lr", 0, 1)
        0.1
        >>> optimizer.scope("decay").suggest_float("rate", 0, 1)
        0.9
        >>> optimizer.params, list(trial.params)
        ({'lr': 0.1, 'decay.rate': 0.9}, ['optimizer.lr', 'optimizer.decay.rate'])
    """

    def __init__(self, trial: BaseTrial, name: str) -> None:
        if type(name) is not str or not name:
            raise ValueError(f"Trial.scope({name!r}): give a name that is not empty.")
        self._trial = trial
        self._prefix = f"{name}."

    def __getattr__(self, name: str) -> Any:
        if name == "_trial":  # while it is unpickled
            raise AttributeError(name)
        return getattr(self._trial, name)

    def __repr__(self) -> str:
        return f"{self._trial!r}.scope({self._prefix[:-1]!r})"

    def _suggest(self, name: str, distribution: BaseDistribution) -> Any:
        return self._trial._suggest(self._prefix + name, distribution)

    def _shuffle(self) -> int | None:
        return self._trial._shuffle()

    def _given(self) -> dict[str, Any]:
        return self._own(self._trial._given())

    def _give(self, values: Mapping[str, Any]) -> None:
        self._trial._give({self._prefix + name: value for name, value in values.items()})

    def _own(self, found: Mapping[str, Any]) -> dict[str, Any]:
        prefix = self._prefix
        return {n.removeprefix(prefix): v for n, v in found.items() if n.startswith(prefix)}

    def require(self, condition: bool) -> None:
        """Go on only if a condition is met; see ``Trial.require``.

        Args:
            condition: Whether the values may be evaluated.
        """
        self._trial.require(condition)

    def report(self, value: float, step: int) -> None:
        """Report an intermediate value of the whole trial.

        Args:
            value: The value.
            step: When it was measured.
        """
        self._trial.report(value, step)

    def should_prune(self) -> bool:
        """Tell whether the whole trial is hopeless and should be stopped."""
        return self._trial.should_prune()

    def set_user_attr(self, key: str, value: Any) -> None:
        """Set an attribute of the whole trial.

        Args:
            key: Its name.
            value: Its value.
        """
        self._trial.set_user_attr(key, value)

    def set_constraint(self, key: str, value: float) -> None:
        """Set a constraint value of the whole trial.

        Args:
            key: The name of the constraint.
            value: Its value; a positive one makes the trial infeasible.
        """
        self._trial.set_constraint(key, value)

    @property
    def number(self) -> int:
        """Give the number of the trial in its study."""
        return self._trial.number

    @property
    def params(self) -> dict[str, Any]:
        """Give the values of the parameters in this part, by their names in it."""
        return self._own(self._trial.params)

    @property
    def distributions(self) -> dict[str, BaseDistribution]:
        """Give the distributions of the parameters in this part, by their names in it."""
        return self._own(self._trial.distributions)

    @property
    def user_attrs(self) -> dict[str, Any]:
        """Give the attributes of the user of the whole trial."""
        return self._trial.user_attrs

    @property
    def constraints(self) -> dict[str, float]:
        """Give the constraint values of the whole trial."""
        return self._trial.constraints

    @property
    def datetime_start(self) -> datetime.datetime | None:
        """Give when the trial started, in local time."""
        return self._trial.datetime_start
