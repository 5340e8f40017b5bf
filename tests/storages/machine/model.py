"""What a study is, as plain dictionaries: the model that every storage is held against."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import Any

from steep.trial import TrialState

__all__ = ["MAX_RETRY", "Handle", "Row", "StudyModel"]

RUNNING, WAITING = TrialState.RUNNING, TrialState.WAITING
OPEN = (RUNNING, WAITING)
MAX_RETRY = 1


@dataclass
class Row:
    """One trial."""

    state: TrialState
    values: list[float] | None = None
    params: dict[str, Any] = field(default_factory=dict)
    reports: dict[int, float] = field(default_factory=dict)
    user_attrs: dict[str, Any] = field(default_factory=dict)
    system_attrs: dict[str, Any] = field(default_factory=dict)
    lease: int = 1
    owner: str | None = None
    is_reaped: bool = False

    def shown(self, number: int) -> dict[str, Any]:
        """Give what a user sees of it."""
        return {
            "number": number,
            "state": self.state,
            "values": self.values,
            "params": self.params,
            "intermediate_values": self.reports,
            "user_attrs": self.user_attrs,
            "system_attrs": self.system_attrs,
        }


@dataclass(eq=False)
class Handle:
    """A trial that a worker has asked for: what it has gathered, and under which lease."""

    number: int
    lease: int
    trial: Any
    reports: dict[int, float]
    """All reports that the worker knows of."""
    params: dict[str, Any] = field(default_factory=dict)
    new_reports: dict[int, float] = field(default_factory=dict)
    user_attrs: dict[str, Any] = field(default_factory=dict)


@dataclass
class StudyModel:
    """One study: a list of rows, None where a trial was deleted."""

    name: str
    study_id: int
    n_objectives: int
    is_maximized: bool
    rows: list[Row | None] = field(default_factory=list)
    user_attrs: dict[str, Any] = field(default_factory=dict)

    # ---- reading ---------------------------------------------------------------------------------

    def numbers(self, *states: TrialState) -> list[int]:
        """Give the trials that are in one of the states; all that are there without any."""
        return [
            n
            for n, row in enumerate(self.rows)
            if row is not None and (not states or row.state in states)
        ]

    def row(self, number: int) -> Row:
        """Give a trial that is there."""
        row = self.rows[number]
        assert row is not None
        return row

    @property
    def n_started(self) -> int:
        return sum(1 for row in self.rows if row and row.state != WAITING and not row.is_reaped)

    def holds(self, handle: Handle) -> bool:
        """Tell whether a trial is still the one that a worker has asked for."""
        row = self.rows[handle.number]
        return row is not None and row.state in OPEN and row.lease == handle.lease

    def best_value(self) -> float | None:
        """Give the best value of a single objective."""
        found = [self.row(n).values for n in self.numbers(TrialState.COMPLETE)]
        values = [v[0] for v in found if v is not None]
        return (max if self.is_maximized else min)(values, default=None)

    # ---- changing --------------------------------------------------------------------------------

    def add(self, row: Row) -> int:
        """Add a trial."""
        self.rows.append(row)
        return len(self.rows) - 1

    def ask(self, owner: str | None, limit: int | None) -> int | None:
        """Start the lowest WAITING trial, else a new one."""
        if limit is not None and self.n_started >= limit:
            return None
        waiting = self.numbers(WAITING)
        number = waiting[0] if waiting else self.add(Row(RUNNING))
        self.claim(number, owner)
        return number

    def claim(self, number: int, owner: str | None) -> None:
        """Start a WAITING trial."""
        row = self.row(number)
        row.state, row.owner = RUNNING, owner

    def release(self, number: int) -> None:
        """Give a RUNNING trial back."""
        row = self.row(number)
        row.state, row.owner, row.lease = WAITING, None, row.lease + 1

    def flush(self, handle: Handle) -> None:
        """Let everybody see what a running trial has gathered."""
        if self.holds(handle):
            row = self.row(handle.number)
            row.params.update(handle.params)
            row.reports.update(handle.new_reports)
            row.user_attrs.update(handle.user_attrs)
        handle.params, handle.new_reports, handle.user_attrs = {}, {}, {}

    def finish(self, number: int, state: TrialState, values: list[float] | None) -> None:
        """End a trial."""
        row = self.row(number)
        row.state, row.values, row.owner = state, values, None

    def stale(self, dead: set[str], own: str | None) -> list[int]:
        """Give the trials whose worker counts as dead."""
        numbers = self.numbers(RUNNING)
        return [n for n in numbers if self.row(n).owner in dead and self.row(n).owner != own]

    def reap(self, number: int) -> None:
        """Fail a trial and line up its retry."""
        row = self.row(number)
        self.finish(number, TrialState.FAIL, None)
        row.is_reaped = True
        history = [*row.system_attrs.get("retry_history", []), number]
        if len(history) <= MAX_RETRY:
            fixed = {**row.system_attrs.get("fixed_params", {}), **row.params}
            attrs = {"failed_trial": number, **row.system_attrs}
            attrs |= {"retry_history": history, "fixed_params": fixed}
            copied = replace(Row(WAITING), params=dict(row.params), user_attrs=dict(row.user_attrs))
            copied.system_attrs = attrs
            self.add(copied)

    def pruned_values(self, reports: dict[int, float]) -> list[float] | None:
        """Give the value that a pruned trial is remembered by."""
        if not reports or self.n_objectives > 1:
            return None
        value = reports[max(reports)]
        return None if math.isnan(value) else [value]
