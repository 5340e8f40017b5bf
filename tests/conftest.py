"""What all tests share: repeatable property tests, no windows, one source, a word on servers."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path
from typing import Any

import hypothesis
from storages import servers

os.environ.setdefault("MPLBACKEND", "Agg")

# Tests start processes of their own: they import the steep of this checkout, installed or not.
SOURCE = str(Path(__file__).parent.parent / "src")
os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [SOURCE, os.environ.get("PYTHONPATH")]))

# The same examples on every run: a failure then belongs to the change at hand.
hypothesis.settings.register_profile(
    "steep",
    derandomize=True,
    deadline=None,
    database=None,
    max_examples=60,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
# Many examples and no search for the smallest that fails, for work on a fold.
hypothesis.settings.register_profile(
    "search",
    deadline=None,
    database=None,
    max_examples=500,
    phases=[hypothesis.Phase.generate],
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steep"))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say which servers were missing, and of how many tests.

    It is read from the reports, as the tests may have run in other processes.
    """
    reports = terminalreporter.getreports("skipped")
    counts = Counter(filter(None, map(servers.missing, reports)))
    if counts:
        terminalreporter.section("tests of storages that were skipped")
    for reason, count in counts.items():
        terminalreporter.write_line(f"{count} of {reason}")
