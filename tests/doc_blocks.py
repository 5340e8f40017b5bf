"""Run the examples of a page: its Python and shell blocks, one after the other, in one folder.

- A block of Python whose first line is a comment such as ``# train.py`` is that file as well.
- Of a block of ``sh`` that calls ``steep`` or ``python``, every line runs.
- A block of ``text`` right after one that runs is what it prints; ``...`` stands for anything.
- What a shell block exports stays exported.
- ``<!-- not run: REASON -->`` before a block says why it does not run.
"""

from __future__ import annotations

import doctest
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from io import StringIO
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

__all__ = ["Block", "Page", "blocks_of", "not_run"]

SOURCE = Path(__file__).parents[1] / "src"
_BLOCK = re.compile(
    r"(?:^<!-- not run: (?P<reason>.*?) -->\n+)?^```(?P<kind>\w+)\n(?P<text>.*?)^```$",
    re.DOTALL | re.MULTILINE,
)
_FILE = re.compile(r"\A# ([\w/]+\.py)\n")
_COMMAND = re.compile(r"^(steep|python) ", re.MULTILINE)
_EXPORT = re.compile(r"^export (\w+)=(\S+)", re.MULTILINE)
_LIKE = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


class Block(NamedTuple):
    """Hold one block of a page.

    Attributes:
        line: Where it begins.
        kind: Its language.
        text: What is in it.
        reason: Why it does not run; None if it does.
        output: What it prints; None if the page does not say.
    """

    line: int
    kind: str
    text: str
    reason: str | None = None
    output: str | None = None

    @property
    def runs(self) -> bool:
        """Tell whether it can be run, and is to be."""
        is_shell = self.kind == "sh" and _COMMAND.search(self.text) is not None
        return self.reason is None and (self.kind == "python" or is_shell)


def blocks_of(page: str) -> list[Block]:
    """Find the blocks of a page, in their order."""
    found: list[Block] = []
    end = -1
    for match in _BLOCK.finditer(page):
        line = page.count("\n", 0, match.start("kind")) + 1
        block = Block(line, match["kind"], match["text"], match["reason"])
        is_next = not page[end : match.start()].strip()
        if block.kind == "text" and found and is_next:
            found[-1] = found[-1]._replace(output=block.text)
        else:
            found.append(block)
        end = match.end()
    return found


class Page:
    """Run the blocks of one page in one namespace and one folder.

    Args:
        name: How the page is called.
        folder: Where its files are to be; the working folder.
        prelude: What the page takes for granted.
    """

    def __init__(self, name: str, folder: Path, prelude: str = "") -> None:
        self._name, self._folder = name, folder
        self._module = ModuleType("__main__")
        self._environment: dict[str, str] = {}
        exec(prelude, vars(self._module))

    def run(self, block: Block) -> None:
        """Run a block, and compare what it prints where the page tells."""
        printed = self._python(block) if block.kind == "python" else self._shell(block.text)
        if block.output is not None:
            expected = block.output.replace("\n\n", "\n<BLANKLINE>\n")
            checker = doctest.OutputChecker()
            is_like = checker.check_output(expected, printed, _LIKE)
            assert is_like, f"{self._name}:{block.line} prints\n{printed}\nnot\n{block.output}"

    def _python(self, block: Block) -> str:
        if file := _FILE.match(block.text):
            (self._folder / file[1]).write_text(block.text)
        printed = StringIO()
        code = compile("\n" * block.line + block.text, self._name, "exec")
        with redirect_stdout(printed), self._as_the_program():
            exec(code, vars(self._module))
        return printed.getvalue()

    @contextmanager
    def _as_the_program(self) -> Iterator[None]:
        """Be what Python runs: where types are looked up, and what is pickled by value."""
        before = sys.modules["__main__"]
        sys.modules["__main__"] = self._module
        try:
            yield
        finally:
            sys.modules["__main__"] = before

    def _shell(self, text: str) -> str:
        """Run all lines; the first that fails ends it."""
        path = os.pathsep.join([str(self._shims()), os.environ["PATH"]])
        self._environment |= dict(_EXPORT.findall(text))
        environment = {**os.environ, "PATH": path, "PYTHONPATH": str(SOURCE), "COLUMNS": "120"}
        done = subprocess.run(
            ["bash", "-euc", text],
            check=False,
            cwd=self._folder,
            env=environment | self._environment,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, f"{text}\n{done.stdout}{done.stderr}"
        return done.stdout

    def _shims(self) -> Path:
        """Make the commands that an installation would bring."""
        folder = self._folder / ".bin"
        folder.mkdir(exist_ok=True)
        for name, call in {"steep": "-m steep", "python": ""}.items():
            (folder / name).write_text(f'#!/bin/sh\nexec {sys.executable} {call} "$@"\n')
            (folder / name).chmod(0o755)
        return folder


def not_run(page: str) -> Iterator[str]:
    """Give why blocks of a page do not run, once for each."""
    return (block.reason for block in blocks_of(page) if block.reason is not None)
