"""The events of a study: everything that can happen, one small class each.

A study is the ordered log of these events, and :class:`~steep.table.Table` is what they fold to.
Events hold numbers as a table keeps them: parameters in internal representation beside their
distribution, times in POSIX seconds. Every event has a JSON form (:mod:`steep.wire`), so that a
log outlives the process that wrote it.

A trial that runs is held under a *lease*: the how-manieth start of the trial it is. Events of a
worker name the lease that it holds; where the trial has been given to somebody else since, they
fold to nothing.
"""

# ruff: noqa: RUF023 - slots stand in the order of the arguments, which is that of the JSON
from __future__ import annotations

from typing import Any

from steep.distributions import BaseDistribution

__all__ = [
    "FORMAT",
    "Add",
    "Amend",
    "Ask",
    "Changes",
    "Claim",
    "Configure",
    "CreateStudy",
    "Delete",
    "Event",
    "Finish",
    "Params",
    "Reap",
    "Record",
    "Release",
    "SetFormat",
    "SetStudyAttr",
    "Update",
    "WarmStart",
]

FORMAT = 1
"""The version of the events that this code writes, and the newest that it reads."""

Params = dict[str, tuple[float, BaseDistribution]]
"""Parameters by name: the internal value and the distribution it was drawn from."""


class Record:
    """Be compared and shown by the attributes that ``__slots__`` names.

    Dataclasses make their methods anew in each process, which took a tenth of ``import steep``.
    """

    __slots__: tuple[str, ...] = ()
    __match_args__: tuple[str, ...] = ()

    def __init_subclass__(cls) -> None:
        # Who folds a log by hand, as tests/event_logs.py does, matches events by position.
        cls.__match_args__ = cls.__slots__  # type: ignore[misc]  # it is read only to mypy

    def _fields(self) -> list[Any]:
        return [getattr(self, name) for name in self.__slots__]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Record) or type(other) is not type(self):
            return NotImplemented
        return self._fields() == other._fields()

    __hash__ = None  # type: ignore[assignment]  # they can be changed

    def __repr__(self) -> str:
        named = zip(self.__slots__, self._fields(), strict=True)
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in named)})"


class Changes(Record):
    """Collect what a trial gained: parameters, reports and attributes.

    Args:
        params: Newly suggested parameters.
        reports: Reported values by step; a later value of a step replaces the earlier one.
        user_attrs: Attributes of the user.
        system_attrs: Attributes of samplers, of constraints and of the study itself.
        seen: By name of a sampled parameter, the position of the log up to which the sampler
            knew it. Only logs that are kept have it; the table does not need it.
    """

    __slots__ = ("params", "reports", "user_attrs", "system_attrs", "seen")

    def __init__(
        self,
        params: Params | None = None,
        reports: dict[int, float] | None = None,
        user_attrs: dict[str, Any] | None = None,
        system_attrs: dict[str, Any] | None = None,
        seen: dict[str, int] | None = None,
    ) -> None:
        self.params: Params = {} if params is None else params
        self.reports: dict[int, float] = {} if reports is None else reports
        self.user_attrs: dict[str, Any] = {} if user_attrs is None else user_attrs
        self.system_attrs: dict[str, Any] = {} if system_attrs is None else system_attrs
        self.seen: dict[str, int] = {} if seen is None else seen


class CreateStudy(Record):
    """Begin a study. This is the first event of every log.

    Args:
        name: The name of the study.
        directions: One :class:`~steep.states.StudyDirection` for each objective.
        format: The version of the events that follow.
    """

    __slots__ = ("name", "directions", "format")

    def __init__(self, name: str, directions: list[int], format: int = FORMAT) -> None:
        self.name = name
        self.directions = directions
        self.format = format


class SetFormat(Record):
    """Go over to another version of the events; workers that do not know it stop.

    Args:
        format: The version of the events that follow.
    """

    __slots__ = ("format",)

    def __init__(self, format: int) -> None:
        self.format = format


class Configure(Record):
    """Record how the study is searched, so that it can be resumed and replayed.

    Args:
        role: "sampler" or "pruner".
        config: What :func:`steep.study.config.describe` gave of it.
    """

    __slots__ = ("role", "config")

    def __init__(self, role: str, config: dict[str, Any]) -> None:
        self.role = role
        self.config = config


class SetStudyAttr(Record):
    """Set an attribute of the study.

    Args:
        key: The name of the attribute.
        value: Anything that JSON can hold.
        system: Whether it belongs to the machinery rather than to the user.
    """

    __slots__ = ("key", "value", "system")

    def __init__(self, key: str, value: Any, system: bool = False) -> None:
        self.key = key
        self.value = value
        self.system = system


class Ask(Record):
    """Take the lowest WAITING trial, else create one. The fold decides which.

    Args:
        time: When it was asked, in POSIX seconds.
        owner: The writer whose heartbeat keeps the trial alive; None where it has none, and the
            trial then runs until somebody ends it.
        limit: Without effect if the study has started so many trials already.
    """

    __slots__ = ("time", "owner", "limit")

    def __init__(self, time: float, owner: str | None = None, limit: int | None = None) -> None:
        self.time = time
        self.owner = owner
        self.limit = limit


