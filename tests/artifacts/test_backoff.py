from __future__ import annotations

import io
import time
from typing import Any

import pytest
from artifacts.stores import Flaky, read

from steep.artifacts import Backoff
from steep.artifacts.exceptions import ArtifactNotFound


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    pauses: list[float] = []
    monkeypatch.setattr(time, "sleep", pauses.append)
    return pauses


def test_each_call_is_tried_until_it_works(slept: list[float]) -> None:
    flaky = Flaky(failures=2)
    store = Backoff(flaky, min_delay=0.5, max_delay=0.75)
    body = io.BytesIO(b"skipped green")
    body.seek(8)
    store.write("tea", body)
    assert flaky.kept == {"tea": b"green"}
    assert (flaky.calls, slept) == (3, [0.5, 0.75])
    flaky.calls = 0
    assert read(store, "tea") == b"green"
    flaky.calls = 0
    store.remove("tea")
    assert (flaky.calls, flaky.kept) == (3, {})


def test_the_last_error_comes_through(slept: list[float]) -> None:
    flaky = Flaky(failures=99)
    with pytest.raises(OSError, match="the network is down"):
        Backoff(flaky, max_retries=4).open_reader("tea")
    assert (flaky.calls, slept) == (4, [0.1, 0.2, 0.4])


@pytest.mark.parametrize("error", [ArtifactNotFound("none"), ValueError("bad id")])
def test_what_will_not_change_is_not_tried_again(slept: list[float], error: Exception) -> None:
    flaky = Flaky(99, error)
    with pytest.raises(type(error)):
        Backoff(flaky).open_reader("tea")
    assert (flaky.calls, slept) == (1, [])


def test_a_success_is_not_repeated(slept: list[float]) -> None:
    flaky = Flaky(failures=0)
    store = Backoff(flaky)
    store.write("tea", io.BytesIO(b"green"))
    store.remove("tea")
    assert (flaky.calls, slept) == (2, [])


class Pipe(io.BytesIO):
    """A file that cannot go back."""

    def seekable(self) -> bool:
        return False


def test_a_pipe_is_tried_once(slept: list[float]) -> None:
    flaky = Flaky(failures=1)
    with pytest.raises(OSError, match="the network is down"):
        Backoff(flaky).write("tea", Pipe(b"green"))
    assert (flaky.calls, flaky.kept) == (1, {})


@pytest.mark.parametrize(
    "wrong", [{"max_retries": 0}, {"multiplier": 0}, {"min_delay": 0}, {"max_delay": 0.1}]
)
def test_numbers_out_of_range_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Backoff(Flaky(0), **wrong)
