"""The events of a study: everything that can happen, one small dataclass each.

A study is the ordered log of these events, and :class:`~steep.table.Table` is what they fold to.
Events hold numbers as a table keeps them: parameters in internal representation beside their
distribution, times in POSIX seconds. Every event has a JSON form, so that a log outlives the
process that wrote it.

Example:
    >>> event = Finish(number=3, state=1, values=[0.5], time=10.0)
    >>> from_json(to_json(event)) == event
    True
"""

from __future__ import annotations

import dataclasses
import functools
import json
from dataclasses import dataclass, field
from typing import Any, get_args

from steep.distributions import BaseDistribution, distribution_to_json, json_to_distribution

__all__ = [
    "Add",
    "Ask",
    "Changes",
    "Claim",
    "CreateStudy",
    "Event",
    "Finish",
    "Params",
    "Release",
    "SetStudyAttr",
    "Update",
    "from_json",
    "to_json",
]

Params = dict[str, tuple[float, BaseDistribution]]
"""Parameters by name: the internal value and the distribution it was drawn from."""


@dataclass(slots=True)
class Changes:
    """Collect what a trial gained: parameters, reports and attributes.

    Args:
        params: Newly suggested parameters.
        reports: Reported values by step; a later value of a step replaces the earlier one.
        user_attrs: Attributes of the user.
        system_attrs: Attributes of samplers, of constraints and of the study itself.
    """

    params: Params = field(default_factory=dict)
    reports: dict[int, float] = field(default_factory=dict)
    user_attrs: dict[str, Any] = field(default_factory=dict)
    system_attrs: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class CreateStudy:
    """Begin a study. This is the first event of every log.

    Args:
        name: The name of the study.
        directions: One :class:`~steep.states.StudyDirection` for each objective.
    """

    name: str
    directions: list[int]


@dataclass(slots=True)
class SetStudyAttr:
    """Set an attribute of the study.

    Args:
        key: The name of the attribute.
        value: Anything that JSON can hold.
        system: Whether it belongs to the machinery rather than to the user.
    """

    key: str
    value: Any
    system: bool = False


@dataclass(slots=True)
class Ask:
    """Take the lowest WAITING trial, else create one. The fold decides which.

    Args:
        time: When it was asked, in POSIX seconds.
    """

    time: float


@dataclass(slots=True)
class Claim:
    """Start one given WAITING trial; without effect where it has been started already.

    Args:
        number: The number of the trial.
        time: When it was claimed, in POSIX seconds.
    """

    number: int
    time: float


@dataclass(slots=True)
class Release:
    """Give a RUNNING trial back to the queue; without effect on any other.

    Args:
        number: The number of the trial.
    """

    number: int


@dataclass(slots=True)
class Add:
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


@dataclass(slots=True)
class Update:
    """Record what an open trial gained; without effect on a finished one.

    Args:
        number: The number of the trial.
        changes: What it gained.
    """

    number: int
    changes: Changes


@dataclass(slots=True)
class Finish:
    """End a trial; without effect on a finished one.

    Args:
        number: The number of the trial.
        state: COMPLETE, PRUNED or FAIL.
        values: The objective values, or None.
        time: When it finished, in POSIX seconds.
        changes: What it gained since the last event about it.
    """

    number: int
    state: int
    values: list[float] | None
    time: float
    changes: Changes = field(default_factory=Changes)


Event = CreateStudy | SetStudyAttr | Ask | Claim | Release | Add | Update | Finish

_KINDS: dict[str, type[Any]] = {kind.__name__: kind for kind in get_args(Event)}


def to_json(event: Event) -> str:
    """Write an event as one line of JSON.

    Args:
        event: The event. Its attributes must be values that JSON can hold.

    Returns:
        A line without a line break; NaN and infinities are written as JavaScript writes them.

    Raises:
        TypeError: If an attribute cannot be written as JSON.
    """
    fields = {f.name: getattr(event, f.name) for f in dataclasses.fields(event)}
    if "changes" in fields:
        fields["changes"] = _changes_to_plain(fields["changes"])
    return json.dumps({"event": type(event).__name__, **fields}, separators=(",", ":"))


def from_json(line: str) -> Event:
    """Read an event that :func:`to_json` wrote.

    Args:
        line: One line of JSON.

    Returns:
        The event.

    Raises:
        ValueError: If the line is no event that this version knows.
    """
    fields = json.loads(line)
    kind = _KINDS.get(fields.pop("event", None)) if isinstance(fields, dict) else None
    if kind is None:
        raise ValueError(
            f"from_json() got a line that is no event of this version: {line[:200]!r}."
        )
    if "changes" in fields:
        fields["changes"] = _changes_from_plain(fields["changes"])
    event: Event = kind(**fields)
    return event


def _changes_to_plain(changes: Changes) -> dict[str, Any]:
    plain: dict[str, Any] = {
        "params": {
            name: [value, distribution_to_json(distribution)]
            for name, (value, distribution) in changes.params.items()
        },
        # JSON turns keys into strings; pairs keep the steps integers.
        "reports": list(changes.reports.items()),
        "user_attrs": changes.user_attrs,
        "system_attrs": changes.system_attrs,
    }
    return {name: content for name, content in plain.items() if content}


def _changes_from_plain(plain: dict[str, Any]) -> Changes:
    return Changes(
        params={
            name: (v, _distribution(text)) for name, (v, text) in plain.get("params", {}).items()
        },
        reports=dict(plain.get("reports", ())),
        user_attrs=plain.get("user_attrs", {}),
        system_attrs=plain.get("system_attrs", {}),
    )


# A study uses few distributions many times: each is parsed once and shared by its trials.
_distribution = functools.lru_cache(maxsize=4096)(json_to_distribution)
