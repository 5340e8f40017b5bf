"""What a run logs of each trial that ends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from steep import logging
from steep.states import TrialState
from steep.study.telling import Outcome
from steep.trial import Trial

if TYPE_CHECKING:
    from steep.study.study import Study

__all__ = ["log"]

_FAIL = TrialState.FAIL  # looking up a member of an enum takes as long as a call
_logger = logging.get_logger(__name__)


def log(
    study: Study,
    trial: Trial,
    outcome: Outcome,
    returned: Any,
    error: BaseException | None,
) -> None:
    """Log the end of a trial: at INFO, and at WARNING if it failed.

    Args:
        study: The study.
        trial: The trial.
        outcome: How it ended.
        returned: What the objective returned.
        error: What it raised, or None.
    """
    if outcome.state == _FAIL:
        reason = outcome.complaint if error is None else repr(error)
        _logger.warning(
            f"Trial {trial.number} failed with parameters: {trial.params} because of the following "
            f"error: {reason}.",
            exc_info=error,
        )
        _logger.warning(f"Trial {trial.number} failed with value {returned!r}.")
    elif _logger.isEnabledFor(logging.INFO):
        if outcome.state == TrialState.PRUNED:
            _logger.info(f"Trial {trial.number} pruned. {error}")
        else:
            _logger.info(_completion(study, trial, outcome.values or []))


def _completion(study: Study, trial: Trial, values: list[float]) -> str:
    names = study.metric_names
    shown: Any = values if names is None else dict(zip(names, values, strict=True))
    if len(values) > 1:
        return f"Trial {trial.number} finished with values: {shown} and parameters: {trial.params}."
    line = (
        f"Trial {trial.number} finished with value: {values[0] if names is None else shown} and "
        f"parameters: {trial.params}."
    )
    best = study.table.best
    if best is None:
        return line
    return f"{line} Best is trial {best} with value: {float(study.table.values[best, 0])}."
