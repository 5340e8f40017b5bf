"""The programs that README.md shows run as they stand."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

import steep

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"

# What the example of README.md leaves to the reader: any generator of accuracies does.
PRELUDE = """
def train(lr, n_layers):
    for epoch in range(3):
        yield 1 - abs(lr - 1e-3) - 0.1 / n_layers / (epoch + 1)
"""


def python_blocks() -> list[str]:
    """Return the Python blocks of the README, in their order."""
    text = README.read_text(encoding="utf-8")
    return re.findall(r"^```python\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.chdir(tmp_path)
    before = steep.logging.get_verbosity()
    steep.logging.set_verbosity(steep.logging.WARNING)
    yield
    steep.logging.set_verbosity(before)


def test_the_readme_shows_a_program() -> None:
    assert any("import steep" in block for block in python_blocks())


def test_the_programs_run_one_after_the_other() -> None:
    names: dict[str, object] = {"__name__": "readme"}
    exec(PRELUDE, names)
    for number, block in enumerate(python_blocks()):
        exec(compile(textwrap.dedent(block), f"README.md, block {number}", "exec"), names)


def test_the_commands_it_names_exist() -> None:
    named = set(
        re.findall(r"(?:^|`)make ([a-z]+)", README.read_text(encoding="utf-8"), re.MULTILINE)
    )
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert {"demo", "test"} <= named <= targets
