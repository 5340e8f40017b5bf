"""Records: every event comes back, and no changed byte goes unnoticed."""

from __future__ import annotations

import pytest
from event_logs import events
from hypothesis import given
from hypothesis import strategies as st

from steep.events import Event, SetStudyAttr
from steep.storages.journal.frames import SEPARATOR, frame, is_intact, next_intact, parse
from steep.wire import from_json, to_json


@given(
    st.lists(events(1), min_size=1, max_size=5), st.integers(0, 2**31 - 1), st.integers(1, 2**40)
)
def test_any_events_come_back_as_text(log: list[Event], study_id: int, wseq: int) -> None:
    record, line = frame(study_id, "0123abcdef", wseq, [to_json(event) for event in log])
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    assert parse(line[:-1]) == record
    pieces = record.events.split(SEPARATOR)
    assert [to_json(from_json(piece.decode())) for piece in pieces] == [*map(to_json, log)]


@given(st.lists(events(1), min_size=1, max_size=5), st.data())
def test_any_changed_byte_is_noticed(log: list[Event], data: st.DataObject) -> None:
    _, line = frame(7, "w", 1, [to_json(event) for event in log])
    at = data.draw(st.integers(0, len(line) - 2))
    byte = data.draw(st.integers(0, 255).filter(lambda byte: byte != line[at]))
    changed = line[:at] + bytes([byte]) + line[at + 1 :]
    assert not any(is_intact(piece) for piece in changed.split(b"\n"))
    assert next_intact(changed) is None
    assert next_intact(changed + line) == len(changed)


def test_every_change_of_one_byte_of_a_record_is_noticed() -> None:
    _, line = frame(7, "w", 1, ['{"event":"Ask","time":1.0}'])
    for at in range(len(line) - 1):
        for byte in {*range(256)} - {line[at]}:
            assert not is_intact(line[:at] + bytes([byte]) + line[at + 1 : -1])


def test_a_record_behind_a_damaged_line_break_is_found() -> None:
    _, line = frame(7, "w", 1, ['{"event":"Ask","time":1.0}'])
    assert next_intact(line[:-1] + b"\x8a" + line) == len(line)


@pytest.mark.parametrize("text", ["\t", ",\t", "\n", '"$', "é", "\u2028", ",\\t{"])
def test_no_text_of_a_user_is_taken_for_the_end_of_an_event(text: str) -> None:
    pair = [SetStudyAttr(text, text), SetStudyAttr("next", {text: text})]
    record, _ = frame(0, "w", 1, [*map(to_json, pair)])
    pieces = record.events.split(SEPARATOR)
    assert [from_json(piece.decode()) for piece in pieces] == pair
