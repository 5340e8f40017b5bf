"""Load an integration for the examples in its docstrings only where it has some that can run."""

from __future__ import annotations

from pathlib import Path

from steep.integrations.frameworks import FRAMEWORKS, is_installed

ROOM = Path(__file__).parent / "src" / "steep" / "integrations"


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Tell pytest which files to pass over, before it imports them."""
    name = collection_path.stem
    if collection_path.parent != ROOM or name not in FRAMEWORKS:
        return None
    has_examples = ">>> " in collection_path.read_text(encoding="utf-8")
    return None if has_examples and is_installed(name) else True
