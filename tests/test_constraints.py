"""Constraint values are read from attributes, new and old, and set once."""

from __future__ import annotations

import pytest

from steep.constraints import constraint_to_set, constraints_in


def test_lists_of_older_programs_are_named_by_position() -> None:
    assert constraints_in({"constraints": [1, -2.5]}) == {"0": 1.0, "1": -2.5}


def test_none_is_no_constraint() -> None:
    assert constraints_in({"constraints": None, "other": 3}) == {}


def test_a_number_as_text_is_taken() -> None:
    assert constraint_to_set({}, "c", "1.5") == ("constraints:c", 1.5)  # type: ignore[arg-type]


def test_the_first_value_of_a_name_counts() -> None:
    with pytest.warns(UserWarning, match="set already"):
        assert constraint_to_set({"constraints:c": 1.0}, "c", 2.0) is None


def test_nan_is_refused() -> None:
    with pytest.raises(ValueError, match="NaN is not allowed"):
        constraint_to_set({}, "c", float("nan"))


def test_what_is_no_number_is_refused() -> None:
    with pytest.raises(TypeError, match="give a float"):
        constraint_to_set({}, "c", [1])  # type: ignore[arg-type]
