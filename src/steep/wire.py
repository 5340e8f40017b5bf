"""Events as lines of strict JSON, the form in which logs keep them.

The text is strict JSON even where values are not: NaN and infinities become ``{"$float": "nan"}``,
and a key of the user's that begins with "$" gets another one, so databases can look into it.
Fields that have their default are left out.

Example:
    >>> from steep.events import Finish
    >>> to_json(Finish(number=3, state=1, values=[0.5], time=10.0))
    '{"event":"Finish","number":3,"state":1,"values":[0.5],"time":10.0}'
    >>> from_json('{"event":"Ask","time":1.0}')
    Ask(time=1.0, owner=None, limit=None)
"""

from __future__ import annotations

from typing import Any, get_args

from steep.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    ChangingDistribution,
    FloatDistribution,
    IntDistribution,
    OrdinalDistribution,
    categorical_distribution,
    distribution_to_json,
    float_distribution,
    int_distribution,
    json_to_distribution,
    ordinal_distribution,
)
from steep.events import FORMAT, Add, Changes, CreateStudy, Event, SetFormat
from steep.exceptions import StorageInternalError
from steep.strict_json import dumps, loads

__all__ = ["check_kept", "from_json", "kept_attr", "to_json"]

_KINDS: dict[str, type[Any]] = {kind.__name__: kind for kind in get_args(Event)}
_REMEMBERED = 4096


_NEEDED = object()


def _fields_of(kind: type[Any]) -> list[tuple[str, Any]]:
    """Give the fields of a kind of event, each with its default or :data:`_NEEDED`."""
    n_needed = len(kind.__slots__) - len(kind.__init__.__defaults__ or ())
    made = kind(*[_NEEDED] * n_needed)
    return [(name, getattr(made, name)) for name in kind.__slots__]


_FIELDS: dict[type[Any], list[tuple[str, Any]]] = {
    kind: _fields_of(kind) for kind in (*_KINDS.values(), Changes)
}


# ---- writing -------------------------------------------------------------------------------------


def to_json(event: Event) -> str:
    """Write an event as one line of JSON.

    Args:
        event: The event. Its attributes must be values that JSON can hold.

    Returns:
        A line of ASCII without a line break.

    Raises:
        TypeError: If an attribute cannot be written as JSON.
        ValueError: If an attribute contains itself.
    """
    try:
        return dumps({"event": type(event).__name__, **_to_plain(event)})
    except (TypeError, ValueError) as error:
        raise _refused(f"the event {type(event).__name__}", error) from None


def kept_attr(call: str, key: Any, value: Any) -> Any:
    """Give the value of an attribute as a log gives it back.

    Args:
        call: What the user called.
        key: The name of the attribute.
        value: Its value.

    Returns:
        A copy, in which tuples have become lists.

    Raises:
        TypeError: If it cannot be written as JSON.
        ValueError: If it contains itself.

    Example:
        >>> kept_attr("Trial.set_user_attr", "shape", (2, 3))
        [2, 3]
    """
    try:
        (kept,) = loads(dumps({key: value})).values()
    except (TypeError, ValueError) as error:
        raise _refused(f"{call}({key!r}, a {type(value).__name__})", error) from None
    return kept


def check_kept(name: Any, distribution: BaseDistribution) -> None:
    """Refuse a parameter that no log can hold, when it is suggested.

    Args:
        name: Its name.
        distribution: Its distribution.

    Raises:
        TypeError: If a choice, or the name, cannot be written as JSON.
        ValueError: If a choice contains itself.
    """
    try:
        if type(name) is not str:
            dumps({name: None})
        _spec_of(distribution)
    except (TypeError, ValueError) as error:
        raise _refused(f"suggest_*({name!r}, {distribution!r})", error) from None


def _refused(what: str, error: TypeError | ValueError) -> TypeError | ValueError:
    kind = TypeError if isinstance(error, TypeError) else ValueError
    return kind(
        f"A storage that keeps studies cannot hold {what}: {error}. Attributes are None, bool, "
        "int, float, str, and lists and dictionaries of them. Instead of an object choose by name, "
        "and look it up by that name."
    )


def _to_plain(part: Any) -> dict[str, Any]:
    plain: dict[str, Any] = {}
    for name, default in _FIELDS[type(part)]:
        value = getattr(part, name)
        if isinstance(value, Changes):
            value = _changes_to_plain(value)
            if not value:
                continue
        elif value == default and type(value) is type(default):
            continue
        plain[name] = _nested_to_plain(name, value)
    return plain


def _nested_to_plain(name: str, value: Any) -> Any:
    if name == "trials":
        return [_to_plain(trial) for trial in value]
    return _to_plain(value) if isinstance(value, Add) else value


