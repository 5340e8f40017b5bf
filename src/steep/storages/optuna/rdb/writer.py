"""Write studies into Optuna's tables."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from steep.events import Add
from steep.states import StudyDirection, TrialState
from steep.storages.optuna.rdb.database import (
    Clock,
    check_revision,
    connected,
    existing_tables,
    revision_of,
)
from steep.storages.optuna.rdb.schema import (
    LIBRARY_VERSION,
    REVISION,
    SCHEMA_VERSION,
    kind_of,
    schema,
)
from steep.storages.optuna.record import StudyRecord, without_gaps
from steep.storages.optuna.specs import Specs, attribute_to_json

if TYPE_CHECKING:
    import sqlalchemy as sa

__all__ = ["DatabaseWriter", "writing"]

_BATCH = 2000


@contextmanager
def writing(url: str) -> Iterator[DatabaseWriter]:
    """Write into a database in one transaction, and make Optuna's tables if it has none.

    MySQL cannot undo the making of tables: after an error empty ones may remain there.

    Args:
        url: Its URL.

    Raises:
        ValueError: If its tables are of a version that is not known here.
    """
    with connected(url, to_write=True) as connection:
        if _is_unused(connection):
            _make_tables(connection)
        check_revision(connection)
        yield DatabaseWriter(connection)


def _is_unused(connection: sa.Connection) -> bool:
    if revision_of(connection) is not None:
        return False
    import sqlalchemy as sa

    tables = existing_tables(connection)
    return "studies" not in tables or not connection.scalar(
        sa.select(sa.func.count()).select_from(schema().studies)
    )


def _make_tables(connection: sa.Connection) -> None:
    t = schema()
    t.metadata.create_all(connection)
    connection.execute(t.version_info.delete())
    connection.execute(
        t.version_info.insert(),
        {
            "version_info_id": 1,
            "schema_version": SCHEMA_VERSION,
            "library_version": LIBRARY_VERSION,
        },
    )
    connection.execute(t.alembic_version.insert(), {"version_num": REVISION})


class DatabaseWriter:
    """Take studies into a database.

    Args:
        connection: A connection to it, within a transaction.
    """

    def __init__(self, connection: sa.Connection) -> None:
        import sqlalchemy as sa

        self._connection = connection
        self._select = sa.select
        self._specs = Specs()
        version = connection.scalar(sa.select(schema().version_info.c.library_version))
        # As the other times of the database, so that all of them are read in the same way.
        self._clock = Clock(version)

    def names(self) -> list[str]:
        """Give the names in use; see :class:`~steep.storages.optuna.record.Target`."""
        return list(self._connection.scalars(self._select(schema().studies.c.study_name)))

    def write(self, study: StudyRecord) -> None:
        """Write a study; see :class:`~steep.storages.optuna.record.Target`."""
        study_id = self._write_head(study)
        numbered = enumerate(without_gaps(study.trials))
        while batch := list(itertools.islice(numbered, _BATCH)):
            self._write_trials(study.name, study_id, batch)

    def _write_head(self, study: StudyRecord) -> int:
        t = schema()
        made = self._connection.execute(t.studies.insert(), {"study_name": study.name})
        study_id = int(made.inserted_primary_key[0])
        rows: dict[str, list[dict[str, Any]]] = defaultdict(list)
        rows["study_directions"] = [
            {"study_id": study_id, "objective": i, "direction": StudyDirection(direction).name}
            for i, direction in enumerate(study.directions)
        ]
        owner = f"study {study.name!r}"
        for kind, attrs in (("user", study.user_attrs), ("system", study.system_attrs)):
            rows[f"study_{kind}_attributes"] = [
                {"study_id": study_id, "key": k, "value_json": attribute_to_json(owner, k, v)}
                for k, v in attrs.items()
            ]
        self._insert(rows)
        return study_id

    # ---- trials ----------------------------------------------------------------------------------

    def _write_trials(self, study: str, study_id: int, numbered: Sequence[tuple[int, Add]]) -> None:
        self._insert({"trials": [self._trial_row(study_id, *pair) for pair in numbered]})
        ids = self._ids(study_id, numbered[0][0], numbered[-1][0])
        rows: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for number, trial in numbered:
            self._add_measurements(rows, ids[number], trial)
            owner = f"trial {number} of study {study!r}"
            self._add_attributes(rows, ids[number], owner, trial)
        self._insert(rows)

    def _trial_row(self, study_id: int, number: int, trial: Add) -> dict[str, Any]:
        return {
            "study_id": study_id,
            "number": number,
            "state": TrialState(trial.state).name,
            "datetime_start": self._clock.moment(trial.start),
            "datetime_complete": self._clock.moment(trial.complete),
        }

    def _ids(self, study_id: int, first: int, last: int) -> dict[int, int]:
        # Not every database returns the keys of many rows, but the study is new: numbers are keys.
        c = schema().trials.c
        query = self._select(c.number, c.trial_id).where(
            c.study_id == study_id, c.number.between(first, last)
        )
        return dict(self._connection.execute(query).all())

    def _add_measurements(
        self, rows: dict[str, list[dict[str, Any]]], trial_id: int, trial: Add
    ) -> None:
        for name, (value, distribution) in trial.changes.params.items():
            rows["trial_params"].append(
                {
                    "trial_id": trial_id,
                    "param_name": name,
                    "param_value": value,
                    "distribution_json": self._specs.of(distribution),
                }
            )
        for objective, value in enumerate(trial.values or ()):
            stored, kind = kind_of(value)
            row = {"trial_id": trial_id, "objective": objective}
            rows["trial_values"].append({**row, "value": stored, "value_type": kind})
        for step, value in trial.changes.reports.items():
            stored, kind = kind_of(value)
            row = {"trial_id": trial_id, "step": step}
            report = {"intermediate_value": stored, "intermediate_value_type": kind}
            rows["trial_intermediate_values"].append({**row, **report})

    def _add_attributes(
        self, rows: dict[str, list[dict[str, Any]]], trial_id: int, owner: str, trial: Add
    ) -> None:
        changes = trial.changes
        for kind, attrs in (("user", changes.user_attrs), ("system", changes.system_attrs)):
            for key, value in attrs.items():
                text = attribute_to_json(owner, key, value)
                row = {"trial_id": trial_id, "key": key, "value_json": text}
                rows[f"trial_{kind}_attributes"].append(row)

    def _insert(self, rows: dict[str, list[dict[str, Any]]]) -> None:
        for name, of_table in rows.items():
            if of_table:
                self._connection.execute(getattr(schema(), name).insert(), of_table)
