"""Artifacts in a bucket of S3, or of whatever speaks its protocol."""

from __future__ import annotations

import io
from typing import Any, BinaryIO, cast

from steep.artifacts.exceptions import ArtifactNotFound
from steep.artifacts.store import checked

__all__ = ["Boto3ArtifactStore"]

_MISSING = 404


class Boto3ArtifactStore:
    """Keep artifacts in a bucket of S3, MinIO, Ceph or the like, through boto3.

    Args:
        bucket_name: The bucket, which has to exist.
        client: What ``boto3.client("s3", ...)`` gave; if None, it is called without arguments.
        avoid_buf_copy: Whether boto3 gets the file itself, which it may close. Else it gets a view
            of it that cannot be closed; nothing is copied either way.

    Raises:
        ImportError: If there is no ``client`` and boto3 is not installed.

    Example:
        >>> import boto3  # doctest: +SKIP
        >>> minio = boto3.client("s3", endpoint_url="http://localhost:9000")  # doctest: +SKIP
        >>> store = Boto3ArtifactStore("models", minio)  # doctest: +SKIP
    """

    def __init__(
        self, bucket_name: str, client: Any = None, *, avoid_buf_copy: bool = False
    ) -> None:
        self.bucket = bucket_name
        self.client = _default_client() if client is None else client
        self._avoid_buf_copy = avoid_buf_copy

    def open_reader(self, artifact_id: str) -> BinaryIO:
        """Open an artifact for reading.

        Args:
            artifact_id: Its id.

        Returns:
            A stream from the bucket, to be closed by the caller.

        Raises:
            ArtifactNotFound: If the bucket has none of this id.
            ValueError: If the id is no plain name.
        """
        key = checked(artifact_id)
        try:
            return cast(BinaryIO, self.client.get_object(Bucket=self.bucket, Key=key)["Body"])
        except Exception as error:
            if not _says_missing(error):
                raise
            raise ArtifactNotFound(
                f"There is no artifact {artifact_id!r} in the bucket {self.bucket!r}: {error}"
            ) from error

    def write(self, artifact_id: str, content_body: BinaryIO) -> None:
        """Keep an artifact, in place of an earlier one of its id; it arrives whole or not at all.

        Args:
            artifact_id: Its id.
            content_body: An open binary file; what is left to be read of it is kept.

        Raises:
            ValueError: If the id is no plain name.
        """
        key = checked(artifact_id)
        body = content_body if self._avoid_buf_copy else _Unclosable(content_body)
        self.client.upload_fileobj(body, self.bucket, key)

    def remove(self, artifact_id: str) -> None:
        """Remove an artifact; S3 does not tell whether there was one.

        Args:
            artifact_id: Its id.

        Raises:
            ValueError: If the id is no plain name.
        """
        self.client.delete_object(Bucket=self.bucket, Key=checked(artifact_id))


class _Unclosable(io.RawIOBase):
    """Show a file to boto3, which closes what it has uploaded."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        return self._file.read(size)

    def seekable(self) -> bool:
        return self._file.seekable()

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()


def _default_client() -> Any:
    try:
        import boto3
    except ImportError as error:
        raise ImportError("Boto3ArtifactStore needs boto3: pip install 'steep[s3]'.") from error
    return boto3.client("s3")


def _says_missing(error: Exception) -> bool:
    """Tell whether an error is botocore's ClientError about something that is not there."""
    response: dict[str, Any] = getattr(error, "response", None) or {}
    code = response.get("Error", {}).get("Code")
    status = response.get("ResponseMetadata", {}).get("HTTPStatusCode")
    return bool(code == "NoSuchKey" or status == _MISSING)
