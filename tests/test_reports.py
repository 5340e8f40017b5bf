"""Reports move from small dictionaries into columns when a trial ends, and read the same."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from steep.reports import Reports

steps_and_values = st.dictionaries(st.integers(0, 10**12), st.floats(allow_nan=False), max_size=6)


@given(st.lists(steps_and_values, max_size=6), st.sets(st.integers(0, 5)))
def test_reports_read_alike_before_and_after_the_trial_ends(
    given_reports: list[dict[int, float]], closed: set[int]
) -> None:
    reports = Reports()
    for number, added in enumerate(given_reports):
        reports.add(number, added)
        if number in closed:
            reports.close(number)
    for number, added in enumerate(given_reports):
        assert reports.of(number) == added
        assert list(reports.of(number)) == list(added)
        expected = (max(added), added[max(added)]) if added else None
        assert reports.last(number) == expected
        steps, values = reports.steps(number)
        assert dict(zip(steps.tolist(), values.tolist(), strict=True)) == added
        assert steps.tolist() == sorted(added)


def test_running_shows_open_trials_only() -> None:
    reports = Reports()
    reports.add(0, {0: 1.0})
    reports.add(1, {0: 2.0})
    reports.close(0)
    assert dict(reports.running) == {1: {0: 2.0}}


def test_flat_gives_the_reports_of_finished_trials_in_order_of_finishing() -> None:
    reports = Reports()
    reports.add(0, {0: 1.0})
    reports.add(1, {5: 2.0, 7: math.inf})
    reports.close(1)
    reports.close(0)
    numbers, steps, values = reports.flat()
    assert numbers.tolist() == [1, 1, 0]
    assert steps.tolist() == [5, 7, 0]
    assert values.tolist() == [2.0, math.inf, 1.0]


def test_a_later_value_of_a_step_replaces_the_earlier_one() -> None:
    reports = Reports()
    reports.add(0, {1: 1.0})
    reports.add(0, {1: 2.0})
    assert reports.of(0) == {1: 2.0}


def test_nan_is_kept() -> None:
    reports = Reports()
    reports.add(0, {1: math.nan})
    reports.close(0)
    assert math.isnan(reports.of(0)[1])
