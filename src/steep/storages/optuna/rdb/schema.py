"""The tables that Optuna 5.0 makes, down to the names of types and indexes.

Their revision is the same since Optuna 3.2; that of 3.0 lacks an index. What they hold differs in
one point that no column tells: times were written in the local time of the writing process before
Optuna 5.0, and are in UTC since.
"""

from __future__ import annotations

import functools
import math
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import sqlalchemy as sa

__all__ = ["LIBRARY_VERSION", "REVISION", "REVISIONS", "SCHEMA_VERSION", "kind_of", "number_of"]
__all__ += ["schema"]

REVISION = "v3.2.0.a"
REVISIONS = ("v3.0.0.d", REVISION)
SCHEMA_VERSION = 12
LIBRARY_VERSION = "5.0.0"

_STATES = ("RUNNING", "COMPLETE", "PRUNED", "FAIL", "WAITING")
_DIRECTIONS = ("NOT_SET", "MINIMIZE", "MAXIMIZE")
_KINDS = ("FINITE", "INF_POS", "INF_NEG")
_SPECIAL = {"INF_POS": math.inf, "INF_NEG": -math.inf, "NAN": math.nan}


def number_of(stored: float | None, kind: str) -> float:
    """Read a number that is kept beside its kind.

    Args:
        stored: The number, None unless finite.
        kind: "FINITE", "INF_POS", "INF_NEG" or "NAN".

    Example:
        >>> number_of(0.5, "FINITE"), number_of(None, "INF_NEG")
        (0.5, -inf)
    """
    return _SPECIAL[kind] if stored is None else float(stored)


def kind_of(number: float) -> tuple[float | None, str]:
    """Write a number as Optuna keeps it: the number if it is finite, and its kind.

    Args:
        number: Any float.

    Example:
        >>> kind_of(0.5), kind_of(float("nan"))
        ((0.5, 'FINITE'), (None, 'NAN'))
    """
    if math.isfinite(number):
        return number, "FINITE"
    if number != number:
        return None, "NAN"
    return None, "INF_POS" if number > 0 else "INF_NEG"


@functools.cache
def schema() -> Any:
    """Give the tables by name, and ``metadata``, which makes them."""
    import sqlalchemy as sa

    metadata = sa.MetaData()
    makers = (
        _study_tables,
        _trial_tables,
        _measurement_tables,
        _heartbeat_tables,
        _version_tables,
    )
    tables = [table for make in makers for table in make(metadata)]
    return SimpleNamespace(metadata=metadata, **{table.name: table for table in tables})


def _key(name: str) -> sa.Column[Any]:
    import sqlalchemy as sa

    return sa.Column(name, sa.Integer, primary_key=True)


def _foreign(table: str, name: str, **options: Any) -> sa.Column[Any]:
    import sqlalchemy as sa

    return sa.Column(name, sa.Integer, sa.ForeignKey(f"{table}.{name}"), **options)


def _attributes(metadata: sa.MetaData, owner: str, table: str, kind: str) -> sa.Table:
    import sqlalchemy as sa

    return sa.Table(
        f"{owner}_{kind}_attributes",
        metadata,
        _key(f"{owner}_{kind}_attribute_id"),
        _foreign(table, f"{owner}_id"),
        sa.Column("key", sa.String(512)),
        sa.Column("value_json", sa.Text()),
        sa.UniqueConstraint(f"{owner}_id", "key"),
    )


def _study_tables(metadata: sa.MetaData) -> list[sa.Table]:
    import sqlalchemy as sa

    return [
        sa.Table(
            "studies",
            metadata,
            _key("study_id"),
            sa.Column("study_name", sa.String(512), index=True, unique=True, nullable=False),
        ),
        sa.Table(
            "study_directions",
            metadata,
            _key("study_direction_id"),
            sa.Column("direction", sa.Enum(*_DIRECTIONS, name="studydirection"), nullable=False),
            _foreign("studies", "study_id", nullable=False),
            sa.Column("objective", sa.Integer, nullable=False),
            sa.UniqueConstraint("study_id", "objective"),
        ),
        _attributes(metadata, "study", "studies", "user"),
        _attributes(metadata, "study", "studies", "system"),
    ]


def _trial_tables(metadata: sa.MetaData) -> list[sa.Table]:
    import sqlalchemy as sa

    return [
        sa.Table(
            "trials",
            metadata,
            _key("trial_id"),
            sa.Column("number", sa.Integer),
            _foreign("studies", "study_id", index=True),
            sa.Column("state", sa.Enum(*_STATES, name="trialstate"), nullable=False),
            sa.Column("datetime_start", sa.DateTime),
            sa.Column("datetime_complete", sa.DateTime),
        ),
        _attributes(metadata, "trial", "trials", "user"),
        _attributes(metadata, "trial", "trials", "system"),
        sa.Table(
            "trial_params",
            metadata,
            _key("param_id"),
            _foreign("trials", "trial_id"),
            sa.Column("param_name", sa.String(512)),
            sa.Column("param_value", sa.Float(precision=53)),
            sa.Column("distribution_json", sa.Text()),
            sa.UniqueConstraint("trial_id", "param_name"),
        ),
    ]


def _measurement_tables(metadata: sa.MetaData) -> list[sa.Table]:
    import sqlalchemy as sa

    value_kind = sa.Enum(*_KINDS, name="trialvaluetype")
    report_kind = sa.Enum(*_KINDS, "NAN", name="trialintermediatevaluetype")
    return [
        sa.Table(
            "trial_values",
            metadata,
            _key("trial_value_id"),
            _foreign("trials", "trial_id", nullable=False),
            sa.Column("objective", sa.Integer, nullable=False),
            sa.Column("value", sa.Float(precision=53)),
            sa.Column("value_type", value_kind, nullable=False),
            sa.UniqueConstraint("trial_id", "objective"),
        ),
        sa.Table(
            "trial_intermediate_values",
            metadata,
            _key("trial_intermediate_value_id"),
            _foreign("trials", "trial_id", nullable=False),
            sa.Column("step", sa.Integer, nullable=False),
            sa.Column("intermediate_value", sa.Float(precision=53)),
            sa.Column("intermediate_value_type", report_kind, nullable=False),
            sa.UniqueConstraint("trial_id", "step"),
        ),
    ]


def _heartbeat_tables(metadata: sa.MetaData) -> list[sa.Table]:
    import sqlalchemy as sa

    return [
        sa.Table(
            "trial_heartbeats",
            metadata,
            _key("trial_heartbeat_id"),
            _foreign("trials", "trial_id", nullable=False),
            sa.Column("heartbeat", sa.DateTime, nullable=False),
            sa.UniqueConstraint("trial_id"),
        ),
    ]


def _version_tables(metadata: sa.MetaData) -> list[sa.Table]:
    import sqlalchemy as sa

    return [
        sa.Table(
            "version_info",
            metadata,
            sa.Column("version_info_id", sa.Integer, primary_key=True, autoincrement=False),
            sa.Column("schema_version", sa.Integer),
            sa.Column("library_version", sa.String(256)),
            sa.CheckConstraint("version_info_id=1"),
        ),
        sa.Table(
            "alembic_version",
            metadata,
            sa.Column("version_num", sa.String(32), nullable=False),
            sa.PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
        ),
    ]