def _changes_to_plain(changes: Changes) -> dict[str, Any]:
    plain: dict[str, Any] = {}
    if changes.params:
        plain["params"] = {n: [v, _spec_at(v, d)] for n, (v, d) in changes.params.items()}
    if changes.reports:
        # JSON turns keys into strings; pairs keep the steps integers.
        plain["reports"] = list(changes.reports.items())
    if changes.user_attrs:
        plain["user_attrs"] = changes.user_attrs
    if changes.system_attrs:
        plain["system_attrs"] = changes.system_attrs
    if changes.seen:
        # Nearly always a trial is sampled at one position.
        positions = set(changes.seen.values())
        is_one = len(positions) == 1 and changes.seen.keys() == changes.params.keys()
        plain["seen"] = positions.pop() if is_one else changes.seen
    return plain


# A study uses few distributions many times, nearly always the same objects. Equality would take
# choices such as 1 and True for the same, so objects are told apart by what they are.
_specs: dict[int, tuple[BaseDistribution, list[Any]]] = {}


def _spec_at(value: float, distribution: BaseDistribution) -> list[Any]:
    """Mark a parameter that is taken back, so that a database finds it out easily."""
    spec = _spec_of(distribution)
    return spec if value == value else ["gone", spec]


def _spec_of(distribution: BaseDistribution) -> list[Any]:
    known = _specs.get(id(distribution))
    if known is not None and known[0] is distribution:
        return known[1]
    if len(_specs) >= _REMEMBERED:
        _specs.clear()
    spec = _make_spec(distribution)
    dumps(spec)  # raises for choices that JSON cannot hold
    _specs[id(distribution)] = (distribution, spec)
    return spec


def _make_spec(d: BaseDistribution) -> list[Any]:
    if type(d) is FloatDistribution:
        return ["float", d.low, d.high, d.log, d.step]
    if type(d) is IntDistribution:
        return ["int", d.low, d.high, d.log, d.step]
    if type(d) is CategoricalDistribution:
        return ["categorical", *d.choices]
    if type(d) is ChangingDistribution:  # choices first: the views of databases count them
        return ["changing", *d.choices, d.present and list(d.present)]
    if type(d) is OrdinalDistribution:
        return ["ordinal", *d.values]
    return ["json", distribution_to_json(d)]


# ---- reading -------------------------------------------------------------------------------------


def from_json(line: str) -> Event:
    """Read an event that :func:`to_json` wrote.

    Args:
        line: One line of JSON.

    Returns:
        The event.

    Raises:
        ValueError: If the line is no event.
        StorageInternalError: If it was written by a newer steep.
    """
    plain = loads(line)
    if not isinstance(plain, dict) or "event" not in plain:
        raise ValueError(f"from_json() got a line that is no event: {line[:200]!r}.")
    name = plain.pop("event")
    kind = _KINDS.get(name)
    if kind is None:
        raise _too_new(f"the event {name!r}")
    event: Event = _from_plain(kind, plain)
    if isinstance(event, CreateStudy | SetFormat) and event.format > FORMAT:
        raise _too_new(f"format {event.format}")
    return event


def _too_new(what: str) -> StorageInternalError:
    return StorageInternalError(
        f"The log of this study uses {what}, which this version of steep does not know "
        f"(it knows formats up to {FORMAT}). Install a newer steep to go on."
    )


def _from_plain(kind: type[Any], plain: dict[str, Any]) -> Any:
    if "changes" in plain:
        plain["changes"] = _changes_from_plain(plain["changes"])
    if "retry" in plain:
        plain["retry"] = _from_plain(Add, plain["retry"])
    if "trials" in plain:
        plain["trials"] = [_from_plain(Add, trial) for trial in plain["trials"]]
    return kind(**plain)


def _changes_from_plain(plain: dict[str, Any]) -> Changes:
    if "params" in plain:
        plain["params"] = {n: (v, _distribution_of(s)) for n, (v, s) in plain["params"].items()}
    if "reports" in plain:
        plain["reports"] = {step: value for step, value in plain["reports"]}  # noqa: C416
    seen = plain.get("seen")
    if isinstance(seen, int):
        plain["seen"] = dict.fromkeys(plain["params"], seen)
    return Changes(**plain)


def _distribution_of(spec: list[Any]) -> BaseDistribution:
    kind, *rest = spec
    if kind == "float":
        low, high, log, step = rest
        return float_distribution(low, high, step, log)
    if kind == "int":
        low, high, log, step = rest
        return int_distribution(low, high, step, log)
    if kind == "categorical":
        return categorical_distribution(rest)
    if kind == "changing":
        *choices, present = rest
        return ChangingDistribution(choices, present)
    if kind == "ordinal":
        return ordinal_distribution(rest)
    if kind == "gone":
        return _distribution_of(rest[0])
    if kind == "json":
        return json_to_distribution(rest[0])
    raise _too_new(f"the distribution {kind!r}")
