"""Heartbeats, and what happens to trials whose worker is gone.

A worker that wants its trials to be watched names itself when it starts them and lets its
heartbeat be recorded beside the log. Whoever finds a heartbeat older than the grace period takes
the lease away: one event fails the trial and lines up its retry, so a reaper that dies in the
middle loses nothing. What the late worker still appends folds to nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from steep import logging
from steep.events import Reap
from steep.storages.backend import Backend
from steep.storages.live import LiveStorage
from steep.storages.retry import RetryHeartbeatStaleTrialCallback
from steep.trial.frozen import FrozenTrial

if TYPE_CHECKING:
    from steep.study import Study

__all__ = ["LeasedStorage", "fail_stale_trials"]

_logger = logging.get_logger(__name__)

FailedTrialCallback = Callable[["Study", FrozenTrial], None]


class LeasedStorage(LiveStorage):
    """Watch over trials that run, if asked to.

    Args:
        backend: Keeps the logs.
        heartbeat_interval: Seconds between two heartbeats of this process; None for none, and
            its trials then run until somebody ends them.
        grace_period: Seconds without a heartbeat after which a trial counts as abandoned; twice
            the interval if None.
        failed_trial_callback: Called with the study and each trial that was failed for that. A
            :class:`RetryHeartbeatStaleTrialCallback` lines up another one in the same step.

    Raises:
        ValueError: If an interval is not positive.
    """

    def __init__(
        self,
        backend: Backend,
        *,
        heartbeat_interval: float | None = None,
        grace_period: float | None = None,
        failed_trial_callback: FailedTrialCallback | None = None,
    ) -> None:
        _check_positive("heartbeat_interval", heartbeat_interval)
        _check_positive("grace_period", grace_period)
        self.heartbeat_interval = heartbeat_interval
        self.grace_period = grace_period
        self.failed_trial_callback = failed_trial_callback
        super().__init__(backend)

    def _begin(self) -> None:
        super()._begin()
        self._next_beat = 0.0
        self._next_watch: dict[int, float] = {}
        self._silent_since: dict[str, float] = {}
        self._untold: dict[int, list[int]] = {}

    # ---- heartbeats ------------------------------------------------------------------------------

    def get_heartbeat_interval(self) -> float | None:
        """Give the seconds between two heartbeats, or None where there are none."""
        return self.heartbeat_interval

    def get_failed_trial_callback(self) -> FailedTrialCallback | None:
        """Give what is called with each trial that was failed because its worker was gone."""
        return self.failed_trial_callback

    def record_heartbeat(self, trial_id: int) -> None:
        """Record that this process is alive, and with it all trials that it has started.

        Args:
            trial_id: The id of one of them.
        """
        self._backend.beat(self._writer.id)

    def _owner(self) -> str | None:
        if self.heartbeat_interval is None or not self._keeps_log:
            return None
        if not self._next_beat:  # alive before the first trial starts
            self._beat(time.monotonic())
        return self._writer.id

    def _beat(self, now: float) -> None:
        assert self.heartbeat_interval is not None
        self._backend.beat(self._writer.id)
        self._next_beat = now + self.heartbeat_interval

    # ---- reaping ---------------------------------------------------------------------------------

    def reap(self, study_id: int) -> list[int]:
        """Fail the trials whose worker has not been heard of for the grace period.

        Args:
            study_id: The id of the study.

        Returns:
            The numbers of the trials that this call failed.
        """
        with self._lock:
            stale = self._stale(study_id)
            reaped = [number for number, owner in stale if self._reap(study_id, number, owner)]
            self._untold.setdefault(study_id, []).extend(reaped)
            return reaped

    def stale_numbers(self, study_id: int) -> list[int]:
        """Give the trials whose worker has not been heard of for the grace period.

        Args:
            study_id: The id of the study.
        """
        return [number for number, _ in self._stale(study_id)]

    def _stale(self, study_id: int) -> list[tuple[int, str]]:
        """Give the stale trials, each with its owner."""
        if self.heartbeat_interval is None:
            return []
        grace = self.grace_period or 2 * self.heartbeat_interval
        with self._lock:
            owners = self.synced(study_id).owners
            others = {owner for owner in owners.values() if owner != self._writer.id}
            ages = self._ages(others) if others else {}
            return [(n, o) for n, o in sorted(owners.items()) if o in others and ages[o] > grace]

    def _ages(self, owners: set[str]) -> dict[str, float]:
        """Give how long writers have been silent; one without a heartbeat, since first missed."""
        now = time.monotonic()
        recorded = self._backend.ages()
        missing = owners - recorded.keys()
        for owner in self._silent_since.keys() & recorded.keys():
            del self._silent_since[owner]
        for owner in missing:
            self._silent_since.setdefault(owner, now)
        return recorded | {owner: now - since for owner, since in self._silent_since.items()}

    def _reap(self, study_id: int, number: int, owner: str) -> bool:
        table = self.table(study_id)
        if table.owners.get(number) != owner:
            return False  # with the trial before it, the end of this one was read
        lease, retry = table.lease_of(number), None
        if isinstance(self.failed_trial_callback, RetryHeartbeatStaleTrialCallback):
            retry = self.failed_trial_callback.retry_of(self._failed(study_id, number))
        event = Reap(number, lease, time.time(), retry)
        took_effect = bool(self.append(study_id, event))
        if owner not in table.owners.values():
            self._backend.leave(owner)
            self._silent_since.pop(owner, None)
        return took_effect

    def _failed(self, study_id: int, number: int) -> FrozenTrial:
        return FrozenTrial.lazy(number, self.reader(study_id)).read()

    def take_untold(self, study_id: int) -> list[int]:
        """Take the trials that were failed here and of which no callback was told yet.

        Args:
            study_id: The id of the study.
        """
        with self._lock:
            return self._untold.pop(study_id, [])

    def watch(self, study_id: int) -> None:
        """Reap, if that is due: about once a heartbeat.

        Args:
            study_id: The id of the study.
        """
        if self.heartbeat_interval is not None:
            now = time.monotonic()
            if now >= self._next_watch.get(study_id, 0.0):
                self._next_watch[study_id] = now + self.heartbeat_interval / 2
                self.reap(study_id)

    # ---- processes -------------------------------------------------------------------------------

    def _of_process(self) -> tuple[str, ...]:
        return (*super()._of_process(), "_next_beat", "_next_watch", "_silent_since", "_untold")

    def tick(self) -> bool:
        """Do what is due on a shared log; see :meth:`LiveStorage.tick`."""
        if not self._next_beat:
            return super().tick()
        now = time.monotonic()
        if now >= self._next_beat:
            self._beat(now)
        # A slow sampler may hold the lock for a minute, and the next beat must not wait for it.
        if self._lock.acquire(timeout=max(0.0, self._next_beat - time.monotonic())):
            try:
                super().tick()
                for study_id in list(self._tables):
                    self.watch(study_id)
            finally:
                self._lock.release()
        return True

    def close(self) -> None:
        """Bring everything to the disk and close connections; the next call opens them again."""
        with self._lock:
            if self._next_beat and not self._has_open_drafts():
                self._backend.leave(self._writer.id)
                self._next_beat = 0.0
            super().close()


def fail_stale_trials(study: Study) -> None:
    """Fail the RUNNING trials whose worker has not been heard of for the grace period.

    ``Study.ask`` and ``Study.optimize`` do this by themselves, and so does the background thread
    of every process that sends heartbeats.

    Args:
        study: The study.
    """
    storage, study_id = study._storage, study._study_id
    storage.reap(study_id)
    callback = storage.failed_trial_callback
    for number in storage.take_untold(study_id):
        _logger.warning(f"Trial {number} is FAIL: its worker was not heard of any more.")
        if callback is not None and not isinstance(callback, RetryHeartbeatStaleTrialCallback):
            callback(study, study._trial(number))


def _check_positive(name: str, value: float | None) -> None:
    if value is not None and value <= 0:
        raise ValueError(f"{name}={value}: give a positive number of seconds, or None.")
