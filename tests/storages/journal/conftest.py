"""Run the tests of journals on each kind."""

from __future__ import annotations

import pytest
from storages.journal.journals import KINDS


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(autouse=True)
def small_packs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let directories use packs from the start, so that every test goes through them."""
    monkeypatch.setattr("steep.storages.journal.directory._PACK", 3)
