"""What an importance evaluator is."""

from __future__ import annotations

import abc
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from steep.study import Study
    from steep.trial import FrozenTrial

__all__ = ["BaseImportanceEvaluator", "shares"]


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
