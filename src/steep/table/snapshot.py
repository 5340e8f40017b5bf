"""A table as bytes: what a log folds to, kept so that opening a long study is quick.

A snapshot is a cache. It is a line of JSON and the arrays one after the other, under a checksum
and a version; a torn, altered or foreign one is no snapshot, and the log is folded instead.

Example:
    >>> from steep.events import Ask, CreateStudy
    >>> from steep.table import Table
    >>> table = Table()
    >>> table.follow([CreateStudy("tea", [1]), Ask(1.0)])
    >>> from_snapshot(to_snapshot(table)).n, from_snapshot(b"something else")
    (1, None)
"""

from __future__ import annotations

from typing import Any

import numpy as np

from steep.columns import Column, ParamColumn
from steep.distributions import distribution_to_json, json_to_distribution
from steep.events import FORMAT
from steep.reports import Reports
from steep.states import StudyDirection
from steep.table.fold import Table

__all__ = ["from_snapshot", "to_snapshot"]

_MAGIC = f"steep snapshot 3, events {FORMAT}\n".encode()
_DIGEST_SIZE = 16

_PLAIN = (
    "study_name",
    "n",
    "position",
    "epoch",
    "n_finished",
    "best",
    "has_constraints",
    "study_user_attrs",
    "study_system_attrs",
    "configs",
    "config_history",
    "_counts",
    "_waiting",
)
"""Attributes of a table that are JSON as they are."""

_BY_NUMBER = ("user_attrs", "system_attrs", "owners", "_leases", "_orders")
"""Dictionaries by number, whose keys JSON would turn into strings."""

_COLUMNS = ("_state", "_start", "_complete", "_values", "_violation", "_finished", "_added")


def to_snapshot(table: Table) -> bytes:
    """Write a table as bytes.

    Args:
        table: The table.

    Returns:
        What :func:`from_snapshot` reads.
    """
    import json

    arrays: list[np.ndarray[Any, Any]] = [_used(table, name) for name in _COLUMNS]
    for column in table.params.values():
        arrays += [column.values, column.codes]
    arrays += table.reports.to_arrays()
    arrays += [np.frombuffer(to_snapshot(prior), np.uint8) for prior in table.priors]
    header = {
        "plain": {name: getattr(table, name) for name in _PLAIN},
        "by_number": {name: list(getattr(table, name).items()) for name in _BY_NUMBER},
        "reaped": sorted(table.reaped),
        "directions": [int(direction) for direction in table.directions],
        "params": [
            [name, [distribution_to_json(d) for d in column.distributions], column.code]
            for name, column in table.columns.items()
        ],
        "running": [[n, list(steps.items())] for n, steps in table.reports.running.items()],
        "n_priors": len(table.priors),
        "arrays": [[array.dtype.str, array.shape] for array in arrays],
    }
    text = json.dumps(header, separators=(",", ":")).encode()
    body = b"".join([text, b"\n", *(np.ascontiguousarray(array).data for array in arrays)])
    return b"".join([_MAGIC, _digest(body), body])


def from_snapshot(data: bytes) -> Table | None:
    """Read a table that :func:`to_snapshot` wrote.

    Args:
        data: The bytes.

    Returns:
        The table, or None where the bytes are damaged or of another version.
    """
    import json

    start = len(_MAGIC) + _DIGEST_SIZE
    body = data[start:]
    if data[: len(_MAGIC)] != _MAGIC or data[len(_MAGIC) : start] != _digest(body):
        return None
    text, _, rest = body.partition(b"\n")
    header = json.loads(text)
    return _rebuild(header, _arrays(header["arrays"], rest))


def _digest(body: bytes) -> bytes:
    import hashlib

    return hashlib.blake2b(body, digest_size=_DIGEST_SIZE).digest()


def _used(table: Table, name: str) -> np.ndarray[Any, Any]:
    column: Column = getattr(table, name)
    size = table.n_finished if name == "_finished" else table.n
    column.reserve(size)
    return column.data[:size]


def _arrays(specs: list[Any], data: bytes) -> list[np.ndarray[Any, Any]]:
    arrays, offset = [], 0
    for dtype, shape in specs:
        count = int(np.prod(shape))
        array = np.frombuffer(data, dtype, count, offset).reshape(shape)
        arrays.append(array)
        offset += array.nbytes
    return arrays


def _rebuild(header: dict[str, Any], arrays: list[np.ndarray[Any, Any]]) -> Table:
    table = Table()
    rest = iter(arrays)
    for name, value in header["plain"].items():
        setattr(table, name, value)
    for name, items in header["by_number"].items():
        setattr(table, name, dict(items))
    table.reaped = set(header["reaped"])
    table.directions = [StudyDirection(direction) for direction in header["directions"]]
    for name in _COLUMNS:
        setattr(table, name, Column.of(next(rest), fill=getattr(table, name).fill))
    for name, distributions, code in header["params"]:
        known = [json_to_distribution(text) for text in distributions]
        table.columns[name] = ParamColumn.of(
            name, known, (len(table.columns), code), next(rest), next(rest)
        )
    table.reports = Reports.of_arrays(
        [next(rest) for _ in range(Reports.N_ARRAYS)],
        {number: dict(steps) for number, steps in header["running"]},
    )
    for _ in range(header["n_priors"]):
        prior = from_snapshot(next(rest).tobytes())
        assert prior is not None, "the checksum around it was right"
        table.priors.append(prior)
    table.derive_losses()
    return table
