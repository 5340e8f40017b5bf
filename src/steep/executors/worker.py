"""The side that runs objectives: it gets trials over a connection and sends back how they ended."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import time
from collections import OrderedDict
from collections.abc import Iterator
from multiprocessing.connection import Connection
from typing import Any

from steep.executors.packing import pack, pack_error, unpack
from steep.executors.remote import RemoteTrial
from steep.executors.rendezvous import Ticket

__all__ = ["main", "run_trials"]

_KEPT = 4  # objectives


def run_trials(ticket: Ticket) -> None:
    """Connect, and run trials until there are no more.

    Args:
        ticket: Where to connect.

    Raises:
        ConnectionError: If the process of the study cannot be reached.
    """
    connection = ticket.connect()
    with contextlib.suppress(_Gone), connection:
        objective = _received_objective(connection)
        while objective is not None:
            with _heard():
                job = connection.recv()
            if job is None:
                break
            _run(connection, objective, *job)


def main() -> None:
    """Run the trials of a ticket that comes on standard input; the body of a child process."""
    ticket, parent = unpack(sys.stdin.buffer.read())
    threading.Thread(target=_leave_with, args=(parent,), daemon=True).start()
    run_trials(ticket)


def _leave_with(parent: int) -> None:
    """End this process when its parent has died, in the middle of an objective too."""
    while os.getppid() == parent:
        time.sleep(1.0)
    os._exit(1)


class _Gone(BaseException):
    """Unwind an objective whose study is there no more. No ``except Exception`` catches it."""


@contextlib.contextmanager
def _heard() -> Iterator[None]:
    """Tell errors of the connection from those that objectives raise themselves."""
    try:
        yield
    except (EOFError, OSError):
        raise _Gone from None


class _Objectives:
    """Keep the objectives that came last, by their digests: each is shipped to a process once.

    Several runs may use the process at the same time, in threads.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._kept: OrderedDict[str, Any] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, name: str) -> Any:
        """Give the objective of that digest, or None."""
        with self._lock:
            if name in self._kept:
                self._kept.move_to_end(name)
            return self._kept.get(name)

    def keep(self, name: str, objective: Any) -> None:
        """Keep one, and let go of the one that was not used for the longest time."""
        with self._lock:
            self._kept[name] = objective
            if len(self._kept) > self._size:
                self._kept.popitem(last=False)


_objectives = _Objectives(_KEPT)


def _received_objective(connection: Connection) -> Any:
    """Give the objective of a run; None, after telling why, where it cannot be loaded."""
    with _heard():
        name = connection.recv()
        objective = _objectives.get(name)
        connection.send(objective is None)
        packed = connection.recv_bytes() if objective is None else b""
    problem = None
    if objective is None:
        try:
            objective = unpack(packed)
            _objectives.keep(name, objective)
        except Exception as error:
            problem = pack_error(error)
    with _heard():
        connection.send(problem)
    return objective


def _run(connection: Connection, objective: Any, number: int, trial_id: int) -> None:
    turn = threading.Lock()  # an objective may report from threads of its own

    def ask(name: str, *arguments: Any) -> Any:
        call = pack((name, pack(arguments)))
        with turn, _heard():
            connection.send_bytes(call)
            received = connection.recv_bytes()
        is_good, answer = unpack(received)
        if is_good:
            return answer
        raise unpack(answer)

    try:
        ending = pack((True, objective(RemoteTrial(ask, number, trial_id))))
    except Exception as error:
        ending = pack((False, pack_error(error)))
    with _heard():
        connection.send_bytes(pack((None, ending)))
