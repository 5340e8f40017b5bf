"""Append events to a study from a process of its own, and say which were acknowledged.

    with Appender(url, study_id, "left") as left, Appender(url, study_id, "right") as right:
        left.wait_for(30)
        ...
    left.acknowledged    # [(number, position), ...], complete when the block has ended

Event number ``i`` of the appender "left" sets the attribute "left" of the study to ``i``.
"""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Sequence
from typing import Any, Self

from steep.events import Event, SetStudyAttr
from steep.storages.backend import Backend, Effect
from steep.storages.writer import Writer

__all__ = ["Appender", "Blind", "backend_of", "check_nothing_lost"]


class Blind:
    """Follow a log without folding it: no event of a study's attributes changes a trial."""

    def __init__(self) -> None:
        self.position = 0

    def follow(self, events: Iterable[Event]) -> None:
        self.position += sum(1 for _ in events)

    def effects_of(self, events: Sequence[Event]) -> list[Effect]:
        return [Effect(None, None) for _ in events]


def backend_of(url: str, **options: Any) -> Backend:
    """Give the backend for the URL of a server.

    Args:
        url: The URL.
        options: What its constructor takes besides.
    """
    if url.startswith("redis"):
        from steep.storages.redis import RedisBackend

        return RedisBackend(url, **options)
    from steep.storages.sql import SqlBackend

    return SqlBackend(url, **options)


class Appender:
    """A process that appends until the ``with`` block ends.

    Args:
        url: The server.
        study_id: The study.
        label: The attribute to set.
        prefix: What the keys in Redis begin with, or "".
        limit: The number of events, or None for no end.
    """

    def __init__(
        self, url: str, study_id: int, label: str, prefix: str = "", limit: int | None = None
    ) -> None:
        self._command = [sys.executable, "-P", __file__, url, str(study_id), label, prefix]
        self._command.append("" if limit is None else str(limit))
        self.label = label
        self.acknowledged: list[tuple[int, int]] = []

    def wait_for(self, count: int, seconds: float = 60.0) -> None:
        """Wait until so many more events have been acknowledged."""
        goal, deadline = len(self.acknowledged) + count, time.monotonic() + seconds
        while len(self.acknowledged) < goal:
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(f"{self.label} stopped at {len(self.acknowledged)} of {goal}")
            time.sleep(0.002)

    def __enter__(self) -> Self:
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        self._process = subprocess.Popen(self._command, text=True, **pipes)
        self._reader = threading.Thread(target=self._read)
        self._reader.start()
        return self

    def __exit__(self, *exception: object) -> None:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.close()  # which tells it to stop
        self._reader.join()
        self._process.stdout.close()
        code = self._process.wait()
        if exception[0] is None:
            assert code == 0, f"{self.label} ended with {code}"

    def _read(self) -> None:
        assert self._process.stdout
        for line in self._process.stdout:
            number, position = line.split()
            self.acknowledged.append((int(number), int(position)))


def check_nothing_lost(events: Sequence[Event], appenders: Sequence[Appender]) -> None:
    """Check that each acknowledged event stands once in a log, at its position.

    Args:
        events: The whole log.
        appenders: Who appended to it.
    """
    for appender in appenders:
        found = [
            (event.value, position)
            for position, event in enumerate(events, 1)
            if isinstance(event, SetStudyAttr) and event.key == appender.label
        ]
        assert found == appender.acknowledged
    assert len(events) == 1 + sum(len(appender.acknowledged) for appender in appenders)


def _main(url: str, study_id: str, label: str, prefix: str, limit: str) -> None:
    stop = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), stop.set()), daemon=True).start()
    backend = backend_of(url, **({"prefix": prefix} if prefix else {}))
    writer, table, number = Writer(), Blind(), 0
    while not stop.is_set() and (not limit or number < int(limit)):
        number += 1
        event = SetStudyAttr(label, number)
        position = backend.append(int(study_id), [event], writer, table)
        if position == table.position + 1:
            table.position = position
        else:
            table.follow(backend.read(int(study_id), table.position))
        print(number, position, flush=True)
    backend.close()


if __name__ == "__main__":
    _main(*sys.argv[1:])
