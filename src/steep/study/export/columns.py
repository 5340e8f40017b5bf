"""Trials as columns: those of the data frame that users know, and what the way back needs."""

from __future__ import annotations

import datetime
import enum
import functools
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

from steep.distributions import BaseDistribution, FloatDistribution, IntDistribution
from steep.study.export.fields import distribution_of, local_time, make_trial, moment, spec_of
from steep.trial import FrozenTrial

if TYPE_CHECKING:
    from steep.study.reading import StudyView

__all__ = ["Column", "Kind", "columns_of", "kind_of", "trial_of", "value_names"]

_MAPPINGS = ("params", "user_attrs", "system_attrs")


class Kind(enum.Enum):
    """Name what the cells of a column hold."""

    INT = "int"
    FLOAT = "float"
    TIME = "time"
    SPAN = "span"
    TEXT = "text"
    ANY = "any"
    REPORTS = "reports"


_KINDS = {
    "number": Kind.INT,
    "datetime_start": Kind.TIME,
    "datetime_complete": Kind.TIME,
    "duration": Kind.SPAN,
    "state": Kind.TEXT,
    "intermediate_values": Kind.REPORTS,
}
_PREFIXES = {
    "params_": Kind.ANY,
    "user_attrs_": Kind.ANY,
    "system_attrs_": Kind.ANY,
    "distributions_": Kind.TEXT,
}


def kind_of(name: str) -> Kind:
    """Tell what a column holds by its name.

    Args:
        name: The name of the column.

    Raises:
        ValueError: If no column is named so.

    Example:
        >>> kind_of("params_x").name, kind_of("values_1").name
        ('ANY', 'FLOAT')
    """
    if name in _KINDS:
        return _KINDS[name]
    for prefix, kind in _PREFIXES.items():
        if name.startswith(prefix):
            return kind
    if name == "value" or name.startswith(("value_", "values_")):
        return Kind.FLOAT
    raise ValueError(f"There is no column {name!r} in what Study.export() writes.")


class Column(NamedTuple):
    """Hold one column.

    Attributes:
        name: Its name.
        kind: What its cells hold.
        cell: Gives the cell of a trial; KeyError where the trial has none.
    """

    name: str
    kind: Kind
    cell: Callable[[FrozenTrial], Any]


def columns_of(study: StudyView, trials: Iterable[FrozenTrial]) -> list[Column]:
    """Give the columns of some trials.

    Args:
        study: Their study.
        trials: The trials.
    """
    cells: dict[str, Callable[[FrozenTrial], Any]] = {"number": lambda trial: trial.number}
    for i, name in enumerate(value_names(study)):
        cells[name] = functools.partial(_value, i)
    cells["datetime_start"] = lambda trial: moment(_present(trial.datetime_start))
    cells["datetime_complete"] = lambda trial: moment(_present(trial.datetime_complete))
    cells["duration"] = lambda trial: _present(trial.duration)
    for attr in _MAPPINGS:
        for key in _keys(trials, attr):
            cells[f"{attr}_{key}"] = functools.partial(_entry, attr, key)
    cells["state"] = lambda trial: trial.state.name
    for key in _keys(trials, "params"):
        cells[f"distributions_{key}"] = functools.partial(_spec, key)
    cells["intermediate_values"] = lambda trial: _present(trial.intermediate_values or None)
    return [Column(name, kind_of(name), cell) for name, cell in cells.items()]


def value_names(study: StudyView) -> list[str]:
    """Give the names of the columns of objective values, one for each objective.

    Args:
        study: The study.
    """
    names = study.metric_names
    if names is not None and len(set(names)) < len(names):
        names = None  # columns of one name could not be told apart
    count = len(study.directions)
    if count == 1:
        return ["value" if names is None else f"value_{names[0]}"]
    return [f"values_{i if names is None else names[i]}" for i in range(count)]


def _keys(trials: Iterable[FrozenTrial], attr: str) -> list[str]:
    return sorted({key for trial in trials for key in getattr(trial, attr)})


def _value(i: int, trial: FrozenTrial) -> float:
    values: list[float] = _present(trial.values)
    return float(values[i])


def _entry(attr: str, key: str, trial: FrozenTrial) -> Any:
    return getattr(trial, attr)[key]


def _spec(key: str, trial: FrozenTrial) -> str:
    return spec_of(trial.distributions[key])


def _present(value: Any) -> Any:
    if value is None:
        raise KeyError
    return value


def trial_of(cells: Iterable[tuple[str, Any]]) -> FrozenTrial:
    """Put a trial together.

    Args:
        cells: The names of the columns that it has a cell in, and the cells.

    Raises:
        KeyError: If the number or the state is missing.
        ValueError: If a column is unknown.
    """
    single: dict[str, Any] = {}
    values: list[float] = []
    mappings: dict[str, dict[str, Any]] = {attr: {} for attr in (*_MAPPINGS, "distributions")}
    for name, cell in cells:
        attr = next((attr for attr in mappings if name.startswith(f"{attr}_")), None)
        if attr is not None:
            mappings[attr][name.removeprefix(f"{attr}_")] = cell
        elif name in _KINDS:
            single[name] = cell
        else:
            values.append(cell)
    specs = mappings.pop("distributions")
    distributions = {name: distribution_of(spec) for name, spec in specs.items()}
    for name, value in mappings["params"].items():
        mappings["params"][name] = _as_number(value, distributions.get(name))
    return make_trial(
        single["number"],
        single["state"],
        values or None,
        datetime_start=_local(single.get("datetime_start")),
        datetime_complete=_local(single.get("datetime_complete")),
        distributions=distributions,
        intermediate_values=single.get("intermediate_values", {}),
        **mappings,
    )


def _as_number(value: Any, distribution: BaseDistribution | None) -> Any:
    """Give a number the type of its distribution: by hand one writes 1 where 1.0 is meant."""
    is_number = type(distribution) in (FloatDistribution, IntDistribution)
    return distribution.to_external_repr(value) if distribution and is_number else value


def _local(at: datetime.datetime | None) -> datetime.datetime | None:
    return None if at is None else local_time(at)
