"""Arguments out of range are refused with the call, the value and the fix."""

from __future__ import annotations

from typing import Any

import pytest

import steep
from steep.pruners.checks import check_at_least


@pytest.mark.parametrize("value", [2, 2.5, 10**20, True + 1])
def test_enough_is_enough(value: Any) -> None:
    check_at_least(object(), "n", value, 2)


@pytest.mark.parametrize(
    ("value", "error"),
    [(1, ValueError), (float("nan"), ValueError), ("3", TypeError), (None, TypeError)],
)
def test_too_little_is_refused(value: Any, error: type[Exception]) -> None:
    with pytest.raises(error, match=r"NopPruner\(n=.*give 2 or more"):
        check_at_least(steep.pruners.NopPruner(), "n", value, 2)
