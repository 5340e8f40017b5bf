"""What is kept of a long sequence, and that it depends on the members alone."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from steep.kernels.subsample import Subsample

NUMBERS = st.lists(st.integers(0, 300), unique=True, max_size=60)


@given(NUMBERS, st.integers(2, 12))
def test_adding_one_by_one_keeps_the_same_as_all_at_once(numbers: list[int], room: int) -> None:
    slowly, at_once = Subsample(room), Subsample(room)
    for number in numbers:
        slowly.add(number)
    at_once.reset(np.sort(np.array(numbers, dtype=np.int64)))
    assert slowly.numbers == at_once.numbers
    for number in range(1000, 1030):
        assert slowly.add(number) == at_once.add(number)
    assert slowly.numbers == at_once.numbers


@given(NUMBERS, st.integers(2, 12))
def test_what_leaves_is_named(numbers: list[int], room: int) -> None:
    choice, kept = Subsample(room), set[int]()
    for number in numbers:
        gone = choice.add(number)
        kept |= {number}
        kept -= {gone}
        assert choice.numbers == sorted(kept)
        assert len(kept) <= room


def test_the_recent_half_stays_and_the_rest_is_spread_evenly() -> None:
    choice = Subsample(100)
    choice.reset(np.arange(10_000))
    assert choice.numbers[-50:] == list(range(9950, 10_000))
    counts = np.histogram(choice.numbers[:-50], bins=10, range=(0, 9950))[0]
    assert counts.min() >= 3
    assert counts.max() <= 7


@given(NUMBERS, st.data())
def test_members_may_be_removed(numbers: list[int], data: st.DataObject) -> None:
    choice = Subsample(6)
    for number in numbers:
        choice.add(number)
    while choice.numbers:
        gone = data.draw(st.sampled_from(choice.numbers))
        rest = [number for number in choice.numbers if number != gone]
        choice.remove(gone)
        assert choice.numbers == rest
    for number in range(1000, 1020):
        choice.add(number)
    assert len(choice.numbers) == 6
