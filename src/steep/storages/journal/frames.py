r"""Records of a journal as lines of text, ``CHECKSUM {json}``, to be read with grep and with jq.

The checksum is the CRC-32 of the JSON as eight hexadecimal digits; it finds every changed byte. A
record names its study, its writer and the writer's number of its first event; its events belong
together and are there all or none. Between events stands a comma and a tab, which JSON allows
there and nowhere inside an event, so that they are told apart without reading them.

Example:
    >>> record, line = frame(0, "w", 7, ['{"event":"Ask","time":1.0}'])
    >>> line
    b'6a6d508b {"study":0,"writer":"w","wseq":7,"events":[{"event":"Ask","time":1.0}]}\n'
    >>> parse(line[:-1]) == record
    True
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple
from zlib import crc32

from steep.exceptions import StorageInternalError

__all__ = ["HEADER", "SEPARATOR", "Frame", "check_header", "frame", "is_intact", "next_intact"]
__all__ += ["parse"]

HEADER = b"steep log 1\n"
"""The first line of every log: what it is, and the version of its format."""

SEPARATOR = b",\t"

_EVENTS = b',"events":['
_ENDING = b"]}"
_WHO = re.compile(rb'[0-9a-f]{8} \{"study":(\d+),"writer":"([^"\\]*)","wseq":(\d+)')
_BEGINNING = re.compile(rb'[0-9a-f]{8} \{"')


class Frame(NamedTuple):
    """One record.

    Attributes:
        study_id: The id of its study.
        writer_id: Who wrote it.
        wseq: The writer's number of the first event.
        events: The JSON of the events, joined by ``SEPARATOR``.
    """

    study_id: int
    writer_id: str
    wseq: int
    events: bytes


def frame(study_id: int, writer_id: str, wseq: int, events: Sequence[str]) -> tuple[Frame, bytes]:
    """Write a record.

    Args:
        study_id: The id of its study.
        writer_id: Who writes it.
        wseq: The writer's number of the first event.
        events: The JSON of each event, as :func:`steep.wire.to_json` makes it.

    Returns:
        The record, and its line with the line break.
    """
    joined = ",\t".join(events).encode("ascii")
    who = f'{{"study":{study_id},"writer":"{writer_id}","wseq":{wseq},"events":['.encode("ascii")
    body = b"%b%b]}" % (who, joined)
    return Frame(study_id, writer_id, wseq, joined), b"%08x %b\n" % (crc32(body), body)


def is_intact(line: bytes) -> bool:
    """Tell whether a line is as it was written.

    Args:
        line: The line, without its line break.
    """
    return line[8:9] == b" " and line[:8] == b"%08x" % crc32(line[9:])


def parse(line: bytes) -> Frame | None:
    """Read a record.

    Args:
        line: The line, without its line break.

    Returns:
        The record, or None if the line is damaged.

    Raises:
        StorageInternalError: If the line is intact, but of a kind that is not known.
    """
    if not is_intact(line):
        return None
    head, _, events = line.partition(_EVENTS)
    who = _WHO.fullmatch(head)
    if who is None or not events.endswith(_ENDING):
        raise StorageInternalError(
            f"The log has a record that this version of steep does not know: {line[:120]!r}. "
            "Install a newer steep to go on."
        )
    study_id, writer_id, wseq = who.groups()
    return Frame(int(study_id), writer_id.decode(), int(wseq), events[:-2])


def next_intact(data: bytes) -> int | None:
    """Find the first intact record in bytes that do not begin with one.

    It need not stand at the beginning of a line: the line break before it may be what is damaged.

    Args:
        data: What follows the last good record of a log.

    Returns:
        Where it begins, or None.
    """
    for match in _BEGINNING.finditer(data):
        stop = data.find(b"\n", match.start())
        if stop >= 0 and is_intact(data[match.start() : stop]):
            return match.start()
    return None


def check_header(start: bytes, path: str) -> None:
    """Refuse what is no log of steep, or one of a newer steep.

    Args:
        start: The first bytes, at least one line if there is one.
        path: Where they come from.

    Raises:
        ValueError: If it is something else.
        StorageInternalError: If the format is newer than this code.
    """
    line = start.partition(b"\n")[0]
    if line + b"\n" == HEADER:
        return
    if re.fullmatch(rb"steep log \d+", line):
        raise StorageInternalError(
            f"{path!r} begins with {line.decode()!r}, a format that this version of steep does not "
            f"know (it knows {HEADER.decode().strip()!r}). Install a newer steep to go on."
        )
    raise ValueError(f"{path!r} {_describe(line)}")


def _describe(line: bytes) -> str:
    if line.startswith(b"{") and b'"op_code"' in line:
        return (
            "is a journal of Optuna, which steep can import into a log of its own: "
            "steep.storages.import_optuna(source, target)."
        )
    if line.startswith(b"SQLite format 3"):
        return 'is an SQLite database: give it as storage="sqlite:///PATH".'
    return f"is no log of steep: it begins with {line[:40]!r}. Choose another path."
