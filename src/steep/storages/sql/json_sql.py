"""How each database looks into JSON.

A path is written as keys and indexes with dots between, such as ``changes.params`` or ``values.0``.
NaN and infinities stand in a document as ``{"$float": "nan"}``, and a key that begins with "$" has
another one in front (:mod:`steep.wire`).
"""

from __future__ import annotations

__all__ = ["JsonSql", "MySqlJson", "PostgreSqlJson", "SqliteJson"]


class JsonSql:
    """Give the expressions that views are made of; one subclass for each database.

    Attributes:
        document: The payload of an event as a document.
        params: A table ``item`` with a ``value`` for each parameter in the document ``doc``.
        key: The name of such a parameter, as it is escaped.
        reports: A table ``item`` with a ``value`` for each report in the document ``doc``.
        integer: The type of whole numbers.
        text: The type of text.
        length: The function that gives the length of an array.
        parse: How text becomes a document.
        exact: What tells apart names that a collation may find equal.
        on: What follows a table of functions that is joined.
    """

    document = "payload"
    params = ""
    key = "item.key"
    reports = ""
    integer = "BIGINT"
    text = "TEXT"
    length = "json_array_length"
    parse = "{}"
    exact = "{}"
    on = "ON TRUE"

    def at(self, doc: str, path: str) -> str:
        """Give what a document has at a path, as JSON.

        Args:
            doc: The document.
            path: The path.
        """
        raise NotImplementedError

    def number(self, doc: str, path: str) -> str:
        """Give the number at a path, NULL where there is none or no column can hold it.

        Args:
            doc: The document.
            path: The path.
        """
        raise NotImplementedError

    def array(self, doc: str, path: str) -> str:
        """Give the array at a path, NULL where there is none.

        Args:
            doc: The document.
            path: The path.
        """
        raise NotImplementedError

    def only(self, array: str) -> str:
        """Give the number in an array of one, NULL where there are more.

        Args:
            array: What :meth:`array` gave.
        """
        parsed = self.parse.format(array)
        return f"CASE {self.length}({parsed}) WHEN 1 THEN {self.number(parsed, '0')} END"

    def scalar(self, doc: str, index: str) -> str:
        """Give a scalar out of an array, NULL where it is null.

        Args:
            doc: The array.
            index: An expression for its index.
        """
        raise NotImplementedError

    def as_value(self, number: str) -> str:
        """Give a number with the type of :meth:`scalar`.

        Args:
            number: The number.
        """
        return f"CAST({number} AS {self.text})"

    def timestamp(self, seconds: str) -> str:
        """Give a time as the database writes times, in UTC.

        Args:
            seconds: The seconds since 1970.
        """
        raise NotImplementedError


def _dollar(path: str) -> str:
    """Write a path as SQLite, MySQL and MariaDB do: ``$.values[0]``."""
    keys = path.split(".")
    return "$" + "".join(f"[{key}]" if key.isdigit() else f".{key}" for key in keys)


class SqliteJson(JsonSql):
    """Write JSON as SQLite does; scalars keep their types."""

    on = ""
    integer = "INTEGER"
    params = "json_each(doc, '$.changes.params') AS item"
    reports = "json_each(doc, '$.changes.reports') AS item"

    def at(self, doc: str, path: str) -> str:
        """Give a part; see :meth:`JsonSql.at`."""
        return f"json_extract({doc}, '{_dollar(path)}')"

    def number(self, doc: str, path: str) -> str:
        """Give a number; see :meth:`JsonSql.number`. A column cannot hold NaN."""
        special = f"json_extract({doc}, '{_dollar(path)}.\"$float\"')"
        return (
            f"CASE json_type({doc}, '{_dollar(path)}') WHEN 'object' THEN "
            f"CASE {special} WHEN 'inf' THEN 9e999 WHEN '-inf' THEN -9e999 END "
            f"ELSE {self.at(doc, path)} END"
        )

    def array(self, doc: str, path: str) -> str:
        """Give an array; see :meth:`JsonSql.array`."""
        return (
            f"CASE json_type({doc}, '{_dollar(path)}') WHEN 'array' THEN {self.at(doc, path)} END"
        )

    def scalar(self, doc: str, index: str) -> str:
        """Give a scalar out of an array; see :meth:`JsonSql.scalar`."""
        path = f"'$[' || ({index}) || ']'"
        return (
            f"CASE json_type({doc}, {path}) WHEN 'object' "
            f"THEN json_extract({doc}, {path} || '.\"$float\"') "
            f"ELSE json_extract({doc}, {path}) END"
        )

    def as_value(self, number: str) -> str:
        """Give a number as it is; see :meth:`JsonSql.as_value`."""
        return number

    def timestamp(self, seconds: str) -> str:
        """Give a time as text with milliseconds; see :meth:`JsonSql.timestamp`."""
        return f"strftime('%Y-%m-%d %H:%M:%f', {seconds}, 'unixepoch')"


# PostgreSQL and MariaDB refuse a document with the escape of half a surrogate pair, PostgreSQL also
# that of a NUL, wherever it stands. An attribute of a trial may have one: the views must bear it.
# (A backslash is written "~" here, as each database has its own way to escape it.)
_HALF = "~ud[89ab][0-9a-f]{2}(?!~ud[c-f][0-9a-f]{2})|(?<!~ud[89ab][0-9a-f]{2})~ud[c-f][0-9a-f]{2}"
_ANY = "~u(0000|d[89a-f])"
_BACKSLASHES = "CONCAT(CHAR(92 USING utf8mb4), CHAR(92 USING utf8mb4))"


