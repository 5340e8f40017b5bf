"""A snapshot is the table, or it is nothing."""

from __future__ import annotations

from event_logs import Model, assert_like_model, fold, logs
from hypothesis import given
from hypothesis import strategies as st

from steep.events import Event
from steep.table.snapshot import from_snapshot, to_snapshot


@given(logs(), st.data())
def test_a_snapshot_goes_on_like_the_table(log: list[Event], data: st.DataObject) -> None:
    cut = data.draw(st.integers(1, len(log)))
    table = from_snapshot(to_snapshot(fold(log[:cut])))
    assert table is not None
    assert table.position == cut
    table.follow(log[cut:])
    assert_like_model(table, Model.fold(log))
    assert table.best == fold(log).best


@given(logs(), st.data())
def test_a_snapshot_with_any_byte_changed_is_none(log: list[Event], data: st.DataObject) -> None:
    written = bytearray(to_snapshot(fold(log)))
    written[data.draw(st.integers(0, len(written) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    assert from_snapshot(bytes(written)) is None


@given(logs(), st.data())
def test_a_torn_snapshot_is_none(log: list[Event], data: st.DataObject) -> None:
    written = to_snapshot(fold(log))
    assert from_snapshot(written[: data.draw(st.integers(0, len(written) - 1))]) is None
