"""Load an integration for its examples only where they can run, and give each test the same log."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import steep
from steep.integrations.frameworks import FRAMEWORKS, is_installed

ROOM = Path(__file__).parent / "src" / "steep" / "integrations"


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Tell pytest which files to pass over, before it imports them."""
    name = collection_path.stem
    if collection_path.parent != ROOM or name not in FRAMEWORKS:
        return None
    has_examples = ">>> " in collection_path.read_text(encoding="utf-8")
    return None if has_examples and is_installed(name) else True


@pytest.fixture(autouse=True)
def _leave_the_log_as_loud_as_it_was() -> Iterator[None]:
    """Let what a test or an example says of the log hold for it alone: the next may be any."""
    log = steep.logging.get_logger("steep")
    level, propagates = log.level, log.propagate
    yield
    log.setLevel(level)
    log.propagate = propagates
