"""Keep each log in one list of a Redis server.

The length of the list is the counter: an event's place in the list is its position. Appending
goes through one script, which Redis runs undivided, so positions have no gaps and no twins.

Why a list and not a stream: read through redis-py, an event of a list costs 3 µs and one of a
stream 20 µs, and 265 bytes rather than 310 are kept of one of 250 bytes; the end of a list is
found at once, and nothing is ever removed from its middle. A reader asks for the events from the
one that it knows on: if even that is missing, the study is; if it is another, the server has lost
events (by a failover to a replica that lagged behind, or a restart), and the reader is told.

Keys, where the prefix is "steep" and the study has the id 3 (the part in braces decides on which
node of a cluster a key lives; all the keys of one study live together):

==================== ====== ====================================================================
``{steep}:id``       number the last id given to a study
``{steep}:studies``  hash   the id by name
``{steep}:beats``    hash   by writer, when it was last heard of, by the clock of the server
``{steep:3}:log``    list   the events, one line of JSON each
``{steep:3}:writers``  hash   by writer, the number and the position of its last event
``{steep:3}:snapshot`` hash the position and the data of the latest snapshot
==================== ====== ====================================================================
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from steep.events import CreateStudy, Event
from steep.exceptions import StorageInternalError
from steep.storages.backend import Follower, duplicated, no_study
from steep.storages.redis.client import Client, hide_password
from steep.storages.redis.opening import look_for_optuna, look_for_persistence
from steep.storages.redis.scripts import AGES, APPEND, BEAT, FORGET, SAVE_SNAPSHOT
from steep.storages.writer import Writer
from steep.wire import from_json, to_json

__all__ = ["JournalRedisBackend", "RedisBackend"]

_PAGE = 2000  # events a reader fetches at once
_SCHEMES = ("redis://", "rediss://", "unix://")
_PREFIX = "steep"

# What the script for appending gives in place of a position.
_ABSENT, _SHORTER, _OLD = 0, -1, -2


class RedisBackend:
    """Keep logs in a Redis server, version 5 or later, or in a cluster of them.

    What is kept when: an event that was appended outlives every death of a worker. Whether it
    outlives that of the server is up to ``redis.conf``: with ``appendonly yes`` it outlives a
    killed server, with ``appendfsync always`` also a power cut (with the default ``everysec``, all
    but the last second do). A failover to a replica may lose the last events; workers that had
    read them stop with an error. A server that keeps too little is warned about once.

    Args:
        url: The server: ``redis://[[user]:[password]@]host[:port][/db]``, ``rediss://`` for TLS,
            or ``unix://path``. Options of redis-py follow after "?".
        prefix: What the keys begin with; studies of one prefix do not know those of another.
        use_cluster: Whether the server is a node of a cluster.
        patience: For how many seconds a server that is away is waited for.

    Raises:
        ValueError: If the URL or the prefix is none.

    Example:
        >>> backend = RedisBackend("redis://localhost:6379/0")
    """

    keeps_log = True

    def __init__(
        self,
        url: str,
        *,
        prefix: str = _PREFIX,
        use_cluster: bool = False,
        patience: float = 30.0,
    ) -> None:
        self._url = _checked_url(url)
        self._prefix = _checked_prefix(prefix)
        self._use_cluster = use_cluster
        self._patience = patience
        self._client = Client(url, use_cluster, patience, self._look_around)
        # By study, the last line that this process has seen, and its position.
        self._ends: dict[int, tuple[int, bytes]] = {}

    # ---- studies ---------------------------------------------------------------------------------

    def create(self, event: CreateStudy, writer: Writer) -> int:
        """Begin a log; see :meth:`steep.storages.backend.Backend.create`.

        The study is there when its name is, which comes last. Who dies before that leaves a list
        of one event that nobody sees.
        """
        if self._client.call("hexists", self._studies_key, _encoded(event.name)):
            raise duplicated(event.name)
        study_id = self._begin(event, writer)
        if not self._register(event.name, study_id):
            self._drop_log(study_id)
            raise duplicated(event.name)
        return study_id

    def _begin(self, event: CreateStudy, writer: Writer) -> int:
        last = writer.take()
        while True:
            study_id = int(self._client.call("incr", f"{{{self._prefix}}}:id"))
            self._ends.pop(study_id, None)
            # A server that has lost its counter may give an id that is in use.
            if self._append(study_id, [event], writer.id, last, "1") != _ABSENT:
                return study_id

    def _register(self, name: str, study_id: int) -> bool:
        field = _encoded(name)
        if self._client.call("hsetnx", self._studies_key, field, study_id):
            return True
        # Not the first to come, or the first, but the answer was lost.
        owner: bytes = self._client.call("hget", self._studies_key, field)
        return owner == b"%d" % study_id

    def delete(self, study_id: int) -> None:
        """Delete a log; see :meth:`steep.storages.backend.Backend.delete`."""
        name = self.studies().get(study_id)
        if name is None:
            raise no_study(study_id)
        self._client.run(FORGET, [self._studies_key], _encoded(name), study_id)
        self._drop_log(study_id)

    def _drop_log(self, study_id: int) -> None:
        self._ends.pop(study_id, None)
        keys = [self._key(study_id, part) for part in ("log", "writers", "snapshot")]
        self._client.call("unlink", *keys)

    def studies(self) -> dict[int, str]:
        """Give the names of all studies; see :meth:`steep.storages.backend.Backend.studies`."""
        ids = self._client.call("hgetall", self._studies_key)
        return dict(sorted((int(study_id), _decoded(name)) for name, study_id in ids.items()))

    # ---- the log ---------------------------------------------------------------------------------

    def append(
        self, study_id: int, events: Sequence[Event], writer: Writer, table: Follower
    ) -> int:
        """Append events; see :meth:`steep.storages.backend.Backend.append`."""
        last = writer.take(len(events)) + len(events) - 1
        position = self._append(study_id, events, writer.id, last, "0")
        if position > 0:
            return position
        if position == _ABSENT:
            raise no_study(study_id)
        if position == _SHORTER:
            raise self._lost(study_id)
        assert position == _OLD
        raise StorageInternalError(
            f"append() got event {last} of the writer {writer.id} after later ones of it, so its "
            "position is not known any more. A writer belongs to one process and one thread at a "
            "time."
        )

    def _append(
        self, study_id: int, events: Sequence[Event], writer_id: str, last: int, is_new: str
    ) -> int:
        keys = [self._key(study_id, "log"), self._key(study_id, "writers")]
        lines = [to_json(event).encode() for event in events]
        known = self._ends.get(study_id, (0,))[0]
        position = int(self._client.run(APPEND, keys, writer_id, last, known, is_new, *lines))
        if position > 0:
            self._ends[study_id] = position, lines[-1]
        return position

    def read(self, study_id: int, after: int) -> Iterable[Event]:
        """Give the events behind a position; see :meth:`steep.storages.backend.Backend.read`."""
        start = max(after - 1, 0)  # with the last one known
        lines = self._lines(study_id, start)
        if not lines:
            raise self._lost(study_id) if self._is_there(study_id) else no_study(study_id)
        if after:
            known = self._ends.get(study_id)
            if known is not None and known[0] == after and known[1] != lines[0]:
                raise self._lost(study_id)
            if len(lines) == 1:
                return ()
        return self._events(study_id, start, lines, after)

    def _lines(self, study_id: int, start: int) -> list[bytes]:
        key = self._key(study_id, "log")
        lines: list[bytes] = self._client.call("lrange", key, start, start + _PAGE - 1)
        return lines

    def _events(self, study_id: int, start: int, lines: list[bytes], after: int) -> Iterator[Event]:
        while lines:
            for position, line in enumerate(lines, start + 1):
                if position > after:
                    yield self._event(study_id, position, line)
            start += len(lines)
            self._ends[study_id] = start, lines[-1]
            lines = self._lines(study_id, start) if len(lines) == _PAGE else []

    def _event(self, study_id: int, position: int, line: bytes) -> Event:
        try:
            return from_json(line.decode())
        except (ValueError, TypeError) as error:
            raise StorageInternalError(
                f"Line {position} of the list {self._key(study_id, 'log')} at "
                f"{hide_password(self._url)} is no event: {line[:200]!r}. Another program has "
                "written there; choose another prefix."
            ) from error

    def _is_there(self, study_id: int) -> bool:
        return bool(self._client.call("exists", self._key(study_id, "log")))

    def _lost(self, study_id: int) -> StorageInternalError:
        return StorageInternalError(
            f"{hide_password(self._url)} has lost events of study {study_id} that this process has "
            "seen: the server failed over to a replica that lagged behind, or was restarted "
            "without its data. Restart the worker to go on with what is left."
        )

    def settle(self) -> None:
        """Do nothing: the server writes to its disk by itself."""

    # ---- beside the log --------------------------------------------------------------------------

    def beat(self, writer_id: str) -> None:
        """Record that a writer is alive; see :meth:`steep.storages.backend.Backend.beat`."""
        self._client.run(BEAT, [self._beats_key], writer_id)

    def leave(self, writer_id: str) -> None:
        """Forget a writer; see :meth:`steep.storages.backend.Backend.leave`."""
        self._client.call("hdel", self._beats_key, writer_id)

    def ages(self) -> dict[str, float]:
        """Give the seconds since each beat, by the clock of the server.

        See :meth:`steep.storages.backend.Backend.ages`.
        """
        now, beats = self._client.run(AGES, [self._beats_key])
        microseconds = int(now[0]) * 1_000_000 + int(now[1])
        return {
            writer.decode(): max(0.0, (microseconds - _microseconds(beat)) / 1e6)
            for writer, beat in zip(beats[::2], beats[1::2], strict=True)
        }

    def save_snapshot(self, study_id: int, position: int, data: bytes) -> None:
        """Keep a snapshot; see :meth:`steep.storages.backend.Backend.save_snapshot`."""
        keys = [self._key(study_id, "snapshot"), self._key(study_id, "log")]
        self._client.run(SAVE_SNAPSHOT, keys, position, data)

    def load_snapshot(self, study_id: int) -> bytes | None:
        """Give a snapshot; see :meth:`steep.storages.backend.Backend.load_snapshot`."""
        data: bytes | None = self._client.call("hget", self._key(study_id, "snapshot"), "data")
        return data

    # ---- processes -------------------------------------------------------------------------------

    def after_fork(self) -> None:
        """Forget the parent's connection; see :meth:`steep.storages.backend.Backend.after_fork`."""
        self._client.after_fork()

    def close(self) -> None:
        """Close the connection; the next call opens another."""
        self._client.close()

    def __getstate__(self) -> dict[str, Any]:
        return {
            "url": self._url,
            "prefix": self._prefix,
            "use_cluster": self._use_cluster,
            "patience": self._patience,
        }

    def __setstate__(self, state: dict[str, Any]) -> None:
        RedisBackend.__init__(self, **state)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({hide_password(self._url)!r})"

    # ---- keys ------------------------------------------------------------------------------------

    @property
    def _studies_key(self) -> str:
        return f"{{{self._prefix}}}:studies"

    @property
    def _beats_key(self) -> str:
        return f"{{{self._prefix}}}:beats"

    def _key(self, study_id: int, part: str) -> str:
        return f"{{{self._prefix}:{study_id}}}:{part}"

    def _look_around(self, client: Any) -> None:
        look_for_persistence(client, self._url)
        theirs = "" if self._prefix == _PREFIX else self._prefix
        look_for_optuna(client, self._url, theirs, self._studies_key)


