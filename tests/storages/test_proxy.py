"""The proxy itself, before a server that answers each line with its length in words."""

from __future__ import annotations

import socket
import socketserver
import threading
from collections.abc import Iterator

import pytest
from storages.proxy import Proxy


class Echo(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        for line in self.rfile:
            self.server.lines.append(line)  # type: ignore[attr-defined]
            self.wfile.write(b"echo " + line)


@pytest.fixture
def server() -> Iterator[socketserver.ThreadingTCPServer]:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Echo) as server:
        server.daemon_threads = True
        server.lines = []  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def proxy(server: socketserver.ThreadingTCPServer) -> Iterator[Proxy]:
    with Proxy(*server.server_address) as proxy:
        yield proxy


def ask(proxy: Proxy, *lines: bytes) -> list[bytes]:
    """Send lines over one connection until it is cut; give what came back."""
    answers = []
    with socket.create_connection((proxy.host, proxy.port), timeout=5) as client:
        for line in lines:
            client.sendall(line)
            answer = b""
            while not answer.endswith(b"\n"):
                piece = client.recv(1000)
                answer += piece
                if not piece:
                    return [*answers, answer]
            answers.append(answer)
    return answers


def test_without_rules_everything_passes(proxy, server):
    assert ask(proxy, b"a\n", b"b\n") == [b"echo a\n", b"echo b\n"]
    assert (proxy.connections, proxy.cuts) == (1, 0)


def test_a_cut_before_the_request_keeps_it_from_the_server(proxy, server):
    proxy.cut(before="request", every=3)
    assert ask(proxy, b"a\n", b"b\n", b"c\n", b"d\n") == [b"echo a\n", b"echo b\n", b""]
    assert server.lines == [b"a\n", b"b\n"]
    assert proxy.cuts == 1


def test_a_cut_before_the_reply_lets_the_server_work(proxy, server):
    proxy.cut(before="reply", every=2)
    assert ask(proxy, b"a\n", b"b\n", b"c\n") == [b"echo a\n", b""]
    assert server.lines == [b"a\n", b"b\n"]


def test_a_reply_breaks_off_after_some_bytes_and_never_passes_whole(proxy, server):
    proxy.cut(before="reply", after_bytes=2, times=1)
    assert ask(proxy, b"a\n") == [b"ec"]
    proxy.cut(before="reply", after_bytes=1000)
    assert ask(proxy, b"a\n") == [b"echo a"]


def test_a_request_breaks_off_after_some_bytes(proxy, server):
    proxy.cut(before="request", after_bytes=3)
    assert ask(proxy, b"word\n") == [b""]
    assert b"word\n" not in server.lines


def test_requests_are_counted_over_all_connections_and_only_matching_ones(proxy, server):
    proxy.cut(before="request", every=2, matching=b"COMMIT")
    assert ask(proxy, b"BEGIN\n", b"COMMIT\n", b"BEGIN\n") == [
        b"echo BEGIN\n",
        b"echo COMMIT\n",
        b"echo BEGIN\n",
    ]
    assert ask(proxy, b"BEGIN\n", b"COMMIT\n", b"BEGIN\n") == [b"echo BEGIN\n", b""]
    assert ask(proxy, b"COMMIT\n") == [b"echo COMMIT\n"]


def test_rules_count_side_by_side(proxy, server):
    proxy.cut(before="request", every=4, first=1)
    proxy.cut(before="reply", every=4, first=3)
    answers = [ask(proxy, b"%d\n" % number)[0] for number in range(1, 9)]
    assert answers == [b"", b"echo 2\n", b"", b"echo 4\n", b"", b"echo 6\n", b"", b"echo 8\n"]
    assert [int(line) for line in server.lines] == [2, 3, 4, 6, 7, 8]


def test_a_request_in_pieces_is_one_request(proxy, server):
    proxy.cut(before="reply", every=2)
    with socket.create_connection((proxy.host, proxy.port), timeout=5) as client:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for piece in (b"one ", b"two ", b"three\n"):
            client.sendall(piece)
        assert client.recv(100) == b"echo one two three\n"
    assert proxy.cuts == 0


def test_after_so_many_times_or_calm_there_are_no_more_cuts(proxy, server):
    proxy.cut(before="request", times=1)
    assert [ask(proxy, b"a\n"), ask(proxy, b"b\n")] == [[b""], [b"echo b\n"]]
    proxy.cut(before="request")
    proxy.calm()
    assert ask(proxy, b"c\n") == [b"echo c\n"]


def test_a_reset_and_a_stall_are_what_they_say(proxy, server):
    proxy.cut(before="reply", times=1, how="reset")
    with pytest.raises(ConnectionResetError):
        ask(proxy, b"a\n")
    proxy.cut(before="reply", times=1, how="stall")
    with socket.create_connection((proxy.host, proxy.port), timeout=0.1) as client:
        client.sendall(b"b\n")
        with pytest.raises(TimeoutError):
            client.recv(100)
    assert server.lines == [b"a\n", b"b\n"]


def test_it_refuses_connections_for_a_while(proxy, server):
    with socket.create_connection((proxy.host, proxy.port), timeout=5) as client:
        client.sendall(b"a\n")
        assert client.recv(100) == b"echo a\n"
        with proxy.refusing():
            assert client.recv(100) == b""
            with pytest.raises(ConnectionRefusedError):
                ask(proxy, b"b\n")
    assert ask(proxy, b"c\n") == [b"echo c\n"]


def test_a_server_that_is_down_closes_the_connection():
    with socket.create_server(("127.0.0.1", 0)) as gone:
        address = gone.getsockname()
    with Proxy(*address) as proxy, socket.create_connection((proxy.host, proxy.port)) as client:
        assert client.recv(100) == b""
