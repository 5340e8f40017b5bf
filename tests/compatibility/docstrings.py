"""Find the examples in the docstrings of a package, without importing it.

An example is the code of Sphinx's directives. What belongs to one docstring's ``testsetup``,
``testcode`` and ``testcleanup`` is one program; a ``code`` or ``code-block`` in Python is a program
of its own, and its page takes for granted that the package is imported.
"""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

__all__ = ["Example", "examples_in", "examples_of"]

# A directive, its options, and all lines that are empty or further to the right.
_DIRECTIVE = re.compile(
    r"""
    ^(?P<margin>[ ]*)\.\.[ ](?P<kind>test\w+|code|code-block)::[ ]*(?P<argument>.*)\n
    (?:(?P=margin)[ ]+:\w+:.*\n)*
    (?P<text>(?:[ ]*\n|(?P=margin)[ ]+\S.*\n?)+)
    """,
    re.MULTILINE | re.VERBOSE,
)
_DOCUMENTED = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


class Example(NamedTuple):
    """Hold one program of a docstring.

    Attributes:
        name: The module below the package, and the class or function that it documents.
        code: Its lines.
        output: What it prints; None if the docstring does not say.
    """

    name: str
    code: str
    output: str | None = None


def examples_of(package: Path) -> list[Example]:
    """Find the examples in all files of a package, in the order of their names."""
    found = []
    for path in sorted(package.rglob("*.py")):
        parts = path.relative_to(package).with_suffix("").parts
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for name, docstring in _docstrings(tree, ".".join(parts).removesuffix(".__init__")):
            found += examples_in(docstring, name, package.name)
    return found


def examples_in(docstring: str, name: str, package: str) -> list[Example]:
    """Find the examples in one docstring."""
    blocks = [
        (block["kind"], block["argument"], textwrap.dedent(block["text"]))
        for block in _DIRECTIVE.finditer(docstring)
    ]
    tested = [text for kind, _, text in blocks if kind.startswith("test") and kind != "testoutput"]
    printed = [text for kind, _, text in blocks if kind == "testoutput"]
    shown = [
        f"import {package}\n{text}"
        for kind, argument, text in blocks
        if kind.startswith("code") and argument in ("", "python")
    ]
    programs = [("\n".join(tested), "".join(printed) or None)] if tested else []
    programs += [(text, None) for text in shown]
    numbers = [""] + [f" {position}" for position in range(2, len(programs) + 1)]
    return [
        Example(name + number, code, output)
        for number, (code, output) in zip(numbers, programs, strict=False)
    ]


def _docstrings(node: ast.AST, name: str) -> Iterator[tuple[str, str]]:
    """Give the docstrings of a module, its classes and functions, each with its dotted name."""
    if isinstance(node, _DOCUMENTED):
        yield name, ast.get_docstring(node) or ""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, _DOCUMENTED):
            yield from _docstrings(child, f"{name}.{child.name}")
