"""What an importance evaluator is."""

from __future__ import annotations

import abc
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from steep.study import Study
    from steep.trial import FrozenTrial

__all__ = ["BaseImportanceEvaluator", "Importance", "shares"]


class Importance(NamedTuple):
    """Say how much a parameter matters, and how sure that is.

    Attributes:
        score: A number ≥ 0.
        error: Its standard error; NaN where it is unknown.
    """

    score: float
    error: float


class BaseImportanceEvaluator(abc.ABC):
    """Rate parameters by how much they matter for the result.

    Derive from it to rate by another rule, and hand the object to
    `steep.importance.get_param_importances`.
    """

    @abc.abstractmethod
    def evaluate(
        self,
        study: Study,
        params: list[str] | None = None,
        *,
        target: Callable[[FrozenTrial], float] | None = None,
    ) -> dict[str, float]:
        """Rate the parameters of a study.

        Args:
            study: The study.
            params: The parameters to rate; None = the evaluator's choice.
            target: Gives the value of a trial that matters; None = the objective value.

        Returns:
            A number ≥ 0 for each parameter, the largest first.
        """

    def evaluate_with_errors(
        self,
        study: Study,
        params: list[str] | None = None,
        *,
        target: Callable[[FrozenTrial], float] | None = None,
        normalize: bool = False,
    ) -> dict[str, Importance]:
        """Rate the parameters as :meth:`evaluate` does, and say how uncertain that is.

        An evaluator that does not override this knows no errors: they are NaN.

        Args:
            study: The study.
            params: The parameters to rate; None = the evaluator's choice.
            target: Gives the value of a trial that matters; None = the objective value.
            normalize: Scale the scores to the sum 1, and give the errors of the shares.

        Returns:
            Score and standard error of each parameter, the largest score first.
        """
        scores = self.evaluate(study, params, target=target)
        scores = shares(scores) if normalize else scores
        return {name: Importance(score, float("nan")) for name, score in scores.items()}


def shares(scores: dict[str, float]) -> dict[str, float]:
    """Scale numbers to the sum 1; all are equal where all are 0.

    Args:
        scores: Numbers ≥ 0 by name.

    Returns:
        Their shares, in the same order.

    >>> shares({"x": 3.0, "y": 1.0}), shares({"x": 0.0, "y": 0.0})
    ({'x': 0.75, 'y': 0.25}, {'x': 0.5, 'y': 0.5})
    """
    total = sum(scores.values())
    if total == 0.0:
        return {name: 1.0 / len(scores) for name in scores}
    return {name: score / total for name, score in scores.items()}
