"""The records of a journal: their numbers, their times, and the lines of a file."""

from __future__ import annotations

import datetime
import enum
import json
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from steep.storages.optuna.place import first_record

__all__ = ["Op", "check_journal", "moment_of", "records_of", "seconds_of"]


class Op(enum.IntEnum):
    """Number what a record does, as Optuna does."""

    CREATE_STUDY = 0
    DELETE_STUDY = 1
    SET_STUDY_USER_ATTR = 2
    SET_STUDY_SYSTEM_ATTR = 3
    CREATE_TRIAL = 4
    SET_TRIAL_PARAM = 5
    SET_TRIAL_STATE_VALUES = 6
    SET_TRIAL_INTERMEDIATE_VALUE = 7
    SET_TRIAL_USER_ATTR = 8
    SET_TRIAL_SYSTEM_ATTR = 9
    DISCARD_TRIALS = 10


def check_journal(path: Path) -> None:
    """Check that a file is a journal of Optuna, or empty.

    Args:
        path: The path of the file.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is something else.
    """
    if path.stat().st_size and first_record(path) is None:
        raise ValueError(
            f"The file {str(path)!r} is not a journal of Optuna: its first line is no record with "
            "an `op_code`. Give the path that was passed to JournalFileBackend()."
        )


def records_of(path: Path) -> Iterator[dict[str, Any]]:
    """Read the records of a journal.

    A last line without an end is not a record yet. A line that cannot be read, which a killed
    process leaves behind, was never seen by any process: it is skipped with a warning.

    Args:
        path: The path of the file.

    Returns:
        The records, in order.
    """
    torn = []
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            if not line.endswith(b"\n"):
                break
            try:
                yield json.loads(line)
            except ValueError:
                torn.append(number)
    if torn:
        shown = ", ".join(map(str, torn[:5])) + (", ..." if len(torn) > 5 else "")
        warnings.warn(
            f"The journal {str(path)!r} has {len(torn)} torn lines (line {shown}); what they would "
            "have recorded is not there.",
            stacklevel=2,
        )


def seconds_of(text: str | None) -> float | None:
    """Read a time: in UTC since Optuna 5.0, in the local time of the writing process before.

    Args:
        text: The time as ISO 8601, or None.

    Example:
        >>> seconds_of("1970-01-02T00:00:00+00:00")
        86400.0
    """
    return None if text is None else datetime.datetime.fromisoformat(text).timestamp()


def moment_of(seconds: float | None) -> str | None:
    """Write a time.

    Args:
        seconds: POSIX seconds, or None.

    Example:
        >>> moment_of(86400.5)
        '1970-01-02T00:00:00.500000+00:00'
    """
    if seconds is None:
        return None
    moment = datetime.datetime.fromtimestamp(seconds, datetime.UTC)
    return moment.isoformat(timespec="microseconds")
