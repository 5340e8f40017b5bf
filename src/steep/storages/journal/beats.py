"""Heartbeats as small files with a counter.

A reader notes when it saw a counter change, on its own monotonic clock. So neither the clock of
the writer's host nor the times that a file server gives to files matter: a writer is as old as
the time for which somebody has watched its counter stand still.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

from steep.storages.journal.system import failed

__all__ = ["Beats"]

_DIGITS = 20


class Beats:
    """Keep the heartbeats of writers in a folder.

    Args:
        folder: The folder; it is made at the first beat.
    """

    def __init__(self, folder: str) -> None:
        self._folder = Path(folder)
        self._counts: dict[str, int] = {}
        self._seen: dict[str, tuple[bytes, float]] = {}

    def beat(self, writer_id: str) -> None:
        """Record that a writer is alive.

        Args:
            writer_id: The id of the writer.

        Raises:
            StorageInternalError: If that cannot be written.
        """
        self._counts[writer_id] = count = self._counts.get(writer_id, 0) + 1
        try:
            self._folder.mkdir(exist_ok=True)
            self._write(writer_id, b"%0*d\n" % (_DIGITS, count))
        except OSError as error:
            raise failed("Writing a heartbeat to", str(self._folder), error) from error

    def _write(self, writer_id: str, text: bytes) -> None:
        # In place: of one length, so nobody reads half a file, and a full disk does not matter.
        fd = os.open(self._folder / writer_id, os.O_WRONLY | os.O_CREAT, 0o666)
        try:
            os.write(fd, text)
        finally:
            os.close(fd)

    def leave(self, writer_id: str) -> None:
        """Forget a writer.

        Args:
            writer_id: The id of the writer.
        """
        self._counts.pop(writer_id, None)
        try:
            (self._folder / writer_id).unlink(missing_ok=True)
        except OSError as error:
            raise failed("Removing a heartbeat from", str(self._folder), error) from error

    def ages(self) -> dict[str, float]:
        """Give for each writer the seconds for which its counter has been seen to stand still."""
        counters, now = self._read(), time.monotonic()
        before = self._seen
        self._seen = {
            writer_id: (count, now)
            if before.get(writer_id, (None,))[0] != count
            else before[writer_id]
            for writer_id, count in counters.items()
        }
        return {writer_id: now - since for writer_id, (_, since) in self._seen.items()}

    def _read(self) -> dict[str, bytes]:
        counters = {}
        try:
            for path in self._folder.iterdir():
                try:
                    counters[path.name] = path.read_bytes()
                except FileNotFoundError:
                    continue  # it left just now
        except FileNotFoundError:
            return {}  # nobody has ever had a heartbeat
        except OSError as error:
            raise failed("Reading heartbeats in", str(self._folder), error) from error
        return counters
