"""What an executor is: it makes a function that runs an objective elsewhere."""

from __future__ import annotations

import abc
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from steep.trial import Trial

__all__ = ["Executor", "ObjectiveFunc", "Submits"]

ObjectiveFunc = Callable[["Trial"], Any]


class Submits(Protocol):
    """Be an executor in the sense of ``concurrent.futures``."""

    def submit(self, function: Callable[..., Any], /, *arguments: Any) -> Any:
        """Run a function elsewhere, and return its future."""


class Executor(abc.ABC):
    """Run objectives elsewhere.

    :meth:`~steep.study.Study.optimize` opens an executor once a run, and calls what it gets from
    as many threads as there are workers.
    """

    @abc.abstractmethod
    def n_workers(self) -> int:
        """Give how many trials can run at once, ≥ 1."""

    @abc.abstractmethod
    def open(self, func: ObjectiveFunc, n_workers: int) -> AbstractContextManager[ObjectiveFunc]:
        """Begin a run.

        Args:
            func: The objective.
            n_workers: How many trials will run at once.

        Returns:
            A context that gives a function like the objective, which may be called from many
            threads. It returns what the objective returned and raises what it raised, or
            :class:`~steep.exceptions.TrialLost`. Leaving the context frees what the run used.
        """

    @abc.abstractmethod
    def kill(self) -> None:
        """Let the trials that run now end at once, as lost."""
