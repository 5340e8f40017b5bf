"""Trials as a Parquet file: the same columns as in CSV, with types."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from steep.study.export.cells import from_cell, to_cell
from steep.study.export.columns import Column, Kind, columns_of, kind_of, trial_of
from steep.study.export.fields import not_json
from steep.trial import FrozenTrial

if TYPE_CHECKING:
    import pyarrow as pa

    from steep.study.reading import StudyView

__all__ = ["read", "write"]

_INT64 = range(-(2**63), 2**63)
_NOTHING = object()  # None is a value
_TYPES: dict[Kind, Callable[[Any], Any]] = {
    Kind.INT: lambda arrow: arrow.int64(),
    Kind.FLOAT: lambda arrow: arrow.float64(),
    Kind.TIME: lambda arrow: arrow.timestamp("us", tz="UTC"),
    Kind.SPAN: lambda arrow: arrow.duration("us"),
    Kind.TEXT: lambda arrow: arrow.string(),
    Kind.REPORTS: lambda arrow: arrow.list_(
        arrow.struct([("step", arrow.int64()), ("value", arrow.float64())])
    ),
}
_EXACT = range(-(2**53), 2**53 + 1)  # the ints that float64 holds


def _arrow() -> Any:
    try:
        import pyarrow.parquet
    except ImportError as error:
        raise ImportError("Parquet files need pyarrow: pip install pyarrow.") from error
    return pyarrow


def write(study: StudyView, file: IO[bytes]) -> None:
    """Write all trials, null where a trial has no cell.

    Args:
        study: The study.
        file: The file.
    """
    arrow = _arrow()
    trials = study.trials
    columns = columns_of(study, trials)
    arrays = [_array(arrow, column, trials) for column in columns]
    table = arrow.Table.from_arrays(arrays, names=[column.name for column in columns])
    arrow.parquet.write_table(table, file)


def _array(arrow: Any, column: Column, trials: Sequence[FrozenTrial]) -> pa.Array:
    cells = [_cell(column, trial) for trial in trials]
    kind = _TYPES[column.kind](arrow) if column.kind in _TYPES else _common_type(arrow, cells)
    if kind is None:
        kind = arrow.string()
        cells = [cell if cell is _NOTHING else _text(column, cell) for cell in cells]
    return arrow.array([None if c is _NOTHING else c for c in cells], type=kind, from_pandas=False)


def _cell(column: Column, trial: FrozenTrial) -> Any:
    try:
        cell = column.cell(trial)
    except KeyError:
        return _NOTHING
    except TypeError as error:  # a choice
        raise not_json(f"{column.name!r} of trial {trial.number}", error) from error
    if column.kind is Kind.REPORTS:
        return [{"step": step, "value": value} for step, value in cell.items()]
    return cell


def _common_type(arrow: Any, cells: Sequence[Any]) -> Any:
    """Give the type of a column of attributes, or None where only text holds all of them."""
    types = {type(cell) for cell in cells if cell is not _NOTHING}
    ints = [cell for cell in cells if type(cell) is int]
    if types == {bool}:
        return arrow.bool_()
    if types == {int} and all(cell in _INT64 for cell in ints):
        return arrow.int64()
    if float in types and types <= {int, float} and all(cell in _EXACT for cell in ints):
        return arrow.float64()
    return None


def _text(column: Column, cell: Any) -> str:
    try:
        return to_cell(cell)
    except (TypeError, ValueError) as error:
        raise not_json(repr(column.name), error) from error


def read(path: Path) -> list[FrozenTrial]:
    """Read all trials.

    Args:
        path: The file.
    """
    arrow = _arrow()
    try:
        table = arrow.parquet.ParquetFile(path).read()
        names: list[str] = table.column_names
        columns = [_values(kind_of(name), table.column(i)) for i, name in enumerate(names)]
        return [
            trial_of((n, cell) for n, cell in zip(names, row, strict=True) if cell is not _NOTHING)
            for row in zip(*columns, strict=True)
        ]
    except (KeyError, TypeError, ValueError) as error:  # Arrow's own errors are ValueErrors
        raise ValueError(
            f"read_trials({str(path)!r}): the file was not written by Study.export(): {error!r}."
        ) from error


def _values(kind: Kind, column: pa.ChunkedArray) -> list[Any]:
    cells: list[Any] = [_NOTHING if cell is None else cell for cell in column.to_pylist()]
    if kind is Kind.REPORTS:
        return [cell if cell is _NOTHING else _reports_of(cell) for cell in cells]
    if kind is Kind.ANY:
        return [from_cell(cell) if isinstance(cell, str) else cell for cell in cells]
    return cells


def _reports_of(cell: list[dict[str, Any]]) -> dict[int, float]:
    return {report["step"]: report["value"] for report in cell}
