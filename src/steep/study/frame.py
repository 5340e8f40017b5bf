"""Trials as a data frame of pandas or polars, column by column.

narwhals makes the frame, so each column is written once for both libraries. What trials have in
columns already is handed over as arrays; only choices and attributes are looked at one by one.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from steep.columns import ParamColumn
from steep.distributions import CategoricalDistribution, IntDistribution, OrdinalDistribution
from steep.states import TrialState
from steep.study.export.columns import value_names
from steep.table import DELETED, Table

if TYPE_CHECKING:
    from steep.study.reading import StudyView

__all__ = ["LIBRARIES", "FrameLibrary", "FrameRows", "reports_frame", "trials_frame"]

FrameLibrary = Literal["pandas", "polars"]
FrameRows = Literal["trials", "reports"]
LIBRARIES = ("pandas", "polars")
_STATES = np.array([state.name for state in TrialState], dtype=object)
_CHOICES = (CategoricalDistribution, OrdinalDistribution)  # columns hold their indices
_INT64 = 2**63


def trials_frame(study: StudyView, library: FrameLibrary) -> Any:
    """Make a frame with a row for each trial; see ``Study.to_frame``.

    Args:
        study: The study, whose table is up to date and stands still.
        library: "pandas" or "polars".

    Returns:
        A data frame of that library.
    """
    maker = _Maker(library)
    table = study.table
    numbers = np.flatnonzero(table.state != DELETED)
    maker.add("number", numbers, "Int64")
    maker.add("state", _STATES[table.state[numbers]], "String")
    for name, values in zip(value_names(study), table.values.T, strict=True):
        maker.add(name, values[numbers], "Float64")
    maker.add("datetime_start", _microseconds(table.start[numbers], "datetime64[us]"), "Datetime")
    ends = table.complete[numbers]
    maker.add("datetime_complete", _microseconds(ends, "datetime64[us]"), "Datetime")
    took = _microseconds(ends - table.start[numbers], "timedelta64[us]")
    maker.add("duration", took, "Duration")
    if table.has_constraints:
        maker.add("violation", table.violation[numbers], "Float64")
    for name, column in table.params.items():
        if (column.codes[numbers] >= 0).any():
            maker.add(f"params_{name}", *_param(column, numbers))
    for name, cells in _attrs(table, numbers):
        maker.add(f"user_attrs_{name}", *_typed(cells))
    return maker.frame()


def reports_frame(study: StudyView, library: FrameLibrary) -> Any:
    """Make a frame with a row for each report; see ``Study.to_frame``.

    Args:
        study: The study, whose table is up to date and stands still.
        library: "pandas" or "polars".

    Returns:
        A data frame of that library.
    """
    maker = _Maker(library)
    reports = study.table.reports
    running = [(n, step, value) for n, of in reports.running.items() for step, value in of.items()]
    rows: list[list[Any]] = [list(row) for row in zip(*running, strict=True)] or [[], [], []]
    flat: list[NDArray[Any]] = [*reports.flat()]
    columns = [
        np.concatenate([finished, np.array(more, dtype=finished.dtype)])
        for finished, more in zip(flat, rows, strict=True)
    ]
    order = np.lexsort((columns[1], columns[0]))
    maker.add("number", columns[0][order].astype(np.int64), "Int64")
    maker.add("step", columns[1][order], "Int64")
    maker.add("value", columns[2][order], "Float64")
    return maker.frame()


class _Maker:
    """Gather columns and make a frame of them; only this class knows narwhals.

    Args:
        library: "pandas" or "polars".

    Raises:
        ImportError: If narwhals or the library is not installed.
    """

    def __init__(self, library: FrameLibrary) -> None:
        try:
            import narwhals

            __import__(library)
        except ImportError as error:
            raise ImportError(
                f"Study.to_frame({library!r}) needs narwhals and {library}, but {error.name} is "
                f"not installed: pip install narwhals {library}"
            ) from None
        self._nw = narwhals
        self._library = library
        self._columns: dict[str, Any] = {}

    def add(self, name: str, cells: NDArray[Any] | list[Any], kind: str) -> None:
        """Add a column.

        Args:
            name: Its name.
            cells: Its cells; NaN, NaT and None are missing ones.
            kind: The name of narwhals' type.
        """
        nw = self._nw
        dtype: Any = getattr(nw, kind)
        if kind in ("Datetime", "Duration"):
            dtype = dtype("us")
        values: Any = cells
        if not isinstance(cells, np.ndarray) or cells.dtype == object:
            values = list(cells)
            if kind in ("Int64", "Boolean") and None in values:
                dtype = None  # pandas has no such cells in an int64 or bool column: it chooses
        series = nw.new_series(name, values, dtype, backend=self._library)
        if kind == "Float64":
            series = series.fill_nan(None)
        elif kind == "Datetime":
            series = series.dt.replace_time_zone("UTC")
        self._columns[name] = series

    def frame(self) -> Any:
        """Give the frame, in the library's own type."""
        return self._nw.from_dict(self._columns).to_native()


