"""What all tests share: quick and repeatable property tests, and no windows."""

from __future__ import annotations

import os

import hypothesis

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
