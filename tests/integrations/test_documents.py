"""docs/integrations.md shows what there is; tests/docs runs its programs."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
GUIDE = ROOT / "docs" / "integrations.md"


def test_the_guide_shows_every_example() -> None:
    shown = set(re.findall(r"\(\.\./(examples/integrations/\w+\.py)\)", GUIDE.read_text()))
    there = (ROOT / "examples" / "integrations").glob("*.py")
    assert shown == {f"examples/integrations/{path.name}" for path in there}
