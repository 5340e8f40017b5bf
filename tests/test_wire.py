"""Events survive the way to JSON and back."""

from __future__ import annotations

import json
import math

import pytest
from event_logs import logs
from hypothesis import given

from steep.distributions import CategoricalDistribution
from steep.events import Changes, CreateStudy, Event, Finish, SetStudyAttr, Update
from steep.exceptions import StorageInternalError
from steep.wire import from_json, to_json


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


@pytest.mark.parametrize("line", ["[]", "1", "{}", "not json"])
def test_a_line_that_is_no_event_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match=r"no event|Expecting value"):
        from_json(line)


@pytest.mark.parametrize(
    "line", ['{"event":"Dance"}', '{"event":"CreateStudy","name":"t","directions":[1],"format":99}']
)
def test_what_a_newer_version_wrote_is_refused_with_the_way_out(line: str) -> None:
    with pytest.raises(StorageInternalError, match="Install a newer steep"):
        from_json(line)


@pytest.mark.parametrize("value", [{"$float": "nan"}, {"$$x": [{"$float": math.inf}]}, '"$'])
def test_attributes_that_look_like_our_own_marks_come_back(value: object) -> None:
    assert from_json(to_json(SetStudyAttr("note", value))) == SetStudyAttr("note", value)


def test_the_text_is_strict_json_whatever_the_values() -> None:
    def refuse(constant: str) -> None:
        raise AssertionError(constant)

    json.loads(to_json(Finish(0, 1, [-math.inf], math.nan)), parse_constant=refuse)


def test_choices_that_are_equal_but_of_other_types_come_back_as_they_were() -> None:
    distributions = [CategoricalDistribution(c) for c in ((1, 0), (True, False), (1.0, 0.0))]
    changes = Changes(params={str(i): (0.0, d) for i, d in enumerate(distributions)})
    back = from_json(to_json(Update(0, changes)))
    assert [repr(d) for _, d in back.changes.params.values()] == [repr(d) for d in distributions]


def test_an_attribute_that_json_cannot_hold_is_refused() -> None:
    with pytest.raises(TypeError):
        to_json(SetStudyAttr("note", object()))


def test_distributions_are_shared_between_events_that_are_read() -> None:
    line = to_json(CreateStudy("tea", [1]))
    assert from_json(line) == CreateStudy("tea", [1])
