"""The trial that an objective gets in another process: it asks the real one, call by call.

A call is ``(name, arguments)``, the answer ``(True, value)`` or ``(False, exception)``. Nothing is
cached here: the real trial alone decides.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from typing import Any, NoReturn

from steep.distributions import BaseDistribution
from steep.trial.base import BaseTrial

__all__ = ["CALLS", "PROPERTIES", "RemoteTrial"]

CALLS = frozenset(
    "_give _given _shuffle _suggest "
    "report require set_constraint set_user_attr should_prune".split()
)
"""The methods of a trial that may be called from elsewhere."""

PROPERTIES = frozenset(
    "constraints datetime_start distributions params relative_params system_attrs "
    "user_attrs".split()
)
"""The properties of a trial that may be read from elsewhere."""


class RemoteTrial(BaseTrial):
    """Be a trial for an objective that runs in another process than its study.

    Args:
        ask: Sends a call to the process of the study, and returns or raises its answer.
        number: The number of the trial.
        trial_id: Its id in the storage.
    """

    def __init__(self, ask: Callable[..., Any], number: int, trial_id: int) -> None:
        self._ask = ask
        self._number = number
        self._trial_id = trial_id

    @property
    def number(self) -> int:
        """Give the number of the trial in its study: 0, 1, 2, ..."""
        return self._number

    @property
    def study(self) -> NoReturn:
        """Refuse: the study is in another process."""
        raise RuntimeError(
            "Trial.study was read in another process than the study's. Give the objective what it "
            "needs as an argument, e.g. with functools.partial, or use n_jobs= without executor=."
        )

    def _suggest(self, name: str, distribution: BaseDistribution) -> Any:
        return self._ask("_suggest", name, distribution)

    def _shuffle(self) -> int | None:
        number: int | None = self._ask("_shuffle")
        return number

    def _given(self) -> dict[str, Any]:
        return self._read("_given")

    def _give(self, values: Mapping[str, Any]) -> None:
        self._ask("_give", dict(values))

    def require(self, condition: bool) -> None:
        """Go on only if a condition is met; see :meth:`steep.trial.Trial.require`."""
        if not condition:
            self._ask("require", False)

    def report(self, value: float, step: int) -> None:
        """Report an intermediate value of the objective; see :meth:`steep.trial.Trial.report`."""
        self._ask("report", value, step)

    def should_prune(self) -> bool:
        """Ask the pruner whether the trial is hopeless."""
        return bool(self._ask("should_prune"))

    def set_user_attr(self, key: str, value: Any) -> None:
        """Set an attribute of the user."""
        self._ask("set_user_attr", key, value)

    def set_constraint(self, key: str, value: float) -> None:
        """Set a constraint value; see :meth:`steep.trial.Trial.set_constraint`."""
        self._ask("set_constraint", key, value)

    @property
    def params(self) -> dict[str, Any]:
        """Give the values suggested so far."""
        return self._read("params")

    @property
    def distributions(self) -> dict[str, BaseDistribution]:
        """Give the distributions suggested from so far."""
        return self._read("distributions")

    @property
    def user_attrs(self) -> dict[str, Any]:
        """Give the attributes of the user."""
        return self._read("user_attrs")

    @property
    def system_attrs(self) -> dict[str, Any]:
        """Give the attributes of the machinery."""
        return self._read("system_attrs")

    @property
    def constraints(self) -> dict[str, float]:
        """Give the constraint values by name."""
        return self._read("constraints")

    @property
    def relative_params(self) -> dict[str, Any]:
        """Give the values that the sampler proposed together."""
        return self._read("relative_params")

    @property
    def datetime_start(self) -> datetime.datetime | None:
        """Give when the trial started, in local time."""
        start: datetime.datetime | None = self._ask("datetime_start")
        return start

    def _read(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = self._ask(name)
        return found
