"""Trials and studies as rows, to be written in any format.

A cell has a key of two parts: the column and, where a column holds several values, which of them
it is: ``("params", "x")``, ``("values", 0)``, ``("number", "")``.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from steep.study import Study, StudySummary
from steep.trial import FrozenTrial

__all__ = ["Key", "Records", "of_names", "of_studies", "of_trials"]

Key = tuple[str, Any]
Row = dict[Key, Any]
_TIME = "%Y-%m-%d %H:%M:%S"


@dataclass(frozen=True)
class Records:
    """Hold rows and the order of their cells.

    Args:
        rows: Cells by key; a row may lack some.
        keys: All keys, in the order of the columns.
    """

    rows: list[Row]
    keys: list[Key]

    def only(self, wanted: Callable[[Row], bool]) -> Records:
        """Give some of the rows under the same columns.

        Args:
            wanted: Which ones.
        """
        return Records([row for row in self.rows if wanted(row)], self.keys)

    def nested(self) -> tuple[list[dict[str, Any]], list[str]]:
        """Give rows with one entry a column, and the names of the columns.

        Several values are a dictionary, or a list where they are counted.
        """
        header = list(dict.fromkeys(column for column, _ in self.keys))
        return [self._nest(row, header) for row in self.rows], header

    def _nest(self, row: Row, header: list[str]) -> dict[str, Any]:
        nested: dict[str, Any] = {column: {} for column in header}
        for key in self.keys:
            if key in row:
                _put(nested, key, plain(row[key]))
        return nested

    def flattened(self) -> tuple[list[dict[str, Any]], list[str]]:
        """Give rows with one entry a value, and the names of the columns."""
        columns = {key: self._names_of(key) for key in self.keys}
        rows = [
            {
                name: value
                for key, names in columns.items()
                if key in row
                for name, value in zip(names, _values(plain(row[key]), names, key), strict=False)
            }
            for row in self.rows
        ]
        return rows, [name for names in columns.values() for name in names]

    def _names_of(self, key: Key) -> list[str]:
        column, part = key
        if part != "":
            return [f"{column}_{part}"]
        cells = [row[key] for row in self.rows if key in row]
        lists = [cell for cell in cells if isinstance(cell, list | tuple)]
        if not lists:
            return [column]
        return [f"{column}_{i}" for i in range(max(map(len, lists)))]


def _put(nested: dict[str, Any], key: Key, value: Any) -> None:
    column, part = key
    if part == "":
        nested[column] = value
    elif isinstance(part, int):
        listed = nested[column] or []
        nested[column] = [*listed, *[None] * (part + 1 - len(listed))]
        nested[column][part] = value
    else:
        nested[column][part] = value


def _values(value: Any, names: list[str], key: Key) -> list[Any]:
    """Give the values that belong to the columns of a cell."""
    is_spread = names != [key[0]] and key[1] == ""
    return list(value) if is_spread else [value]


def plain(value: Any) -> Any:
    """Give a value as JSON and YAML can hold it; times become text.

    Args:
        value: Anything.

    Example:
        >>> plain({"a": (1, None, datetime.datetime(2024, 1, 31, 12))})
        {'a': (1, None, '2024-01-31 12:00:00')}
    """
    if value is None or isinstance(value, int | float):
        return value
    if isinstance(value, datetime.datetime):
        return value.strftime(_TIME)
    if isinstance(value, list | tuple):
        return type(value)(map(plain, value))
    if isinstance(value, dict):
        return {plain(key): plain(inner) for key, inner in value.items()}
    return str(value)


def of_names(names: list[str]) -> Records:
    """Make a row of each name.

    Args:
        names: The names of studies.
    """
    return Records([{("name", ""): name} for name in names], [("name", "")])


def of_studies(summaries: list[StudySummary]) -> Records:
    """Make a row of each study.

    Args:
        summaries: The studies.
    """
    rows = [
        {
            ("name", ""): study.study_name,
            ("direction", ""): tuple(d.name for d in study.directions if d is not None),
            ("n_trials", ""): study.n_trials,
            ("datetime_start", ""): study.datetime_start,
            ("user_attrs", ""): study.user_attrs,
        }
        for study in summaries
    ]
    keys = [(column, "") for column in ("name", "direction", "n_trials", "datetime_start")]
    if any(study.user_attrs for study in summaries):
        keys.append(("user_attrs", ""))
    return Records(rows, keys)


def of_trials(study: Study) -> Records:
    """Make a row of each trial.

    Args:
        study: The study.
    """
    names = study.metric_names
    value = "value" if len(study.directions) == 1 else "values"
    columns = [
        *("number", value, "datetime_start", "datetime_complete", "duration"),
        *("params", "user_attrs", "state"),
    ]
    rows = [dict(_cells(trial, columns, names, len(study.directions))) for trial in study.trials]
    known = {key for row in rows for key in row}
    keys = []
    for column in columns:
        of_column = sorted(key for key in known if key[0] == column)
        if column == "values" and names is not None:
            of_column.sort(key=lambda key: names.index(key[1]))
        keys += of_column
    return Records(rows, keys)


def _cells(
    trial: FrozenTrial, columns: list[str], names: list[str] | None, n_objectives: int
) -> Iterator[tuple[Key, Any]]:
    for column in columns:
        value = getattr(trial, column)
        if column == "values":
            values = [None] * n_objectives if value is None else value
            yield from (
                ((column, part), one)
                for part, one in zip(
                    range(n_objectives) if names is None else names, values, strict=True
                )
            )
        elif isinstance(value, dict):
            yield from (((column, part), one) for part, one in value.items())
        elif column == "value":
            yield (column, "" if names is None else names[0]), value
        else:
            yield (column, ""), value.name if column == "state" else value
