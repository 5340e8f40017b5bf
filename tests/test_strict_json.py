"""Every value that JSON lacks comes back, and the text is JSON all the same."""

from __future__ import annotations

import json
from typing import Any

import pytest
from any_trials import json_values
from hypothesis import given

from steep.strict_json import dumps, loads
from steep.study.export.cells import from_cell, to_cell


def refuse(name: str) -> None:
    raise AssertionError(f"{name} is not JSON")


@given(json_values)
def test_any_value_comes_back(value: Any) -> None:
    text = dumps(value)
    assert text.isascii()
    assert "\n" not in text
    json.loads(text, parse_constant=refuse)
    assert repr(loads(text)) == repr(value)


@given(json_values)
def test_any_value_comes_back_from_the_text_of_a_cell(value: Any) -> None:
    text = to_cell(value)
    assert text
    assert repr(from_cell(text)) == repr(value)


@pytest.mark.parametrize(
    "text", ["[" * 100_000, "9" * 5_000, "\ud800", '{"$float":"odd"}', "-", " 1"]
)
def test_odd_texts_come_back_from_cells(text: str) -> None:
    assert from_cell(to_cell(text)) == text


def test_what_json_cannot_hold_is_refused() -> None:
    with pytest.raises(TypeError, match="object"):
        dumps({"k": object()})
    circle: list[Any] = []
    circle.append(circle)
    with pytest.raises(ValueError, match="contains itself"):
        dumps(circle)
