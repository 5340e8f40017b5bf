"""Events survive the way to JSON and back."""

from __future__ import annotations

import math

import pytest
from event_logs import logs
from hypothesis import given

from steep.events import Changes, CreateStudy, Event, Finish, SetStudyAttr, from_json, to_json


def plain(event: Event) -> str:
    """The content of an event; NaN is not equal to itself, but it prints alike."""
    return repr(event)


@given(logs())
def test_every_event_comes_back_from_its_json(log: list[Event]) -> None:
    assert [plain(from_json(to_json(event))) for event in log] == [plain(event) for event in log]


def test_a_line_holds_no_line_break() -> None:
    assert "\n" not in to_json(SetStudyAttr("note", "two\nlines"))


def test_nan_and_infinities_come_back() -> None:
    event = Finish(0, 2, [math.inf], 1.0, Changes(reports={3: math.nan}))
    back = from_json(to_json(event))
    assert back.values == [math.inf]
    assert math.isnan(back.changes.reports[3])


@pytest.mark.parametrize("line", ['{"event":"Dance"}', "[]", "1", "{}", "not json"])
def test_a_line_that_is_no_event_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match=r"no event|Expecting value"):
        from_json(line)


def test_an_attribute_that_json_cannot_hold_is_refused() -> None:
    with pytest.raises(TypeError):
        to_json(SetStudyAttr("note", object()))


def test_distributions_are_shared_between_events_that_are_read() -> None:
    line = to_json(CreateStudy("tea", [1]))
    assert from_json(line) == CreateStudy("tea", [1])
