"""What all tests share: quick and repeatable property tests, quiet logs, no windows."""

from __future__ import annotations

import os
from collections.abc import Iterator

import hypothesis
import pytest

os.environ.setdefault("MPLBACKEND", "Agg")

# The same examples on every run: a failure then belongs to the change at hand.
hypothesis.settings.register_profile(
    "steep",
    derandomize=True,
    deadline=None,
    database=None,
    max_examples=60,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steep"))


@pytest.fixture(autouse=True, scope="session")
def _quiet_reference() -> Iterator[None]:
    """Silence the lines that Optuna, the reference, prints for each trial."""
    import optuna

    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    yield
    optuna.logging.set_verbosity(before)
