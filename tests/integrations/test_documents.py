"""The programs of docs/integrations.md run as they stand."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
GUIDE = ROOT / "docs" / "integrations.md"


def test_the_programs_of_the_guide_run() -> None:
    pytest.importorskip("sklearn", reason="scikit-learn is not installed")
    programs = re.findall(r"^```python\n(.*?)^```", GUIDE.read_text(), re.DOTALL | re.MULTILINE)
    assert len(programs) == 3
    for number, program in enumerate(programs):
        exec(compile(program, f"{GUIDE.name}, block {number}", "exec"), {"__name__": "guide"})


def test_the_guide_shows_every_example() -> None:
    shown = set(re.findall(r"\(\.\./(examples/integrations/\w+\.py)\)", GUIDE.read_text()))
    there = (ROOT / "examples" / "integrations").glob("*.py")
    assert shown == {f"examples/integrations/{path.name}" for path in there}
