"""The progress of a running trial equals what its reports say, however they came."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steep.pruners.progress import ProgressBook, is_check_due

steps = st.lists(st.integers(0, 60), unique=True, max_size=30)


@given(steps, st.data())
def test_it_equals_a_look_at_all_reports(order: list[int], data: st.DataObject) -> None:
    book, reports = ProgressBook(), dict[int, float]()
    for step in order:
        reports[step] = data.draw(st.floats())
        if not data.draw(st.booleans()):
            continue  # nobody asked after this report
        progress = book.of(3, reports)
        numbers = [value for value in reports.values() if not math.isnan(value)]
        largest = sorted(reports)
        assert progress.last == largest[-1]
        assert progress.previous == (largest[-2] if len(largest) > 1 else -1)
        if numbers:
            assert (progress.smallest, progress.largest) == (min(numbers), max(numbers))
        else:
            assert progress.smallest > progress.largest


def test_other_reports_under_the_same_number_are_read_anew() -> None:
    book = ProgressBook()
    assert book.of(0, {0: 1.0, 5: 2.0}).last == 5
    assert book.of(0, {0: 7.0}).smallest == 7.0


def test_more_trials_than_pages_only_cost_a_new_look() -> None:
    book = ProgressBook()
    reports = [{0: float(number)} for number in range(1000)]
    for _ in range(2):
        assert [book.of(n, r).smallest for n, r in enumerate(reports)] == list(range(1000))


@pytest.mark.parametrize("warmup", [0, 2, 7])
@pytest.mark.parametrize("interval", [1, 3, 10])
def test_of_the_reports_between_two_checks_the_first_is_checked(warmup: int, interval: int) -> None:
    reported = [0, 1, 2, 5, 6, 7, 11, 12, 20, 21, 23]
    due, last_period = [], -1
    for step in reported:
        period = (step - warmup) // interval
        if step >= warmup and period > last_period:
            due.append(step)
            last_period = period
    before = [-1, *reported]
    checks = zip(reported, before, strict=False)
    assert due == [s for s, previous in checks if is_check_due(s, previous, warmup, interval)]
