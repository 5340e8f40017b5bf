"""Evaluate trials fold by fold: the objective of a search by cross-validation."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from steep.distributions import BaseDistribution, without_deprecated
from steep.exceptions import TrialPruned
from steep.integrations.folds import Out, Row, score_of
from steep.terminator.erroreval import keep_scores
from steep.trial import Trial

__all__ = ["Search", "Space"]

Space = Mapping[str, BaseDistribution] | Callable[[Trial], dict[str, Any]]


@dataclass
class Search:
    """Evaluate trials, and keep what was measured.

    Attributes:
        evaluate: Takes parameters and numbers of folds, and gives what was measured on each.
        space: The distributions by name, or a function from a trial to parameters.
        metrics: The names of the metrics to maximize; None for the only one.
        n_folds: How many folds there are.
        width: How many folds are evaluated at once.
        prunes: Whether hopeless trials are pruned.
        error_score: The score of a fold whose fit fails, or "raise".
        rows: What was measured, trial by trial.
        failures: Why fits failed, in the words of scikit-learn.

    Example:
        >>> import steep
        >>> search = Search(
        ...     lambda params, folds: [{"test_scores": -params["x"] ** 2} for _ in folds],
        ...     {"x": steep.distributions.FloatDistribution(-1, 1)},
        ...     metrics=[None], n_folds=3, width=1, prunes=False, error_score="raise",
        ... )
        >>> study = steep.create_study(direction="maximize")
        >>> study.optimize(search.objective, n_trials=2)
        >>> [len(row.outs) for row in search.rows]
        [3, 3]
    """

    evaluate: Callable[[dict[str, Any], range], list[Out]]
    space: Space
    metrics: list[str | None]
    n_folds: int
    width: int
    prunes: bool
    error_score: float | str
    rows: list[Row] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    def objective(self, trial: Trial) -> list[float]:
        """Evaluate a trial.

        Args:
            trial: The trial.

        Returns:
            The mean of each metric over the folds; NaN where a fold failed.

        Raises:
            TrialPruned: If the pruner says that the trial is hopeless.
        """
        row = Row(trial.number, self._params_of(trial), [])
        self.rows.append(row)
        means: list[float] = []
        for first in range(0, self.n_folds, self.width):
            due = range(first, min(first + self.width, self.n_folds))
            newest = self._measure(row.params, due)
            row.outs.extend(newest)
            self.failures += [out["fit_error"] for out in newest if out.get("fit_error")]
            scores = np.array([[score_of(out, m) for m in self.metrics] for out in row.outs])
            means = scores.mean(axis=0).tolist()
            if any(math.isnan(mean) for mean in means):
                break  # the other folds cannot mend it
            if len(means) == 1:
                self._report(trial, scores[:, 0], due)
        if len(means) == 1 and len(row.outs) == self.n_folds > 1:
            keep_scores(trial, scores[:, 0].tolist())  # a terminator may ask how exact the mean is
        return means

    def _report(self, trial: Trial, scores: np.ndarray[Any, Any], due: range) -> None:
        for fold in due:
            trial.report(float(scores[: fold + 1].mean()), step=fold)
        if self.prunes and due.stop < self.n_folds and trial.should_prune():
            raise TrialPruned(f"Trial {trial.number} was pruned after fold {due.stop - 1}.")

    def _params_of(self, trial: Trial) -> dict[str, Any]:
        if callable(self.space):
            return self.space(trial)
        return {name: trial._suggest(name, without_deprecated(d)) for name, d in self.space.items()}

    def _measure(self, params: dict[str, Any], due: range) -> list[Out]:
        try:
            return self.evaluate(params, due)
        except ValueError as error:
            # Where each fit of a call fails scikit-learn gives up; other trials may do better.
            if self.error_score == "raise" or "fits failed" not in str(error):
                raise
            self.failures.append(str(error))
            return [{"test_scores": self.error_score}] * len(due)
