"""A journal in one file on a disk of this machine."""

from __future__ import annotations

import contextlib
import errno
import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from steep.exceptions import StorageInternalError
from steep.logging import get_logger
from steep.storages.journal.base import BaseJournalBackend
from steep.storages.journal.frames import HEADER, Frame, check_header, next_intact, parse
from steep.storages.journal.locks import BaseJournalFileLock, PosixLock

__all__ = ["FileBackend", "JournalFileBackend"]

_logger = get_logger(__name__)

_START = 1 << 12
_CHUNK = 1 << 22
_PATIENCE = 0.02  # seconds in which a page that is being written has been


class FileBackend(BaseJournalBackend):
    """Keep studies in one file, a record a line, so that it can be read with grep.

    What ``append`` has returned from survives every killed process. A power cut may take the
    results of the last ``sync_interval`` seconds with it, and with ``sync_interval=0`` none. A
    torn last line is saved in ``PATH.torn`` and cut off by the next writer; a log that is damaged
    further up is refused and left as it is, see :func:`repair`.

    The lock is free at once when its holder dies. It works between the processes of one machine;
    for several machines use :class:`~steep.storages.journal.DirectoryBackend` or a database.

    Args:
        path: The file. It is made at the first append, with ``PATH.lock`` beside it.
        sync_interval: Seconds for which a result may wait for the disk after the last sync.
        lock: Another lock than that of the kernel; all processes must use the same kind.

    Raises:
        ValueError: If ``sync_interval`` is negative.

    Example:
        >>> import tempfile
        >>> from steep.events import CreateStudy
        >>> from steep.storages.writer import Writer
        >>> backend = FileBackend(tempfile.mkdtemp() + "/study.log")
        >>> study_id = backend.create(CreateStudy("tea", [1]), Writer())
        >>> list(backend.read(study_id, after=0))
        [CreateStudy(name='tea', directions=[1], format=1)]
        >>> backend.close()
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        sync_interval: float = 0.1,
        lock: BaseJournalFileLock | None = None,
    ) -> None:
        super().__init__(path, sync_interval)
        self._given_lock = lock
        self._lock = PosixLock(f"{self.path}.lock", self.system) if lock is None else lock
        self._fd: int | None = None
        self._is_writable = False
        self._synced_to = 0  # up to where the disk has confirmed the log
        self._doubted: int | None = None  # from where it has refused to
        self._is_named = False  # the disk has confirmed the name of the file

    def __reduce__(self) -> tuple[Any, ...]:
        return _remake, (type(self), self.path, self.sync_interval, self._given_lock)

    def _beside(self, name: str) -> str:
        return f"{self.path}.{name}"

    # ---- opening and closing ---------------------------------------------------------------------

    def _enter(self) -> None:
        self._lock.acquire()
        fd = self._open_to_write()
        status = self.system.stat(fd)
        if not status.st_nlink:
            self._forget()
            raise StorageInternalError(
                f"{self.path!r} was deleted or replaced while it was in use. Restart this process "
                "to go on with the file that is there now."
            )
        if not self._place:
            self._begin(fd)

    def _leave(self) -> None:
        self._lock.release()

    def _open_to_write(self) -> int:
        if self._fd is None or not self._is_writable:
            self._forget()
            self._fd = self.system.open(self.path, os.O_RDWR | os.O_CREAT, 0o666)
            self._is_writable = True
        return self._fd

    def _open_to_read(self) -> int | None:
        if self._fd is None:
            try:  # for writing too, as nearly every reader will append in the end
                self._fd = self.system.open(self.path, os.O_RDWR)
                self._is_writable = True
            except FileNotFoundError:
                return None
            except OSError:
                self._fd = self.system.open(self.path, os.O_RDONLY)
                self._is_writable = False
        return self._fd

    def _begin(self, fd: int) -> None:
        """Check the header, or write it where it is missing or torn."""
        if not self._follow_header(fd):
            self._write(fd, HEADER, 0)
            self._follow_header(fd)

    def _forget(self) -> None:
        super()._forget()
        if self._fd is not None:
            fd, self._fd = self._fd, None
            with contextlib.suppress(OSError):
                self.system.close(fd)

    def close(self) -> None:
        """Settle and close; see :meth:`Backend.close`."""
        super().close()
        if isinstance(self._lock, PosixLock):
            self._lock.close()

    def __del__(self) -> None:
        with contextlib.suppress(AttributeError, OSError, TypeError):  # not there, or None
            os.close(self._fd)  # type: ignore[arg-type]

    # ---- reading ---------------------------------------------------------------------------------

    def _follow(self) -> None:
        fd = self._open_to_read()
        if fd is None or (size := self.system.size(fd)) == self._place:
            return
        try:
            tail = self._take_in(fd, size)
        except BaseException:  # an interrupt too: half a record may have been folded
            self._forget()
            raise
        if tail:
            self._look_at_damage(tail)

    def _follow_to_the_end(self) -> None:
        fd = self._open_to_write()
        size = self.system.size(fd)
        if size == self._place:
            return
        try:
            tail = self._take_in(fd, size)
        except BaseException:
            self._forget()
            raise
        if tail:
            if next_intact(tail) is not None:
                raise self._damaged(self._place, tail)
            self._check_lock()
            self._cut(fd, tail)

    def _follow_header(self, fd: int) -> bool:
        start = self._pread(fd, _START, 0)
        if len(start) < len(HEADER) and HEADER.startswith(start):
            return False  # new, or its maker has died
        check_header(start, self.path)
        self._place = len(HEADER)
        return True

    def _take_in(self, fd: int, size: int) -> bytes:
        """Fold all good records; give the bytes that follow them."""
        if not self._place and not self._follow_header(fd):
            return b""
        chunk = _CHUNK
        if size < self._place:
            raise StorageInternalError(
                f"{self.path!r} is shorter than what was read of it: it was cut or replaced while "
                "it was in use. Restart this process to go on with what is there now."
            )
        while self._place < size:
            wanted = min(chunk, size - self._place)
            data = self._pread(fd, wanted, self._place)
            if not self._fold(data):
                if wanted < chunk or len(data) < wanted:
                    return data
                chunk *= 4  # a record longer than that, or a bad one
        return b""

    def _fold(self, data: bytes) -> int:
        start, place = 0, self._place
        while (stop := data.find(b"\n", start)) >= 0:
            record = parse(data[start:stop])
            if record is None:
                break
            self._journal.fold(record, place + start)
            start = stop + 1
        self._place = place + start
        return start

    def _pread(self, fd: int, count: int, at: int) -> bytes:
        data: bytes = self.system.pread(fd, count, at)
        while len(data) < count:
            more = self.system.pread(fd, count - len(data), at + len(data))
            if not more:
                break
            data += more
        return data

    def _scan(self, start: int) -> Iterator[Frame]:
        fd = self._open_to_read()
        assert fd is not None
        while start < self._place:
            data = self._pread(fd, min(_CHUNK, self._place - start), start)
            lines = data.split(b"\n")[:-1]
            if not lines:
                lines = [self._pread(fd, self._place - start, start).partition(b"\n")[0]]
            for line in lines:
                record = parse(line)
                if record is None:
                    raise self._damaged(start, line)
                yield record
                start += len(line) + 1

    # ---- damage ----------------------------------------------------------------------------------

    def _look_at_damage(self, tail: bytes) -> None:
        """Wait for a record that is being written; complain of one that is damaged for good.

        A reader has no lock: while a torn tail is cut off and written over, it may see parts of
        both. But bytes that stay as they are, with good records after them, stay for ever.
        """
        if next_intact(tail) is not None:
            time.sleep(_PATIENCE)
            fd = self._open_to_read()
            if fd is not None and self._pread(fd, len(tail), self._place) == tail:
                raise self._damaged(self._place, tail)

    def _damaged(self, at: int, tail: bytes) -> StorageInternalError:
        good = next_intact(tail)
        behind = "" if good is None else f" and has good records from byte {at + good} on"
        return StorageInternalError(
            f"{self.path!r} is damaged at byte {at}{behind}. Nothing was changed. Bring "
            "the file back from a copy; or, to go on with the records before that byte and move "
            f"the rest to {self.path + '.torn'!r}, call "
            f"steep.storages.journal.repair({self.path!r})."
        )

    def _cut(self, fd: int, tail: bytes) -> None:
        """Save what a dead writer has left unfinished, and cut it off."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        note = f"# {now}: {len(tail)} bytes cut off at byte {self._place} of {self.path}\n"
        self._save_torn(note.encode() + tail + b"\n")
        self.system.truncate(fd, self._place)
        _logger.warning(
            f"{self.path!r} ended in an unfinished record, which its writer has not reported as "
            f"kept: {len(tail)} bytes at byte {self._place} were moved to {self.path + '.torn'!r}."
        )

    def _save_torn(self, text: bytes) -> None:
        flags = os.O_WRONLY | os.O_CREAT
        fd = self.system.open(f"{self.path}.torn", flags, 0o666)
        try:
            self._write(fd, text, self.system.size(fd))
            self.system.sync(fd)
        finally:
            self.system.close(fd)

    # ---- writing ---------------------------------------------------------------------------------

    def _put(self, line: bytes) -> bool:
        self._check_lock()
        self._write(self._open_to_write(), line, self._place)
        self._place += len(line)
        return True

    def _check_lock(self) -> None:
        if not self._lock.is_held():
            raise StorageInternalError(
                f"{self.path!r}: another process has taken the lock over, since this one stood "
                "still for longer than the grace period. Nothing was written; try again."
            )

    def _write(self, fd: int, data: bytes, at: int) -> None:
        """Write all of it or nothing."""
        done = 0
        try:
            while done < len(data):
                done += self._pwrite(fd, data[done:], at + done)
        except BaseException:
            # A record that is there as a whole may have been read: it stays.
            with contextlib.suppress(OSError):
                if self.system.size(fd) < at + len(data):
                    self.system.truncate(fd, at)
            raise

    def _pwrite(self, fd: int, data: bytes, at: int) -> int:
        try:
            count: int = self.system.pwrite(fd, data, at)
        except InterruptedError:
            return 0
        if not count:
            raise OSError(errno.EIO, "the system call wrote nothing")
        return count

    # ---- the disk --------------------------------------------------------------------------------

    def _flush(self) -> None:
        """Sync. What one sync has failed to bring to the disk, no second sync would try again.

        Linux forgets after an error that pages were not written, and the next sync succeeds
        without them. So they are written anew before it.
        """
        if self._doubted is not None:
            self._rewrite(self._doubted)
        fd = self._open_to_write()
        end = self._place
        try:
            self.system.sync(fd)
        except OSError:
            self._doubted = self._synced_to
            raise
        self._synced_to, self._doubted = max(end, self._synced_to), None
        if not self._is_named:
            self._sync_folder(os.path.dirname(os.path.realpath(self.path)))  # noqa: PTH120
            self._is_named = True

    def _rewrite(self, start: int) -> None:
        try:
            self._enter()
            self._follow_to_the_end()
            fd = self._open_to_write()
            while start < self._place:
                data = self._pread(fd, min(_CHUNK, self._place - start), start)
                self._write(fd, data, start)
                start += len(data)
        finally:
            self._leave()


class JournalFileBackend(FileBackend):
    """Be :class:`FileBackend` under the name and with the arguments that Optuna users know.

    Args:
        file_path: The file.
        lock_obj: A lock; by default that of the kernel, which is free when its holder dies.
    """

    def __init__(
        self, file_path: str | os.PathLike[str], lock_obj: BaseJournalFileLock | None = None
    ) -> None:
        super().__init__(file_path, lock=lock_obj)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.path, self._given_lock)


def _remake(
    kind: type[FileBackend], path: str, sync_interval: float, lock: BaseJournalFileLock | None
) -> FileBackend:
    return kind(path, sync_interval=sync_interval, lock=lock)
