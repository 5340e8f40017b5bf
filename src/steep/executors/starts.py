"""Tell a worker that was lost as it started from workers that can never start."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from steep.exceptions import ExecutorError, TrialLost

__all__ = ["Starts"]

_MOST_IN_A_ROW = 5


class Starts:
    """Watch how workers start: a few may be killed meanwhile, but not one after the other.

    Attributes:
        any_good: Whether one has started.
        is_over: Whether workers are being killed on purpose, which says nothing about starting.

    Example:
        >>> starts = Starts()
        >>> with starts.one():
        ...     pass  # start a worker
        >>> starts.any_good
        True
    """

    def __init__(self) -> None:
        self.any_good = False
        self.is_over = False
        self._lost_in_a_row = 0

    @contextlib.contextmanager
    def one(self) -> Iterator[None]:
        """Watch one start.

        Raises:
            TrialLost: If the worker was lost.
            ExecutorError: If so were those before it.
        """
        try:
            yield
        except TrialLost as error:
            self._lost_in_a_row += 1
            if self.is_over or self._lost_in_a_row < _MOST_IN_A_ROW:
                raise
            raise ExecutorError(
                f"{_MOST_IN_A_ROW} workers in a row were lost before they began, so the run ends. "
                f"The last one: {error}"
            ) from error
        self.any_good = True
        self._lost_in_a_row = 0
