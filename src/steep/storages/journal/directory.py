"""A journal as a folder of numbered files, for NFS, Lustre and other shared file systems."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator
from typing import Any

from steep.exceptions import StorageInternalError
from steep.storages.journal.base import BaseJournalBackend
from steep.storages.journal.frames import HEADER, Frame, check_header, parse
from steep.storages.journal.owners import is_gone, me

__all__ = ["DirectoryBackend"]

_DIGITS = 12
_RECORD = ".rec"
_TEMPORARY = ".tmp"
_READ = 1 << 16
_PACK = 1000
_PAUSE = 0.01
_PATIENCE = 30.0  # seconds for a client of NFS to see a name that its server has


class DirectoryBackend(BaseJournalBackend):
    """Keep studies in a folder, a file a record, for workers on several machines.

    There is no lock. A record is written to a file of its own and brought to the disk; then it
    gets the next number as its name, which a file server gives away only once. Whoever comes
    second takes the number after that. A reply of the server that was lost does no harm, as the
    file under the number shows whose it is.

    What ``append`` has returned survives every killed process. A power cut of the server may take
    the results of the last ``sync_interval`` seconds with it, and with ``sync_interval=0`` none.

    Args:
        path: The folder. It is made at the first append; the one around it must exist.
        sync_interval: Seconds for which the name of a result may wait for the disk after the last
            sync. The record itself is always on the disk before it has a name.

    Raises:
        ValueError: If ``sync_interval`` is negative.

    Example:
        >>> import tempfile
        >>> from steep.events import CreateStudy
        >>> from steep.storages.writer import Writer
        >>> backend = DirectoryBackend(tempfile.mkdtemp())
        >>> study_id = backend.create(CreateStudy("tea", [1]), Writer())
        >>> backend.studies()
        {0: 'tea'}
    """

    def __init__(self, path: str | os.PathLike[str], *, sync_interval: float = 0.1) -> None:
        super().__init__(path, sync_interval)
        self._n_staged = 0
        self._staged: tuple[str, bytes] | None = None
        self._is_named = False  # the disk has confirmed the name of the folder
        self._is_checked = False  # for gaps
        self._lines: list[bytes] = []  # of the pack that is being filled

    def __reduce__(self) -> tuple[Any, ...]:
        return _remake, (type(self), self.path, self.sync_interval)

    def _beside(self, name: str) -> str:
        return f"{self.path}/{name}"

    def _name(self, place: int) -> str:
        return f"{self.path}/{place:0{_DIGITS}d}{_RECORD}"

    # ---- reading ---------------------------------------------------------------------------------

    def _follow(self) -> None:
        try:
            while self._take_pack() or self._take_record():
                pass
            if not self._is_checked:
                self._look_for_gaps()
                self._is_checked = True
        except BaseException:  # an interrupt too: half a record may have been folded
            self._forget()
            raise

    def _take_record(self) -> bool:
        name = self._name(self._place)
        if not self.system.exists(name):
            return False
        line = self._read(name)
        if self._place:
            self._journal.fold(self._parse(name, line), self._place)
        else:
            check_header(line, name)
        self._go_behind(line)
        return True

    def _go_behind(self, line: bytes) -> None:
        """Count a record, and keep its line for the pack."""
        if self._place % _PACK == 0:
            self._lines = []
        self._lines.append(line)
        self._place += 1
        if len(self._lines) == _PACK:
            self._save_pack(self._place - _PACK, b"".join(self._lines))

    def _parse(self, name: str, data: bytes) -> Frame:
        record = parse(data[:-1]) if data.endswith(b"\n") else None
        if record is None:
            raise StorageInternalError(
                f"The record {name!r} is damaged. Nothing was changed. Bring the file back from a "
                "copy; or, to go on with the records before it, move it and all of higher numbers "
                "away while no process uses the log."
            )
        return record

    def _read(self, name: str) -> bytes:
        fd = self.system.open(name, os.O_RDONLY)
        try:
            pieces: list[bytes] = []
            at = 0
            while piece := self.system.pread(fd, _READ, at):
                pieces.append(piece)
                at += len(piece)
            return b"".join(pieces)
        finally:
            self.system.close(fd)

    # A file server needs as long for a small file as for a large one. So whoever has gone through a
    # thousand records puts copies of them into one file, for those who come later.

    def _pack_name(self, start: int) -> str:
        return f"{self.path}/{start:0{_DIGITS}d}.pack"

    def _take_pack(self) -> bool:
        if self._place % _PACK:
            return False
        pack = self._load_pack(self._place)
        for place, record in enumerate(pack, self._place):
            if record is not None:
                self._journal.fold(record, place)
        self._place += len(pack)
        self._lines = []
        return bool(pack)

    def _load_pack(self, start: int) -> list[Frame | None]:
        """Give the records of a pack, with None for the header; nothing if it is not whole."""
        if not self.system.exists(self._pack_name(start)):
            return []
        lines = self._read(self._pack_name(start)).split(b"\n")
        records = [parse(line) for line in lines[:-1]]
        n_headers = int(lines[0] + b"\n" == HEADER)
        is_whole = len(records) == _PACK and records.count(None) == n_headers == (start == 0)
        return records if is_whole else []

    def _save_pack(self, start: int, data: bytes) -> None:
        name, temporary = self._pack_name(start), self._new_name()
        if self.system.exists(name):
            return
        try:
            self._write_new(temporary, data)
            self.system.rename(temporary, name)
        except OSError:  # then those who come later read the records
            with contextlib.suppress(OSError):
                self.system.unlink(temporary)

    def _look_for_gaps(self) -> None:
        """Refuse to write into a gap: what stands behind it would change its meaning."""
        numbers = [int(name[:_DIGITS]) for name in self._list() if name.endswith(_RECORD)]
        last = max(numbers, default=-1)
        if last > self._place and not self._appears(self._name(self._place), _PATIENCE / 10):
            raise StorageInternalError(
                f"The record {self._name(self._place)!r} is missing, but there are later ones up "
                f"to number {last}. Nothing was changed. Bring the file back from a copy; or, to "
                "go on with the records before it, move the later ones away while no process uses "
                "the log."
            )

    def _list(self) -> list[str]:
        try:
            names: list[str] = self.system.listdir(self.path)
        except FileNotFoundError:
            return []
        return names

    def _scan(self, start: int) -> Iterator[Frame]:
        place = start
        while place < self._place:
            pack = self._load_pack(place - place % _PACK)[place % _PACK :]
            if not pack:
                name = self._name(place)
                pack = [self._parse(name, self._read(name))]
            place += len(pack)
            yield from (record for record in pack if record is not None)

    # ---- writing ---------------------------------------------------------------------------------

    def _enter(self) -> None:
        if not self._place:
            with contextlib.suppress(FileExistsError):
                self.system.mkdir(self.path)
            self._remove_leftovers()
            self._follow()
            if not self._place:
                self._put(HEADER)

    def _follow_to_the_end(self) -> None:
        self._follow()

    def _put(self, line: bytes) -> bool:
        temporary, name = self._stage(line), self._name(self._place)
        try:
            self.system.link(temporary, name)
        except FileExistsError:
            if not self._appears(name, _PATIENCE):
                raise self._invisible(name) from None
            return False
        self._go_behind(line)
        return True

    def _stage(self, line: bytes) -> str:
        """Write a record to a file of its own, once for all numbers that are tried for it."""
        if self._staged is not None and self._staged[1] == line:
            return self._staged[0]
        self._unstage()
        name = self._new_name()
        self._staged = name, line
        self._write_new(name, line)
        return name

    def _new_name(self) -> str:
        self._n_staged += 1
        return f"{self.path}/{me()}-{id(self):x}-{self._n_staged}{_TEMPORARY}"

    def _write_new(self, name: str, data: bytes) -> None:
        fd = self.system.open(name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666)
        try:
            self._write(fd, data)
            self.system.sync(fd)
        finally:
            self.system.close(fd)  # other clients of NFS see what was closed

    def _write(self, fd: int, data: bytes) -> None:
        done = 0
        while done < len(data):
            with contextlib.suppress(InterruptedError):
                done += self.system.pwrite(fd, data[done:], done)

    def _invisible(self, name: str) -> StorageInternalError:
        return StorageInternalError(
            f"{name!r} exists, says the file server, but cannot be seen after {_PATIENCE:.0f} s. "
            "Check the mount; for NFS, options such as `actimeo`."
        )

    def _appears(self, name: str, seconds: float) -> bool:
        """Wait until this client of a file server sees a name that the server may have."""
        limit = time.monotonic() + seconds
        while not self.system.exists(name):
            if time.monotonic() > limit:
                return False
            time.sleep(_PAUSE)
            self._list()  # makes the client ask again
        return True

    def _leave(self) -> None:
        self._unstage()

    def _unstage(self) -> None:
        if self._staged is not None:
            (name, _), self._staged = self._staged, None
            with contextlib.suppress(OSError):
                self.system.unlink(name)

    def _remove_leftovers(self) -> None:
        """Remove what processes of this machine have left when they were killed."""
        for name in self._list():
            if name.endswith(_TEMPORARY) and is_gone(name.rpartition("-")[0].rpartition("-")[0]):
                with contextlib.suppress(OSError):
                    self.system.unlink(f"{self.path}/{name}")

    # ---- the disk --------------------------------------------------------------------------------

    def _flush(self) -> None:
        self._sync_folder(self.path)
        if not self._is_named:
            self._sync_folder(os.path.dirname(self.path))  # noqa: PTH120
            self._is_named = True

    def _forget(self) -> None:
        super()._forget()
        self._is_checked = False
        self._lines = []

    def after_fork(self) -> None:
        """Begin anew in a child process; see :meth:`Backend.after_fork`."""
        super().after_fork()
        self._staged = None  # the parent's


def _remake(kind: type[DirectoryBackend], path: str, sync_interval: float) -> DirectoryBackend:
    return kind(path, sync_interval=sync_interval)
