"""What a store of artifacts does, and what the id of an artifact looks like."""

from __future__ import annotations

import re
import uuid
from typing import Any, BinaryIO, Protocol, runtime_checkable

__all__ = ["ArtifactStore", "checked", "new_id"]

# One plain name, whatever keeps it: no folder, no drive, nothing hidden, no "..".
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,254}", re.ASCII)


@runtime_checkable
class ArtifactStore(Protocol):
    """Keep bytes under ids; any object with these three methods is a store."""

    def open_reader(self, artifact_id: str) -> BinaryIO:
        """Open an artifact for reading; :class:`ArtifactNotFound` if there is none.

        Args:
            artifact_id: Its id.

        Returns:
            An open binary file, to be closed by the caller.
        """
        ...

    def write(self, artifact_id: str, content_body: BinaryIO) -> None:
        """Keep an artifact, in place of an earlier one of its id.

        Args:
            artifact_id: Its id.
            content_body: An open binary file; what is left to be read of it is kept.
        """
        ...

    def remove(self, artifact_id: str) -> None:
        """Remove an artifact; a store may raise :class:`ArtifactNotFound` if there is none.

        Args:
            artifact_id: Its id.
        """
        ...


def new_id() -> str:
    """Make up an id that nobody else has."""
    return str(uuid.uuid4())


def checked(artifact_id: Any) -> str:
    """Give an id back if it is one.

    Args:
        artifact_id: What was given as an id.

    Raises:
        ValueError: If it is no plain name.

    Example:
        >>> checked("0c1d7f53-6f3c-4a7c-8f5e-5f0c2a6b8c11")
        '0c1d7f53-6f3c-4a7c-8f5e-5f0c2a6b8c11'
        >>> checked("../secrets")
        Traceback (most recent call last):
        ValueError: Invalid artifact_id: '../secrets'. Give one that upload_artifact() returned: ...
    """
    if not isinstance(artifact_id, str) or _ID.fullmatch(artifact_id) is None:
        raise ValueError(
            f"Invalid artifact_id: {artifact_id!r}. Give one that upload_artifact() returned: a "
            "letter or digit, then letters, digits, '.', '_' and '-', 255 at most."
        )
    return artifact_id
