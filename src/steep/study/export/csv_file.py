"""Trials as comma-separated values, with the standard library alone."""

from __future__ import annotations

import csv
import datetime
import io
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from steep.strict_json import dumps, loads
from steep.study.export.cells import from_cell, to_cell
from steep.study.export.columns import Column, Kind, columns_of, kind_of, trial_of
from steep.study.export.fields import not_json
from steep.trial import FrozenTrial

if TYPE_CHECKING:
    from steep.study.reading import StudyView

__all__ = ["read", "write"]


def _reports(text: str) -> dict[int, float]:
    return {int(step): value for step, value in loads(text).items()}


_TO_TEXT: dict[Kind, Callable[[Any], str]] = {
    Kind.INT: str,
    Kind.FLOAT: repr,
    Kind.TIME: datetime.datetime.isoformat,
    Kind.SPAN: str,
    Kind.TEXT: str,
    Kind.ANY: to_cell,
    Kind.REPORTS: dumps,
}
_FROM_TEXT: dict[Kind, Callable[[str], Any]] = {
    Kind.INT: int,
    Kind.FLOAT: float,
    Kind.TIME: datetime.datetime.fromisoformat,
    Kind.SPAN: str,
    Kind.TEXT: str,
    Kind.ANY: from_cell,
    Kind.REPORTS: _reports,
}


def write(study: StudyView, file: IO[bytes]) -> None:
    """Write all trials, a cell left empty where a trial has none.

    Args:
        study: The study.
        file: The file.
    """
    trials = study.trials
    columns = columns_of(study, trials)
    text = io.TextIOWrapper(file, encoding="utf-8", newline="")
    writer = csv.writer(text)
    writer.writerow([column.name for column in columns])
    for trial in trials:
        writer.writerow([_text(column, trial) for column in columns])
    text.flush()
    text.detach()


def _text(column: Column, trial: FrozenTrial) -> str:
    try:
        return _TO_TEXT[column.kind](column.cell(trial))
    except KeyError:
        return ""
    except (TypeError, ValueError) as error:
        raise not_json(f"{column.name!r} of trial {trial.number}", error) from error


def read(path: Path) -> list[FrozenTrial]:
    """Read all trials.

    Args:
        path: The file.
    """
    trials = []
    with path.open(encoding="utf-8", newline="") as file, _cells_of_any_length():
        rows = csv.reader(file)
        try:
            names = next(rows, [])
            readers = [_FROM_TEXT[kind_of(name)] for name in names]
            for row in rows:
                cells = zip(names, readers, row, strict=True)
                trials.append(trial_of((name, read(text)) for name, read, text in cells if text))
        except (KeyError, ValueError, csv.Error) as error:
            raise ValueError(
                f"read_trials({str(path)!r}): line {rows.line_num} was not written by "
                f"Study.export(): {error!r}."
            ) from error
    return trials


@contextmanager
def _cells_of_any_length() -> Iterator[None]:
    limit = csv.field_size_limit(sys.maxsize)
    try:
        yield
    finally:
        csv.field_size_limit(limit)
