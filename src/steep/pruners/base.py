"""What every pruner is: one question, asked after a report."""

from __future__ import annotations

import abc
from typing import TYPE_CHECKING

from steep.arguments import RemembersArguments

if TYPE_CHECKING:
    from steep.study import Study
    from steep.trial import FrozenTrial

__all__ = ["BasePruner"]


class BasePruner(RemembersArguments, abc.ABC):
    """Decide whether a running trial should stop early.

    A pruner keeps no state of a study in itself, so that one object serves several studies and
    threads. The built-in ones derive what they need from the columns of ``study.table``.

    Attributes:
        reads_columns: Whether the pruner reads ``study.table`` and of a trial only its number. If
            so, the trial that it gets reads its fields only when one is used.

    Example:
        >>> import steep
        >>> class TooSlow(steep.pruners.BasePruner):
        ...     def prune(self, study, trial):
        ...         return trial.last_step > 2 and trial.intermediate_values[2] > 0.3
        >>> def objective(trial):
        ...     for step in range(10):
        ...         trial.report(1 / (step + 1 + trial.number), step)
        ...         if trial.should_prune():
        ...             raise steep.TrialPruned()
        ...     return 0.0
        >>> study = steep.create_study(pruner=TooSlow())
        >>> study.optimize(objective, n_trials=2)
        >>> [trial.state.name for trial in study.trials]
        ['PRUNED', 'COMPLETE']
    """

    reads_columns = False

    @abc.abstractmethod
    def prune(self, study: Study, trial: FrozenTrial) -> bool:
        """Decide whether a trial should stop now.

        Args:
            study: The study of the trial.
            trial: The running trial with what it has reported so far. A change to it is not seen
                by the study.

        Returns:
            Whether the objective should raise :class:`~steep.exceptions.TrialPruned`.
        """
