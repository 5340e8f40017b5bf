"""Render any outcome as lines of text, so that two can be compared and their difference read.

Two libraries give objects of different classes, identities, names and times. Rendering keeps what a
user can tell apart (types, order, NaN, -0.0, NumPy scalars against Python's) and drops what may
differ (uuids, clocks).
"""

from __future__ import annotations

import datetime
import enum
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

Lines = Iterator[str]

TRIAL_FIELDS = (
    "number",
    "state",
    "values",
    "params",
    "distributions",
    "user_attrs",
    "system_attrs",
    "intermediate_values",
    "constraints",
    "last_step",
    "datetime_start",
    "datetime_complete",
)
SUMMARY_FIELDS = (
    "study_name",
    "directions",
    "best_trial",
    "user_attrs",
    "n_trials",
    "datetime_start",
)
STUDY_FIELDS = ("study_name", "directions", "user_attrs", "metric_names", "trials")
DISTRIBUTION_FIELDS = ("low", "high", "log", "step", "choices")
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def render(value: Any) -> str:
    """Return `value` as text, one leaf a line."""
    return "\n".join(_lines(value))


def lineage(error: BaseException | type[BaseException]) -> str:
    """Return the class names of an exception up to Exception: what an except clause can catch."""
    cls = error if isinstance(error, type) else type(error)
    return " < ".join(c.__name__ for c in cls.__mro__ if c is not object)


def _lines(value: Any) -> Lines:
    if isinstance(value, Mapping):
        yield from _block("{", ((f"{_leaf(k)}: ", v) for k, v in value.items()), "}")
    elif isinstance(value, (list, tuple)) and type(value) in (list, tuple):
        yield from _block(f"{type(value).__name__}(", (("", v) for v in value), ")")
    elif isinstance(value, (set, frozenset)):
        yield from _block("set(", (("", v) for v in sorted(value, key=_leaf)), ")")
    else:
        yield from _object_lines(value)


def _object_lines(value: Any) -> Lines:
    name = type(value).__name__
    if name == "FrozenTrial":
        yield from _record(value, TRIAL_FIELDS)
    elif name == "StudySummary":
        yield from _record(value, SUMMARY_FIELDS)
    elif name == "Study":
        yield from _record(value, STUDY_FIELDS)
    elif name.endswith("Distribution"):
        yield f"{name}({', '.join(_distribution(value))})"
    elif isinstance(value, pd.DataFrame):
        yield from _frame(value)
    else:
        yield _leaf(value)


def _record(value: Any, fields: tuple[str, ...]) -> Lines:
    items = ((f"{field} = ", getattr(value, field)) for field in fields)
    yield from _block(f"{type(value).__name__}(", items, ")")


def _block(head: str, items: Iterator[tuple[str, Any]], tail: str) -> Lines:
    body = [
        indent + line
        for prefix, item in items
        for indent, line in zip(_indents(prefix), _lines(item), strict=False)
    ]
    if not body:
        yield head + tail
        return
    yield head
    yield from body
    yield tail


def _indents(prefix: str) -> Iterator[str]:
    yield "  " + prefix
    while True:
        yield "  "


def _distribution(value: Any) -> Iterator[str]:
    for field in DISTRIBUTION_FIELDS:
        if hasattr(value, field):
            yield f"{field}={getattr(value, field)!r}"


def _frame(frame: pd.DataFrame) -> Lines:
    yield "DataFrame("
    for position, column in enumerate(frame.columns):
        cells = frame.iloc[:, position]
        yield f"  {column!r} {cells.dtype}: {[_leaf(cell) for cell in cells]}"
    yield ")"


LEAVES: tuple[tuple[type, Callable[[Any], str]], ...] = (
    (enum.Enum, lambda v: f"{type(v).__name__}.{v.name}"),
    (np.generic, lambda v: f"numpy.{v.dtype}({v!r})"),
    (pd.Timestamp, lambda v: "<time>"),
    (type(pd.NaT), lambda v: "<no time>"),
    (datetime.datetime, lambda v: "<time>"),
    (datetime.timedelta, lambda v: "<duration>"),
    (BaseException, lambda v: f"raised {lineage(v)}"),
    (type, lambda v: f"class {v.__name__}"),
)


def _leaf(value: Any) -> str:
    for cls, text in LEAVES:
        if isinstance(value, cls):
            return text(value)
    text = UUID.sub("<uuid>", repr(value))
    return f"<{type(value).__name__}>" if " object at 0x" in text else text
