"""Stores for tests: clouds that live in memory, and stores that fail."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any, BinaryIO


class NotFound(Exception):
    """What google.api_core raises where there is nothing."""

    code = 404


class Blob:
    """An object of a bucket, with the methods of a google-cloud-storage Blob."""

    def __init__(self, kept: dict[str, bytes], name: str) -> None:
        self.kept, self.name = kept, name

    def upload_from_file(self, file: BinaryIO) -> None:
        self.kept[self.name] = file.read()

    def upload_from_string(self, data: bytes) -> None:
        self.kept[self.name] = data

    def download_to_file(self, file: BinaryIO) -> None:
        file.write(self.kept[self.name])

    def download_as_bytes(self) -> bytes:
        return self.kept[self.name]


class Bucket:
    """A bucket of Google Cloud Storage, in memory."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    def blob(self, name: str) -> Blob:
        return Blob(self.kept, name)

    def get_blob(self, name: str) -> Blob | None:
        return Blob(self.kept, name) if name in self.kept else None

    def delete_blob(self, name: str) -> None:
        if name not in self.kept:
            raise NotFound(name)
        del self.kept[name]


class GoogleClient:
    """A client of Google Cloud Storage, with one bucket."""

    def __init__(self) -> None:
        self.only = Bucket()

    def bucket(self, name: str) -> Bucket:
        return self.only


class Flaky:
    """A store that fails a number of times before it works, or for ever."""

    def __init__(self, failures: int, error: Exception | None = None) -> None:
        self.failures, self.error = failures, error or OSError("the network is down")
        self.calls = 0
        self.kept: dict[str, bytes] = {}

    def open_reader(self, artifact_id: str) -> BinaryIO:
        self._fail()
        return io.BytesIO(self.kept[artifact_id])

    def write(self, artifact_id: str, content_body: BinaryIO) -> None:
        content = content_body.read()  # a part of it is gone when it fails
        self._fail()
        self.kept[artifact_id] = content

    def remove(self, artifact_id: str) -> None:
        self._fail()
        del self.kept[artifact_id]

    def _fail(self) -> None:
        self.calls += 1
        if self.calls <= self.failures:
            raise self.error


def names_in(folder: Path) -> list[str]:
    """The names of everything in a folder, hidden files too."""
    return sorted(path.name for path in folder.iterdir())


def read(store: Any, artifact_id: str) -> bytes:
    """All bytes of an artifact."""
    with store.open_reader(artifact_id) as reader:
        content: bytes = reader.read()
    return content
