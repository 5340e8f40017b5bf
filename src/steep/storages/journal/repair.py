"""What to do about a log that is damaged in the middle: keep what comes before."""

from __future__ import annotations

import os

from steep.storages.journal.file import FileBackend

__all__ = ["repair"]


def repair(path: str | os.PathLike[str]) -> int:
    """Cut a damaged log off before its first damaged record, and keep the rest in ``PATH.torn``.

    Later records mean nothing without the damaged one: trials are numbered by the records before.
    No other process may use the log.

    Args:
        path: The file.

    Returns:
        The number of bytes that were moved; 0 if the log is whole.

    Raises:
        ValueError: If the file is no log.
    """
    return _Repairer(path).repair()


class _Repairer(FileBackend):
    def repair(self) -> int:
        try:
            self._enter()
            fd = self._open_to_write()
            tail = self._take_in(fd, self.system.size(fd))
            if tail:
                self._cut(fd, tail)
                self.system.sync(fd)
        finally:
            self._leave()
            self.close()
        return len(tail)
