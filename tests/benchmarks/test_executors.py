"""The measures of executors tell what they say."""

from __future__ import annotations

import pytest

from benchmarks import executors


def test_costs_are_those_of_trials_after_the_first_ones() -> None:
    here = executors.costs_of("optuna", executors.Suggest(2), 5)
    there = executors.costs_of("steep", executors.Suggest(2), 5, executor="process", n_jobs=2)
    assert min(*here, there.real, there.here) > 0.0
    assert executors.costs_of("steep", executors.Work(1), 3).real > 0.0


@pytest.mark.parametrize("seconds", [1e-9, 0.01])
def test_work_is_at_least_one_chunk(seconds: float) -> None:
    assert executors.calibrated(seconds) >= 1
