"""get_param_importances with evaluators of the user."""

from __future__ import annotations

from typing import Any

import pytest

import steep
from steep.importance import BaseImportanceEvaluator, get_param_importances


class Fixed(BaseImportanceEvaluator):
    """Give what it was made with, and remember how it was called."""

    def __init__(self, scores: dict[str, float]) -> None:
        self.scores = scores
        self.called: Any = None

    def evaluate(self, study: Any, params: Any = None, *, target: Any = None) -> dict[str, float]:
        self.called = (study, params, target)
        return self.scores


def test_scores_are_scaled_to_shares_in_their_order() -> None:
    study = steep.create_study()
    assert list(get_param_importances(study, evaluator=Fixed({"x": 3.0, "y": 1.0})).items()) == [
        ("x", 0.75),
        ("y", 0.25),
    ]


def test_raw_scores_are_given_on_request() -> None:
    study = steep.create_study()
    rule = Fixed({"x": 3.0})
    assert get_param_importances(study, evaluator=rule, normalize=False) == {"x": 3.0}


def test_zero_scores_become_equal_shares() -> None:
    study = steep.create_study()
    rule = Fixed({"x": 0.0, "y": 0.0})
    assert get_param_importances(study, evaluator=rule) == {"x": 0.5, "y": 0.5}


def test_no_scores_are_no_shares() -> None:
    assert get_param_importances(steep.create_study(), evaluator=Fixed({})) == {}


def test_the_evaluator_gets_params_and_target() -> None:
    study, rule = steep.create_study(), Fixed({"x": 1.0})

    def target(trial: Any) -> float:
        return 0.0

    get_param_importances(study, evaluator=rule, params=["x"], target=target)
    assert rule.called == (study, ["x"], target)


@pytest.mark.parametrize("evaluator", [3, Fixed, "fanova"])
def test_what_is_no_evaluator_is_refused(evaluator: Any) -> None:
    with pytest.raises(TypeError, match="derives from BaseImportanceEvaluator"):
        get_param_importances(steep.create_study(), evaluator=evaluator)
