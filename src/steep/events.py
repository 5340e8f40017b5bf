"""The events of a study: everything that can happen, one small dataclass each.

A study is the ordered log of these events, and :class:`~steep.table.Table` is what they fold to.
Events hold numbers as a table keeps them: parameters in internal representation beside their
distribution, times in POSIX seconds. Every event has a JSON form (:mod:`steep.wire`), so that a
log outlives the process that wrote it.

A trial that runs is held under a *lease*: the how-manieth start of the trial it is. Events of a
worker name the lease that it holds; where the trial has been given to somebody else since, they
fold to nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
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


class _Record:
    """Compare and show by fields, once for all: a method made for each class is slow to import."""

    __slots__: tuple[str, ...] = ()

    def _fields(self) -> list[Any]:
        return [getattr(self, name) for name in self.__slots__]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, _Record) or type(other) is not type(self):
            return NotImplemented
        return self._fields() == other._fields()

    __hash__ = None  # type: ignore[assignment]  # they can be changed

    def __repr__(self) -> str:
        named = zip(self.__slots__, self._fields(), strict=True)
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in named)})"


@dataclass(slots=True, eq=False, repr=False)
class Changes(_Record):
    """Collect what a trial gained: parameters, reports and attributes.

    Args:
        params: Newly suggested parameters.
        reports: Reported values by step; a later value of a step replaces the earlier one.
        user_attrs: Attributes of the user.
        system_attrs: Attributes of samplers, of constraints and of the study itself.
        seen: By name of a sampled parameter, the position of the log up to which the sampler
            knew it. Only logs that are kept have it; the table does not need it.
    """

    params: Params = field(default_factory=dict)
    reports: dict[int, float] = field(default_factory=dict)
    user_attrs: dict[str, Any] = field(default_factory=dict)
    system_attrs: dict[str, Any] = field(default_factory=dict)
    seen: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True, eq=False, repr=False)
class CreateStudy(_Record):
    """Begin a study. This is the first event of every log.

    Args:
        name: The name of the study.
        directions: One :class:`~steep.states.StudyDirection` for each objective.
        format: The version of the events that follow.
    """

    name: str
    directions: list[int]
    format: int = FORMAT


@dataclass(slots=True, eq=False, repr=False)
class SetFormat(_Record):
    """Go over to another version of the events; workers that do not know it stop.

    Args:
        format: The version of the events that follow.
    """

    format: int


@dataclass(slots=True, eq=False, repr=False)
class Configure(_Record):
    """Record how the study is searched, so that it can be resumed and replayed.

    Args:
        role: "sampler" or "pruner".
        config: What :func:`steep.study.config.describe` gave of it.
    """

    role: str
    config: dict[str, Any]


@dataclass(slots=True, eq=False, repr=False)
class SetStudyAttr(_Record):
    """Set an attribute of the study.

    Args:
        key: The name of the attribute.
        value: Anything that JSON can hold.
        system: Whether it belongs to the machinery rather than to the user.
    """

    key: str
    value: Any
    system: bool = False


@dataclass(slots=True, eq=False, repr=False)
class Ask(_Record):
    """Take the lowest WAITING trial, else create one. The fold decides which.

    Args:
        time: When it was asked, in POSIX seconds.
        owner: The writer whose heartbeat keeps the trial alive; None where it has none, and the
            trial then runs until somebody ends it.
        limit: Without effect if the study has started so many trials already.
    """

    time: float
    owner: str | None = None
    limit: int | None = None


@dataclass(slots=True, eq=False, repr=False)
class Claim(_Record):
    """Start one given WAITING trial; without effect where it has been started already.

    Args:
        number: The number of the trial.
        time: When it was claimed, in POSIX seconds.
        owner: The writer whose heartbeat keeps the trial alive, or None.
    """

    number: int
    time: float
    owner: str | None = None


@dataclass(slots=True, eq=False, repr=False)
class Release(_Record):
    """Give a RUNNING trial back to the queue; without effect on any other.

    Args:
        number: The number of the trial.
        lease: The lease under which it runs, as far as the writer knows.
    """

    number: int
    lease: int = 1


@dataclass(slots=True, eq=False, repr=False)
class Add(_Record):
    """Add a trial that is not asked for: enqueued, copied, or made by the user.

    Args:
        state: A :class:`~steep.states.TrialState`.
        values: The objective values, or None.
        start: When it started, in POSIX seconds, or None.
        complete: When it finished, in POSIX seconds, or None.
        changes: Its parameters, reports and attributes.
    """

    state: int
    values: list[float] | None = None
    start: float | None = None
    complete: float | None = None
    changes: Changes = field(default_factory=Changes)


@dataclass(slots=True, eq=False, repr=False)
class Update(_Record):
    """Record what an open trial gained; without effect on a finished one.

    Args:
        number: The number of the trial.
        changes: What it gained.
        lease: The lease under which it runs, as far as the writer knows.
    """

    number: int
    changes: Changes = field(default_factory=Changes)
    lease: int = 1


@dataclass(slots=True, eq=False, repr=False)
class Finish(_Record):
    """End a trial; without effect on a finished one.

    Args:
        number: The number of the trial.
        state: COMPLETE, PRUNED or FAIL.
        values: The objective values, or None.
        time: When it finished, in POSIX seconds.
        changes: What it gained since the last event about it.
        lease: The lease under which it runs, as far as the writer knows.
    """

    number: int
    state: int
    values: list[float] | None
    time: float
    changes: Changes = field(default_factory=Changes)
    lease: int = 1


@dataclass(slots=True, eq=False, repr=False)
class Reap(_Record):
    """Fail a RUNNING trial whose worker is gone, and line up its retry, both or neither.

    Without effect where the trial does not run under this lease any more.

    Args:
        number: The number of the trial.
        lease: The lease that is taken away.
        time: When, in POSIX seconds.
        retry: The trial that takes its place, or None.
    """

    number: int
    lease: int
    time: float
    retry: Add | None = None


@dataclass(slots=True, eq=False, repr=False)
class Amend(_Record):
    """Correct a trial. A finished one may get another result, any one other attributes.

    Args:
        number: The number of the trial.
        state: COMPLETE, PRUNED or FAIL, or None to leave state and values; without effect on a
            trial that has not finished.
        values: The objective values that go with the state.
        user_attrs: Attributes of the user to set.
        system_attrs: Attributes of the machinery to set.
    """

    number: int
    state: int | None = None
    values: list[float] | None = None
    user_attrs: dict[str, Any] = field(default_factory=dict)
    system_attrs: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True, eq=False, repr=False)
class Delete(_Record):
    """Delete a trial; its number is not used again.

    Args:
        number: The number of the trial.
    """

    number: int


@dataclass(slots=True, eq=False, repr=False)
class WarmStart(_Record):
    """Tell what another study has found, as knowledge that the search begins with.

    The trials do not belong to this study: they have no numbers here, and none of them is its best.

    Args:
        study: The name of the other study; its directions are those of this one.
        trials: Its trials.
    """

    study: str
    trials: list[Add]


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
