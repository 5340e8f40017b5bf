"""The side of the study: a thread accompanies a trial that runs elsewhere and answers its calls."""

from __future__ import annotations

import time
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, Any

from steep.exceptions import ExecutorError, TrialLost, TrialTimeout
from steep.executors.packing import digest, pack, pack_error, unpack
from steep.executors.remote import CALLS, PROPERTIES

if TYPE_CHECKING:
    from steep.trial import Trial

__all__ = ["accompany", "greet"]


def greet(connection: Connection, objective: bytes) -> None:
    """Give an objective to one who has come to run trials.

    Args:
        connection: The connection.
        objective: The packed objective; sent where the other side does not have it.

    Raises:
        TrialLost: If the other side has died.
        ExecutorError: If it cannot load the objective; the cause is what it raised.
    """
    try:
        connection.send(digest(objective))
        if connection.recv():
            connection.send_bytes(objective)
        problem = connection.recv()
    except (EOFError, OSError):
        raise _lost("before it began") from None
    if problem is not None:
        error = unpack(problem)
        raise ExecutorError(
            f"The objective cannot be loaded in the process that is to run it: {error!r}. What it "
            "imports must be installed there too, and be found by the same names."
        ) from error


def accompany(connection: Connection, trial: Trial, timeout: float | None = None) -> Any:
    """Let a trial run elsewhere.

    Args:
        connection: The connection to the process that runs it.
        trial: The trial.
        timeout: How many seconds it may take; None for any.

    Returns:
        What the objective returned.

    Raises:
        TrialLost: If the process has died.
        TrialTimeout: If the time is over. The process goes on: kill it.
        Exception: What the objective raised.
    """
    deadline = None if timeout is None else time.monotonic() + timeout
    try:
        connection.send((trial.number, trial._trial_id))
        while True:
            if deadline is not None:
                _wait(connection, deadline, timeout)
            name, content = unpack(connection.recv_bytes())
            if name is None:
                break
            connection.send_bytes(_answer(trial, name, content))
    except (EOFError, OSError):
        raise _lost(f"while it ran trial {trial.number}") from None
    is_good, result = unpack(content)
    if is_good:
        return result
    raise unpack(result)


def _wait(connection: Connection, deadline: float, timeout: float | None) -> None:
    if not connection.poll(max(deadline - time.monotonic(), 0.0)):
        raise TrialTimeout(f"The trial took longer than trial_timeout={timeout} seconds.")


def _answer(trial: Trial, name: str, arguments: bytes) -> bytes:
    """Do what the objective asks for; whatever this raises belongs to the objective."""
    try:
        if name in PROPERTIES:
            answer = getattr(trial, name)
        elif name in CALLS:
            answer = getattr(trial, name)(*unpack(arguments))
        else:
            raise AttributeError(f"A trial that runs elsewhere has no {name!r}.")
        return pack((True, answer))
    except Exception as error:
        return pack((False, pack_error(error)))


def _lost(when: str) -> TrialLost:
    return TrialLost(f"The process of the objective died {when}.")
