"""One trial for all processes of a distributed training with PyTorch.

Example::

    def objective(single_trial):  # rank 0 runs study.optimize, the others loop
        trial = steep.integrations.TorchDistributedTrial(single_trial)
        lr = trial.suggest_float("lr", 1e-4, 1e-1, log=True)
        for epoch in range(10):
            trial.report(train_one_epoch(lr), epoch)
            if trial.should_prune():
                raise steep.TrialPruned()
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

from steep.distributions import BaseDistribution
from steep.integrations.frameworks import framework
from steep.trial import BaseTrial

with framework("pytorch_distributed"):
    from torch import distributed

__all__ = ["TorchDistributedTrial"]


class TorchDistributedTrial(BaseTrial):
    """Do on rank 0 what is asked of the trial, and tell every rank the answer.

    All ranks make the same calls in the same order, as with every collective of PyTorch; an
    exception on rank 0 is raised on all of them. Properties are known locally.

    Args:
        trial: The trial on rank 0; None on the other ranks.
        group: The process group; None for the default one.

    Raises:
        ValueError: If rank 0 has no trial.
    """

    def __init__(self, trial: BaseTrial | None, group: Any = None) -> None:
        self._group = group
        self._first = 0 if group is None else distributed.get_global_rank(group, 0)
        self._trial: Any = trial
        started = self._shared(self._begin)
        self._number: int = started[0]
        self._datetime_start: datetime.datetime | None = started[1]
        self._refresh()

    def _begin(self) -> tuple[int, datetime.datetime | None]:
        if self._trial is None:
            raise ValueError("TorchDistributedTrial(None): rank 0 needs the trial; others do not.")
        return self._trial.number, self._trial.datetime_start

    def _refresh(self) -> None:
        """Learn what rank 0 knows of the trial."""
        self._params, self._distributions, self._user_attrs, self._constraints = self._shared(
            lambda: (
                self._trial.params,
                self._trial.distributions,
                self._trial.user_attrs,
                self._trial.constraints,
            )
        )

    def _shared(self, function: Callable[[], Any]) -> Any:
        """Call a function on rank 0, and give its result, or raise its exception, on all ranks."""
        answer: list[Any] = [None, None]
        if distributed.get_rank() == self._first:
            try:
                answer[0] = function()
            except Exception as error:  # whatever it is, no rank may wait for ever
                answer[1] = error
        distributed.broadcast_object_list(answer, self._first, self._group)
        if answer[1] is not None:
            raise answer[1]
        return answer[0]

    def _suggest(self, name: str, distribution: BaseDistribution) -> Any:
        value = self._shared(lambda: self._trial._suggest(name, distribution))
        self._params[name] = value
        self._distributions.setdefault(name, distribution)
        return value

    def _given(self) -> Any:
        return self._shared(lambda: dict(self._trial._given()))

    def _give(self, values: Any) -> None:
        self._shared(lambda: self._trial._give(values))

    def _shuffle(self) -> int | None:
        number: int | None = self._shared(lambda: self._trial._shuffle())  # noqa: PLW0108
        return number

    def report(self, value: float, step: int) -> None:
        """Report an intermediate value: that of rank 0.

        Args:
            value: The value; average it over the ranks before, if they differ.
            step: When it was measured, at least 0.
        """
        self._shared(lambda: self._trial.report(value, step))

    def should_prune(self) -> bool:
        """Tell all ranks alike whether the trial is hopeless.

        Returns:
            Whether the objective should raise :class:`~steep.exceptions.TrialPruned`.
        """
        answer: bool = self._shared(lambda: self._trial.should_prune())  # noqa: PLW0108
        return answer

    def set_user_attr(self, key: str, value: Any) -> None:
        """Set an attribute of the user: the value of rank 0.

        Args:
            key: The name of the attribute.
            value: The value.
        """
        self._shared(lambda: self._trial.set_user_attr(key, value))
        self._refresh()

    def set_constraint(self, key: str, value: float) -> None:
        """Set a constraint value: that of rank 0.

        Args:
            key: The name of the constraint.
            value: Its value; a positive one makes the trial infeasible.
        """
        self._shared(lambda: self._trial.set_constraint(key, value))
        self._refresh()

    @property
    def number(self) -> int:
        """Give the number of the trial in its study."""
        return self._number

    @property
    def params(self) -> dict[str, Any]:
        """Give the values suggested so far."""
        return dict(self._params)

    @property
    def distributions(self) -> dict[str, BaseDistribution]:
        """Give the distributions suggested from so far."""
        return dict(self._distributions)

    @property
    def user_attrs(self) -> dict[str, Any]:
        """Give the attributes of the user."""
        return dict(self._user_attrs)

    @property
    def constraints(self) -> dict[str, float]:
        """Give the constraint values by name."""
        return dict(self._constraints)

    @property
    def datetime_start(self) -> datetime.datetime | None:
        """Give when the trial started, in local time."""
        return self._datetime_start
