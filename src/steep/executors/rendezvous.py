"""Where the processes that run trials come to meet the process of the study.

The study listens at one address. Whoever runs a trial connects, proves that it knows the key, and
shows its ticket; so each connection finds the thread that waits for it, whichever machine it comes
from and in whatever order.
"""

from __future__ import annotations

import contextlib
import secrets
import socket
import threading
from collections.abc import Callable, Sequence
from multiprocessing import AuthenticationError
from multiprocessing.connection import (
    Connection,
    Listener,
    answer_challenge,
    deliver_challenge,
)
from typing import NamedTuple

__all__ = ["Rendezvous", "Ticket", "hang_up"]

_TIMEOUT = 20.0  # seconds in which a machine that can be reached answers
_SILENCE = {"TCP_KEEPIDLE": 60, "TCP_KEEPINTVL": 10, "TCP_KEEPCNT": 3}  # s, s, times


class Ticket(NamedTuple):
    """Say where to connect, and as whom.

    Attributes:
        hosts: Names or addresses of the machine of the study, to be tried in this order.
        port: The port where it listens.
        key: The secret of the run.
        name: What the waiting thread waits for.
    """

    hosts: tuple[str, ...]
    port: int
    key: bytes
    name: str

    def connect(self) -> Connection:
        """Connect to the process of the study.

        Raises:
            ConnectionError: If it does not listen any more, or is not to be reached; the message
                says where it was looked for, and what to do.
        """
        failures = []
        for host in self.hosts:
            try:
                connection = _connect(host, self.port, self.key)
                connection.send(self.name)
                return connection
            except (AuthenticationError, EOFError, OSError) as error:
                failures.append(f"{host}:{self.port} ({error!r})")
        raise ConnectionError(
            f"{socket.gethostname()} cannot reach the process of the study at "
            f"{', nor at '.join(failures)}. If the study still runs, give it an address that this "
            "machine can reach, and a port that firewalls let pass: executor="
            "steep.executors.FutureExecutor(executor, host='ADDRESS', port=PORT)."
        )


def _connect(host: str, port: int, key: bytes) -> Connection:
    with socket.create_connection((host, port), _TIMEOUT) as connected:
        connected.settimeout(None)
        _notice_silence(connected)
        connection = Connection(connected.detach())
    if not connection.poll(_TIMEOUT):  # somebody else, who does not say anything
        connection.close()
        raise TimeoutError("no answer")
    answer_challenge(connection, key)
    deliver_challenge(connection, key)
    return connection


def _notice_silence(connected: socket.socket) -> None:
    """Let the system ask now and then whether the other machine is still there."""
    connected.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in _SILENCE.items():
        if hasattr(socket, name):
            connected.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)


def hang_up(connection: Connection) -> None:
    """End a connection that another thread may be waiting at: closing it would not wake it.

    Args:
        connection: The connection.
    """
    with contextlib.suppress(OSError), _socket_of(connection) as connected:
        connected.shutdown(socket.SHUT_RDWR)


def _socket_of(connection: Connection) -> socket.socket:
    return socket.fromfd(connection.fileno(), socket.AF_INET, socket.SOCK_STREAM)


class Rendezvous:
    """Listen for those who run trials.

    Args:
        hosts: Names under which they may reach this machine; "127.0.0.1" for this machine only.
        port: The port; 0 for any that is free.

    Raises:
        OSError: If the port cannot be had.
    """

    def __init__(self, hosts: Sequence[str] = ("127.0.0.1",), port: int = 0) -> None:
        is_local = {"127.0.0.1", "localhost"}.issuperset(hosts)
        # The key is checked after accepting, in a thread of its own: a silent guest keeps nobody
        # waiting.
        self._listener = Listener(("127.0.0.1" if is_local else "", port), backlog=128)
        self._hosts = tuple(hosts)
        self._key = secrets.token_bytes(32)
        self._arrived: dict[str, Connection | None] = {}
        self._changed = threading.Condition()
        self._is_open = True
        threading.Thread(target=self._accept, name="steep-rendezvous", daemon=True).start()

    def ticket(self) -> Ticket:
        """Make a ticket for one who is to come."""
        name = secrets.token_hex(8)
        with self._changed:
            self._arrived[name] = None
        return Ticket(self._hosts, self._listener.address[1], self._key, name)

    def wait(self, ticket: Ticket, is_hopeless: Callable[[], bool]) -> Connection | None:
        """Wait for the owner of a ticket.

        Args:
            ticket: The ticket.
            is_hopeless: Whether nobody will come any more; asked now and then.

        Returns:
            The connection, or None where nobody comes.
        """
        with self._changed:
            while self._is_open:
                connection = self._arrived[ticket.name]
                if connection is not None or is_hopeless():
                    break
                self._changed.wait(0.05)
            return self._arrived.pop(ticket.name)

    def close(self) -> None:
        """Listen no more."""
        with self._changed:
            self._is_open = False
            self._changed.notify_all()
        with contextlib.suppress(OSError):
            # accept() does not notice that its socket is closed, but a guest.
            socket.create_connection(("127.0.0.1", self._listener.address[1]), timeout=1).close()
        self._listener.close()

    def _accept(self) -> None:
        while self._is_open:
            try:
                connection = self._listener.accept()
            except OSError:
                continue  # a guest who left at once, or the end
            threading.Thread(target=self._welcome, args=(connection,), daemon=True).start()

    def _welcome(self, connection: Connection) -> None:
        try:
            with _socket_of(connection) as connected:
                _notice_silence(connected)
            deliver_challenge(connection, self._key)
            answer_challenge(connection, self._key)
            name = connection.recv()
        except (AuthenticationError, EOFError, OSError):
            connection.close()
            return
        with self._changed:
            if name not in self._arrived:
                connection.close()  # nobody waits for it any more
                return
            self._arrived[name] = connection
            self._changed.notify_all()
