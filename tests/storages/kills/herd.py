"""Worker processes to be killed, stopped and replaced, cheaply.

    with Herd(folder) as herd:
        worker = herd.start(storage, "study", "run_until_killed")   # a process; it takes 10 ms
        worker.wait_for("A 0")              # until its journal says that it has asked for trial 0
        worker.signal(signal.SIGSTOP)
        worker.kill()

One parent imports everything and holds no storage; each worker is a fork of it that opens the
storage anew. What a worker does is a function of :mod:`storages.kills.work`, by name. It writes
lines into a journal of its own, each with one unbuffered ``write``: what stands there is what its
user knew when it was killed.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import pickle
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

from steep.storages import Storage

__all__ = ["Herd", "Worker", "wait_until"]

_PATIENCE = 120.0  # seconds; the machine may be busy


def wait_until(condition: Callable[[], Any], what: str, seconds: float = _PATIENCE) -> None:
    """Wait until something is so, or fail."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"after {seconds} s still not: {what}"
        time.sleep(0.005)


class Worker:
    """One process.

    Args:
        pid: Its id.
        path: Its journal.
    """

    def __init__(self, pid: int, path: Path) -> None:
        self.pid = pid
        self.path = path
        self.killed_at: float | None = None

    def lines(self) -> list[str]:
        """Give the whole lines of its journal."""
        text = self.path.read_text() if self.path.exists() else ""
        return text.split("\n")[:-1]

    def said(self, mark: str) -> list[list[str]]:
        """Give the words behind a mark, of each line that begins with it."""
        split = [line.split(" ", 2) for line in self.lines()]
        return [words[1:] for words in split if words[0] == mark]

    def wait_for(self, line: str) -> None:
        """Wait until its journal has a line that begins so; fail if it dies first."""

        def is_there() -> bool:
            was_alive = self.is_alive()  # before its journal is read: it may write and end between
            found = any(one.startswith(line) for one in self.lines())
            assert found or was_alive, f"worker ended without {line!r}: {self.lines()}"
            return found

        wait_until(is_there, f"{line!r} in the journal of a worker")

    def is_alive(self) -> bool:
        try:
            return Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
        except OSError:
            return False

    def signal(self, number: int) -> None:
        """Send a signal."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, number)

    def kill(self) -> None:
        """Kill it with SIGKILL."""
        self.signal(signal.SIGKILL)
        self.killed_at = self.killed_at or time.time()

    def wait(self) -> None:
        """Wait until it has done its work."""
        self.wait_for("E")
        wait_until(lambda: not self.is_alive(), "the end of a worker")


class Herd:
    """Start workers.

    Args:
        folder: Where their journals and their complaints go.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.workers: list[Worker] = []

    def start(self, storage: Storage, study_name: str, work: str, **options: Any) -> Worker:
        """Start a worker.

        Args:
            storage: Where the study is. The worker opens it anew.
            study_name: The study.
            work: The name of a function of :mod:`storages.kills.work`.
            options: More arguments of that function.
        """
        path = self.folder / f"journal-{len(self.workers)}"
        pickled = base64.b64encode(pickle.dumps(storage)).decode()
        order = {"path": str(path), "storage": pickled, "study": study_name, "work": work}
        assert self._parent.stdin
        assert self._parent.stdout
        self._parent.stdin.write(json.dumps({**order, "options": options}) + "\n")
        self._parent.stdin.flush()
        worker = Worker(int(self._parent.stdout.readline()), path)
        self.workers.append(worker)
        return worker

    def complaints(self) -> str:
        """Give what the workers have written to stderr."""
        return (self.folder / "stderr").read_text()

    def said(self, mark: str) -> list[list[str]]:
        """Give the words behind a mark in all journals."""
        return [words for worker in self.workers for words in worker.said(mark)]

    def __enter__(self) -> Self:
        self.folder.mkdir(exist_ok=True)
        folders = [str(Path(__file__).parents[2]), *sys.path]
        with (self.folder / "stderr").open("w") as errors:
            self._parent = subprocess.Popen(
                [sys.executable, str(Path(__file__).with_name("work.py"))],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, folders))},
            )
        return self

    def __exit__(self, *exception: object) -> None:
        for worker in self.workers:
            if worker.is_alive():
                worker.kill()
        self._parent.communicate()  # closes its input, and so ends it
