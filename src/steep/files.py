"""Write a file so that nobody ever sees a part of it."""

from __future__ import annotations

import errno
import os
import shutil
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

__all__ = ["replacing"]


@contextmanager
def replacing(path: Path, *, follow_link: bool = True) -> Iterator[IO[bytes]]:
    """Open a new file that takes the place of ``path`` when the block ends well.

    It is on the disk before it gets the name, and the name is on the disk afterwards. Meanwhile it
    lies in the same folder, under a name that begins with a dot and ends with ``.tmp``.

    Args:
        path: The path. After an error it is as it was. A file keeps its permissions.
        follow_link: Whether a link stays a link, and what it leads to is replaced. Otherwise the
            link itself gives way, so that nothing outside the folder is touched.

    Yields:
        The new file.

    Raises:
        OSError: If the disk does not take it.

    Example:
        >>> import tempfile
        >>> path = Path(tempfile.mkdtemp()) / "notes.txt"
        >>> with replacing(path) as file:
        ...     _ = file.write(b"tea")
        >>> path.read_bytes()
        b'tea'
    """
    target = path.resolve() if follow_link else path
    draft = target.with_name(f".{uuid.uuid4().hex}.tmp")  # short: the name itself may be as long
    try:
        with draft.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        if target.exists() and not target.is_symlink():
            shutil.copymode(target, draft)
        draft.replace(target)
        _sync_folder(target.parent)
    finally:
        draft.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    if sys.platform == "win32":
        return  # folders cannot be opened there
    fd = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(fd)
    except OSError as error:
        if error.errno != errno.EINVAL:  # folders of some file systems cannot be synced
            raise
    finally:
        os.close(fd)
