"""Read studies out of Optuna's tables."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from steep.distributions import BaseDistribution
from steep.events import Add, Changes
from steep.states import StudyDirection, TrialState
from steep.storages.optuna.rdb.database import Clock, check_revision, connected
from steep.storages.optuna.rdb.schema import number_of, schema
from steep.storages.optuna.record import StudyRecord
from steep.storages.optuna.specs import spec_to_distribution

if TYPE_CHECKING:
    import sqlalchemy as sa

__all__ = ["DatabaseStudies", "reading"]

_BATCH = 2000
_ByTrial = defaultdict[int, dict[Any, Any]]


@contextmanager
def reading(url: str) -> Iterator[DatabaseStudies]:
    """Read a database as it is at one moment; an SQLite file cannot be written meanwhile.

    Args:
        url: Its URL.

    Raises:
        FileNotFoundError: If there is no such SQLite file.
        ValueError: If Optuna did not make it, or a version that is not known here.
    """
    with connected(url, to_write=False) as connection:
        check_revision(connection)
        yield DatabaseStudies(connection)


class DatabaseStudies:
    """Give the studies of a database.

    Args:
        connection: A connection to it.
    """

    def __init__(self, connection: sa.Connection) -> None:
        import sqlalchemy as sa

        self._connection = connection
        self._select = sa.select
        t = schema()
        self._clock = Clock(connection.scalar(sa.select(t.version_info.c.library_version)))
        ids = sa.select(t.studies.c.study_name, t.studies.c.study_id).order_by(t.studies.c.study_id)
        self._ids: dict[str, int] = dict(connection.execute(ids).all())

    def names(self) -> list[str]:
        """Give the names; see :class:`~steep.storages.optuna.record.Source`."""
        return list(self._ids)

    def study(self, name: str) -> StudyRecord:
        """Give a study; see :class:`~steep.storages.optuna.record.Source`."""
        t, study_id = schema(), self._ids[name]
        directions = self._select(t.study_directions.c.direction).where(
            t.study_directions.c.study_id == study_id
        )
        found = self._connection.scalars(directions.order_by(t.study_directions.c.objective))
        return StudyRecord(
            name,
            [int(StudyDirection[direction]) for direction in found],
            self._study_attrs(t.study_user_attributes, study_id),
            self._study_attrs(t.study_system_attributes, study_id),
            self._trials(name, study_id),
        )

    def _study_attrs(self, table: sa.Table, study_id: int) -> dict[str, Any]:
        c = table.c
        query = self._select(c.key, c.value_json).where(c.study_id == study_id)
        rows = self._connection.execute(query.order_by(*table.primary_key))
        return {key: json.loads(text) for key, text in rows}

    # ---- trials ----------------------------------------------------------------------------------

    def _trials(self, name: str, study_id: int) -> Iterator[Add | None]:
        c = schema().trials.c
        query = self._select(
            c.trial_id, c.number, c.state, c.datetime_start, c.datetime_complete
        ).where(c.study_id == study_id)
        last, expected = -1, 0
        while rows := self._connection.execute(
            query.where(c.trial_id > last).order_by(c.trial_id).limit(_BATCH)
        ).all():
            first, last = rows[0].trial_id, rows[-1].trial_id
            parts = self._parts(study_id, first, last)
            for row in rows:
                _check_number(name, row.number, expected)
                yield from [None] * (row.number - expected)
                yield self._trial(row, parts)
                expected = row.number + 1

    def _trial(self, row: Any, parts: dict[str, _ByTrial]) -> Add:
        values = parts["values"].get(row.trial_id)
        return Add(
            state=int(TrialState[row.state]),
            values=None if values is None else [values[i] for i in sorted(values)],
            start=self._clock.seconds(row.datetime_start),
            complete=self._clock.seconds(row.datetime_complete),
            changes=Changes(
                params=parts["params"].get(row.trial_id, {}),
                reports=parts["reports"].get(row.trial_id, {}),
                user_attrs=parts["user_attrs"].get(row.trial_id, {}),
                system_attrs=parts["system_attrs"].get(row.trial_id, {}),
            ),
        )

    def _parts(self, study_id: int, first: int, last: int) -> dict[str, _ByTrial]:
        t = schema()
        v, p, r = t.trial_values.c, t.trial_params.c, t.trial_intermediate_values.c
        u, s = t.trial_user_attributes.c, t.trial_system_attributes.c
        columns = {
            "values": (number_of, v.objective, v.value, v.value_type),
            "params": (_param, p.param_name, p.param_value, p.distribution_json),
            "reports": (number_of, r.step, r.intermediate_value, r.intermediate_value_type),
            "user_attrs": (json.loads, u.key, u.value_json),
            "system_attrs": (json.loads, s.key, s.value_json),
        }
        return {
            part: self._by_trial((study_id, first, last), *selected)
            for part, selected in columns.items()
        }

    def _by_trial(
        self,
        span: tuple[int, int, int],
        make: Callable[..., Any],
        key: sa.Column[Any],
        *columns: sa.Column[Any],
    ) -> _ByTrial:
        """Read a table whose rows belong to trials: by trial, key -> what is made of columns."""
        study_id, first, last = span
        table, trials = key.table, schema().trials
        query = (
            self._select(table.c.trial_id, key, *columns)
            .join(trials, trials.c.trial_id == table.c.trial_id)
            .where(trials.c.study_id == study_id, trials.c.trial_id.between(first, last))
            .order_by(*table.primary_key)
        )
        found: _ByTrial = defaultdict(dict)
        for trial_id, name, *cells in self._connection.execute(query):
            found[trial_id][name] = make(*cells)
        return found


def _param(value: float, spec: str) -> tuple[float, BaseDistribution]:
    return float(value), spec_to_distribution(spec)


def _check_number(study: str, number: int | None, expected: int) -> None:
    # Greater numbers are no error: trials were deleted by hand.
    if number is None or number < expected:
        raise ValueError(
            f"The study {study!r} has a trial with the number {number} where at least {expected} "
            "was expected: two trials have one number, or their order was changed. Correct the "
            "column `number` of the table `trials`."
        )
