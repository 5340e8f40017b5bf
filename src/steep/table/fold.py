"""The fold: the one function by which a log becomes a table.

``Table.apply`` is the only function that changes a study, and it is total: an event that comes too
late (a second finish, a claim of a trial that runs, a result under a lease that was taken away)
folds to nothing, the same in every process. Samplers, pruners, importance and plots read the
columns and hold no state of their own, except what they derive from the columns and leave in
``Table.memo``.

Example:
    >>> from steep.distributions import FloatDistribution
    >>> table = Table()
    >>> x = (0.25, FloatDistribution(0, 1))
    >>> for event in [
    ...     CreateStudy("tea", [1]),
    ...     Ask(time=1.0),
    ...     Finish(number=0, state=1, values=[4.0], time=2.0, changes=Changes(params={"x": x})),
    ... ]:
    ...     _ = table.apply(event)
    >>> table.values, table.params["x"].values
    (array([[4.]]), array([0.25]))
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np

from steep.columns import Column
from steep.events import (
    Add,
    Amend,
    Ask,
    Changes,
    Claim,
    Configure,
    CreateStudy,
    Delete,
    Event,
    Finish,
    Reap,
    Release,
    SetFormat,
    SetStudyAttr,
    Update,
    WarmStart,
)
from steep.states import StudyDirection, TrialState
from steep.table.changing import ChangingRows
from steep.table.rows import DELETED

__all__ = ["Effect", "Table"]

_RUNNING, _WAITING = int(TrialState.RUNNING), int(TrialState.WAITING)
_COMPLETE, _FAIL = int(TrialState.COMPLETE), int(TrialState.FAIL)
_OPEN = (_RUNNING, _WAITING)


class Effect(NamedTuple):
    """Say what an event does at its place in the log.

    Attributes:
        number: The trial that it changes, or None where it has no effect on any.
        created: The trial that it makes, or None.
    """

    number: int | None
    created: int | None


class Table(ChangingRows):
    """Hold a study as columns, and fold events into them.

    Everybody may read the attributes; only :meth:`apply` changes them.

    Attributes:
        priors: What other studies have found that this one begins with, a table each.
    """

    def __init__(self) -> None:
        super().__init__()
        self.priors: list[Table] = []
        self._waiting: list[int] = []

    def apply(self, event: Event) -> int | bool | None:
        """Fold one event into the columns.

        Args:
            event: The next event of the log.

        Returns:
            For Ask and Add the number of the trial, or None where an Ask met its limit; for the
            other events about a trial whether they took effect; None for those about the study.
        """
        self.position += 1
        return _FOLDS[type(event)](self, event)

    def follow(self, events: Iterable[Event]) -> None:
        """Fold several events.

        Args:
            events: The next events of the log.
        """
        for event in events:
            self.apply(event)

    # ---- what takes effect -----------------------------------------------------------------------

    def effects_of(self, events: Sequence[Event]) -> list[Effect]:
        """Tell what events would do if they came next, without folding them.

        Args:
            events: One event, or several that each add a trial.
        """
        return [self._effect_of(event, self.n + i) for i, event in enumerate(events)]

    def _effect_of(self, event: Event, next_number: int) -> Effect:
        if isinstance(event, Add):
            return Effect(next_number, next_number)
        if isinstance(event, Ask):
            if self._is_full(event):
                return Effect(None, None)
            waiting = self._next_waiting()
            return Effect(next_number, next_number) if waiting is None else Effect(waiting, None)
        takes_effect = _CONDITIONS.get(type(event))
        if takes_effect is None or not takes_effect(self, event):
            return Effect(None, None)
        is_retried = isinstance(event, Reap) and event.retry is not None
        return Effect(event.number, next_number if is_retried else None)  # type: ignore[union-attr]

    def _is_full(self, event: Ask) -> bool:
        return event.limit is not None and self.n_started >= event.limit

    def _next_waiting(self) -> int | None:
        waiting = self._waiting
        while waiting:
            if self._state.data[waiting[0]] == _WAITING:
                return waiting[0]
            heapq.heappop(waiting)  # it was claimed, ended or deleted
        return None

    def _is_there(self, event: Amend | Delete) -> bool:
        return event.number < self.n and bool(self._state.data[event.number] != DELETED)

    def _is_waiting(self, event: Claim) -> bool:
        return event.number < self.n and bool(self._state.data[event.number] == _WAITING)

    def _is_running(self, event: Release | Reap) -> bool:
        return self._is_open(event) and bool(self._state.data[event.number] == _RUNNING)

    def _is_open(self, event: Update | Finish | Release | Reap) -> bool:
        number = event.number
        return (
            number < self.n
            and self._state.data.item(number) in _OPEN
            and self._leases.get(number, 1) == event.lease
        )

    # ---- the study -------------------------------------------------------------------------------

    def _create_study(self, event: CreateStudy) -> None:
        self.study_name = event.name
        self.directions = [StudyDirection(direction) for direction in event.directions]
        self._values = self._losses = Column(np.float64, width=len(self.directions), fill=np.nan)
        if StudyDirection.MAXIMIZE in self.directions:
            self._losses = Column(np.float64, width=len(self.directions), fill=np.nan)

    def _set_format(self, event: SetFormat) -> None:
        """Change nothing: whoever can read the event knows the format."""

    def _configure(self, event: Configure) -> None:
        self.configs[event.role] = event.config
        self.config_history.append([self.n, event.role, event.config])

    def _set_study_attr(self, event: SetStudyAttr) -> None:
        attrs = self.study_system_attrs if event.system else self.study_user_attrs
        attrs[event.key] = event.value

    def _warm_start(self, event: WarmStart) -> None:
        prior = Table()
        prior.apply(CreateStudy(event.study, [int(d) for d in self.directions]))
        prior.follow(event.trials)
        self.priors.append(prior)
        self._rewrite_history()

    # ---- open trials -----------------------------------------------------------------------------

    def _ask(self, event: Ask) -> int | None:
        if event.limit is not None and self._is_full(event):
            return None
        number = self._next_waiting() if self._waiting else None
        if number is None:
            number = self._new_row(_RUNNING)
            self._start.data[number] = event.time
            if event.owner is not None:
                self.owners[number] = event.owner
        else:
            self._begin(number, event)
        return number

    def _claim(self, event: Claim) -> bool:
        if not self._is_waiting(event):
            return False
        self._begin(event.number, event)
        return True

    def _begin(self, number: int, event: Ask | Claim) -> None:
        self._enter(number, _RUNNING)
        self._start.data[number] = event.time
        if event.owner is not None:
            self.owners[number] = event.owner

    def _release(self, event: Release) -> bool:
        if not self._is_running(event):
            return False
        number = event.number
        self._enter(number, _WAITING)
        self._leases[number] = self.lease_of(number) + 1
        self.owners.pop(number, None)
        heapq.heappush(self._waiting, number)
        return True

    def _add(self, event: Add) -> int:
        number = self._new_row(event.state)
        self._start.data[number] = math.nan if event.start is None else event.start
        if event.state in _OPEN:
            self._follow_order(number)
        self._change(number, event.changes)
        if event.state == _WAITING:
            heapq.heappush(self._waiting, number)
        elif event.state != _RUNNING:
            self._close(number, event.state, event.values, event.complete)
            self._added.grow(number + 1)
            self._added.data[number] = 1
            return number
        if event.values is not None:
            self._set_values(number, event.values)
        return number

    def _update(self, event: Update) -> bool:
        if not self._is_open(event):
            return False
        self._follow_order(event.number)
        self._change(event.number, event.changes)
        return True

    # ---- ends ------------------------------------------------------------------------------------

    def _finish(self, event: Finish) -> bool:
        if not self._is_open(event):
            return False
        number = event.number
        self._change(number, event.changes)
        self._enter(number, event.state)
        self._close(number, event.state, event.values, event.time)
        return True

    def _reap(self, event: Reap) -> bool:
        if not self._is_running(event):
            return False
        number = event.number
        self.reaped.add(number)
        self._enter(number, _FAIL)
        self._close(number, _FAIL, None, event.time)
        if event.retry is not None:
            self._add(event.retry)
        return True

    def _close(
        self, number: int, state: int, values: list[float] | None, time: float | None
    ) -> None:
        if time is not None:
            self._complete.data[number] = time
        if values is not None:
            self._set_values(number, values)
        if self.owners:
            self.owners.pop(number, None)
        if self._orders:
            self._settle_order(number)
        self.reports.close(number)
        self._finished.append(number)
        self.n_finished += 1
        if state == _COMPLETE and values is not None and len(values) == 1:
            self._compare_with_best(number)

    # ---- edits -----------------------------------------------------------------------------------

    def _amend(self, event: Amend) -> bool:
        if not self._is_there(event):
            return False
        number = event.number
        self._let_listings_keep(number)
        gained = Changes(user_attrs=event.user_attrs, system_attrs=event.system_attrs)
        self._change(number, gained)
        if self._state.data[number] in _OPEN:
            return True
        if event.state is not None:
            self._enter(number, event.state)
            self._clear_values(number)
            if event.values is not None:
                self._set_values(number, event.values)
        self._rewrite_history()
        return True

    def _delete(self, event: Delete) -> bool:
        if not self._is_there(event):
            return False
        number = event.number
        self._let_listings_keep(number)
        was_finished = self._state.data[number] not in _OPEN
        self._enter(number, DELETED)
        self._clear(number)
        if was_finished:
            self._finished = self._without(number)
            self.n_finished -= 1
            self._rewrite_history()
        return True

    def _rewrite_history(self) -> None:
        self._begin_epoch()
        self._find_best()


_CONDITIONS: dict[type[Any], Callable[[Table, Any], bool]] = {
    Claim: Table._is_waiting,
    Release: Table._is_running,
    Update: Table._is_open,
    Finish: Table._is_open,
    Reap: Table._is_running,
    Amend: Table._is_there,
    Delete: Table._is_there,
}
_FOLDS: dict[type[Any], Callable[[Table, Any], int | bool | None]] = {
    CreateStudy: Table._create_study,
    SetFormat: Table._set_format,
    Configure: Table._configure,
    SetStudyAttr: Table._set_study_attr,
    Ask: Table._ask,
    Claim: Table._claim,
    Release: Table._release,
    Add: Table._add,
    Update: Table._update,
    Finish: Table._finish,
    Reap: Table._reap,
    Amend: Table._amend,
    Delete: Table._delete,
    WarmStart: Table._warm_start,
}
