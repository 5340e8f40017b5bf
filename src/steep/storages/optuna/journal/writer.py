"""Write studies into a journal: a new file takes the place of the old one, or nothing happens."""

from __future__ import annotations

import json
import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from steep.events import Add
from steep.exceptions import StorageInternalError
from steep.files import replacing
from steep.storages.optuna.journal.lock import locked
from steep.storages.optuna.journal.reader import JournalStudies
from steep.storages.optuna.journal.records import Op, check_journal, moment_of, records_of
from steep.storages.optuna.record import StudyRecord, without_gaps
from steep.storages.optuna.specs import Specs, attribute_to_json

__all__ = ["JournalWriter", "writing"]


@contextmanager
def writing(path: Path) -> Iterator[JournalWriter]:
    """Write into a journal, and make it if it is not there.

    Optuna's processes open the file anew whenever they read or write, so they go on with the new
    one, which begins with all that they know.

    Args:
        path: The path of the file.

    Raises:
        ValueError: If there is something else at the path.
    """
    with locked(path):
        file = path.resolve()
        known = JournalStudies()
        if file.exists():
            check_journal(file)
            known.follow(records_of(file))
        with replacing(file) as draft:
            _copy(file, draft)
            size = draft.tell()
            yield JournalWriter(known, draft)
            _check_unchanged(file, size)


def _copy(path: Path, draft: IO[bytes]) -> None:
    if not path.exists():
        return
    with path.open("rb") as old:
        shutil.copyfileobj(old, draft)
        if old.tell():
            old.seek(-1, os.SEEK_END)
            if old.read() != b"\n":
                raise ValueError(
                    f"The journal {str(path)!r} ends with a torn line. Copy what it holds with "
                    "import_optuna(), and export to a new file."
                )


def _check_unchanged(path: Path, size: int) -> None:
    # Optuna breaks a lock that is held for more than half a minute.
    if (path.stat().st_size if path.exists() else 0) != size:
        raise StorageInternalError(
            f"The journal {str(path)!r} grew while it was locked. It was left as it is; export "
            "again while no process of Optuna writes to it."
        )


class JournalWriter:
    """Append the records of studies to a file.

    Args:
        known: What the file holds already.
        file: The file.
    """

    def __init__(self, known: JournalStudies, file: IO[bytes]) -> None:
        self._known = known
        self._next_id = known.next_study_id
        self._file = file
        self._worker = f"steep-{uuid.uuid4()}"
        self._specs = Specs()

    def names(self) -> list[str]:
        """Give the names in use; see :class:`~steep.storages.optuna.record.Target`."""
        return self._known.names()

    def write(self, study: StudyRecord) -> None:
        """Write a study; see :class:`~steep.storages.optuna.record.Target`."""
        study_id, self._next_id = self._next_id, self._next_id + 1
        owner = f"study {study.name!r}"
        head = {"study_name": study.name, "directions": study.directions}
        self._append(owner, Op.CREATE_STUDY, head)
        for op, name, attrs in (
            (Op.SET_STUDY_USER_ATTR, "user_attr", study.user_attrs),
            (Op.SET_STUDY_SYSTEM_ATTR, "system_attr", study.system_attrs),
        ):
            for key, value in attrs.items():
                self._append(owner, op, {"study_id": study_id, name: {key: value}})
        for number, trial in enumerate(without_gaps(study.trials)):
            fields = {"study_id": study_id, **self._fields(trial)}
            self._append(f"trial {number} of study {study.name!r}", Op.CREATE_TRIAL, fields)

    def _fields(self, trial: Add) -> dict[str, Any]:
        changes, values = trial.changes, trial.values
        is_single = values is not None and len(values) == 1
        complete = moment_of(trial.complete)
        return {
            "datetime_start": moment_of(trial.start),
            "state": trial.state,
            "value": values[0] if values is not None and is_single else None,
            "values": None if is_single else values,
            **({} if complete is None else {"datetime_complete": complete}),
            "distributions": {n: self._specs.of(d) for n, (_, d) in changes.params.items()},
            "params": {name: value for name, (value, _) in changes.params.items()},
            "user_attrs": changes.user_attrs,
            "system_attrs": changes.system_attrs,
            "intermediate_values": changes.reports,
        }

    def _append(self, owner: str, op: Op, fields: dict[str, Any]) -> None:
        record = {"op_code": int(op), "worker_id": self._worker, **fields}
        try:
            line = json.dumps(record, separators=(",", ":"))
        except (TypeError, ValueError):
            _name_the_culprit(owner, fields)
            raise
        self._file.write(line.encode() + b"\n")


def _name_the_culprit(owner: str, fields: dict[str, Any]) -> None:
    for attrs in ("user_attr", "system_attr", "user_attrs", "system_attrs"):
        for key, value in fields.get(attrs, {}).items():
            attribute_to_json(owner, key, value)
