"""The pruner that never prunes."""

from __future__ import annotations

from learning_curves import decide, random_curves


def test_it_never_prunes() -> None:
    decisions = decide(lambda pruners: pruners.NopPruner(), random_curves(0))
    assert not any(answer for row in decisions for answer in row)
