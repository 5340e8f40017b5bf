"""The programs of docs/parameters.md run as they stand, one after the other."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

GUIDE = Path(__file__).parent.parent.parent / "docs" / "parameters.md"


def test_the_programs_of_the_guide_run() -> None:
    text = GUIDE.read_text(encoding="utf-8")
    programs = re.findall(r"^ *```python\n(.*?)^ *```", text, re.DOTALL | re.MULTILINE)
    assert len(programs) == 6
    names = {"__name__": "guide"}
    for program in programs:
        exec(compile(textwrap.dedent(program), str(GUIDE), "exec", dont_inherit=True), names)
