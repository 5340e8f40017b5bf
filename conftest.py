"""Leave out the docstrings of integrations whose framework is not installed."""

from __future__ import annotations

from pathlib import Path

from steep.integrations.frameworks import FRAMEWORKS, is_installed

ROOM = Path(__file__).parent / "src" / "steep" / "integrations"


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Tell pytest which files to pass over, before it imports them."""
    name = collection_path.stem
    if collection_path.parent != ROOM or name not in FRAMEWORKS:
        return None
    return None if is_installed(name) else True
