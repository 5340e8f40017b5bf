"""Give a trial time: prune it only after it has not improved for a while."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING

from steep.pruners.base import BasePruner
from steep.pruners.checks import check_at_least
from steep.states import StudyDirection

if TYPE_CHECKING:
    from steep.study import Study
    from steep.trial import FrozenTrial

__all__ = ["PatientPruner"]


class PatientPruner(BasePruner):
    """Ask another pruner only while a trial has ceased to improve.

    The last ``patience + 1`` reports, by step, are compared with those before them: if their best
    is worse than the best before by more than ``min_delta``, patience is at its end. NaN is left
    out; where one side has nothing else, patience lasts.

    Args:
        wrapped_pruner: Decides once patience is at its end; None means to prune then, which is
            early stopping by the trial's own reports.
        patience: How many reports without improvement to forgive, ≥ 0.
        min_delta: How much worse the late reports may be, ≥ 0, in units of the objective.

    Raises:
        ValueError: If patience or min_delta is negative.

    Example:
        >>> import steep
        >>> study = steep.create_study(pruner=steep.pruners.PatientPruner(None, patience=1))
        >>> trial = study.ask()
        >>> for step, loss in enumerate([3.0, 1.0, 2.0, 1.5]):
        ...     trial.report(loss, step)
        ...     print(trial.should_prune())
        False
        False
        False
        True
    """

    def __init__(
        self, wrapped_pruner: BasePruner | None, patience: int, min_delta: float = 0.0
    ) -> None:
        check_at_least(self, "patience", patience, 0)
        if min_delta < 0:
            raise ValueError(f"PatientPruner(min_delta={min_delta!r}) is negative; give 0 or more.")
        self._wrapped_pruner = wrapped_pruner
        self._patience = patience
        self._min_delta = min_delta

    @property
    def reads_columns(self) -> bool:  # type: ignore[override]  # as the wrapped pruner does
        """Tell whether the wrapped pruner, if any, reads columns."""
        return self._wrapped_pruner is None or self._wrapped_pruner.reads_columns

    def prune(self, study: Study, trial: FrozenTrial) -> bool:
        """Decide whether patience is at its end, and the wrapped pruner agrees.

        Args:
            study: The study of the trial, with one objective.
            trial: The running trial; only its number is read.

        Returns:
            Whether to stop.
        """
        reports = study.live_reports(trial.number)
        n_late = self._patience + 1
        if len(reports) <= n_late:
            return False
        values = [reports[step] for step in sorted(reports)]
        sign = -1.0 if study.table.directions[0] is StudyDirection.MAXIMIZE else 1.0
        before = _best_loss(values[:-n_late], sign)
        late = _best_loss(values[-n_late:], sign)
        # False where one side is NaN.
        if not before + self._min_delta < late:
            return False
        return self._wrapped_pruner is None or self._wrapped_pruner.prune(study, trial)


def _best_loss(values: Iterable[float], sign: float) -> float:
    return min((sign * value for value in values if value == value), default=math.nan)
