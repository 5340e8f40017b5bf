"""The values of a trial get the names that the user gave."""

from __future__ import annotations

import pytest

from steep.integrations.tracking import named_values
from steep.trial import TrialState, create_trial


def test_a_value_has_the_name_and_several_are_numbered_or_named() -> None:
    two = create_trial(values=[1.0, 2.0])
    assert named_values("C()", "loss", create_trial(value=1.0)) == {"loss": 1.0}
    assert named_values("C()", "loss", two) == {"loss_0": 1.0, "loss_1": 2.0}
    assert named_values("C()", ["a", "b"], two) == {"a": 1.0, "b": 2.0}


def test_a_trial_without_values_has_none() -> None:
    failed = create_trial(state=TrialState.FAIL)
    assert named_values("C()", "loss", failed) == named_values("C()", ["a", "b"], failed) == {}


def test_the_number_of_names_must_fit() -> None:
    with pytest.raises(ValueError, match=r"C\(names=...\) got 1 names \['a'\] for 2 objectives"):
        named_values("C(names=...)", ["a"], create_trial(values=[1.0, 2.0]))
