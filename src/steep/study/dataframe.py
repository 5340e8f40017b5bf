"""Trials as a pandas data frame."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from steep.trial import FrozenTrial

if TYPE_CHECKING:
    import pandas as pd

    from steep.study.reading import StudyView

__all__ = ["ATTRS", "trials_dataframe"]

ATTRS = (
    "number",
    "value",
    "datetime_start",
    "datetime_complete",
    "duration",
    "params",
    "user_attrs",
    "system_attrs",
    "state",
)
_Key = tuple[str, Any]
_Labels = Mapping[str, list[Any]]


def trials_dataframe(study: StudyView, attrs: tuple[str, ...], multi_index: bool) -> pd.DataFrame:
    """Make a data frame with a row for each trial; see ``Study.trials_dataframe``.

    Args:
        study: The study.
        attrs: The attributes of trials that become columns.
        multi_index: Whether columns have two levels.
    """
    try:
        import pandas as pd
    except ImportError as error:
        raise ImportError(
            "Study.trials_dataframe() needs pandas: pip install 'steep[dataframe]'."
        ) from error

    trials = study.trials
    if not trials:
        return pd.DataFrame()
    labels = _labels(study)
    if "value" in attrs and len(study.directions) > 1:
        attrs = tuple("values" if attr == "value" else attr for attr in attrs)
    rows = [dict(_cells(trial, attrs, labels)) for trial in trials]
    keys = sorted(
        dict.fromkeys(key for row in rows for key in row),
        key=lambda key: _place(key, attrs, labels),
    )
    frame = pd.DataFrame([[row.get(key, math.nan) for key in keys] for row in rows])
    if multi_index:
        frame.columns = pd.MultiIndex.from_tuples(keys)
    else:
        frame.columns = pd.Index([a if name == "" else f"{a}_{name}" for a, name in keys])
    return frame


def _labels(study: StudyView) -> _Labels:
    """Give what the columns of values are called, in the order of the objectives."""
    names = study.metric_names
    return {"value": names or [""], "values": names or list(range(len(study.directions)))}


def _place(key: _Key, attrs: tuple[str, ...], labels: _Labels) -> tuple[int, Any]:
    """Tell where a column stands: values in the order of the objectives, others by their names."""
    attr, name = key
    return attrs.index(attr), labels[attr].index(name) if attr in labels else str(name)


def _cells(
    trial: FrozenTrial, attrs: tuple[str, ...], labels: _Labels
) -> Iterator[tuple[_Key, Any]]:
    cells: Iterable[tuple[Any, Any]]
    for attr in attrs:
        value = trial.state.name if attr == "state" else getattr(trial, attr)
        if attr in labels:
            # A trial without values has these columns too: programs look at them.
            values = [value] if attr == "value" else value or [None] * len(labels[attr])
            cells = zip(labels[attr], values, strict=True)
        else:
            cells = value.items() if isinstance(value, dict) else [("", value)]
        yield from (((attr, name), one) for name, one in cells)
