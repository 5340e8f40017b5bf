"""A draft hands over each thing once."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from steep.distributions import FloatDistribution
from steep.events import Ask, Changes, CreateStudy, Finish, Update
from steep.table import Table
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


PARAM = st.tuples(st.just("set"), st.sampled_from("abc"), st.integers(0, 9))
STEP = st.one_of(PARAM, st.sampled_from([("anew",), ("take",), ("fail",)]))


@given(st.lists(STEP, max_size=25))
def test_a_table_has_what_was_drawn_last_however_it_was_taken(steps: list[Any]) -> None:
    unit = FloatDistribution(0, 9)
    table, draft = Table(), Draft(0, {}, {})
    table.apply(CreateStudy("tea", [1]))
    table.apply(Ask(time=0.0))
    for kind, *rest in steps:
        if kind == "set":
            draft.params.setdefault(rest[0], (float(rest[1]), unit))
        elif kind == "anew":
            draft.draw_anew()
        elif (changes := draft.take()) is not None:
            if kind == "take":
                table.apply(Update(0, changes))
            else:
                draft.give_back(changes)
    table.apply(Finish(0, 1, [0.0], 1.0, draft.close()))
    assert table.params_of(0) == draft.params
