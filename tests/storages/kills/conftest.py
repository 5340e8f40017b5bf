"""The media on which workers meet."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from storages.media import SHARED, Medium


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[Medium]:
    with SHARED["sqlite"](tmp_path) as medium:
        yield medium


@pytest.fixture(params=SHARED)
def medium(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Medium]:
    with SHARED[request.param](tmp_path) as medium:
        yield medium
