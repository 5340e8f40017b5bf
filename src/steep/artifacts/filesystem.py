"""Artifacts as files of one folder."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import BinaryIO

from steep.artifacts.exceptions import ArtifactNotFound
from steep.artifacts.store import checked
from steep.files import replacing

__all__ = ["FileSystemArtifactStore"]

_NO_LINKS = getattr(os, "O_NOFOLLOW", 0)  # Windows has none, and relies on the look before


class FileSystemArtifactStore:
    """Keep each artifact as a file of a folder, named by its id.

    An artifact is there whole or not at all: it is written beside, brought to the disk, and put in
    its place in one step. Nothing outside the folder is ever read or written: an id is one plain
    name, and links are refused.

    Args:
        base_path: The folder. It has to exist, and may be one that several machines share.

    Example:
        >>> import io
        >>> store = FileSystemArtifactStore(getfixture("tmp_path"))
        >>> store.write("tea.txt", io.BytesIO(b"green"))
        >>> with store.open_reader("tea.txt") as reader:
        ...     reader.read()
        b'green'
        >>> store.remove("tea.txt")
    """

    def __init__(self, base_path: str | Path) -> None:
        self._base_path = Path(base_path)

    def open_reader(self, artifact_id: str) -> BinaryIO:
        """Open an artifact for reading.

        Args:
            artifact_id: Its id.

        Returns:
            An open binary file, to be closed by the caller.

        Raises:
            ArtifactNotFound: If there is none of this id.
            ValueError: If the id is no plain name, or a link lies under it.
        """
        path = self._path(artifact_id)
        try:
            return open(path, "rb", opener=_open_no_link)
        except FileNotFoundError as error:
            raise self._not_found(artifact_id) from error

    def write(self, artifact_id: str, content_body: BinaryIO) -> None:
        """Keep an artifact, in place of an earlier one of its id.

        Args:
            artifact_id: Its id.
            content_body: An open binary file; what is left to be read of it is kept.

        Raises:
            FileNotFoundError: If the folder is not there.
            ValueError: If the id is no plain name, or a link lies under it.
        """
        # A link that was put there since it was looked at gives way itself.
        with replacing(self._path(artifact_id), follow_link=False) as file:
            shutil.copyfileobj(content_body, file)

    def remove(self, artifact_id: str) -> None:
        """Remove an artifact.

        Args:
            artifact_id: Its id.

        Raises:
            ArtifactNotFound: If there is none of this id.
            ValueError: If the id is no plain name, or a link lies under it.
        """
        try:
            self._path(artifact_id).unlink()
        except FileNotFoundError as error:
            raise self._not_found(artifact_id) from error

    def _path(self, artifact_id: str) -> Path:
        path = self._base_path / checked(artifact_id)
        if path.is_symlink():
            raise ValueError(
                f"Invalid artifact_id: {artifact_id!r} is a link in {str(self._base_path)!r}, and "
                "links are not followed; put the file itself there."
            )
        return path

    def _not_found(self, artifact_id: str) -> ArtifactNotFound:
        return ArtifactNotFound(
            f"There is no artifact {artifact_id!r} in {str(self._base_path)!r}."
        )


def _open_no_link(path: str, flags: int) -> int:
    """Open a file, and fail if a link was put in its place since it was looked at."""
    return os.open(path, flags | _NO_LINKS)
