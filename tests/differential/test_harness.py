"""The harness itself: a difference fails readably, a program without meaning is refused."""

from __future__ import annotations

import warnings
from typing import Any

import pytest

from .harness import attempt, differential, message_shape
from .render import render


def test_equal_outcomes_pass() -> None:
    differential(lambda lib: [1.5, "text", None, float("nan")])()


def test_a_difference_fails_and_shows_both_sides() -> None:
    with pytest.raises(pytest.fail.Exception) as caught:
        differential(lambda lib: ["same", lib.__name__])()
    lines = str(caught.value).splitlines()
    assert "-  'optuna'" in lines
    assert "+  'steep'" in lines
    assert "   'same'" in lines


def test_an_exception_on_one_side_is_a_difference() -> None:
    def program(lib: Any) -> int:
        if lib.__name__ == "steep":
            raise KeyError("here only")
        return 1

    with pytest.raises(pytest.fail.Exception, match="raised KeyError") as caught:
        differential(program)()
    assert isinstance(caught.value.__cause__, KeyError)


def test_a_warning_on_one_side_is_a_difference() -> None:
    def program(lib: Any) -> int:
        if lib.__name__ == "optuna":
            warnings.warn("there only", UserWarning, stacklevel=1)
        return 1

    with pytest.raises(pytest.fail.Exception, match="-warned UserWarning"):
        differential(program)()


def test_a_program_that_shows_nothing_is_refused() -> None:
    with pytest.raises(RuntimeError, match="nothing to compare"):
        differential(lambda lib: None)()


def test_a_slip_of_the_program_is_refused() -> None:
    with pytest.raises(RuntimeError, match="at fault"):
        differential(lambda lib: lib.no_such_name)()


def test_attempt_does_not_hide_slips() -> None:
    with pytest.raises(AttributeError):
        attempt(lambda: object().nothing)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1, 1.0),
        (True, 1),
        (0.0, -0.0),
        ((1,), [1]),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
        (None, "None"),
    ],
    ids=str,
)
def test_what_a_user_can_tell_apart_is_rendered_apart(one: Any, other: Any) -> None:
    assert render(one) != render(other)


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        (
            "Trial 3 finished with value: 2 and parameters: {}. Best is trial 2 with value: 1.",
            "finished",
        ),
        ("Trial 3 finished with values: [0.5, 1.0] and parameters: {}.", "finished"),
        ("Trial 4 pruned. too slow", "pruned"),
        (
            "Trial 5 failed with parameters: {} because of the following error: KeyError('a').",
            "raised",
        ),
        ("Trial 5 failed with parameters: {} because of the following error: no number.", "failed"),
        ("something else", "other"),
    ],
)
def test_messages_are_known_by_their_shape(message: str, kind: str) -> None:
    assert kind in message_shape(message)
