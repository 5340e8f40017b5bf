"""The program of docs/artifacts.md runs as it stands."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

GUIDE = Path(__file__).parent.parent.parent / "docs" / "artifacts.md"


def test_the_program_of_the_guide_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    text = GUIDE.read_text(encoding="utf-8")
    (program,) = re.findall(r"^```python\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    exec(compile(program, str(GUIDE), "exec"), {"__name__": "guide"})
    assert float((tmp_path / "best-model.txt").read_text()) >= 0
    assert len(list((tmp_path / "artifacts").iterdir())) == 10
