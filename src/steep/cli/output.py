"""Rows as text: plain values, a table, JSON or YAML."""

from __future__ import annotations

import json
from typing import Any

import click

from steep.cli import yaml
from steep.cli.records import Records

__all__ = ["FORMATS", "show"]

FORMATS = ("value", "json", "table", "yaml")
_STATES = {"COMPLETE": "green", "PRUNED": "yellow", "FAIL": "red", "RUNNING": "cyan"}


def show(records: Records, format_: str, *, flatten: bool = False, is_one: bool = False) -> None:
    """Print rows.

    Args:
        records: The rows.
        format_: One of :data:`FORMATS`.
        flatten: Whether a column that holds several values becomes several columns.
        is_one: Whether JSON and YAML show the only row instead of a list of rows.
    """
    rows, header = records.flattened() if flatten else records.nested()
    shown: Any = rows[0] if is_one else rows
    if format_ == "json":
        click.echo(json.dumps(shown))
    elif format_ == "yaml":
        click.echo(yaml.dumps(shown))
    elif format_ == "value":
        click.echo("\n".join(" ".join(_text(row.get(c)) for c in header) for row in rows).strip())
    else:
        click.echo("\n".join(_table(rows, header)))


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _table(rows: list[dict[str, Any]], header: list[str]) -> list[str]:
    columns = [_column(name, [row.get(name) for row in rows]) for name in header]
    rule = "+" + "".join("-" * (width + 2) + "+" for width, _ in columns)
    lines = ["|" + "".join(f" {cells[i]} |" for _, cells in columns) for i in range(len(rows) + 1)]
    return [rule, lines[0], rule, *lines[1:], rule]


def _column(name: str, values: list[Any]) -> tuple[int, list[str]]:
    """Give the width of a column and its cells, the name first; numbers stand to the right."""
    # As in Optuna, a missing value takes the room of "None", which is not shown.
    width = max(len(name), *(len(str(value)) for value in values), 0)
    is_text = any(not isinstance(value, int | float | None) for value in values)
    side = "<" if is_text else ">"
    cells = [_painted(f"{_text(value):{side}{width}}", value) for value in values]
    return width, [click.style(f"{name:{side}{width}}", bold=True), *cells]


def _painted(cell: str, value: Any) -> str:
    """Give a cell its colour; click takes colours out where nobody would see them."""
    colour = _STATES.get(value) if isinstance(value, str) else None
    return cell if colour is None else click.style(cell, fg=colour)
