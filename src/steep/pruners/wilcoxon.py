"""Prune what is significantly worse than the best trial, case by case.

Where a trial is scored on many cases (folds, instances, prompts), each report is a case and the
step is its name. Comparing case by case takes out how hard each one is, so a few often suffice.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from steep.pruners.base import BasePruner
from steep.pruners.checks import check_at_least
from steep.pruners.signed_rank import signed_rank_p
from steep.states import StudyDirection

if TYPE_CHECKING:
    from steep.study import Study
    from steep.trial import FrozenTrial

__all__ = ["WilcoxonPruner"]

# Below this many pairs a signed-rank test says nothing.
_MIN_PAIRS = 2


class WilcoxonPruner(BasePruner):
    """Keep a trial unless a signed-rank test finds it worse than the best trial.

    The test of `Wilcoxon (1945) <https://doi.org/10.2307/3001968>`__ is made on the differences
    at the steps that both trials have reported; zeros count half to each side.
    A trial whose mean is at least as good as the best trial's is not pruned, whatever the test
    says. Report each case under a step of its own, in any order, best shuffled.

    Note:
        A trial that is to be pruned may return the mean of its cases so far instead of raising
        :class:`~steep.exceptions.TrialPruned`: samplers then learn its value.

    Args:
        p_threshold: Prune where the p-value is below it, in [0, 1]. The test is repeated at each
            report, so more than this share of equally good trials is pruned.
        n_startup_steps: Nothing is pruned with fewer pairs, ≥ 0; two are needed in any case.

    Raises:
        ValueError: If an argument is out of its range.

    Example:
        >>> import steep
        >>> def objective(trial):
        ...     for case in range(20):
        ...         trial.report(case % 7 + trial.number, step=case)
        ...         if trial.should_prune():
        ...             break
        ...     return trial.number
        >>> study = steep.create_study(pruner=steep.pruners.WilcoxonPruner(p_threshold=0.05))
        >>> study.optimize(objective, n_trials=2)
        >>> len(study.trials[1].intermediate_values)
        5
    """

    reads_columns = True

    def __init__(self, *, p_threshold: float = 0.1, n_startup_steps: int = 2) -> None:
        if not 0.0 <= p_threshold <= 1.0:
            raise ValueError(
                f"WilcoxonPruner(p_threshold={p_threshold!r}) is no probability; give 0 to 1."
            )
        check_at_least(self, "n_startup_steps", n_startup_steps, 0)
        self._p_threshold = p_threshold
        self._n_startup_steps = n_startup_steps

    def prune(self, study: Study, trial: FrozenTrial) -> bool:
        """Decide whether the trial is significantly worse than the best one.

        Args:
            study: The study of the trial, with one objective.
            trial: The running trial; only its number is read.

        Returns:
            Whether to stop. False, with a UserWarning, where a report is infinite or NaN or the
            best trial has none; a UserWarning also where the best trial lacks some of the steps.
        """
        number = trial.number
        reports = study.live_reports(number)
        table = study.table
        if not reports or not _is_finite(f"Trial {number}", reports) or table.best is None:
            return False
        best = table.reports.of(table.best)
        if not best:
            _warn(
                f"the best trial, {table.best}, has no reports, so nothing is pruned; give "
                "intermediate_values where it was added with Study.add_trial."
            )
            return False
        if not _is_finite(f"The best trial, {table.best},", best):
            return False
        sign = -1.0 if table.directions[0] is StudyDirection.MAXIMIZE else 1.0
        return self._is_worse(number, reports, best, sign)

    def _is_worse(
        self, number: int, reports: Mapping[int, float], best: Mapping[int, float], sign: float
    ) -> bool:
        pairs = [sign * (reports[step] - best[step]) for step in reports if step in best]
        if len(pairs) < len(reports):
            _warn(
                f"trial {number} has reported steps that the best trial has not; they are left "
                "out. Report the same steps in every trial."
            )
        if len(pairs) < max(self._n_startup_steps, _MIN_PAIRS):
            return False
        # The means are of all reports. They come first: the test costs more.
        if sign * _mean(reports.values()) <= sign * _mean(best.values()):
            return False
        return signed_rank_p(pairs) < self._p_threshold


def _mean(values: Iterable[float]) -> float:
    values = list(values)
    return sum(values) / len(values)


def _is_finite(whose: str, reports: Mapping[int, float]) -> bool:
    if all(map(math.isfinite, reports.values())):
        return True
    _warn(f"{whose} has reported infinity or NaN, so no trial is compared with it.")
    return False


def _warn(message: str) -> None:
    # The level of the objective that calls Trial.should_prune().
    warnings.warn(f"WilcoxonPruner: {message}", stacklevel=5)
