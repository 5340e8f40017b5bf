"""The percentile that is kept up to date equals NumPy's, to the last bit."""

from __future__ import annotations

import math
import random
import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from learning_curves import curve, new_study, run

import steep
from steep.pruners.sorted_steps import SortedSteps, StepValues


def numpy_quantile(values: list[float], quantile: float) -> float:
    numbers = [value for value in values if not math.isnan(value)]
    with np.errstate(all="ignore"):
        return float(np.quantile(numbers, quantile)) if numbers else math.nan


@given(
    st.lists(st.floats(-1e9, 1e9) | st.sampled_from([math.nan, math.inf, -math.inf])),
    st.floats(0, 1),
)
def test_any_values_any_quantile(values: list[float], quantile: float) -> None:
    step = StepValues(quantile)
    for value in values:
        step.add(value)
    np.testing.assert_equal(step.cut, numpy_quantile(values, quantile))
    assert step.count == len(values)


@pytest.mark.parametrize("quantile", [0.0, 0.1, 0.5, 0.9, 1.0])
@pytest.mark.parametrize("trend", [-1.0, 0.0, 1.0])
@pytest.mark.parametrize("has_ties", [True, False])
def test_it_stays_exact_when_the_window_moves(
    quantile: float, trend: float, has_ties: bool
) -> None:
    rng = random.Random(0)
    step, values = StepValues(quantile), []
    for i in range(3000):
        value = rng.gauss(trend * i / 100, 1.0)
        values.append(float(round(value)) if has_ties else value)
        step.add(values[-1])
        if i % 37 == 0:
            assert step.cut == numpy_quantile(values, quantile), i


def test_only_complete_trials_count() -> None:
    study = new_study(steep, steep.pruners.ThresholdPruner(upper=5.0))
    run(study, [curve(1, 2), curve(3, 9), curve(), curve(2)])
    study.tell(study.ask(), state=steep.trial.TrialState.FAIL)
    index = SortedSteps(50.0)
    index.catch_up(study.table)
    assert (index.n_seen, index.n_complete) == (5, 3)
    assert {step: list(values.values) for step, values in index.steps.items()} == {
        0: [1, 2],
        1: [2],
    }


def test_catching_up_in_pieces_equals_catching_up_at_once() -> None:
    study = new_study(steep, steep.pruners.NopPruner())
    in_pieces, at_once = SortedSteps(30.0), SortedSteps(30.0)
    for i in range(20):
        run(study, [curve(i % 7, i % 5)])
        in_pieces.catch_up(study.table)
    at_once.catch_up(study.table)
    assert [v.cut for v in in_pieces.steps.values()] == [v.cut for v in at_once.steps.values()]


def test_threads_that_catch_up_together_count_each_trial_once() -> None:
    study = new_study(steep, steep.pruners.NopPruner())
    run(study, [curve(*range(10))] * 200)
    index = SortedSteps(50.0)
    threads = [threading.Thread(target=index.catch_up, args=(study.table,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (index.n_seen, index.steps[9].count) == (200, 200)