def _in_mysql(pattern: str) -> str:
    return f"REPLACE('{pattern}', '~', {_BACKSLASHES})"


class PostgreSqlJson(JsonSql):
    """Write JSON as PostgreSQL does; scalars come as text."""

    document = (
        "CAST(CASE WHEN payload ~ '{any}' THEN regexp_replace(payload, '{odd}', '{other}', 'g') "
        "ELSE payload END AS json)"
    ).format(
        any=_ANY.replace("~", r"\\"),
        odd=f"~u0000|{_HALF}".replace("~", r"\\"),
        other=r"\\ufffd",
    )
    params = "LATERAL json_each(doc #> '{changes,params}') AS item"
    reports = "LATERAL json_array_elements(doc #> '{changes,reports}') AS item"

    parse = "CAST({} AS json)"

    def at(self, doc: str, path: str) -> str:
        """Give a part; see :meth:`JsonSql.at`."""
        return f"({doc} #> '{{{path.replace('.', ',')}}}')"

    def number(self, doc: str, path: str) -> str:
        """Give a number; see :meth:`JsonSql.number`. A column holds all of them."""
        keys = path.replace(".", ",")
        special, plain = f"{doc} #>> '{{{keys},$float}}'", f"{doc} #>> '{{{keys}}}'"
        return f"CAST(coalesce({special}, {plain}) AS DOUBLE PRECISION)"

    def array(self, doc: str, path: str) -> str:
        """Give an array; see :meth:`JsonSql.array`."""
        part = self.at(doc, path)
        return f"CASE json_typeof({part}) WHEN 'array' THEN CAST({part} AS TEXT) END"

    def scalar(self, doc: str, index: str) -> str:
        """Give a scalar out of an array; see :meth:`JsonSql.scalar`."""
        place = f"CAST({index} AS INTEGER)"
        return f"coalesce({doc} -> {place} ->> '$float', {doc} ->> {place})"

    def timestamp(self, seconds: str) -> str:
        """Give a timestamp with time zone; see :meth:`JsonSql.timestamp`."""
        return f"to_timestamp({seconds})"


class MySqlJson(JsonSql):
    """Write JSON as both MySQL and MariaDB do; scalars come as text."""

    document = (
        # MariaDB cannot unescape what has the character set of the column, ASCII.
        "CONVERT("
        f"CASE WHEN payload REGEXP {_in_mysql(_ANY)} "
        f"THEN REGEXP_REPLACE(payload, {_in_mysql(_HALF)}, {_in_mysql('~ufffd')}) "
        "ELSE payload END USING utf8mb4)"
    )
    # An object has no rows here, but its keys and its values are arrays in the same order.
    params = (
        "JSON_TABLE(JSON_EXTRACT(doc, '$.changes.params.*'), '$[*]' COLUMNS "
        "(place FOR ORDINALITY, value JSON PATH '$')) AS item "
        "JOIN JSON_TABLE(JSON_KEYS(doc, '$.changes.params'), '$[*]' COLUMNS "
        "(place FOR ORDINALITY, name TEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin PATH '$')"
        ") AS label ON label.place = item.place"
    )
    key = "label.name"
    reports = "JSON_TABLE(doc, '$.changes.reports[*]' COLUMNS (value JSON PATH '$')) AS item"
    on = ""
    integer = "SIGNED"
    text = "CHAR"
    length = "JSON_LENGTH"
    exact = "CAST({} AS BINARY)"

    def at(self, doc: str, path: str) -> str:
        """Give a part; see :meth:`JsonSql.at`."""
        return f"JSON_EXTRACT({doc}, '{_dollar(path)}')"

    def number(self, doc: str, path: str) -> str:
        """Give a number; see :meth:`JsonSql.number`. A column holds finite ones only."""
        part = self.at(doc, path)
        return (
            f"CASE WHEN JSON_TYPE({part}) IN ('INTEGER', 'DOUBLE', 'DECIMAL') "
            f"THEN CAST(JSON_UNQUOTE({part}) AS DOUBLE) END"
        )

    def array(self, doc: str, path: str) -> str:
        """Give an array; see :meth:`JsonSql.array`."""
        part = self.at(doc, path)
        return f"CASE JSON_TYPE({part}) WHEN 'ARRAY' THEN CAST({part} AS CHAR) END"

    def scalar(self, doc: str, index: str) -> str:
        """Give a scalar out of an array; see :meth:`JsonSql.scalar`."""
        part = f"JSON_EXTRACT({doc}, CONCAT('$[', {index}, ']'))"
        special = f"JSON_UNQUOTE(JSON_EXTRACT({part}, '$.\"$float\"'))"
        return (
            f"CASE JSON_TYPE({part}) WHEN 'NULL' THEN NULL WHEN 'OBJECT' THEN {special} "
            f"ELSE JSON_UNQUOTE({part}) END"
        )

    def timestamp(self, seconds: str) -> str:
        """Give a DATETIME with microseconds; see :meth:`JsonSql.timestamp`."""
        micros = f"ROUND({seconds} * 1e6)"
        return f"CAST('1970-01-01' AS DATETIME(6)) + INTERVAL {micros} MICROSECOND"
