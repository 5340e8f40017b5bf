"""The states of a trial and the directions of a study.

Both are integers, so that a table can keep them in a column of bytes.
"""

from __future__ import annotations

import enum

__all__ = ["StudyDirection", "TrialState"]


class TrialState(enum.IntEnum):
    """Name where a trial stands.

    ``RUNNING`` and ``WAITING`` (enqueued, not yet taken) are open; ``COMPLETE``, ``PRUNED`` and
    ``FAIL`` are final.

    Example:
        >>> TrialState.PRUNED.is_finished(), TrialState.WAITING.is_finished()
        (True, False)
    """

    RUNNING = 0
    COMPLETE = 1
    PRUNED = 2
    FAIL = 3
    WAITING = 4

    def __repr__(self) -> str:
        return f"<TrialState.{self.name}: {self.value}>"

    def __str__(self) -> str:
        return f"TrialState.{self.name}"

    def is_finished(self) -> bool:
        """Tell whether the state is final.

        Returns:
            True for ``COMPLETE``, ``PRUNED`` and ``FAIL``.
        """
        return self not in (TrialState.RUNNING, TrialState.WAITING)


class StudyDirection(enum.IntEnum):
    """Name whether an objective is to become small or large."""

    NOT_SET = 0
    MINIMIZE = 1
    MAXIMIZE = 2
