"""Importance: which parameters decide the result.

Example:
    >>> import steep
    >>> def objective(trial):
    ...     return trial.suggest_float("large", 0, 10) + trial.suggest_float("small", 0, 0.1)
    >>> study = steep.create_study(sampler=steep.samplers.RandomSampler(seed=1))
    >>> study.optimize(objective, n_trials=100)
    >>> list(steep.importance.get_param_importances(study))
    ['large', 'small']

Each evaluator also tells how sure it is (``evaluate_with_errors``), and `FanovaImportanceEvaluator`
which parameters matter together (``interactions``).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from steep.importance.base import BaseImportanceEvaluator, Importance, shares
from steep.importance.fanova import FanovaImportanceEvaluator
from steep.importance.mean_decrease_impurity import MeanDecreaseImpurityImportanceEvaluator
from steep.importance.ped_anova import PedAnovaImportanceEvaluator

if TYPE_CHECKING:
    from steep.study import Study
    from steep.trial import FrozenTrial

__all__ = [
    "BaseImportanceEvaluator",
    "FanovaImportanceEvaluator",
    "Importance",
    "MeanDecreaseImpurityImportanceEvaluator",
    "PedAnovaImportanceEvaluator",
    "get_param_importances",
]


def get_param_importances(
    study: Study,
    *,
    evaluator: BaseImportanceEvaluator | None = None,
    params: list[str] | None = None,
    target: Callable[[FrozenTrial], float] | None = None,
    normalize: bool = True,
) -> dict[str, float]:
    """Rate how much each parameter matters, from the complete trials of a study.

    Args:
        study: The study.
        evaluator: The rule; None = `PedAnovaImportanceEvaluator`, which also rates parameters
            that only some trials have.
        params: The parameters to rate; None = all that the evaluator can rate, ``[]`` = none.
        target: Gives the value of a trial that matters, e.g. ``lambda trial: trial.values[0]``;
            None = the objective value, with several objectives the Pareto rank.
        normalize: Scale the numbers to the sum 1. False gives the evaluator's own numbers.

    Returns:
        A number in [0, 1] for each parameter, the largest first. All are equal where nothing can
        be told.

    Raises:
        ValueError: if no complete trial has one of ``params``.
        TypeError: if ``evaluator`` is not an evaluator or ``params`` not a list of names.

    Example:
        >>> import steep
        >>> study = steep.create_study(sampler=steep.samplers.RandomSampler(seed=0))
        >>> study.optimize(lambda trial: trial.suggest_float("x", 0, 1), n_trials=20)
        >>> get_param_importances(study)
        {'x': 1.0}
    """
    rule = PedAnovaImportanceEvaluator() if evaluator is None else evaluator
    if not isinstance(rule, BaseImportanceEvaluator):
        raise TypeError(
            f"get_param_importances(evaluator={evaluator!r}): give an object of a class that "
            "derives from BaseImportanceEvaluator, e.g. PedAnovaImportanceEvaluator()."
        )
    scores = rule.evaluate(study, params=params, target=target)
    return shares(scores) if normalize else scores
