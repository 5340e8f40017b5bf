"""Try again, ever later, what a store could not do at once."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import BinaryIO, TypeVar

from steep import logging
from steep.artifacts.exceptions import ArtifactNotFound
from steep.artifacts.store import ArtifactStore

__all__ = ["Backoff"]

T = TypeVar("T")
_FINAL = (ArtifactNotFound, TypeError, ValueError)  # these stay as they are, however late
_logger = logging.get_logger(__name__)


class Backoff:
    """Try again where a store fails, with pauses that grow.

    Args:
        backend: The store.
        max_retries: How often each call is tried in all, at least 1.
        multiplier: By how much a pause is longer than the one before it.
        min_delay: Seconds of the first pause.
        max_delay: Seconds of the longest pause, more than ``min_delay``.

    Raises:
        ValueError: If a number is out of its range.

    Example:
        >>> from steep.artifacts import FileSystemArtifactStore
        >>> store = Backoff(FileSystemArtifactStore("/mnt/models"), max_retries=5)
        >>> [store.delay(i) for i in range(4)]
        [0.1, 0.2, 0.4, 0.8]
    """

    def __init__(
        self,
        backend: ArtifactStore,
        *,
        max_retries: int = 10,
        multiplier: float = 2,
        min_delay: float = 0.1,
        max_delay: float = 30,
    ) -> None:
        if not (max_retries > 0 and multiplier > 0 and 0 < min_delay < max_delay):
            raise ValueError(
                f"Backoff(max_retries={max_retries}, multiplier={multiplier}, "
                f"min_delay={min_delay}, max_delay={max_delay}): give positive numbers, and a "
                "min_delay below the max_delay."
            )
        self._backend = backend
        self._max_retries = max_retries
        self._multiplier = multiplier
        self._min_delay = min_delay
        self._max_delay = max_delay

    def delay(self, retry: int) -> float:
        """Give the seconds of a pause.

        Args:
            retry: Which one, from 0 on.
        """
        return float(min(self._min_delay * self._multiplier**retry, self._max_delay))

    def open_reader(self, artifact_id: str) -> BinaryIO:
        """Open an artifact for reading.

        Args:
            artifact_id: Its id.

        Raises:
            ArtifactNotFound: If the store has none of this id.
            Exception: What the store raised at the last attempt.
        """
        return self._try(f"Opening {artifact_id!r}", lambda: self._backend.open_reader(artifact_id))

    def write(self, artifact_id: str, content_body: BinaryIO) -> None:
        """Keep an artifact. A file that cannot go back to its start is tried once.

        Args:
            artifact_id: Its id.
            content_body: An open binary file; what is left to be read of it is kept.

        Raises:
            Exception: What the store raised at the last attempt.
        """
        if not content_body.seekable():
            return self._backend.write(artifact_id, content_body)
        start = content_body.tell()

        def write() -> None:
            content_body.seek(start)
            self._backend.write(artifact_id, content_body)

        return self._try(f"Writing {artifact_id!r}", write)

    def remove(self, artifact_id: str) -> None:
        """Remove an artifact.

        Args:
            artifact_id: Its id.

        Raises:
            ArtifactNotFound: If the store has none of this id and says so.
            Exception: What the store raised at the last attempt.
        """
        self._try(f"Removing {artifact_id!r}", lambda: self._backend.remove(artifact_id))

    def _try(self, doing: str, call: Callable[[], T]) -> T:
        for retry in range(self._max_retries - 1):
            try:
                return call()
            except _FINAL:
                raise
            except Exception as error:
                pause = self.delay(retry)
                _logger.warning(f"{doing} failed; trying again in {pause:g} s: {error!r}")
                time.sleep(pause)
        return call()
