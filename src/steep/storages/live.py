"""Trials that run in this process: their drafts, and their way into the log.

A live trial writes into its :class:`~steep.trial.draft.Draft`. In memory the draft reaches the
table when somebody reads the study, and when the trial ends. On a shared log it goes there within
:data:`FLUSH_INTERVAL` seconds as well, so that others see how the trial stands.
"""

from __future__ import annotations

import contextlib
import functools
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any

from steep import logging
from steep.events import Add, Ask, Changes, Event, Finish, Update
from steep.states import TrialState
from steep.storages.background import Background
from steep.storages.core import NUMBER_BITS, NUMBER_MASK, OPEN_STATES, StorageCore
from steep.table import DELETED, Table
from steep.trial.draft import Draft
from steep.trial.frozen import FrozenTrial
from steep.trial.rows import Fields, Listing, fields_of_row

__all__ = ["FLUSH_INTERVAL", "LiveStorage"]

_logger = logging.get_logger(__name__)

FLUSH_INTERVAL = 0.2
"""Seconds after which a shared log knows at the latest what a trial has suggested and reported."""


class LiveStorage(StorageCore):
    """Run trials on the logs of a backend."""

    def _begin(self) -> None:
        super()._begin()
        self._drafts: dict[int, dict[int, Draft]] = {}
        self._met_at = 0.0
        self._background = Background(self, FLUSH_INTERVAL / 2) if self._keeps_log else None

    def _forget(self, study_id: int) -> None:
        super()._forget(study_id)
        self._drafts.pop(study_id, None)

    # ---- drafts ----------------------------------------------------------------------------------

    def flush(self, study_id: int) -> None:
        """Put what the live trials of this process have gathered into the log.

        Args:
            study_id: The id of the study.
        """
        drafts = self._drafts.get(study_id)
        if drafts:
            with self._lock:
                for draft in list(drafts.values()):
                    self._flush_draft(study_id, draft)

    def _flush_draft(self, study_id: int, draft: Draft) -> None:
        changes = None if draft.is_lost else draft.take()
        if changes is None:
            return
        try:
            event = Update(draft.number, changes, draft.lease)
            # A lost draft stays until the trial is told: it knows under which lease it ran.
            draft.is_lost = not self.append(study_id, event)
        except BaseException:
            draft.give_back(changes)
            raise

    def meet_in_time(self, study_id: int) -> None:
        """Flush and sync, if this process and a shared log have not met for a while.

        Args:
            study_id: The id of the study.
        """
        now = time.monotonic()
        if self._keeps_log and now - self._met_at >= FLUSH_INTERVAL:
            with self._lock:
                self._met_at = now
                self.flush(study_id)
                self.sync(study_id)

    def draft_of(self, trial_id: int) -> Draft:
        """Give the draft into which a live trial writes; one for each trial and process.

        Args:
            trial_id: The id of the trial.

        Raises:
            KeyError: If there is no such trial.
        """
        study_id, number = trial_id >> NUMBER_BITS, trial_id & NUMBER_MASK
        drafts = self._drafts.get(study_id)
        draft = drafts.get(number) if drafts else None
        if draft is not None and draft.lease == self._tables[study_id].lease_of(number):
            return draft
        with self._lock:
            _, table, _ = self._locate(trial_id)
            is_open = table.state_of(number) in OPEN_STATES
            draft = self._new_draft(table, number, is_closed=not is_open)
            if is_open:
                self._drafts.setdefault(study_id, {})[number] = draft
            return draft

    def _new_draft(self, table: Table, number: int, *, is_closed: bool) -> Draft:
        return Draft(
            number,
            table.params_of(number),
            table.reports.of(number),
            table.lease_of(number),
            keeps_seen=self._keeps_log,
            is_closed=is_closed,
        )

    def live_reports(self, study_id: int, number: int) -> dict[int, float]:
        """Give the reports of a trial, with those that are still in its draft.

        Args:
            study_id: The id of the study.
            number: The number of the trial.

        Returns:
            Step -> value in the order of reporting; to be treated as read-only.
        """
        drafts = self._drafts.get(study_id)
        draft = drafts.get(number) if drafts else None
        return self.table(study_id).reports.of(number) if draft is None else draft.reports

    def steady(self) -> AbstractContextManager[Any]:
        """Let nothing be folded by other threads while a sampler reads the tables."""
        return self._lock

    # ---- trials ----------------------------------------------------------------------------------

    def ask(self, study_id: int, limit: int | None = None) -> int | None:
        """Take the lowest WAITING trial, else create one.

        Args:
            study_id: The id of the study.
            limit: Give none if the study has started so many trials already.

        Returns:
            The id of a trial that runs now, or None.
        """
        with self._lock:
            table = self.table(study_id)
            known = table.n
            number: int | None = self._append(study_id, Ask(time.time(), self._owner(), limit))
            if number is None:
                return None
            drafts = self._drafts.get(study_id)
            if drafts is None:
                drafts = self._drafts[study_id] = {}
            if self._keeps_log or number < known:
                drafts[number] = draft = self._new_draft(table, number, is_closed=False)
                if draft.lease > 1:  # it was given back: who had it reported, who has it will
                    draft.report_anew()
            else:  # just made, so there is nothing to read
                drafts[number] = Draft(number, {}, {})
            return study_id << NUMBER_BITS | number

    def _owner(self) -> str | None:
        """Give whose heartbeat keeps a trial alive that is started now."""
        return None

    def finish(self, study_id: int, number: int, state: int, values: list[float] | None) -> bool:
        """End a trial, with everything that its draft holds.

        Args:
            study_id: The id of its study.
            number: Its number.
            state: COMPLETE, PRUNED or FAIL.
            values: The objective values, or None.

        Returns:
            Whether it took effect; False if the trial has ended already or was taken away.
        """
        with self._lock:
            drafts = self._drafts.get(study_id)
            draft = drafts.pop(number, None) if drafts else None
            if draft is None:
                lease = self.table(study_id).lease_of(number)
                event = Finish(number, int(state), values, time.time(), Changes(), lease)
                return bool(self._append(study_id, event))
            event = Finish(number, int(state), values, time.time(), draft.close(), draft.lease)
            try:
                took_effect = bool(self._append(study_id, event))
            except BaseException:  # it can be told again
                draft.give_back(event.changes)
                draft.tried = event
                self._drafts.setdefault(study_id, {})[number] = draft
                raise
            return took_effect or self._has_arrived(study_id, draft.tried, event)

    def _has_arrived(self, study_id: int, tried: Finish | None, again: Finish) -> bool:
        """Tell whether an end of a trial is in the log although the call that sent it failed."""
        if tried is None:
            return False
        number, lease = tried.number, tried.lease
        if Finish(number, tried.state, tried.values, again.time, tried.changes, lease) != again:
            return False
        table = self.table(study_id)
        is_finished = table.state_of(number) == tried.state and number not in table.reaped
        return is_finished and bool(table.complete[number] == tried.time)

    def is_lost(self, study_id: int, number: int) -> bool:
        """Tell whether a trial was taken from its worker: reaped, deleted, or given to another.

        Args:
            study_id: The id of the study.
            number: The number of the trial.
        """
        table = self.table(study_id)
        draft = self._drafts.get(study_id, {}).get(number)
        return (
            number in table.reaped
            or table.state_of(number) == DELETED
            or (draft is not None and (draft.is_lost or draft.lease != table.lease_of(number)))
        )

    def add(self, study_id: int, event: Add) -> int:
        """Add a trial in any state.

        Args:
            study_id: The id of the study.
            event: The trial.

        Returns:
            The id of the trial.
        """
        return self.trial_id_of(study_id, self.append(study_id, event))

    def add_all(self, study_id: int, events: Sequence[Add]) -> None:
        """Add several trials in any state, in one step.

        Args:
            study_id: The id of the study.
            events: The trials.
        """
        if events:
            self.append_all(study_id, events)

    # ---- rows as trials --------------------------------------------------------------------------

    def reader(self, study_id: int) -> Callable[[int], Fields]:
        """Give a function that reads the fields of a trial by number, live ones included.

        Args:
            study_id: The id of the study.
        """
        return functools.partial(self._read_live, study_id)

    def _read_live(self, study_id: int, number: int) -> Fields:
        self.flush(study_id)
        return _read_row(self.table(study_id), self.trial_id_of(study_id, 0), number)

    def trials(self, study_id: int, states: Any = None) -> list[FrozenTrial]:
        """Give the trials of a study, in the order of their numbers.

        Args:
            study_id: The id of the study.
            states: A container of the states wanted, or None for all.

        Returns:
            Trials that show the study as it is now. Finished ones read their fields when used.
        """
        with self._lock:
            self.flush(study_id)
            table = self.synced(study_id)
            rows = Listing(table, self.trial_id_of(study_id, 0))
            read, read_one = rows.read, rows.read_one
            listed = []
            for number, state in enumerate(table.state.tolist()):
                if state != DELETED and (states is None or state in states):
                    trial = FrozenTrial.lazy(number, read, read_one)
                    listed.append(trial.read() if state in OPEN_STATES else trial)
            return listed

    # ---- processes -------------------------------------------------------------------------------

    def tick(self) -> bool:
        """Do what is due on a shared log; the background thread calls this every now and then.

        Returns:
            Whether there will be more to do without another append.
        """
        with self._lock:
            self._flush_all()
            self._backend.settle()
            return self._has_open_drafts()

    def _flush_all(self) -> None:
        for study_id in [s for s, drafts in self._drafts.items() if drafts]:
            with contextlib.suppress(KeyError):  # somebody deleted the study
                self.flush(study_id)

    def _has_open_drafts(self) -> bool:
        return any(not draft.is_lost for of in self._drafts.values() for draft in of.values())

    def _appended(self, study_id: int, table: Table, last: Event) -> None:
        super()._appended(study_id, table, last)
        assert self._background is not None, "only shared storages come here"
        self._background.wake()

    def close(self) -> None:
        """Bring everything to the disk and close connections; the next call opens them again."""
        with self._lock:
            self._flush_all()
            if self._background is not None:
                self._background.rest()
            super().close()

    def before_fork(self, patience: float) -> bool:
        """Bring the log up to date, and let every fold come to its end.

        Args:
            patience: Seconds to wait for the other threads; -1 for as long as it takes.
        """
        if not super().before_fork(patience):
            return False
        for study_id in list(self._drafts) if self._keeps_log else ():
            try:
                self.flush(study_id)  # or both processes would send it, one of them too late
            except Exception as error:
                _logger.warning(f"A study could not be brought up to date before a fork: {error}")
        return True

    def _begin_as_child(self) -> None:
        drafts = self._drafts
        super()._begin_as_child()
        self._drafts = drafts

    def _of_process(self) -> tuple[str, ...]:
        of_process = (*super()._of_process(), "_background", "_met_at")
        return (*of_process, "_drafts") if self._keeps_log else of_process

    def __getstate__(self) -> dict[str, Any]:
        with self._lock:
            self._flush_all()
            return super().__getstate__()


def _read_row(table: Table, first_id: int, number: int) -> Fields:
    if table.state_of(number) == DELETED:
        # It was deleted while it ran. Its number is all that is left.
        gone = FrozenTrial(
            number, TrialState.FAIL, None, None, None, {}, {}, {}, {}, {}, first_id | number
        )
        return dict(gone.__dict__)
    return fields_of_row(table, number, first_id | number)
