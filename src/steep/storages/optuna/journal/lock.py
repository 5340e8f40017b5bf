"""The lock of a journal file, as Optuna's processes take it: a file of its name with ``.lock``."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["locked"]


@contextmanager
def locked(path: Path, patience: float = 60.0) -> Iterator[None]:
    """Keep Optuna's processes from writing to a journal.

    Args:
        path: The path of the journal.
        patience: After how many seconds to give up.

    Raises:
        TimeoutError: If somebody else holds the lock all the while.
    """
    lock = path.with_name(f"{path.name}.lock")
    _acquire(lock, path, patience)
    try:
        yield
    finally:
        lock.unlink(missing_ok=True)


def _acquire(lock: Path, path: Path, patience: float) -> None:
    end = time.monotonic() + patience
    while True:
        try:
            # Optuna's default lock is a link; its other one, a file, cannot be made beside it.
            lock.symlink_to(path)
        except FileExistsError:
            if time.monotonic() > end:
                raise TimeoutError(
                    f"The journal {str(path)!r} has been locked for {patience:g} seconds. If no "
                    f"process of Optuna uses it, delete {str(lock)!r}."
                ) from None
            time.sleep(0.01)
        else:
            return
