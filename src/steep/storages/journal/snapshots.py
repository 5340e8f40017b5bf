"""Snapshots as files that are replaced in one step. They are a cache: a failure does no harm."""

from __future__ import annotations

import contextlib
from pathlib import Path

from steep.files import replacing

__all__ = ["Snapshots"]


class Snapshots:
    """Keep one snapshot a study.

    Args:
        prefix: What the names of the files begin with; the id of the study follows.
    """

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix

    def save(self, study_id: int, data: bytes) -> None:
        """Replace the snapshot of a study.

        Args:
            study_id: The id of the study.
            data: The snapshot; it carries its own checksum.
        """
        with contextlib.suppress(OSError), replacing(self._path(study_id)) as file:
            file.write(data)

    def load(self, study_id: int) -> bytes | None:
        """Give the snapshot of a study, or None.

        Args:
            study_id: The id of the study.
        """
        try:
            return self._path(study_id).read_bytes()
        except OSError:
            return None

    def remove(self, study_id: int) -> None:
        """Remove the snapshot of a study.

        Args:
            study_id: The id of the study.
        """
        with contextlib.suppress(OSError):
            self._path(study_id).unlink(missing_ok=True)

    def _path(self, study_id: int) -> Path:
        return Path(f"{self._prefix}{study_id}")
