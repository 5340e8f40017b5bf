r"""Let Sphinx read docstrings as they are written: with Markdown tables, and true constructors.

Docstrings are reStructuredText, but for their tables: those of Markdown read well in a terminal,
and reStructuredText has nothing as short. Each becomes a ``list-table`` before Sphinx parses it.

Example:
    >>> print("\n".join(with_rst_tables(["| store | for |", "|---|---|", "| `S3` | buckets |"])))
    .. list-table::
       :header-rows: 1
    <BLANKLINE>
       * - store
         - for
       * - `S3`
         - buckets
    <BLANKLINE>
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby
from typing import Any

__all__ = ["cells", "constructor", "setup", "with_rst_tables"]

_ANYTHING = "(*args, **kwargs)"
_RULE = re.compile(r"^\s*\|[-:| ]+\|\s*$")
_ROW = re.compile(r"^\s*\|.*\|\s*$")


def with_rst_tables(lines: Sequence[str]) -> list[str]:
    """Replace the Markdown tables of a docstring by those of reStructuredText.

    Args:
        lines: The lines of the docstring.

    Returns:
        The lines with the tables replaced.
    """
    parts: list[str] = []
    for is_table, group in groupby(lines, key=lambda line: bool(_ROW.match(line))):
        rows = list(group)
        parts += _list_table(rows) if is_table and _has_head(rows) else rows
    return parts


def cells(row: str) -> list[str]:
    """Split a row of a Markdown table into its cells."""
    return [cell.strip() for cell in row.strip()[1:-1].split("|")]


def _has_head(rows: Sequence[str]) -> bool:
    return len(rows) > 1 and bool(_RULE.match(rows[1]))


def _list_table(rows: Sequence[str]) -> list[str]:
    """Write a table as nested lists, indented as it was."""
    indent = rows[0][: len(rows[0]) - len(rows[0].lstrip())]
    table = [".. list-table::", "   :header-rows: 1", ""]
    for row in [rows[0], *rows[2:]]:
        first, *others = cells(row)
        table += [f"   * - {first}", *(f"     - {cell}" for cell in others)]
    return [f"{indent}{line}".rstrip() for line in [*table, ""]]


def _process(
    app: Any, what: str, name: str, documented: Any, options: Any, lines: list[str]
) -> None:
    """Change the lines in place, as Sphinx wants it."""
    lines[:] = with_rst_tables(lines)


def constructor(documented: Any) -> str:
    """Write what a class takes, where its ``__new__`` only passes the arguments on."""
    from sphinx.util.inspect import signature, stringify_signature

    taken: str = stringify_signature(
        signature(documented.__init__, bound_method=True), show_annotation=False
    )
    return taken


def _show_constructor(
    app: Any, what: str, name: str, documented: Any, options: Any, taken: str, returned: str
) -> tuple[str, str] | None:
    """Replace what Sphinx found, where that says nothing."""
    if what not in ("class", "exception") or taken != _ANYTHING:
        return None
    return constructor(documented).replace(_ANYTHING, ""), returned


def setup(app: Any) -> dict[str, bool]:
    """Join Sphinx."""
    app.connect("autodoc-process-docstring", _process)
    app.connect("autodoc-process-signature", _show_constructor)
    return {"parallel_read_safe": True}