class JournalRedisBackend(RedisBackend):
    """Keep logs in a Redis server, under the name that Optuna users know.

    Give it to ``JournalStorage``. It writes what steep writes, not what Optuna does, and studies
    are those that the URL alone stands for as well.

    Args:
        url: The server; see :class:`RedisBackend`.
        use_cluster: Whether the server is a node of a cluster.
        prefix: What the keys begin with; "steep" if empty.
    """

    def __init__(self, url: str, use_cluster: bool = False, prefix: str = "") -> None:
        super().__init__(url, prefix=prefix or _PREFIX, use_cluster=use_cluster)


def _checked_url(url: Any) -> str:
    if not isinstance(url, str) or not url.startswith(_SCHEMES):
        shown = hide_password(url) if isinstance(url, str) else url
        raise ValueError(
            f"RedisBackend(url={shown!r}): give the URL of a Redis server, such as "
            "'redis://localhost:6379/0'; it begins with redis://, rediss:// or unix://."
        )
    return url


def _checked_prefix(prefix: Any) -> str:
    if not isinstance(prefix, str) or not prefix or set("{}") & set(prefix):
        raise ValueError(
            f"RedisBackend(prefix={prefix!r}): give a word without braces, such as 'steep'."
        )
    return prefix


# Names are any strings that Python can hold, halves of surrogate pairs included.
def _encoded(name: str) -> bytes:
    return name.encode("utf-8", "surrogatepass")


def _decoded(name: bytes) -> str:
    return name.decode("utf-8", "surrogatepass")


def _microseconds(beat: bytes) -> int:
    fraction, seconds = beat.split()
    return int(seconds) * 1_000_000 + int(fraction)
