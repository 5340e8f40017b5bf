"""Trials as a pandas data frame."""

from __future__ import annotations

import math
from collections.abc import Iterator
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
    names = study.metric_names
    if "value" in attrs and len(study.directions) > 1:
        attrs = tuple("values" if attr == "value" else attr for attr in attrs)
    rows = [dict(_cells(trial, attrs, names)) for trial in trials]
    keys = sorted(
        dict.fromkeys(key for row in rows for key in row),
        key=lambda key: (attrs.index(key[0]), str(key[1])),
    )
    frame = pd.DataFrame([[row.get(key, math.nan) for key in keys] for row in rows])
    if multi_index:
        frame.columns = pd.MultiIndex.from_tuples(keys)
    else:
        frame.columns = pd.Index([a if name == "" else f"{a}_{name}" for a, name in keys])
    return frame


def _cells(
    trial: FrozenTrial, attrs: tuple[str, ...], metric_names: list[str] | None
) -> Iterator[tuple[_Key, Any]]:
    for attr in attrs:
        value = trial.state.name if attr == "state" else getattr(trial, attr)
        if attr == "values":
            for i, one in enumerate(value or []):
                yield (attr, i if metric_names is None else metric_names[i]), one
        elif attr == "value" and metric_names is not None:
            yield (attr, metric_names[0]), value
        elif isinstance(value, dict):
            for name, one in value.items():
                yield (attr, name), one
        else:
            yield (attr, ""), value
