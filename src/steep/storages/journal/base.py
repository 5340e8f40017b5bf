"""What the file and the directory have in common: one journal that everybody appends to.

An append is a loop: read what is new, look whether the record is there already, else put it at
the end. How the end is kept for one writer, by a lock or by names that exist only once, is the
business of the subclass. Because the record is looked for in the journal itself, it does not
matter how an earlier try went wrong.
"""

from __future__ import annotations

import errno
import os
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence

from steep.events import CreateStudy, Event
from steep.exceptions import StorageInternalError
from steep.storages.backend import Follower, duplicated, is_result, no_study
from steep.storages.journal.beats import Beats
from steep.storages.journal.frames import SEPARATOR, Frame, frame
from steep.storages.journal.journal import DELETED, Arrival, Journal, Log
from steep.storages.journal.snapshots import Snapshots
from steep.storages.journal.system import PASSING, SYSTEM, System, failed, require_posix
from steep.storages.writer import Writer
from steep.wire import from_json, to_json

__all__ = ["BaseJournalBackend"]

Maker = Callable[[], tuple[Frame, bytes]]
"""Make a record, and its line, for a journal that has been read to the end."""


class BaseJournalBackend(ABC):
    """Keep many studies in one journal; see :class:`steep.storages.backend.Backend`.

    Args:
        path: The file or the folder of the journal.
        sync_interval: The seconds after which a result waits for the disk.
    """

    keeps_log = True
    system: System = SYSTEM

    def __init__(self, path: str | os.PathLike[str], sync_interval: float) -> None:
        require_posix(f"{type(self).__name__}({path!r})")
        if not sync_interval >= 0:
            raise ValueError(
                f"{type(self).__name__}(sync_interval={sync_interval!r}): give 0 or more seconds. "
                "0 brings every result to the disk before it is acknowledged."
            )
        # Absolute, as the current folder may change before the file is opened again.
        self.path = os.path.abspath(path)  # noqa: PTH100
        self.sync_interval = sync_interval
        self._journal = Journal()
        self._place = 0  # up to where the journal has been read; 0: not even its header
        self._writer = Writer()  # for what belongs to no writer: deleting
        self._is_dirty = False  # something was appended since the last sync
        self._is_owed = False  # a result among it
        self._synced_at = float("-inf")
        self._beats = Beats(self._beside("beats"))
        self._snapshots = Snapshots(self._beside("snapshot-"))

    # ---- what the subclass knows -----------------------------------------------------------------

    @abstractmethod
    def _beside(self, name: str) -> str:
        """Give the path of something that belongs to the journal."""

    @abstractmethod
    def _follow(self) -> None:
        """Fold the records that are new. Takes no lock."""

    @abstractmethod
    def _enter(self) -> None:
        """Make ready to put a record."""

    @abstractmethod
    def _follow_to_the_end(self) -> None:
        """Fold the records that are new, between ``_enter`` and ``_leave``."""

    @abstractmethod
    def _put(self, line: bytes) -> bool:
        """Put a record at the end and go behind it; False if another one has been put there."""

    @abstractmethod
    def _leave(self) -> None:
        """Undo ``_enter``, as far as it came."""

    @abstractmethod
    def _scan(self, start: int) -> Iterator[Frame]:
        """Give the records from a place on, as far as the journal has been folded."""

    @abstractmethod
    def _flush(self) -> None:
        """Bring what was appended to the disk."""

    @abstractmethod
    def _forget(self) -> None:
        """Let go of descriptors, and of everything that was read."""
        self._journal = Journal()
        self._place = 0

    # ---- studies ---------------------------------------------------------------------------------

    def create(self, event: CreateStudy, writer: Writer) -> int:
        """Begin a log; see :meth:`Backend.create`."""
        first, text = writer.take(), to_json(event)

        def make() -> tuple[Frame, bytes]:
            if event.name in self._journal.ids:
                raise duplicated(event.name)
            return frame(self._journal.next_id, writer.id, first, [text])

        arrival = self._record(writer.id, first, make, is_owed=True)
        if arrival.position:
            return arrival.study_id
        return self.create(event, writer)  # in the order of the journal, another one was first

    def delete(self, study_id: int) -> None:
        """Delete a log; see :meth:`Backend.delete`."""
        first = self._writer.take()
        made = frame(study_id, self._writer.id, first, [DELETED.decode()])
        self._record(self._writer.id, first, self._maker(study_id, made), is_owed=True)
        self._snapshots.remove(study_id)

    def studies(self) -> dict[int, str]:
        """Give the names of all studies; see :meth:`Backend.studies`."""
        self._look()
        return {study_id: log.name for study_id, log in self._journal.logs.items()}

    def _log(self, study_id: int) -> Log:
        try:
            return self._journal.logs[study_id]
        except KeyError:
            raise no_study(study_id) from None

    # ---- writing ---------------------------------------------------------------------------------

    def append(
        self, study_id: int, events: Sequence[Event], writer: Writer, table: Follower
    ) -> int:
        """Append events; see :meth:`Backend.append`."""
        first = writer.take(len(events))
        made = frame(study_id, writer.id, first, [to_json(event) for event in events])
        is_owed = any(map(is_result, events))
        arrival = self._record(writer.id, first, self._maker(study_id, made), is_owed)
        if arrival.position < table.position + len(events):
            raise self._shrunk(study_id, table.position, arrival.position)
        return arrival.position

    def _maker(self, study_id: int, made: tuple[Frame, bytes]) -> Maker:
        def make() -> tuple[Frame, bytes]:
            self._log(study_id)
            return made

        return make

    def _record(self, writer_id: str, wseq: int, make: Maker, is_owed: bool) -> Arrival:
        try:
            arrival = self._append(writer_id, wseq, make)
        except OSError as error:
            self._forget()
            arrival = self._append_again(writer_id, wseq, make, error)
        self._is_dirty = True
        self._is_owed = self._is_owed or is_owed
        if self._is_owed and time.monotonic() - self._synced_at >= self.sync_interval:
            self._sync()
        return arrival

    def _append(self, writer_id: str, wseq: int, make: Maker) -> Arrival:
        try:
            self._enter()
            while True:
                self._follow_to_the_end()
                arrival = self._journal.arrival(writer_id, wseq)
                if arrival is not None:
                    return arrival
                self._put_and_fold(*make())
        finally:
            self._leave()

    def _put_and_fold(self, record: Frame, line: bytes) -> None:
        place = self._place
        try:
            if self._put(line):
                self._journal.fold(record, place)
        except BaseException:  # an interrupt too: what is there must be folded once
            self._forget()
            raise

    def _append_again(self, writer_id: str, wseq: int, make: Maker, error: OSError) -> Arrival:
        """Look whether the record is there in spite of an error; try again where that may help."""

        def give_up() -> tuple[Frame, bytes]:
            raise failed("Appending to", self.path, error) from error

        try:
            again = make if error.errno in PASSING else give_up
            return self._append(writer_id, wseq, again)
        except OSError as second:
            self._forget()
            raise failed("Appending to", self.path, second) from error

    # ---- the disk --------------------------------------------------------------------------------

    def settle(self) -> None:
        """Bring to the disk what has been appended."""
        if self._is_dirty:
            self._sync()

    def _sync(self) -> None:
        began = time.monotonic()
        try:
            self._flush()
        except OSError as error:
            self._forget()
            raise StorageInternalError(
                f"{self.path!r}: the last events were recorded, but the disk did not confirm them "
                f"({error.strerror or error}), so a power cut may undo them. They will be written "
                "anew with the next event; see the log of the system for what is wrong."
            ) from error
        self._synced_at = began
        self._is_dirty = self._is_owed = False

    def _sync_folder(self, folder: str) -> None:
        """Bring the names in a folder to the disk."""
        fd = self.system.open(folder, os.O_RDONLY)
        try:
            self.system.sync(fd)
        except OSError as error:
            if error.errno != errno.EINVAL:  # folders of some file systems cannot be synced
                raise
        finally:
            self.system.close(fd)

    # ---- reading ---------------------------------------------------------------------------------

    def read(self, study_id: int, after: int) -> Iterable[Event]:
        """Give the events behind a position; see :meth:`Backend.read`."""
        self._look()
        log = self._log(study_id)
        if log.position <= after:
            if log.position < after:
                raise self._shrunk(study_id, after, log.position)
            log.drop(after)
            return ()
        if after < log.base:
            self._reread(study_id, log)
        log.drop(after)
        return map(_decode, list(log.unread))

    def _look(self) -> None:
        try:
            self._follow()
        except OSError:
            self._forget()
            try:
                self._follow()
            except OSError as error:
                raise failed("Reading", self.path, error) from error

    def _reread(self, study_id: int, log: Log) -> None:
        events: list[bytes] = []
        try:
            for record in self._scan(log.start):
                if record.study_id == study_id:
                    events += record.events.split(SEPARATOR)
        except OSError as error:
            raise failed("Reading", self.path, error) from error
        log.refill(events)

    def _shrunk(self, study_id: int, known: int, found: int) -> StorageInternalError:
        return StorageInternalError(
            f"{self.path!r} has {found} events of the study {study_id}, but this process knows "
            f"{known} of them already: the log was replaced, or the disk lost its end. Restart "
            "this process to go on with the log as it is now."
        )

    # ---- heartbeats and snapshots ----------------------------------------------------------------

    def beat(self, writer_id: str) -> None:
        """Record that a writer is alive; see :meth:`Backend.beat`."""
        self._beats.beat(writer_id)

    def leave(self, writer_id: str) -> None:
        """Forget a heartbeat; see :meth:`Backend.leave`."""
        self._beats.leave(writer_id)

    def ages(self) -> dict[str, float]:
        """Give the ages of heartbeats; see :meth:`Backend.ages`."""
        return self._beats.ages()

    def save_snapshot(self, study_id: int, position: int, data: bytes) -> None:
        """Keep a snapshot if the disk lets us; see :meth:`Backend.save_snapshot`."""
        self._snapshots.save(study_id, data)
        self._look()
        if study_id not in self._journal.logs:  # who deleted it may have looked before
            self._snapshots.remove(study_id)

    def load_snapshot(self, study_id: int) -> bytes | None:
        """Give the last snapshot; see :meth:`Backend.load_snapshot`."""
        return self._snapshots.load(study_id)

    # ---- processes -------------------------------------------------------------------------------

    def after_fork(self) -> None:
        """Begin anew in a child process; see :meth:`Backend.after_fork`."""
        self._forget()
        self._writer = Writer()
        self._is_dirty = self._is_owed = False

    def close(self) -> None:
        """Settle and close; see :meth:`Backend.close`."""
        self.settle()
        self._forget()


def _decode(text: bytes) -> Event:
    return from_json(text.decode("ascii"))
