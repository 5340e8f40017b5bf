"""Line up another trial for one whose worker was lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from steep.events import Add, Changes
from steep.states import TrialState
from steep.storages.older import older_name_of
from steep.trial.frozen import FrozenTrial

if TYPE_CHECKING:
    from steep.study import Study

__all__ = ["RetryFailedTrialCallback", "RetryHeartbeatStaleTrialCallback"]

_FIRST, _HISTORY, _FIXED = "failed_trial", "retry_history", "fixed_params"


class RetryHeartbeatStaleTrialCallback:
    """Line up another trial with the same parameters in place of one whose worker was lost.

    Give it to a storage as ``failed_trial_callback``. The storage then fails the trial and lines
    up its retry in one step, so that neither is lost if that process dies as well.

    Args:
        max_retry: How often one trial is retried; None for no limit.
        inherit_intermediate_values: Whether the retry begins with the reports of the lost trial.

    Example:
        >>> import steep
        >>> callback = RetryHeartbeatStaleTrialCallback(max_retry=3)
        >>> study = steep.create_study()
        >>> study.enqueue_trial({"x": 0.5})
        >>> callback(study, study.ask()._now())
        >>> study.trials[1].state.name, callback.retried_trial_number(study.trials[1])
        ('WAITING', 0)
    """

    def __init__(
        self, max_retry: int | None = None, inherit_intermediate_values: bool = False
    ) -> None:
        self._max_retry = max_retry
        self._inherits_reports = inherit_intermediate_values

    def __call__(self, study: Study, trial: FrozenTrial) -> None:
        """Line up a retry of a trial, if it has not been retried too often.

        Args:
            study: The study.
            trial: The trial.
        """
        retry = self.retry_of(trial)
        if retry is not None:
            study._storage.add(study._study_id, retry)

    def retry_of(self, trial: FrozenTrial) -> Add | None:
        """Give the event that lines up a retry, or None if the trial was retried too often.

        Args:
            trial: The trial.
        """
        history = [*self.retry_history(trial), trial.number]
        if self._max_retry is not None and len(history) > self._max_retry:
            return None
        attrs: dict[str, Any] = {_FIRST: trial.number, **trial.system_attrs}
        # A trial that was lost early still has lined-up parameters that it did not ask for.
        attrs.update({_HISTORY: history, _FIXED: {**attrs.get(_FIXED, {}), **trial.params}})
        params = {
            name: (distribution.to_internal_repr(trial.params[name]), distribution)
            for name, distribution in trial.distributions.items()
        }
        reports = dict(trial.intermediate_values) if self._inherits_reports else {}
        changes = Changes(params, reports, dict(trial.user_attrs), attrs)
        return Add(int(TrialState.WAITING), changes=changes)

    @staticmethod
    def retried_trial_number(trial: FrozenTrial) -> int | None:
        """Give the number of the trial that was lost first, or None if this is no retry.

        Args:
            trial: The trial.
        """
        return trial.system_attrs.get(_FIRST)

    @staticmethod
    def retry_history(trial: FrozenTrial) -> list[int]:
        """Give the numbers of the lost trials that led to this one, the first one first.

        Args:
            trial: The trial.
        """
        return list(trial.system_attrs.get(_HISTORY, ()))


@older_name_of("steep.storages.RetryHeartbeatStaleTrialCallback")
class RetryFailedTrialCallback(RetryHeartbeatStaleTrialCallback):
    """Line up another trial; see :class:`RetryHeartbeatStaleTrialCallback`."""
