"""Markdown tables of docstrings reach Sphinx as tables, and nothing else is touched."""

from __future__ import annotations

from tools.sphinx_docstrings import with_rst_tables


def test_a_table_keeps_its_indent_and_its_empty_cells() -> None:
    lines = ["Args:", "    | a | b |", "    |---|:-:|", "    | 1 |  |", "After."]
    assert with_rst_tables(lines) == [
        "Args:",
        "    .. list-table::",
        "       :header-rows: 1",
        "",
        "       * - a",
        "         - b",
        "       * - 1",
        "         -",
        "",
        "After.",
    ]


def test_lines_with_bars_that_are_no_table_stay() -> None:
    lines = ["| a line block |", "| of two lines |", "x | y", "|---|"]
    assert with_rst_tables(lines) == lines
