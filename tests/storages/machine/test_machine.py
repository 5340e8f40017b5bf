"""Whatever three workers do, in whatever order: every storage shows what the model says."""

from __future__ import annotations

import tempfile
from pathlib import Path

import hypothesis
import pytest
from hypothesis.stateful import run_state_machine_as_test
from storages.machine.machine import Machine
from storages.media import MEDIA
from storages.soak import FACTOR, amount

import steep

EXAMPLES = {"memory": 20, "file": 15, "directory": 10, "sqlite": 12}
"""Those of servers, whose logs are appended to by the same code as SQLite's, are fewer."""


def _settings(kind: str) -> hypothesis.settings:
    return hypothesis.settings(
        max_examples=amount(EXAMPLES.get(kind, 6), 300),
        stateful_step_count=40,
        derandomize=not FACTOR,
        deadline=None,
        database=None,
        suppress_health_check=list(hypothesis.HealthCheck),
    )


@pytest.mark.parametrize("kind", MEDIA)
def test_every_worker_sees_what_the_model_says(kind: str) -> None:
    verbosity = steep.logging.get_verbosity()
    steep.logging.set_verbosity(steep.logging.ERROR)
    with tempfile.TemporaryDirectory() as folder, MEDIA[kind](Path(folder)) as medium:

        def machine() -> Machine:
            medium._opened.clear()
            return Machine(medium.open, n_workers=1 if kind == "memory" else 3)

        try:
            run_state_machine_as_test(machine, settings=_settings(kind))
        finally:
            steep.logging.set_verbosity(verbosity)
