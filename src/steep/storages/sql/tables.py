"""The tables of a database that keeps logs, as data; SQLAlchemy writes them for each database."""

from __future__ import annotations

from typing import Any, NamedTuple

__all__ = ["META", "tables"]

META = "steep_meta"
"""The table of versions and counters. It is made last: whoever finds it finds all."""


class _Column(NamedTuple):
    name: str
    kind: str
    is_key: bool = False
    is_unique: bool = False
    is_nullable: bool = False


_TABLES = {
    "steep_study": (
        _Column("id", "integer", is_key=True),
        # Names are told apart by this: collations may find 'Tea', 'tea' and 'tea ' equal.
        _Column("name_hash", "word", is_unique=True),
        _Column("name", "unicode"),
        _Column("head", "long"),
    ),
    "steep_event": (
        _Column("study_id", "integer", is_key=True),
        _Column("position", "long", is_key=True),
        _Column("writer", "word"),
        _Column("wseq", "long"),
        _Column("kind", "short word"),
        _Column("number", "integer", is_nullable=True),
        _Column("created", "integer", is_nullable=True),
        _Column("payload", "ascii"),
    ),
    "steep_snapshot": (
        _Column("study_id", "integer", is_key=True),
        _Column("part", "integer", is_key=True),
        _Column("position", "long"),
        _Column("data", "bytes"),
    ),
    "steep_beat": (
        _Column("writer", "word", is_key=True),
        _Column("beat", "number"),
    ),
    META: (
        _Column("name", "word", is_key=True),
        _Column("value", "long"),
    ),
}
_UNIQUE = {"steep_event": ("study_id", "writer", "wseq")}
_OPTIONS = {"mysql_engine": "InnoDB", "mariadb_engine": "InnoDB", "sqlite_with_rowid": False}


def tables() -> list[Any]:
    """Give the tables as SQLAlchemy knows them, in the order in which they are made."""
    import sqlalchemy as sa

    known, kinds = sa.MetaData(), _kinds()
    return [
        sa.Table(
            name,
            known,
            *(_as_column(column, kinds) for column in columns),
            *([sa.UniqueConstraint(*_UNIQUE[name])] if name in _UNIQUE else ()),
            **_OPTIONS,
        )
        for name, columns in _TABLES.items()
    ]


def _as_column(column: _Column, kinds: dict[str, Any]) -> Any:
    import sqlalchemy as sa

    return sa.Column(
        column.name,
        kinds[column.kind],
        primary_key=column.is_key,
        unique=column.is_unique or None,
        nullable=column.is_nullable,
        autoincrement=False,
    )


def _kinds() -> dict[str, Any]:
    """Give the types of columns. MySQL needs to be told about long values and exact comparison."""
    import sqlalchemy as sa
    from sqlalchemy.dialects import mysql

    def word(length: int) -> Any:
        exact = mysql.VARCHAR(length, charset="ascii", collation="ascii_bin")
        return sa.String(length).with_variant(exact, "mysql", "mariadb")

    def text(charset: str) -> Any:
        exact = mysql.LONGTEXT(charset=charset, collation=f"{charset}_bin")
        return sa.Text().with_variant(exact, "mysql", "mariadb")

    return {
        "integer": sa.Integer(),
        "long": sa.BigInteger(),
        "number": sa.Double(),
        "word": word(64),
        "short word": word(32),
        "ascii": text("ascii"),
        "unicode": text("utf8mb4"),
        "bytes": sa.LargeBinary().with_variant(mysql.LONGBLOB(), "mysql", "mariadb"),
    }
