"""Artifacts in a bucket of Google Cloud Storage."""

from __future__ import annotations

import tempfile
from typing import Any, BinaryIO, cast

from steep.artifacts.exceptions import ArtifactNotFound
from steep.artifacts.store import checked

__all__ = ["GCSArtifactStore"]

_MISSING = 404
_IN_MEMORY = 8 << 20  # bytes of a download before it goes to a file


class GCSArtifactStore:
    """Keep artifacts in a bucket of Google Cloud Storage.

    Args:
        bucket_name: The bucket, which has to exist.
        client: A ``google.cloud.storage.Client``; if None, one with the default settings, which
            ``gcloud auth application-default login`` makes.

    Raises:
        ImportError: If there is no ``client`` and google-cloud-storage is not installed.

    Example:
        >>> store = GCSArtifactStore("models")  # doctest: +SKIP
    """

    def __init__(self, bucket_name: str, client: Any = None) -> None:
        self.bucket_name = bucket_name
        self.client = _default_client() if client is None else client
        self.bucket_obj = self.client.bucket(bucket_name)

    def open_reader(self, artifact_id: str) -> BinaryIO:
        """Open an artifact for reading. It is fetched first, and its checksum compared.

        Args:
            artifact_id: Its id.

        Returns:
            A temporary file, to be closed by the caller.

        Raises:
            ArtifactNotFound: If the bucket has none of this id.
            ValueError: If the id is no plain name.
        """
        blob = self.bucket_obj.get_blob(checked(artifact_id))
        if blob is None:
            raise self._not_found(artifact_id)
        fetched = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - handed out
        try:
            blob.download_to_file(fetched)
            fetched.seek(0)
        except BaseException:
            fetched.close()
            raise
        return cast(BinaryIO, fetched)

    def write(self, artifact_id: str, content_body: BinaryIO) -> None:
        """Keep an artifact, in place of an earlier one of its id; it arrives whole or not at all.

        Args:
            artifact_id: Its id.
            content_body: An open binary file; what is left to be read of it is kept.

        Raises:
            ValueError: If the id is no plain name.
        """
        self.bucket_obj.blob(checked(artifact_id)).upload_from_file(content_body)

    def remove(self, artifact_id: str) -> None:
        """Remove an artifact.

        Args:
            artifact_id: Its id.

        Raises:
            ArtifactNotFound: If the bucket has none of this id.
            ValueError: If the id is no plain name.
        """
        try:
            self.bucket_obj.delete_blob(checked(artifact_id))
        except Exception as error:
            if getattr(error, "code", None) != _MISSING:
                raise
            raise self._not_found(artifact_id) from error

    def _not_found(self, artifact_id: str) -> ArtifactNotFound:
        return ArtifactNotFound(
            f"There is no artifact {artifact_id!r} in the bucket {self.bucket_name!r}."
        )


def _default_client() -> Any:
    try:
        from google.cloud import storage
    except ImportError as error:
        raise ImportError(
            "GCSArtifactStore needs google-cloud-storage: pip install 'steep[gcs]'."
        ) from error
    return storage.Client()