class Claim(Record):
    """Start one given WAITING trial; without effect where it has been started already.

    Args:
        number: The number of the trial.
        time: When it was claimed, in POSIX seconds.
        owner: The writer whose heartbeat keeps the trial alive, or None.
    """

    __slots__ = ("number", "time", "owner")

    def __init__(self, number: int, time: float, owner: str | None = None) -> None:
        self.number = number
        self.time = time
        self.owner = owner


class Release(Record):
    """Give a RUNNING trial back to the queue; without effect on any other.

    Args:
        number: The number of the trial.
        lease: The lease under which it runs, as far as the writer knows.
    """

    __slots__ = ("number", "lease")

    def __init__(self, number: int, lease: int = 1) -> None:
        self.number = number
        self.lease = lease


class Add(Record):
    """Add a trial that is not asked for: enqueued, copied, or made by the user.

    Args:
        state: A :class:`~steep.states.TrialState`.
        values: The objective values, or None.
        start: When it started, in POSIX seconds, or None.
        complete: When it finished, in POSIX seconds, or None.
        changes: Its parameters, reports and attributes.
    """

    __slots__ = ("state", "values", "start", "complete", "changes")

    def __init__(
        self,
        state: int,
        values: list[float] | None = None,
        start: float | None = None,
        complete: float | None = None,
        changes: Changes | None = None,
    ) -> None:
        self.state = state
        self.values = values
        self.start = start
        self.complete = complete
        self.changes = Changes() if changes is None else changes


class Update(Record):
    """Record what an open trial gained; without effect on a finished one.

    Args:
        number: The number of the trial.
        changes: What it gained.
        lease: The lease under which it runs, as far as the writer knows.
    """

    __slots__ = ("number", "changes", "lease")

    def __init__(self, number: int, changes: Changes | None = None, lease: int = 1) -> None:
        self.number = number
        self.changes = Changes() if changes is None else changes
        self.lease = lease


class Finish(Record):
    """End a trial; without effect on a finished one.

    Args:
        number: The number of the trial.
        state: COMPLETE, PRUNED or FAIL.
        values: The objective values, or None.
        time: When it finished, in POSIX seconds.
        changes: What it gained since the last event about it.
        lease: The lease under which it runs, as far as the writer knows.
    """

    __slots__ = ("number", "state", "values", "time", "changes", "lease")

    def __init__(
        self,
        number: int,
        state: int,
        values: list[float] | None,
        time: float,
        changes: Changes | None = None,
        lease: int = 1,
    ) -> None:
        self.number = number
        self.state = state
        self.values = values
        self.time = time
        self.changes = Changes() if changes is None else changes
        self.lease = lease


class Reap(Record):
    """Fail a RUNNING trial whose worker is gone, and line up its retry, both or neither.

    Without effect where the trial does not run under this lease any more.

    Args:
        number: The number of the trial.
        lease: The lease that is taken away.
        time: When, in POSIX seconds.
        retry: The trial that takes its place, or None.
    """

    __slots__ = ("number", "lease", "time", "retry")

    def __init__(self, number: int, lease: int, time: float, retry: Add | None = None) -> None:
        self.number = number
        self.lease = lease
        self.time = time
        self.retry = retry


class Amend(Record):
    """Correct a trial. A finished one may get another result, any one other attributes.

    Args:
        number: The number of the trial.
        state: COMPLETE, PRUNED or FAIL, or None to leave state and values; without effect on a
            trial that has not finished.
        values: The objective values that go with the state.
        user_attrs: Attributes of the user to set.
        system_attrs: Attributes of the machinery to set.
    """

    __slots__ = ("number", "state", "values", "user_attrs", "system_attrs")

    def __init__(
        self,
        number: int,
        state: int | None = None,
        values: list[float] | None = None,
        user_attrs: dict[str, Any] | None = None,
        system_attrs: dict[str, Any] | None = None,
    ) -> None:
        self.number = number
        self.state = state
        self.values = values
        self.user_attrs: dict[str, Any] = {} if user_attrs is None else user_attrs
        self.system_attrs: dict[str, Any] = {} if system_attrs is None else system_attrs


class Delete(Record):
    """Delete a trial; its number is not used again.

    Args:
        number: The number of the trial.
    """

    __slots__ = ("number",)

    def __init__(self, number: int) -> None:
        self.number = number


class WarmStart(Record):
    """Tell what another study has found, as knowledge that the search begins with.

    The trials do not belong to this study: they have no numbers here, and none of them is its best.

    Args:
        study: The name of the other study; its directions are those of this one.
        trials: Its trials.
    """

    __slots__ = ("study", "trials")

    def __init__(self, study: str, trials: list[Add]) -> None:
        self.study = study
        self.trials = trials


Event = (
    CreateStudy
    | SetFormat
    | Configure
    | SetStudyAttr
    | Ask
    | Claim
    | Release
    | Add
    | Update
    | Finish
    | Reap
    | Amend
    | Delete
    | WarmStart
)