def _microseconds(seconds: NDArray[np.float64], dtype: str) -> NDArray[Any]:
    known = np.isfinite(seconds)
    rounded = np.round(np.where(known, seconds, 0.0) * 1e6).astype(np.int64).astype(dtype)
    rounded[~known] = np.array("NaT", dtype=dtype)
    return rounded


def _param(column: ParamColumn, numbers: NDArray[Any]) -> tuple[NDArray[Any] | list[Any], str]:
    """Give the cells of a parameter and their kind."""
    values, codes = column.values[numbers], column.codes[numbers]
    used = {code: column.distributions[code] for code in np.unique(codes[codes >= 0]).tolist()}
    if any(isinstance(one, _CHOICES) for one in used.values()):
        return _decoded(used, values, codes)
    has = codes >= 0
    is_whole = all(isinstance(one, IntDistribution) for one in used.values())
    if not is_whole or (np.abs(values[has]) >= _INT64).any():
        return values, "Float64"
    whole = np.where(has, values, 0).astype(np.int64)
    if has.all():
        return whole, "Int64"
    cells = whole.astype(object)
    cells[~has] = None
    return cells, "Int64"


def _decoded(
    used: Mapping[int, Any], values: NDArray[np.float64], codes: NDArray[np.int32]
) -> tuple[list[Any], str]:
    """Give the choices that indices stand for."""
    options: list[Any] = []
    places = np.full(len(values), -1)
    for code, distribution in used.items():
        rows = codes == code
        found, places_in_found = np.unique(values[rows], return_inverse=True)
        places[rows] = places_in_found + len(options)
        options += [distribution.to_external_repr(value) for value in found.tolist()]
    typed, kind = _typed(options)
    lookup = np.empty(len(typed) + 1, dtype=object)  # the last one, None, for rows without
    lookup[:-1] = typed
    return lookup[places].tolist(), kind


def _attrs(table: Table, numbers: NDArray[Any]) -> Iterator[tuple[str, list[Any]]]:
    """Give the attributes of the user, one list of cells for each name."""
    known = {number: attrs for number, attrs in table.user_attrs.items() if attrs}
    rows = [known.get(number, {}) for number in numbers.tolist()] if known else []
    for name in sorted({name for attrs in known.values() for name in attrs}):
        yield name, [attrs.get(name) for attrs in rows]


def _typed(cells: Sequence[Any]) -> tuple[list[Any], str]:
    """Find a type that holds all cells; what has none in common becomes text."""
    kinds = {_kind(cell) for cell in cells if cell is not None}
    if kinds == {"Int64", "Float64"}:
        kinds = {"Float64"}
    if len(kinds) == 1 and "" not in kinds:
        kind = kinds.pop()
        convert: Any = {"Float64": float, "Int64": int, "Boolean": bool, "String": str}[kind]
        return [None if cell is None else convert(cell) for cell in cells], kind
    return list(_texts(cells)), "String"


def _kind(cell: Any) -> str:
    if isinstance(cell, bool | np.bool_):
        return "Boolean"
    if isinstance(cell, int | np.integer):
        return "Int64" if -_INT64 <= cell < _INT64 else ""
    if isinstance(cell, float | np.floating):
        return "Float64"
    return "String" if isinstance(cell, str) else ""


def _texts(cells: Iterable[Any]) -> Iterator[str | None]:
    for cell in cells:
        is_text = cell is None or isinstance(cell, str)
        yield cell if is_text else json.dumps(cell, default=str, ensure_ascii=False)
