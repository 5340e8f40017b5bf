"""A draft hands over each thing once."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from steep.events import Changes
from steep.trial.draft import Draft


@given(st.lists(st.tuples(st.integers(0, 9), st.booleans()), max_size=20))
def test_everything_gathered_is_taken_exactly_once(steps: list[tuple[int, bool]]) -> None:
    draft = Draft(0, {}, {})
    taken: list[int] = []
    for step, take_now in steps:
        draft.reports.setdefault(step, 1.0)
        if take_now and (changes := draft.take()) is not None:
            taken += changes.reports
    taken += draft.close().reports
    assert taken == list(dict.fromkeys(step for step, _ in steps))
    assert draft.is_closed


def test_what_the_log_holds_is_not_taken_again() -> None:
    draft = Draft(0, {}, {1: 0.5})
    assert draft.take() is None
    draft.learn({}, {2: 0.5})
    assert draft.take() is None
    assert draft.close() == Changes()


def test_an_attribute_that_is_set_again_is_taken_again() -> None:
    draft = Draft(0, {}, {})
    draft.set_attr("a", 1)
    assert draft.take() == Changes(user_attrs={"a": 1})
    draft.set_attr("a", 2)
    assert draft.take() == Changes(user_attrs={"a": 2})
