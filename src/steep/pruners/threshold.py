"""Prune what leaves a range: losses that explode, metrics that are out of the question."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from steep.pruners.base import BasePruner
from steep.pruners.checks import check_at_least
from steep.pruners.progress import ProgressBook, is_check_due

if TYPE_CHECKING:
    from steep.study import Study
    from steep.trial import FrozenTrial

__all__ = ["ThresholdPruner"]


class ThresholdPruner(BasePruner):
    """Keep a trial while its latest report lies in ``[lower, upper]``.

    NaN lies in no range: it is pruned.

    Args:
        lower: The smallest value that is kept; None means no limit.
        upper: The largest value that is kept; None means no limit.
        n_warmup_steps: Nothing is pruned at steps below this one.
        interval_steps: The distance of the checks, in steps from ``n_warmup_steps`` on. A check
            for which there is no report waits for the next report.

    Raises:
        TypeError: If both limits are None, or one is no number.
        ValueError: If lower exceeds upper, or another argument is out of its range.

    Example:
        >>> import steep
        >>> study = steep.create_study(pruner=steep.pruners.ThresholdPruner(upper=1.0))
        >>> trial = study.ask()
        >>> trial.report(1.0, step=0)
        >>> trial.should_prune()
        False
        >>> trial.report(1.1, step=1)
        >>> trial.should_prune()
        True
    """

    reads_columns = True

    def __init__(
        self,
        lower: float | None = None,
        upper: float | None = None,
        n_warmup_steps: int = 0,
        interval_steps: int = 1,
    ) -> None:
        if lower is None and upper is None:
            raise TypeError("ThresholdPruner() has no limit; give lower, upper or both.")
        self._lower = -math.inf if lower is None else _to_float("lower", lower)
        self._upper = math.inf if upper is None else _to_float("upper", upper)
        if self._lower > self._upper:
            raise ValueError(
                f"ThresholdPruner(lower={lower!r}, upper={upper!r}) leaves no value; give a lower "
                "that is at most upper."
            )
        check_at_least(self, "n_warmup_steps", n_warmup_steps, 0)
        check_at_least(self, "interval_steps", interval_steps, 1)
        self._n_warmup_steps = n_warmup_steps
        self._interval_steps = interval_steps

    def prune(self, study: Study, trial: FrozenTrial) -> bool:
        """Decide whether the trial's latest report is out of the range.

        Args:
            study: The study of the trial.
            trial: The running trial; only its number is read.

        Returns:
            Whether to stop.
        """
        number = trial.number
        reports = study.live_reports(number)
        if not reports:
            return False
        progress = study.table.memo((ProgressBook,), ProgressBook).of(number, reports)
        if not is_check_due(
            progress.last, progress.previous, self._n_warmup_steps, self._interval_steps
        ):
            return False
        value = reports[progress.last]
        # A limit that is NaN keeps everything, hence no chained comparison.
        return value != value or value < self._lower or value > self._upper


def _to_float(name: str, value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        raise TypeError(
            f"ThresholdPruner({name}={value!r}) got a {type(value).__name__}; give a float."
        ) from None
