"""A pruner for those who want none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from steep.pruners.base import BasePruner

if TYPE_CHECKING:
    from steep.study import Study
    from steep.trial import FrozenTrial

__all__ = ["NopPruner"]


class NopPruner(BasePruner):
    """Let every trial run to its end.

    Example:
        >>> import steep
        >>> study = steep.create_study(pruner=steep.pruners.NopPruner())
        >>> trial = study.ask()
        >>> trial.report(float("inf"), step=0)
        >>> trial.should_prune()
        False
    """

    reads_columns = True

    def prune(self, study: Study, trial: FrozenTrial) -> bool:
        """Answer no.

        Args:
            study: The study of the trial.
            trial: The running trial.

        Returns:
            False.
        """
        return False
