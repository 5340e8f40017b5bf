"""Callbacks for :meth:`steep.study.Study.optimize`."""

from __future__ import annotations

from collections.abc import Container
from typing import TYPE_CHECKING

from steep.states import TrialState

if TYPE_CHECKING:
    from steep.study.study import Study
    from steep.trial import FrozenTrial

__all__ = ["MaxTrialsCallback"]


class MaxTrialsCallback:
    """Stop a study when it has a given number of trials, whoever ran them.

    Unlike ``n_trials``, which counts the trials of one call, it counts those of the study.

    Args:
        n_trials: The number of trials.
        states: The states that count; None for all.

    Example:
        >>> import steep
        >>> study = steep.create_study()
        >>> study.optimize(lambda trial: 1.0, callbacks=[MaxTrialsCallback(3)])
        >>> len(study.trials)
        3
    """

    def __init__(
        self, n_trials: int, states: Container[TrialState] | None = (TrialState.COMPLETE,)
    ) -> None:
        self._n_trials = n_trials
        self._states = states

    def __call__(self, study: Study, trial: FrozenTrial) -> None:
        """Stop the study if it has enough trials.

        Args:
            study: The study.
            trial: The trial that has just finished.
        """
        table = study.table
        states = [s for s in TrialState if self._states is None or s in self._states]
        if sum(table.n_in(state) for state in states) >= self._n_trials:
            study.stop()
