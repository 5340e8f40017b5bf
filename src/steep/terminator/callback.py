"""A terminator as a callback of ``study.optimize``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from steep import logging
from steep.terminator.notice import warn_of_optuna
from steep.terminator.terminator import BaseTerminator, Terminator

if TYPE_CHECKING:
    from steep.study import Study
    from steep.trial import FrozenTrial

__all__ = ["TerminatorCallback"]

_logger = logging.get_logger(__name__)


class TerminatorCallback:
    """Ask a terminator after each trial, and stop the study when it says so.

    Args:
        terminator: The terminator; ``Terminator()`` if None.
    """

    def __init__(self, terminator: BaseTerminator | None = None) -> None:
        warn_of_optuna("TerminatorCallback()")
        self._terminator = terminator or Terminator()

    def __call__(self, study: Study, trial: FrozenTrial) -> None:
        """Stop the study if it is time.

        Args:
            study: The study that is being optimized.
            trial: The trial that has finished.
        """
        if self._terminator.should_terminate(study=study):
            _logger.info("The terminator has stopped the study: little is left to be improved.")
            study.stop()
