"""A TCP proxy that loses connections on purpose, at moments that a test chooses.

A client that loses its connection cannot know whether its request arrived. The proxy makes each
case happen: the request never arrives, it arrives whole but its reply does not, or the reply
breaks off. It knows nothing of the protocol behind it (PostgreSQL, MariaDB, Redis, ...), only who
speaks: what a client sends from its first byte up to the first byte of the answer is one request.

    with Proxy("127.0.0.1", 6379) as proxy:
        client = redis.Redis(host=proxy.host, port=proxy.port)
        proxy.cut(before="request", every=10)                  # requests 10, 20, ... never arrive
        proxy.cut(before="reply", every=10, first=5)           # 5, 15, ... arrive, answers do not
        proxy.cut(before="reply", after_bytes=3, every=10, first=7)  # answers break off
        ...
        proxy.calm()                                           # no more cuts
        with proxy.refusing():                                 # "connection refused"
            ...

Requests are counted in the order in which they come, over all connections: with one client at a
time the same program meets the same cuts on every run. ``matching`` counts only requests that
contain these bytes, for example b"COMMIT" or b"EVALSHA", and so leaves the greeting of a new
connection alone.
"""

from __future__ import annotations

import contextlib
import selectors
import socket
import struct
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, Self

__all__ = ["Proxy"]

_CHUNK = 1 << 16
_PAUSE = 0.02  # seconds after which the acceptor looks whether it is to stop
_RESET = struct.pack("ii", 1, 0)  # SO_LINGER: closing sends RST

Side = Literal["request", "reply"]
How = Literal["close", "reset", "stall"]


@dataclass
class _Rule:
    before: Side
    every: int
    first: int
    after_bytes: int
    matching: bytes
    times: int | None
    how: How
    seen: int = 0
    cuts: int = 0

    def strikes(self) -> bool:
        """Count a request, and tell whether it is one to cut."""
        self.seen += 1
        if self.times is not None and self.cuts >= self.times:
            return False
        is_due = self.seen >= self.first and (self.seen - self.first) % self.every == 0
        self.cuts += is_due
        return is_due


class Proxy:
    """Stand before a server, and cut connections.

    Args:
        host: The host of the server.
        port: The port of the server.
    """

    host = "127.0.0.1"

    def __init__(self, host: str, port: int) -> None:
        self._server = (host, port)
        self._rules: list[_Rule] = []
        self._lock = threading.Lock()
        self._carriers: dict[socket.socket, threading.Thread] = {}
        self._listener: socket.socket | None = None
        self._acceptor: threading.Thread | None = None
        self.port = 0
        self.cuts = 0
        """The connections cut so far by rules."""
        self.connections = 0
        """The connections made so far."""
        self.accept()

    # ---- what a test says ------------------------------------------------------------------------

    def cut(
        self,
        before: Side,
        *,
        every: int = 1,
        first: int | None = None,
        after_bytes: int = 0,
        matching: bytes = b"",
        times: int | None = None,
        how: How = "close",
    ) -> None:
        """Cut connections at some requests from now on, beside the cuts asked for already.

        Args:
            before: "request": the server does not get it whole. "reply": the server has worked
                and answers, but the client does not get the whole answer.
            every: One of how many requests.
            first: The first request to cut, from 1 on; ``every`` if None.
            after_bytes: How much of the request or the answer is let through; always less than
                all of it (of its first 64 kB).
            matching: Only requests that contain this are counted.
            times: After so many cuts there are no more of them.
            how: "close" the connection, "reset" it, or "stall": keep it open in silence, so that
                the client has to notice by its clock.
        """
        start = every if first is None else first
        with self._lock:
            self._rules.append(_Rule(before, every, start, after_bytes, matching, times, how))

    def calm(self) -> None:
        """Make no more cuts."""
        with self._lock:
            self._rules.clear()

    def drop(self) -> None:
        """Close all connections that there are now."""
        for client, thread in list(self._carriers.items()):
            _shut(client)  # which wakes its thread
            thread.join(timeout=5)

    def refuse(self) -> None:
        """Close all connections and refuse new ones, as when the server is down."""
        listener, self._listener = self._listener, None
        if listener is not None and self._acceptor is not None:
            self._acceptor.join()
            _shut(listener)
            listener.close()
        self.drop()

    def accept(self) -> None:
        """Take connections, on the same port as before."""
        if self._listener is None:
            self._listener = socket.create_server((self.host, self.port))
            self.port = self._listener.getsockname()[1]
            self._listener.settimeout(_PAUSE)
            self._acceptor = threading.Thread(target=self._serve, args=[self._listener])
            self._acceptor.start()

    @contextlib.contextmanager
    def refusing(self) -> Iterator[None]:
        """Refuse connections within a ``with`` statement."""
        self.refuse()
        try:
            yield
        finally:
            self.accept()

    def close(self) -> None:
        """Close all connections and end the threads."""
        self.refuse()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    # ---- threads ---------------------------------------------------------------------------------

    def _serve(self, listener: socket.socket) -> None:
        while self._listener is listener:
            with contextlib.suppress(TimeoutError):
                client, _ = listener.accept()
                self.connections += 1
                thread = threading.Thread(target=self._carry, args=[client], daemon=True)
                self._carriers[client] = thread
                thread.start()

    def _carry(self, client: socket.socket) -> None:
        with client, contextlib.suppress(OSError):
            client.setblocking(True)
            with socket.create_connection(self._server) as server:
                for end in (client, server):
                    end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                with contextlib.suppress(OSError):
                    self._converse(client, server)
                _shut(server)
            _shut(client)
        del self._carriers[client]

    def _converse(self, client: socket.socket, server: socket.socket) -> None:
        with selectors.DefaultSelector() as ready:
            for end in (client, server):
                ready.register(end, selectors.EVENT_READ)
            self._pass_on(client, server, ready)

    def _pass_on(
        self, client: socket.socket, server: socket.socket, ready: selectors.BaseSelector
    ) -> None:
        counted: set[int] = set()  # rules that have counted this request
        pending: _Rule | None = None  # the rule that waits for the answer
        while True:
            for key, _ in ready.select():
                end = client if key.fileobj is client else server
                data = end.recv(_CHUNK)
                if not data:
                    return
                if end is client:
                    pending = pending or self._judge(data, counted)
                    rule, other, side = pending, server, "request"
                else:
                    rule, other, side = pending, client, "reply"
                    pending = None
                    counted.clear()
                if rule is not None and rule.before == side:
                    other.sendall(data[: min(rule.after_bytes, len(data) - 1)])
                    _end(client, rule.how)
                    return
                other.sendall(data)

    def _judge(self, data: bytes, counted: set[int]) -> _Rule | None:
        struck = None
        with self._lock:
            for rule in self._rules:
                if id(rule) not in counted and rule.matching in data:
                    counted.add(id(rule))
                    if rule.strikes():
                        struck = struck or rule
            self.cuts += struck is not None
        return struck


def _end(client: socket.socket, how: How) -> None:
    if how == "reset":
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        client.close()
    while how == "stall" and client.recv(_CHUNK):
        pass  # until the client gives up


def _shut(end: socket.socket) -> None:
    # A child that was forked meanwhile has descriptors of its own: close() alone ends nothing.
    with contextlib.suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
