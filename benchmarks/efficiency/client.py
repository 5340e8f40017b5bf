"""The side of the tasks: starts the process of a peer and talks with it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from benchmarks.efficiency.peers import peer_named
from benchmarks.efficiency.spaces import Configuration, Space

__all__ = ["HOMES", "Client", "python_of"]

ROOT = Path(__file__).parent.parent.parent
HOMES = Path(os.environ.get("STEEP_PEERS", ROOT / "build" / "peers"))
"""Where the environments of the peers are."""


class Client:
    """Talk with a peer.

    Args:
        peer: Its name.

    Example:
        >>> from benchmarks.efficiency.spaces import Parameter
        >>> with Client("random") as client:
        ...     first = client.start(Space((Parameter("x", "float"),)), seed=0)
        ...     second = client.tell([first["x"] ** 2])
        >>> first != second
        True
    """

    def __init__(self, peer: str) -> None:
        self.peer = peer
        self._process = subprocess.Popen(
            [python_of(peer), "-m", "benchmarks.efficiency.server"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_environment(),
            cwd=ROOT,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.kill()
        self._process.wait()

    def start(
        self, space: Space, seed: int, objectives: int = 1, evaluations: int = 100
    ) -> Configuration:
        """Begin a run, and give its first configuration."""
        return self._talk("start", self.peer, space.to_json(), seed, objectives, evaluations)

    def tell(self, losses: list[float]) -> Configuration:
        """Tell how good the last configuration was, and get the next one."""
        return self._talk("tell", losses)

    def _talk(self, *line: Any) -> Configuration:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(line) + "\n")
        self._process.stdin.flush()
        reply = json.loads(self._process.stdout.readline() or '{"error": "it has ended"}')
        if "error" in reply:
            raise RuntimeError(f"The peer {self.peer} failed:\n{reply['error']}")
        found: Configuration = reply["configuration"]
        return found


def python_of(peer: str) -> str:
    """Give the interpreter that runs a peer.

    Raises:
        FileNotFoundError: If the peer is not installed.
    """
    home = peer_named(peer).home
    if not home:
        return sys.executable
    python = HOMES / home / "bin" / "python"
    if not python.exists():
        raise FileNotFoundError(
            f"{python} does not exist: run `python -m benchmarks.efficiency install {peer}`."
        )
    return str(python)


def _environment() -> dict[str, str]:
    paths = [str(ROOT), str(ROOT / "src")]
    one_thread = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    return {**os.environ, **one_thread, "PYTHONPATH": os.pathsep.join(paths)}
