"""Trials in files for other programs, and the way back.

:func:`export_trials` is behind ``study.export(path)``; :func:`read_trials` gives trials, as
``create_trial`` does, and whoever reads decides what becomes of them: they may be filtered, and be
added to this study or to another one.

Example:
    >>> import steep
    >>> study = steep.create_study()
    >>> study.add_trial(steep.create_trial(value=4.0, user_attrs={"tea": "green"}))
    >>> path = getfixture("tmp_path") / "study.csv"
    >>> export_trials(study, path)
    >>> again = steep.create_study()
    >>> again.add_trials(read_trials(path))
    >>> again.best_trial.user_attrs
    {'tea': 'green'}
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from steep.files import replacing
from steep.study.export import csv_file, jsonl_file, parquet_file
from steep.trial import FrozenTrial

if TYPE_CHECKING:
    from steep.study.reading import StudyView

__all__ = ["export_trials", "read_trials"]


class _Format(NamedTuple):
    write: Callable[[StudyView, Any], None]
    read: Callable[[Path], list[FrozenTrial]]


_FORMATS = {
    ".csv": _Format(csv_file.write, csv_file.read),
    ".jsonl": _Format(jsonl_file.write, jsonl_file.read),
    ".parquet": _Format(parquet_file.write, parquet_file.read),
}


def export_trials(study: StudyView, path: str | Path) -> None:
    """Write all trials of a study to a file, which is there whole or not at all.

    Args:
        study: The study.
        path: The file; its end tells the format. A file that is there is replaced.

            - ``.jsonl``: one JSON object a line for each trial.
            - ``.csv``: the columns of :meth:`~steep.study.Study.trials_dataframe`, then
              ``distributions_*`` and ``intermediate_values``. A string stands as it is, anything
              else (and a string that looks like something else) as JSON.
            - ``.parquet``: the same columns, with types; it needs pyarrow. A column of attributes
              of several types holds text as in CSV, but ints among floats become floats.

    Raises:
        ImportError: If pyarrow is needed and not installed.
        TypeError: If an attribute or a choice cannot be written as JSON.
        ValueError: If the end of the path names none of the formats.
    """
    target = Path(path)
    write = _format_of("Study.export", target).write
    with replacing(target) as file:
        write(study, file)


def read_trials(path: str | Path) -> list[FrozenTrial]:
    """Read the trials of a file that ``study.export(path)`` wrote.

    Numbers, states, values, parameters, distributions, reports, attributes, constraints and times
    are as they were. Times are moments: in another time zone they show its local time.

    Args:
        path: The file, one of ``.jsonl``, ``.csv`` and ``.parquet``.

    Returns:
        The trials in the order of the file, to be added with
        :meth:`~steep.study.Study.add_trials`.

    Raises:
        FileNotFoundError: If there is no such file.
        ImportError: If pyarrow is needed and not installed.
        ValueError: If the file was not written by ``study.export``.
    """
    source = Path(path)
    return _format_of("read_trials", source).read(source)


def _format_of(call: str, path: Path) -> _Format:
    found = _FORMATS.get(path.suffix.lower())
    if found is None:
        raise ValueError(f"{call}({str(path)!r}): give a path that ends in {', '.join(_FORMATS)}.")
    return found
