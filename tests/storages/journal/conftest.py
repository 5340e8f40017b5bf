"""Run the tests of journals on each kind."""

from __future__ import annotations

import pytest
from storages.journal.journals import KINDS


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)
