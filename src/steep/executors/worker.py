"""The side that runs objectives: it gets trials over a connection and sends back how they ended."""

from __future__ import annotations

import os
import sys
import threading
import time
from multiprocessing.connection import Connection
from typing import Any

from steep.exceptions import TrialPruned
from steep.executors.packing import pack, pack_error, unpack
from steep.executors.remote import RemoteTrial
from steep.executors.rendezvous import Ticket

__all__ = ["main", "run_trials"]

# Objectives that this process has got, by their digests: each is shipped once.
_objectives: dict[str, Any] = {}


def run_trials(ticket: Ticket) -> None:
    """Connect, and run trials until there are no more.

    Args:
        ticket: Where to connect.
    """
    connection = ticket.connect()
    try:
        objective = _objective(connection)
        while (job := connection.recv()) is not None:
            _run(connection, objective, *job)
    except (EOFError, ConnectionError):
        pass  # the study has gone
    finally:
        connection.close()


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


def _objective(connection: Connection) -> Any:
    name = connection.recv()
    connection.send(name not in _objectives)
    if name not in _objectives:
        _objectives.clear()
        try:
            _objectives[name] = unpack(connection.recv_bytes())
        except Exception as error:
            _objectives[name] = _Broken(pack_error(error))
    return _objectives[name]


class _Broken:
    """Be an objective that could not be unpacked: each trial raises why."""

    def __init__(self, error: bytes) -> None:
        self._error = error

    def __call__(self, trial: Any) -> Any:
        raise unpack(self._error)


def _run(connection: Connection, objective: Any, number: int, trial_id: int) -> None:
    def ask(name: str, *arguments: Any) -> Any:
        connection.send_bytes(pack((name, arguments)))
        is_good, answer = unpack(connection.recv_bytes())
        if is_good:
            return answer
        raise unpack(answer)

    try:
        ending = pack((True, objective(RemoteTrial(ask, number, trial_id))))
    except TrialPruned as error:
        ending = pack((False, pack_error(error)))
    except (EOFError, ConnectionError):
        raise
    except Exception as error:
        ending = pack((False, pack_error(error)))
    connection.send_bytes(pack((None, ending)))
